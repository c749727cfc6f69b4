import { describe, expect, test } from 'vitest'
import type { Me, Version } from '@/api/calls'
import type { Life, LifeEvent, Suspension } from '@/api/life'
import { deedsOf as offeredOf, leaversOf, mayAnswer, mayLift as lifts, mayReview as reviewsIt, objectorsOf, plansClosing, proposersOf, takersBackOf, takingBack, unitsOf, type Reach } from './life'

const me = (...roles: { role: string; scope: object }[]): Me => ({ representations: [], roles }) as unknown as Me
const desk = me({ role: 'community', scope: { area: 'a' } })
const street = me({ role: 'street', scope: { area: 'a' } })
const unit = me({ role: 'property_unit', scope: { organisation: 'u1' } })
const life = (more: Partial<Life> = {}): Life => ({ phase: 'active', expiring: false, suspensions: [], withdrawals: [], possible: ['amend', 'suspend', 'withdraw', 'terminate'], ...more }) as Life
const suspension = (ordered_by: Suspension['ordered_by'], organisation_id: string | null = null): Suspension => ({ ordered_by, organisation_id }) as Suspension
/** Two units lend, and a unit may leave; a community signs with them. */
const version = (withdrawal_allowed = true, more: Partial<Version> = {}): Version =>
  ({
    id: 'v1', version: 1, from: '2026-01-01T00:00:00+08:00',
    clauses: [
      ...['u1', 'u2'].map((by) => ({ id: by, kind: 'space_grant', payload: { by }, text_zh: '', spaces: [by] })),
      { id: 'end', kind: 'termination_rule', payload: { withdrawal_allowed }, text_zh: '' },
    ],
    parties: ['u1', 'u2', 'c1'].map((code) => ({ code, organisation_id: code, name_zh: code, stage: 1, signature: { confirmed_at: '2026' } })),
    ...more,
  }) as unknown as Version
const deedsOf = (now: Life, reach: Reach, events: readonly LifeEvent[] = []) => offeredOf(now, reach, version(), events)
const standing = { possible: ['lift'] } as Pick<Life, 'possible'>
const mayLift = (one: Suspension, reach: Reach) => lifts(one, reach, standing)
const mayReview = (one: Suspension, reach: Reach) => reviewsIt(one, reach, standing)

describe('what is offered beside the versions', () => {
  test('the desk suspends, a unit suspends and leaves, parties end it, a reader does nothing', () => {
    expect(deedsOf(life(), { desk: true, signs: [], me: desk })).toEqual(['suspend'])
    expect(deedsOf(life(), { desk: false, signs: ['u1'], me: unit })).toEqual(['suspend', 'withdraw', 'terminate'])
    expect(deedsOf(life(), { desk: false, signs: ['c1'], me: me() })).toEqual(['terminate'])
    expect(deedsOf(life(), { desk: false, signs: [], me: null })).toEqual([])
    expect(unitsOf({ desk: false, signs: ['u2'], me: unit })).toEqual([])
  })
  test('only what the phase allows', () => {
    expect(deedsOf(life({ possible: ['settle', 'close'] }), { desk: true, signs: ['c1'], me: desk })).toEqual(['settle', 'close'])
    expect(deedsOf(life({ possible: ['close'] }), { desk: true, signs: [], me: street })).toEqual(['close'])
  })
  test('who settled does not close', () => {
    const settled = life({ possible: ['close'], settlement: { opened_at: '', account_id: 'me' } as NonNullable<Life['settlement']> })
    const offered = (id: string) => deedsOf(settled, { desk: true, signs: [], me: { ...desk, id } })
    expect([offered('me'), offered('another')]).toEqual([[], ['close']])
  })
  test('who owns or runs what is closed asks for it; the community answers', () => {
    const operator = me({ role: 'operator', scope: { organisation: 'o1' } })
    expect(proposersOf({ desk: false, signs: ['o1', 'u1'], me: operator })).toEqual(['o1'])
    expect(proposersOf({ desk: false, signs: ['u1'], me: operator })).toEqual([])
    expect([mayAnswer({ desk: true, signs: [], me: desk }), mayAnswer({ desk: true, signs: [], me: street }), mayAnswer({ desk: false, signs: [], me: desk })]).toEqual([true, false, false])
  })
  test('who gave notice does not object to it, and nobody does twice', () => {
    const notice = { organisation_id: 'u1', disputed_by: ['u2'] } as NonNullable<Life['notice']>
    const offered = (signs: string[]) => deedsOf(life({ possible: ['dispute'], notice }), { desk: false, signs, me: me() })
    expect([offered(['u1']), offered(['u2']), offered(['u3'])]).toEqual([[], [], ['dispute']])
    const reach = { desk: false, signs: ['u2', 'u1', 'u3'], me: me() }
    expect(objectorsOf({ notice }, reach), 'who signs for several objects for the one that has not').toEqual(['u3'])
    expect(objectorsOf(life(), reach)).toEqual([])
  })
  test('a suspension is lifted by whose order it was', () => {
    const by = (who: Me, keeps: boolean) => ({ desk: keeps, signs: [], me: who })
    expect(mayLift(suspension('property_unit', 'u1'), by(unit, false))).toBe(true)
    expect(mayLift(suspension('property_unit', 'u2'), by(unit, false))).toBe(false)
    expect([mayLift(suspension('community'), by(desk, true)), mayLift(suspension('community'), by(street, true)), mayLift(suspension('community'), by(desk, false))]).toEqual([true, false, false])
    expect(mayLift(suspension('street'), by(street, true))).toBe(true)
    const reviews = (ordered: Suspension['ordered_by'], who: Me) => mayReview(suspension(ordered, 'u1'), by(who, true))
    expect([reviews('community', street), reviews('community', desk), reviews('street', street)]).toEqual([true, false, false])
    const forUnit = { ...street, representations: [{ organisation: { id: 'u1' } }] } as unknown as Me
    expect(reviews('property_unit', forUnit)).toBe(false)
  })
  test('once all is done nothing is opened again or reviewed', () => {
    const done = { possible: [] } as Pick<Life, 'possible'>
    expect([lifts(suspension('community'), { desk: true, signs: [], me: desk }, done), reviewsIt(suspension('community'), { desk: true, signs: [], me: street }, done)]).toEqual([false, false])
  })
  test('only the community closes with notice', () => {
    expect([desk, street, unit].map((who) => plansClosing({ desk: who !== unit, signs: [], me: who }))).toEqual([true, false, false])
  })
  test('a unit leaves where that is agreed, once, and not as the last that lends', () => {
    const reach = { desk: false, signs: ['u1'], me: unit }
    const left = (who: string, ends_at = '2026-12-01T00:00:00+08:00') => life({ withdrawals: [{ organisation_id: who, ends_at }] as unknown as Life['withdrawals'] })
    expect(leaversOf(life(), version(), reach)).toEqual(['u1'])
    expect(leaversOf(life(), version(false), reach)).toEqual([])
    expect(leaversOf(life(), version(true, { clauses: version().clauses.slice(0, 2) }), reach)).toEqual([])
    expect([leaversOf(left('u1'), version(), reach), leaversOf(left('u2'), version(), reach)]).toEqual([[], []])
    expect(leaversOf(left('u1', '2025-12-01T00:00:00+08:00'), version(), reach), 'lends again since').toEqual(['u1'])
    expect(deedsOf(left('u1'), reach)).toEqual(['suspend', 'terminate'])
  })
  test('whoever agreed to take a version back waits for the others', () => {
    const said = (who: string, subject = 'v1') => ({ id: who, kind: 'annulment_consented', subject, organisation_id: who }) as LifeEvent
    const pending = life({ possible: ['annul'], pending_version: 1 })
    const offered = (events: LifeEvent[]) => deedsOf(pending, { desk: false, signs: ['u1'], me: unit }, events)
    expect([offered([]), offered([said('u2')]), offered([said('u1')]), offered([said('u1', 'v0')])]).toEqual([['annul'], ['annul'], [], ['annul']])
    expect(takingBack(version(), [said('u1')]).missing).toEqual(['u2', 'c1'])
    expect(takersBackOf(version(), [said('u1')], { desk: false, signs: ['u1', 'c1'], me: unit }), 'who signs for several agrees for the one that has not').toEqual(['c1'])
    expect(offeredOf(life({ possible: ['annul'], pending_version: 2 }), { desk: false, signs: ['u1'], me: unit }, version())).toEqual([])
  })
})
