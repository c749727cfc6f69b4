// What an event does to bookings that were made before it: how many stay, move and end, week by week.
import type { components } from '@/api/schema'

export type Disposition = components['schemas']['Disposition']
export type Fate = 'stays' | 'moves' | 'ends'
export const fates: readonly Fate[] = ['stays', 'moves', 'ends']

const fateOfAll: Record<Disposition, Fate> = {
  unaffected: 'stays',
  kept: 'stays',
  better_terms_applied: 'stays',
  rearrange_offered: 'moves',
  reduce_required: 'moves',
  at_risk: 'moves',
  cancelled: 'ends',
  interrupted: 'ends',
  request_refused: 'ends',
  requoted: 'stays',
  looked_at_again: 'moves',
}
export const fateOf = (disposition: Disposition): Fate => fateOfAll[disposition]

export type Counted = { disposition: Disposition; bookings: number; refund_fen: number }
export type Sum = Record<Fate, number> & { refund_fen: number; affected: number }
/** How many stay, move and end; `affected` are those something changes for, or would if they did not keep what they have. */
export const sumOf = (counts: readonly Counted[]): Sum => {
  const sum: Sum = { stays: 0, moves: 0, ends: 0, refund_fen: 0, affected: 0 }
  for (const { disposition, bookings, refund_fen } of counts) {
    sum[fateOf(disposition)] += bookings
    sum.refund_fen += refund_fen
    if (disposition !== 'unaffected') sum.affected += bookings
  }
  return sum
}

export type Weekly = { monday: string; counts: readonly { disposition: Disposition; bookings: number }[] }
export type Column = Record<Fate, number> & { monday: string | null }
/** More weeks than this are no picture any more: what lies beyond is told as one, whose Monday is null. */
export const MOST_WEEKS = 12

const addWeek = (monday: string): string => new Date(Date.parse(`${monday}T00:00:00Z`) + 7 * 86_400_000).toISOString().slice(0, 10)

/** Week after week from the first with a booking to the last, empty ones too. */
export const columnsOf = (weeks: readonly Weekly[]): Column[] => {
  const sorted = [...weeks].sort((a, b) => (a.monday < b.monday ? -1 : 1))
  const [first, last] = [sorted[0]?.monday, sorted[sorted.length - 1]?.monday]
  if (!first || !last) return []
  const columns: Column[] = []
  for (let monday = first; monday <= last && columns.length < MOST_WEEKS; monday = addWeek(monday)) columns.push({ monday, stays: 0, moves: 0, ends: 0 })
  const later: Column = { monday: null, stays: 0, moves: 0, ends: 0 }
  for (const { monday, counts } of sorted) {
    const column = columns.find((one) => one.monday === monday) ?? later
    for (const { disposition, bookings } of counts) column[fateOf(disposition)] += bookings
  }
  return later.stays + later.moves + later.ends ? [...columns, later] : columns
}
