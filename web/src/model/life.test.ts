import { describe, expect, test } from 'vitest'
import type { Me } from '@/api/calls'
import type { Life, Suspension } from '@/api/life'
import { deedsOf, mayAnswer, mayLift, mayReview, proposersOf, unitsOf } from './life'

const me = (...roles: { role: string; scope: object }[]): Me => ({ representations: [], roles }) as unknown as Me
const desk = me({ role: 'community', scope: { area: 'a' } })
const street = me({ role: 'street', scope: { area: 'a' } })
const unit = me({ role: 'property_unit', scope: { organisation: 'u1' } })
const life = (more: Partial<Life> = {}): Life => ({ phase: 'active', expiring: false, suspensions: [], withdrawals: [], possible: ['amend', 'suspend', 'withdraw', 'terminate'], ...more }) as Life
const suspension = (ordered_by: Suspension['ordered_by'], organisation_id: string | null = null): Suspension => ({ ordered_by, organisation_id }) as Suspension

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
})
