import { describe, expect, test } from 'vitest'
import type { Clause } from '@/api/agreements'
import type { Day } from '@/api/calls'
import { blocksOf, boardRange, bookedOn, gaplessOf, gapsOf, isShut } from './board'
import { faultOf, readNumber, readYuan, rephrase } from './drafting'
import { byLine, fieldOf, spanOf } from './hubfile'
import { liesIn } from './reach'

describe('board', () => {
  const segment = (from: string, to: string, state: 'free' | 'taken' | 'closed') => ({ from, to, state, starts_at: '', ends_at: '', reasons: [] })
  const day = { date: '2026-11-24', day_type: 'workday', provisional: false, segments: [segment('00:00', '08:30', 'closed'), segment('08:30', '09:00', 'free'), segment('09:00', '11:30', 'taken'), segment('11:30', '21:00', 'free'), segment('21:00', '24:00', 'closed')] } as Day
  const busy = { space_id: 's', starts_at: '2026-11-24T01:00:00Z', ends_at: '2026-11-24T03:00:00Z', use: 'reading' } as never
  const booked = bookedOn([busy], '2026-11-24', 'Asia/Shanghai')
  test('bookings in the minutes of the site’s day, cut at midnight', () => {
    expect(booked.map(({ from, to }) => [from, to])).toEqual([[540, 660]])
    const night = { space_id: 's', starts_at: '2026-11-24T14:00:00Z', ends_at: '2026-11-24T18:00:00Z', use: 'reading' } as never
    expect(bookedOn([night], '2026-11-24', 'Asia/Shanghai').map(({ from, to }) => [from, to])).toEqual([[1320, 1440]])
    expect(bookedOn([night], '2026-11-25', 'Asia/Shanghai').map(({ from, to }) => [from, to])).toEqual([[0, 120]])
    expect(bookedOn([night], '2026-11-26', 'Asia/Shanghai')).toEqual([])
  })
  test('what is taken besides the booking stays taken', () => {
    const blocks = blocksOf(day, booked)
    expect(blocks.map(({ from, to, state }) => `${from}-${to} ${state}`)).toEqual(['0-510 closed', '510-540 free', '540-660 booked', '660-690 taken', '690-1260 free', '1260-1440 closed'])
    expect(boardRange([blocks])).toEqual({ from: 480, to: 1260 })
    expect(gapsOf(blocks, 0)).toEqual([{ from: 510, to: 540 }, { from: 690, to: 1260 }])
    expect(gapsOf(blocks, 1240)).toEqual([])
    expect(gapsOf(blocks, 700)).toEqual([{ from: 700, to: 1260 }])
  })
  const why = (...codes: string[]) => codes.map((code) => ({ code, zh: code, en: code }))
  const with_ = (...segments: [string, string, 'free' | 'taken' | 'closed', ...string[]][]) => blocksOf({ ...day, segments: segments.map(([from, to, state, ...codes]) => ({ ...segment(from, to, state), reasons: why(...codes) })) } as Day, [])
  test('what has gone by is not closed, and not what the board is about', () => {
    const blocks = with_(['00:00', '15:15', 'closed', 'past'], ['15:15', '21:00', 'free'], ['21:00', '24:00', 'closed', 'outside-hours'])
    expect(blocks.map(({ state }) => state)).toEqual(['past', 'free', 'closed'])
    expect(boardRange([blocks])).toEqual({ from: 900, to: 1260 })
  })
  test('why nothing is free', () => {
    const rest = (...codes: string[]) => gaplessOf(with_(['00:00', '15:00', 'closed', 'past'], ['15:00', '24:00', 'closed', ...codes]), 900)
    expect([rest('outside-hours', 'suspended'), rest('closed'), rest('not-granted'), rest('outside-hours')]).toEqual(['suspended', 'closed', 'unsigned', 'shut'])
    expect(gaplessOf(with_(['00:00', '15:00', 'free'], ['15:00', '20:00', 'taken'], ['20:00', '24:00', 'closed', 'outside-hours']), 900)).toBe('full')
    expect(gaplessOf(with_(['15:00', '16:00', 'taken'], ['16:00', '24:00', 'closed', 'closed']), 900), 'one who stays in a closed room does not fill it').toBe('closed')
  })
  test('a booking in a closed room is seen', () => {
    const closure = (from: string, until: string) => [{ space_ids: ['hall'], closed: [{ from, until }] }]
    const shut = (from: string, until: string, kin = ['s', 'hall']) => isShut(busy, closure(from, until), kin)
    expect([shut('2026-11-24T02:00:00Z', '2026-11-24T09:00:00Z'), shut('2026-11-24T03:00:00Z', '2026-11-24T09:00:00Z'), shut('2026-11-24T00:00:00Z', '2026-11-25T00:00:00Z', ['s'])]).toEqual([true, false, false])
  })
  test('a day nobody knows has a board all the same', () => {
    expect(boardRange([blocksOf(undefined, [])])).toEqual({ from: 480, to: 1200 })
  })
})

describe('hub file', () => {
  const text = 'hub: x\nareas: []\nsites:\n  - code: a\n'
  const fault = (line: number | null, pointer = '/sites/0/code') => ({ pointer, code: 'x', zh: '错', en: 'wrong', ...(line === null ? {} : { line }) })
  test('faults by line, those of none first', () => {
    expect(byLine(text, [fault(4), fault(1), fault(null), fault(4)]).map(({ line, text, faults }) => [line, text, faults.length])).toEqual([[null, '', 1], [1, 'hub: x', 1], [4, '- code: a', 2]])
  })
  test('where a line stands', () => {
    const { start, end } = spanOf(text, 3)
    expect(text.slice(start, end)).toBe('sites:')
    expect(spanOf(text, 99)).toEqual({ start: text.length, end: text.length })
    expect(fieldOf(fault(4, '/sites/0/floors/1/area_m2'))).toBe('area_m2')
    expect(fieldOf(fault(1, ''))).toBe('')
  })
})

describe('drafting', () => {
  const clause = (kind: Clause['kind'], payload: unknown, text_zh: string, text_en: string | null = null): Clause => ({ id: 'c', kind, payload: payload as Clause['payload'], text_zh, text_en })
  test('the words follow the figures', () => {
    const before = clause('capacity', { persons: 60, basis: 'safety' }, '同时不超过60人，以消防安全为准。', 'At most 60 people at once.')
    expect(rephrase(before, { ...before, payload: { persons: 45, basis: 'safety' } as never })).toEqual({ text_zh: '同时不超过45人，以消防安全为准。', text_en: 'At most 45 people at once.', sure: true })
    const hours = clause('open_hours', { weekly: [{ days: ['mon'], from: '08:30', to: '21:00' }] }, '每日8时30分至21时开放。', 'Open daily from 08:30 to 21:00.')
    expect(rephrase(hours, { ...hours, payload: { weekly: [{ days: ['mon'], from: '09:00', to: '20:30' }] } as never })).toEqual({ text_zh: '每日9时至20时30分开放。', text_en: 'Open daily from 09:00 to 20:30.', sure: true })
    const term = clause('term', { first_day: '2026-01-01', last_day: '2028-12-31' }, '自2026年1月1日起至2028年12月31日止。')
    expect(rephrase(term, { ...term, payload: { first_day: '2026-01-01', last_day: '2029-12-31' } as never }).text_zh).toBe('自2026年1月1日起至2029年12月31日止。')
  })
  test('where a figure stands twice or not at all, it says so and leaves the text', () => {
    const price = clause('price_ceiling', { ceilings: [{ use: 'childcare', fen: 3000, per: 'person' }] }, '托育每人次不超过30元，养老每人次不超过30元。', '30 yuan, 30 yuan')
    expect(rephrase(price, { ...price, payload: { ceilings: [{ use: 'childcare', fen: 2500, per: 'person' }] } as never })).toEqual({ text_zh: price.text_zh, text_en: null, sure: false })
    const quiet = clause('open_hours', { weekly: [{ days: ['mon'], from: '08:00', to: '20:00' }] }, '每日18时30分休息，8时开放。')
    expect(rephrase(quiet, { ...quiet, payload: { weekly: [{ days: ['mon'], from: '09:00', to: '20:00' }] } as never }).sure).toBe(false)
  })
  test('what cannot be is said before it is sent', () => {
    expect(faultOf(clause('term', { first_day: '2026-02-01', last_day: '2026-01-01' }, ''))).toBe('dates')
    expect(faultOf(clause('open_hours', { weekly: [{ days: [], from: '20:00', to: '08:00' }] }, ''))).toBe('hours')
    expect(faultOf(clause('open_hours', { weekly: [{ days: [], from: '08:00', to: '24:00' }] }, ''))).toBe(null)
    expect(faultOf(clause('capacity', { persons: 0 }, ''))).toBe('persons')
    expect(faultOf(clause('capacity', { persons: readNumber('四十') }, ''))).toBe('number')
    expect(['40', ' 40 ', '四十', '4o', '', '-1'].map(readNumber)).toEqual([40, 40, -1, -1, -1, -1])
    const forty = clause('capacity', { persons: 40 }, '最多40人。')
    expect(rephrase(forty, { ...forty, payload: { persons: -1 } as never }), 'no figure, no other words').toMatchObject({ text_zh: '最多40人。', sure: true })
    expect(faultOf(clause('price_ceiling', { ceilings: [{ fen: -1, per: 'hour' }] }, ''))).toBe('price')
    expect(['12.5', '12', '0', '12.345', 'x', ''].map(readYuan)).toEqual([1250, 1200, 0, null, null, null])
  })
})

test('an area lies in the desk’s own or below it', () => {
  const areas = [{ id: 'street' }, { id: 'community', parent_id: 'street' }, { id: 'grid', parent_id: 'community' }] as never[]
  expect([liesIn('grid', ['street'], areas), liesIn('street', ['community'], areas), liesIn('community', ['community'], [])]).toEqual([true, false, true])
})
