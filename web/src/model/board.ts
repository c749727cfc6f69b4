// A day of a site as the desk sees it: every room from opening to closing, who is in it, what is still free.
import type { Day } from '@/api/calls'
import type { Busy } from '@/api/desk'
import { civil, DAY_MINUTES } from './time'
import { stretches, type State } from './timeline'

export type Booked = { from: number; to: number; busy: Busy }
/** Bookings that touch a day, in its minutes. */
export const bookedOn = (all: readonly Busy[], date: string, zone: string): Booked[] =>
  all
    .map((busy) => {
      const [start, end] = [civil(busy.starts_at, zone), civil(busy.ends_at, zone)]
      const from = start.date < date ? 0 : start.date > date ? DAY_MINUTES : start.minute
      const to = end.date > date ? DAY_MINUTES : end.date < date ? 0 : end.minute
      return { from, to, busy }
    })
    .filter(({ from, to }) => from < to)
    .sort((a, b) => a.from - b.from || a.to - b.to || (a.busy.space_id < b.busy.space_id ? -1 : 1))

/** Nobody came: the time is free again, and the desk still finds who had it. */
export const isMissed = (busy: Busy): boolean => busy.booking?.state === 'no_show'

export type Block = { from: number; to: number; state: State | 'booked'; busy: Busy | null; why: { zh: string; en: string } | null }
/** A room's day without gaps: its own bookings, what is taken otherwise (tidying up, the hall it is part of), free, closed. */
export const blocksOf = (day: Day | undefined, booked: readonly Booked[]): Block[] => {
  const own: Block[] = booked.map(({ from, to, busy }) => ({ from, to, state: 'booked', busy, why: null }))
  const rest: Block[] = []
  for (const { from, to, state, reasons } of day ? stretches(day.segments) : []) {
    let at = from
    const why = reasons.find(({ code }) => code !== 'past') ?? null
    const put = (until: number): void => {
      if (until > at) rest.push({ from: at, to: until, state, busy: null, why: why && { zh: why.zh, en: why.en } })
    }
    for (const block of own) {
      if (block.to <= at || block.from >= to) continue
      put(Math.min(block.from, to))
      at = Math.max(at, block.to)
    }
    put(to)
  }
  return [...own, ...rest].sort((a, b) => a.from - b.from)
}

/** First and last minute worth showing, in whole hours. */
export const boardRange = (rooms: readonly (readonly Block[])[]): { from: number; to: number } => {
  const shown = rooms.flatMap((blocks) => blocks.filter(({ state }) => state !== 'closed'))
  if (!shown.length) return { from: 480, to: 1200 }
  return {
    from: Math.floor(Math.min(...shown.map(({ from }) => from)) / 60) * 60,
    to: Math.ceil(Math.max(...shown.map(({ to }) => to)) / 60) * 60,
  }
}

/** Free stretches long enough to use, from a minute on. */
export const gapsOf = (blocks: readonly Block[], after: number, least = 30): { from: number; to: number }[] => {
  const out: { from: number; to: number }[] = []
  for (const { from, to, state } of blocks) {
    if (state !== 'free') continue
    const last = out[out.length - 1]
    const start = Math.max(from, after)
    if (last && last.to === start) last.to = to
    else if (to > start) out.push({ from: start, to })
  }
  return out.filter(({ from, to }) => to - from >= least)
}
