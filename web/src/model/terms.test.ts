import { describe, expect, test } from 'vitest'
import type { Me, Term, UseInfo } from '@/api/calls'
import { bookersOf, firstHat, hatsOf } from './hats'
import { tabsOf } from '../tabs'
import { checksIn, runsFor } from './reach'
import { icsOf } from './ics'
import { basisOf, capacityOf, guardianAgeOf, guardianAsked, openOf, quietOf, startsWithin, termFor, usesOf } from './terms'

const term = (kind: Term['kind'], payload: object, more: Partial<Term> = {}): Term =>
  ({ kind, payload, clause: kind, agreement: 'a', agreement_id: 'agreement_1', version: 1, relation: 'own', from: '', to: '', ...more }) as unknown as Term
const use = (code: string, parent: string | null = null): UseInfo => ({ code, zh: code, en: code, noise: 'normal', parent, tag: null }) as unknown as UseInfo
const uses = [use('meeting'), use('deliberation', 'meeting'), use('performance'), use('opera', 'performance'), use('reading')]

describe('terms', () => {
  test('the strictest capacity counts; a part’s own does not bind the whole', () => {
    expect(capacityOf([term('capacity', { persons: 200 }), term('capacity', { persons: 110 }, { relation: 'part' }), term('capacity', { persons: 150 }, { relation: 'whole' })])).toBe(150)
    expect(capacityOf([])).toBeNull()
  })
  test('a guardian comes along with those below the age of the strictest clause', () => {
    const [eight, twelve] = [8, 12].map((guardian_below_age) => term('minors', { guardian_below_age }))
    expect(guardianAgeOf([eight!, twelve!, term('capacity', {})])).toBe(12)
    expect([null, 11, 12].map((youngest) => guardianAsked([eight!, twelve!], youngest))).toEqual([true, true, false])
    expect([7, 8].map((youngest) => guardianAsked([eight!], youngest))).toEqual([true, false])
    expect(guardianAsked([term('capacity', {})], 0)).toBe(false)
    expect(guardianAsked([], 17)).toBe(true)
  })
  test('uses: allowed by every clause, prohibited by none; a clause covers what falls under its use', () => {
    const allowed = term('allowed_uses', { uses: ['meeting', 'performance', 'reading'] })
    expect(usesOf([allowed], uses).map(({ code }) => code)).toEqual(['meeting', 'deliberation', 'performance', 'opera', 'reading'])
    expect(usesOf([allowed, term('prohibited_uses', { uses: ['performance'] })], uses).map(({ code }) => code)).toEqual(['meeting', 'deliberation', 'reading'])
    expect(usesOf([allowed, term('allowed_uses', { uses: ['deliberation'] }, { relation: 'part' })], uses).map(({ code }) => code)).toEqual(['deliberation'])
  })
  test('quiet hours of a weekday', () => {
    const quiet = term('quiet_hours', { noise: 'loud', weekly: [{ days: ['mon'], from: '12:00', to: '14:00' }, { days: ['sun'], from: '20:00', to: '21:00' }] })
    expect(quietOf([quiet], '2026-11-23')).toEqual([{ from: '12:00', to: '14:00' }])
    expect(quietOf([quiet], '2026-11-24')).toEqual([])
  })
  test('hours to choose from: while every clause has it open, from six where none says so', () => {
    const hours = term('open_hours', { weekly: [{ days: ['mon'], from: '08:30', to: '21:00' }, { days: ['sun'], from: '10:00', to: '22:00' }] })
    expect(openOf([hours, term('open_hours', { weekly: [{ days: ['mon'], from: '09:00', to: '21:30' }] }), term('capacity', {})])).toEqual({ from: 540, to: 1290 })
    expect(openOf([term('capacity', {})])).toBeNull()
    expect(startsWithin({ from: 510, to: 600 }, 30)).toEqual(['08:30', '09:00', '09:30'])
    expect(startsWithin({ from: 510, to: 600 }, 30, '07:15')).toEqual(['07:15', '08:30', '09:00', '09:30'])
    const any = startsWithin(null, 30)
    expect([any[0], any[any.length - 1]]).toEqual(['06:00', '23:30'])
  })
  test('a reason finds its clause, in its own agreement', () => {
    const all = [term('capacity', {}, { clause: 'cap' }), term('capacity', {}, { clause: 'cap', agreement: 'b' })]
    expect(termFor(all, { clause: 'cap', agreement: 'b' })).toBe(all[1])
    expect(termFor(all, { clause: null })).toBeUndefined()
    expect(basisOf([term('space_grant', {}, { from: 'x', to: 'y' }), term('term', {})])).toHaveLength(1)
  })
})

describe('hats', () => {
  const me = (representations: object[], roles: string[]): Me => ({ representations, roles: roles.map((role) => ({ role, scope: {} })) }) as unknown as Me
  test('a desk has the tabs its role may use', () => {
    const names = (role: string, representations: object[] = []) => {
      const who = me(representations, [role])
      const hat = hatsOf(who).find(({ kind }) => kind === 'desk') ?? { key: '', kind: 'resident' as const }
      return tabsOf(hat, who).map(({ name }) => name)
    }
    expect(names('community')).toEqual(['desk-today', 'desk-requests', 'desk-closures', 'desk-agreements'])
    expect(names('street')).toEqual(['desk-agreements', 'audit'])
    expect(names('operator')).toEqual(['desk-today', 'desk-closures', 'desk-usage'])
    expect(names('operator', [{ organisation: { id: 'o' }, powers: ['approve'] }])).toContain('desk-requests')
    expect(runsFor({ roles: [{ role: 'operator', scope: { organisation: 'o' } }, { role: 'property_unit', scope: { organisation: 'u' } }] } as unknown as Me)).toEqual(['o'])
  })
  test('everybody is a resident; who signs gets a party’s tabs, who runs a desk the desk’s', () => {
    expect(hatsOf(null).map(({ key }) => key)).toEqual(['resident'])
    const organisation = { id: 'org_1', name_zh: '单位', name_en: null }
    expect(hatsOf(me([{ organisation, powers: ['sign'] }, { organisation: { ...organisation, id: 'org_2' }, powers: ['position'] }, { organisation: { ...organisation, id: 'org_3' }, powers: ['book'] }], ['community'])).map(({ key }) => key)).toEqual(['resident', 'unit:org_1', 'unit:org_2', 'desk'])
    expect(hatsOf(me([], ['street', 'auditor']))[1]).toMatchObject({ key: 'desk', desk: 'street' })
    // Whoever has no household here comes for their work.
    expect(firstHat(me([{ organisation, powers: ['position'] }], [])).key).toBe('unit:org_1')
    expect(firstHat({ ...me([{ organisation, powers: ['position'] }], []), household_id: 'household_1' }).key).toBe('resident')
    expect([firstHat(null).key, firstHat(me([], ['auditor'])).key]).toEqual(['resident', 'audit'])
    expect(bookersOf(me([{ organisation, powers: ['book'] }], []))).toEqual([organisation])
  })
  test('the record is checked by those in charge of an area, by a unit where its spaces lie, and as a whole by auditors', () => {
    const may = (role: string, scope: object, representations: object[] = []) => checksIn({ representations, roles: [{ role, scope }] } as unknown as Me)
    expect(may('auditor', { area: 'a' })).toEqual({ areas: ['a'], platform: true })
    expect(may('community', { area: 'a' })).toEqual({ areas: ['a'], platform: false })
    expect(may('property_unit', { organisation: 'o' }, [{ organisation: { id: 'o', area_id: 'b' }, powers: [] }])).toEqual({ areas: ['b'], platform: false })
    expect(may('resident', {})).toEqual({ areas: [], platform: false })
    expect(checksIn(null)).toEqual({ areas: [], platform: false })
  })
})

describe('calendar file', () => {
  const text = icsOf(
    { uid: 'booking_1', start: '2026-11-25T10:00:00+08:00', end: '2026-11-25T12:00:00+08:00', title: '活动大厅, 演出; 彩排', place: '海淀区西三旗街道育新花园38号楼一层活动大厅东侧入口请走北门', text: '一\n二', url: 'https://x.test/b' },
    new Date('2026-11-23T00:00:00Z'),
  )
  test('times in UTC, marks escaped, lines no longer than 75 bytes', () => {
    expect(text).toContain('DTSTART:20261125T020000Z\r\nDTEND:20261125T040000Z')
    expect(text).toContain('SUMMARY:活动大厅\\, 演出\\; 彩排')
    expect(text).toContain('DESCRIPTION:一\\n二')
    for (const line of text.split('\r\n')) expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(75)
    expect(text.replace(/\r\n /g, '')).toContain('LOCATION:海淀区西三旗街道育新花园38号楼一层活动大厅东侧入口请走北门')
  })
})
