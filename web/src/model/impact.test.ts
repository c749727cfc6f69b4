import { describe, expect, test } from 'vitest'
import { columnsOf, MOST_WEEKS, sumOf, type Disposition } from './impact'

const week = (monday: string, ...counts: [Disposition, number][]) => ({ monday, counts: counts.map(([disposition, bookings]) => ({ disposition, bookings })) })

describe('impact', () => {
  test('every disposition is staying, moving or ending', () => {
    const all: Disposition[] = ['unaffected', 'kept', 'better_terms_applied', 'rearrange_offered', 'reduce_required', 'at_risk', 'cancelled', 'interrupted', 'request_refused', 'requoted', 'looked_at_again']
    expect(sumOf(all.map((disposition) => ({ disposition, bookings: 1, refund_fen: 100 })))).toEqual({ stays: 4, moves: 4, ends: 3, refund_fen: 1100, affected: 10 })
    expect(sumOf([])).toEqual({ stays: 0, moves: 0, ends: 0, refund_fen: 0, affected: 0 })
  })
  test('no week is left out between the first and the last', () => {
    expect(columnsOf([week('2026-03-23', ['rearrange_offered', 1], ['at_risk', 1]), week('2026-03-02', ['kept', 8], ['cancelled', 1])])).toEqual([
      { monday: '2026-03-02', stays: 8, moves: 0, ends: 1 },
      { monday: '2026-03-09', stays: 0, moves: 0, ends: 0 },
      { monday: '2026-03-16', stays: 0, moves: 0, ends: 0 },
      { monday: '2026-03-23', stays: 0, moves: 2, ends: 0 },
    ])
    expect(columnsOf([])).toEqual([])
  })
  test('what lies far ahead is told as one', () => {
    const columns = columnsOf([week('2026-03-02', ['kept', 1]), week('2027-03-01', ['cancelled', 2]), week('2027-03-08', ['kept', 1])])
    expect(columns.length).toBe(MOST_WEEKS + 1)
    expect(columns[MOST_WEEKS]).toEqual({ monday: null, stays: 1, moves: 0, ends: 2 })
  })
})
