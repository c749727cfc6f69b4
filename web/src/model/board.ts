// A day of a site as the desk sees it: every room from opening to closing, who is in it, what is still free.
import type { Day } from '@/api/calls'
import type { Closure } from '@/api/closures'
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

/** A booking that stands although a room of its kin (itself, its hall, its parts) is closed then. */
export const isShut = (busy: Busy, closures: readonly Pick<Closure, 'space_ids' | 'closed'>[], kin: readonly string[]): boolean =>
  closures.some(({ space_ids, closed }) => space_ids.some((id) => kin.includes(id)) && closed.some(({ from, until }) => new Date(from) < new Date(busy.ends_at) && new Date(busy.starts_at) < new Date(until)))

export type Block = { from: number; to: number; state: State | 'booked' | 'past'; busy: Busy | null; why: { code: string; zh: string; en: string } | null }
/** What an order or a missing signature says comes before what the hours say. */
const weight = ['suspended', 'closed', 'not-granted']
const heaviest = <T extends { code: string }>(reasons: readonly T[]): T | null =>
  weight.flatMap((code) => reasons.find((reason) => reason.code === code) ?? [])[0] ?? reasons.find(({ code }) => code !== 'past') ?? null
/** A room's day without gaps: its own bookings, what is taken otherwise (tidying up, the hall it is part of), free, gone by, closed. */
export const blocksOf = (day: Day | undefined, booked: readonly Booked[]): Block[] => {
  const own: Block[] = booked.map(({ from, to, busy }) => ({ from, to, state: 'booked', busy, why: null }))
  const rest: Block[] = []
  for (const { from, to, state, reasons } of day ? stretches(day.segments) : []) {
    let at = from
    const why = heaviest(reasons)
    const shown = state === 'closed' && !why && reasons.length ? 'past' : state
    const put = (until: number): void => {
      if (until > at) rest.push({ from: at, to: until, state: shown, busy: null, why: why && { code: why.code, zh: why.zh, en: why.en } })
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
  const shown = rooms.flatMap((blocks) => blocks.filter(({ state }) => state !== 'closed' && state !== 'past'))
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

/** Why nothing is free from a minute on: most of it is taken, or the room is not open. */
export const gaplessOf = (blocks: readonly Block[], after: number): 'full' | 'suspended' | 'closed' | 'unsigned' | 'shut' => {
  const rest = blocks.filter(({ to, state }) => to > after && state !== 'past')
  const long = (wanted: (block: Block) => boolean): number => rest.filter(wanted).reduce((sum, { from, to }) => sum + to - Math.max(from, after), 0)
  const code = heaviest(rest.flatMap(({ why }) => why ?? []))?.code ?? ''
  const ordered = weight.includes(code)
  if (long(({ state }) => state !== 'closed') > (ordered ? long(({ why }) => why?.code === code) : 0)) return 'full'
  if (code === 'not-granted') return 'unsigned'
  return code === 'suspended' || code === 'closed' ? code : 'shut'
}
