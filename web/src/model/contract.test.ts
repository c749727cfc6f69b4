import { describe, expect, test } from 'vitest'
import type { Clause, Party } from '@/api/agreements'
import type { Version } from '@/api/calls'
import { articlesOf, beginsOn, chineseNumber, chosenVersion, gistOf, heldOf, isAsShown, isUnderWay, missingAfter, partyOf, partyState, showHash, stagesOf } from './contract'
import { sha256 } from './digest'

const clause = (id: string, kind: Clause['kind'], payload: unknown = {}, more: Partial<Clause> = {}): Clause => ({ id, kind, payload: payload as Clause['payload'], text_zh: id, ...more })
const party = (code: string, stage = 1, more: Partial<Party> = {}): Party => ({ organisation_id: code, code, name_zh: code, capacity: 'property_unit', stage, ...more })
const signature = (at: string, confirmed: string | null = at): NonNullable<Party['signature']> => ({ id: at, method: confirmed === at ? 'electronic' : 'paper', signed_at: at, confirmed_at: confirmed, evidence_sha256: null })

describe('when it holds', () => {
  const term = (first_day: string, last_day: string) => [clause('term', 'term', { first_day, last_day })]
  const begins = (more: Partial<Version>) => beginsOn({ state: 'proposed', clauses: term('2026-01-01', '2028-12-31'), ...more } as Version, '2026-11-26')
  test('a version that is signed later begins later', () => {
    expect(begins({})).toBeNull()
    expect(begins({ clauses: term('2027-01-01', '2028-12-31') })).toBe('2027-01-01')
    expect(begins({ consent: { wait_days: 14 } as NonNullable<Version['consent']> })).toBe('2026-12-10')
    expect(begins({ state: 'agreed', from: '2026-12-12T00:00:00+08:00' })).toBe('2026-12-12')
    expect(begins({ state: 'agreed', from: '2026-11-26T09:00:00+08:00' })).toBeNull()
  })
  test('notice ends it before its last day, and what is over is over', () => {
    const held = (effect: Version['effect'], phase: string, ends_at: string | null) => heldOf({ clauses: term('2026-01-01', '2028-12-31'), effect: effect ?? null }, { phase, ends_at } as never)
    expect(held('in_force', 'active', '2029-01-01T00:00:00+08:00')).toMatchObject({ how: 'term', date: '2028-12-31' })
    expect(held('in_force', 'active', '2027-03-01T00:00:00+08:00')).toMatchObject({ how: 'early', date: '2027-02-28' })
    expect(held('expired', 'closed', '2026-11-26T00:00:00+08:00')).toMatchObject({ how: 'over', date: '2026-11-25' })
    expect(held('superseded', 'active', '2027-03-01T00:00:00+08:00')).toMatchObject({ how: 'term' })
    expect(heldOf({ clauses: [], effect: null }, { phase: 'negotiating' } as never)).toBeNull()
  })
})

describe('articles', () => {
  test('chapters keep the order of the document and count through', () => {
    const chapters = articlesOf({
      clauses: [clause('parties', 'parties'), clause('term', 'term'), clause('hours', 'open_hours'), clause('cap', 'capacity'), clause('quiet', 'quiet_hours')],
      plain: [{ clause: 'quiet', zh: '安静', en: 'quiet' }],
    })
    expect(chapters.map(({ chapter, articles }) => [chapter, articles.map(({ no, clause }) => `${no} ${clause.id}`)])).toEqual([
      ['parties', ['1 parties']], ['lend', ['2 term']], ['hours', ['3 hours', '4 quiet']], ['people', ['5 cap']],
    ])
    expect(chapters[2]?.articles[1]?.plain?.zh).toBe('安静')
  })
  test('a kind nobody knows yet is not lost', () => {
    expect(articlesOf({ clauses: [clause('x', 'insurance' as never)], plain: [] })[0]?.chapter).toBe('other')
  })
  test('numbers as Chinese counts articles', () => {
    expect([1, 9, 10, 11, 20, 24, 99, 100, 103, 110, 115, 200].map(chineseNumber)).toEqual(['一', '九', '十', '十一', '二十', '二十四', '九十九', '一百', '一百零三', '一百一十', '一百一十五', '二百'])
  })
})

describe('parties', () => {
  const open = { state: 'partially_signed' as const, parties: [party('a', 1, { signature: signature('2026-01-01T00:00:00Z') }), party('b', 1, { signature: signature('2026-01-02T00:00:00Z', null) }), party('c', 2), party('d', 2, { declined: { at: '2026-01-03T00:00:00Z', reason: '…' } })] }
  const [a, b, c, d] = open.parties as [Party, Party, Party, Party]
  test('state of each', () => {
    expect([a, b, c, d].map((one) => partyState(open, one))).toEqual(['signed', 'paper', 'later', 'declined'])
    expect(partyState({ ...open, parties: [a, c] }, c)).toBe('turn')
    expect(partyState({ ...open, state: 'withdrawn' }, c)).toBe('unsigned')
  })
  test('paper counts once it is confirmed', () => {
    expect(missingAfter(open.parties, 'c').map(({ code }) => code)).toEqual(['b', 'd'])
  })
  test('stages in order', () => {
    expect(stagesOf(open.parties).map(({ stage, parties }) => [stage, parties.length])).toEqual([[1, 2], [2, 2]])
  })
  test('an event finds its party by its moment', () => {
    expect(partyOf({ kind: 'signed', at: '2026-01-01T08:00:00+08:00' }, open.parties)?.organisation_id).toBe('a')
    expect(partyOf({ kind: 'declined', at: '2026-01-03T00:00:00Z' }, open.parties)?.organisation_id).toBe('d')
    expect(partyOf({ kind: 'agreed', at: '2026-01-01T00:00:00Z' }, open.parties)).toBe(null)
    const position = { id: 'p', stand: 'object' as const, stated_at: '2026-01-05T00:00:00Z', reply: { text: '…', at: '2026-01-06T00:00:00Z' } }
    const rounds = [{ id: 'r', round: 1, version: 1, opened_at: '2026-01-04T00:00:00Z', voices: [{ organisation_id: 'b', name_zh: '乙', position }] }]
    expect(partyOf({ kind: 'position_stated', at: '2026-01-05T00:00:00Z' }, [], rounds)?.organisation_id).toBe('b')
    expect(partyOf({ kind: 'replied', at: '2026-01-06T00:00:00Z' }, [], rounds)?.organisation_id).toBe('b')
  })
})

test('who lends what, until when', () => {
  const gist = gistOf([
    clause('parties', 'parties', { parties: [{ organisation: 'u', capacity: 'property_unit', stage: 1 }, { organisation: 'c', capacity: 'community', stage: 1 }] }),
    clause('term', 'term', { first_day: '2026-01-01', last_day: '2028-12-31' }),
    clause('g1', 'space_grant', { by: 'u', rent_fen_per_year: 0 }, { spaces: ['s/a'] }),
    clause('g2', 'space_grant', { by: 'u', rent_fen_per_year: 0 }, { spaces: ['s/b'] }),
    clause('g3', 'space_grant', { by: 'v', rent_fen_per_year: 120_000 }),
  ])
  expect(gist.grants).toEqual([{ by: 'u', spaces: ['s/a', 's/b'], rent_fen: 0 }, { by: 'v', spaces: [], rent_fen: 120_000 }])
  expect([gist.first, gist.last, gist.named.length]).toEqual(['2026-01-01', '2028-12-31', 2])
})

test('the version somebody wants who names none', () => {
  const version = (no: number, state: string, effect: string | null = null) => ({ id: String(no), version: no, state, effect }) as never
  expect(chosenVersion([version(3, 'draft'), version(2, 'agreed', 'in_force'), version(1, 'agreed', 'superseded')])).toMatchObject({ version: 2 })
  expect(chosenVersion([version(2, 'proposed'), version(1, 'declined')])).toMatchObject({ version: 2 })
  expect(chosenVersion([])).toBe(null)
})

describe('fingerprint', () => {
  test('SHA-256, and null where there is none', async () => {
    expect(await sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(await sha256(new TextEncoder().encode('商量').buffer as ArrayBuffer)).toBe(await sha256('商量'))
    expect(showHash('0123456789abcdef')).toBe('01234567 89abcdef')
  })
  test('the clauses shown are those of the document; the translation is not part of it', () => {
    const shown = [clause('term', 'term', { b: 1, a: [2] }, { text_en: 'courtesy', spaces: [] })]
    const canonical = '{"clauses":[{"id":"term","kind":"term","payload":{"a":[2],"b":1},"spaces":[],"text_zh":"term"}],"v":1}'
    expect(isAsShown(canonical, shown)).toBe(true)
    expect(isAsShown(canonical, [{ ...shown[0]!, text_zh: 'another' }])).toBe(false)
    expect(isAsShown('not json', shown)).toBe(false)
  })
})

test('a version is under way until it is agreed, over, or followed by another', () => {
  const states = ['draft', 'in_round', 'discussed', 'proposed', 'partially_signed', 'agreed', 'declined', 'withdrawn', 'lapsed'] as const
  expect(states.filter((state) => isUnderWay({ state }))).toEqual(['draft', 'in_round', 'proposed', 'partially_signed'])
  expect(partyState({ state: 'in_round', parties: [party('a')] }, party('a'))).toBe('later')
})
