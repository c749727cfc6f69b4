// What a day of a space looks like: from the server's stretches to what a person can choose.
import type { Day, Segment, SiteDays } from '@/api/calls'
import type { Reason } from '@/api/problem'
import { DAY_MINUTES, readMinute } from './time'

export type State = 'free' | 'taken' | 'closed'
export type Stretch = { from: number; to: number; state: State; reasons: Reason[] }
export type Rules = { granularity_minutes: number; min_minutes: number; max_minutes: number; lead_minutes: number; horizon_days: number }
export type Buffers = { setup_minutes: number; cleanup_minutes: number }

const sameReasons = (a: readonly Reason[], b: readonly Reason[]): boolean =>
  a.length === b.length && a.every((reason, i) => reason.code === b[i]?.code && reason.clause === b[i]?.clause && reason.figure === b[i]?.figure)

const minuteOf = (text: string): number => readMinute(text) ?? 0

/** The day without cuts: neighbours of one state (and one answer) become one stretch. */
export const stretches = (segments: readonly Segment[]): Stretch[] => {
  const out: Stretch[] = []
  for (const { from, to, state, reasons = [] } of segments) {
    const last = out[out.length - 1]
    if (last && last.state === state && sameReasons(last.reasons, reasons)) last.to = minuteOf(to)
    else out.push({ from: minuteOf(from), to: minuteOf(to), state, reasons })
  }
  return out
}

/** What is at a minute, and until when. */
export const stateAt = (day: Day | undefined, minute: number): Stretch | null =>
  (day && stretches(day.segments).find(({ from, to }) => from <= minute && minute < to)) ?? null

/** The whole period is free, and nobody is in the way of setting up and tidying. */
export const isFree = (all: readonly Stretch[], from: number, to: number, buffers: Buffers): boolean =>
  all.some((s) => s.state === 'free' && s.from <= from && to <= s.to) &&
  !all.some((s) => s.state === 'taken' && s.from < to + buffers.cleanup_minutes && from - buffers.setup_minutes < s.to)

export type Wish = { after: number; length: number; step: number; buffers: Buffers }

/** Every start on the grid at which the wished length fits. */
export const startsOf = (day: Day, { after, length, step, buffers }: Wish): number[] => {
  const all = stretches(day.segments)
  const out: number[] = []
  for (let at = Math.ceil(Math.max(after, 0) / step) * step; at + length <= DAY_MINUTES; at += step) {
    if (isFree(all, at, at + length, buffers)) out.push(at)
  }
  return out
}

/** A few of them, the first one and then at least `apart` minutes from one to the next. */
export const aFewOf = (starts: readonly number[], count: number, apart = 60): number[] => {
  const out: number[] = []
  for (const at of starts) {
    const last = out[out.length - 1]
    if (out.length < count && (last === undefined || at - last >= apart)) out.push(at)
  }
  return out
}

/** First minute from which a booking on this day may start: not in the past, not too short before. */
export const earliest = (date: string, now: { date: string; minute: number }, lead: number): number => {
  if (date > now.date) return 0
  if (date < now.date) return DAY_MINUTES
  return now.minute + lead
}

/** The next minute of the day at which anything is open: what "now" means on the plan before the doors open. */
export const nextOpen = (days: SiteDays, date: string, minute: number): number | null => {
  let best: number | null = null
  for (const space of days.spaces) {
    const day = space.days.find((d) => d.date === date)
    for (const s of day ? stretches(day.segments) : []) {
      if (s.state === 'closed' || s.to <= minute) continue
      const at = Math.max(s.from, minute)
      if (best === null || at < best) best = at
    }
  }
  return best
}

/** From the first opening of a day to its last closing, over all spaces; null where nothing opens. */
export const openHours = (days: SiteDays, date: string): { from: number; to: number } | null => {
  const open = days.spaces.flatMap((space) => space.days.filter((day) => day.date === date).flatMap(({ segments }) => stretches(segments).filter(({ state }) => state !== 'closed')))
  return open.length ? { from: Math.min(...open.map(({ from }) => from)), to: Math.max(...open.map(({ to }) => to)) } : null
}

export type Slot = { from: number; to: number; state: State | 'mine' | 'early'; reasons: Reason[] }

/** The day in steps of the grid. Night hours before anything opens and after everything closes are left out. */
export const slotsOf = (
  day: Day,
  { step, after, mine }: { step: number; after: number; mine: readonly { from: number; to: number }[] },
): { slots: Slot[]; before: Stretch | null; behind: Stretch | null } => {
  const all = stretches(day.segments)
  const open = all.filter(({ state }) => state !== 'closed')
  const reserved = all.filter(({ state, reasons }) => state === 'closed' && !reasons.every(({ code }) => outside.has(code)))
  const shown = [...open, ...reserved]
  if (!shown.length) return { slots: [], before: all[0] ?? null, behind: null }
  const first = Math.floor(Math.min(...shown.map(({ from }) => from)) / step) * step
  const last = Math.ceil(Math.max(...shown.map(({ to }) => to)) / step) * step
  const slots: Slot[] = []
  for (let from = first; from < last; from += step) {
    const to = Math.min(from + step, DAY_MINUTES)
    const within = all.filter((s) => s.from < to && from < s.to)
    const worst = within.find(({ state }) => state === 'taken') ?? within.find(({ state }) => state === 'closed') ?? within[0]
    const own = mine.some((m) => m.from < to && from < m.to)
    const state = own ? 'mine' : worst?.state === 'free' && from < after ? 'early' : (worst?.state ?? 'closed')
    slots.push({ from, to, state, reasons: worst?.reasons ?? [] })
  }
  const lastOf = all[all.length - 1]
  const firstOf = all.find((s) => s.state === 'closed' && s.reasons.some(({ code }) => code !== 'past') && s.to <= first) ?? all[0]
  return {
    slots,
    before: first > 0 && firstOf?.state === 'closed' ? firstOf : null,
    behind: last < DAY_MINUTES && lastOf?.state === 'closed' ? lastOf : null,
  }
}

/** Closed because the day is not there for it, rather than because somebody keeps the hour. */
const outside: ReadonlySet<string> = new Set(['outside-hours', 'past'])

export type Range = { from: number; to: number }

/**
 * A tap on a slot. The first tap chooses an hour from there, or as much of it as is free; a tap behind it makes it longer, a tap before it or
 * across somebody else's time begins anew; a tap on the only slot lets go.
 */
export const tap = (slots: readonly Slot[], chosen: Range | null, slot: Slot, rules: Pick<Rules, 'min_minutes' | 'max_minutes'>): Range | null => {
  const longest = (from: number, want: number): Range => {
    let to = from
    for (const s of slots) {
      if (s.from !== to) continue
      if (s.state !== 'free' || s.to - from > Math.min(want, rules.max_minutes)) break
      to = s.to
    }
    return { from, to }
  }
  const anew = (): Range => longest(slot.from, Math.max(60, rules.min_minutes))
  if (!chosen || slot.from < chosen.from) return anew()
  if (slot.from === chosen.from) return null
  const wanted = longest(chosen.from, slot.to - chosen.from)
  return wanted.to === slot.to ? wanted : anew()
}

/** The same start with another length, as far as it is free. */
export const withLength = (slots: readonly Slot[], from: number, length: number): Range | null => {
  const to = from + length
  const inside = slots.filter((s) => s.from >= from && s.to <= to)
  return inside.length && inside[0]?.from === from && inside[inside.length - 1]?.to === to && inside.every(({ state }) => state === 'free') ? { from, to } : null
}

/** The time others have around a slot, as one may stand in line for it: all of it, or from the slot on as long as a booking may be. */
export const lineAt = (slots: readonly Slot[], slot: Slot, rules: Pick<Rules, 'min_minutes' | 'max_minutes'>, after: number): Range | null => {
  const taken = (s: Slot): boolean => s.state === 'taken' && s.from >= after
  const at = slots.findIndex(({ from }) => from === slot.from)
  if (at < 0 || !slots.slice(at, at + 1).every(taken)) return null
  const before = slots.slice(0, at).reverse().findIndex((s) => !taken(s))
  const behind = slots.slice(at).findIndex((s) => !taken(s))
  const run = slots.slice(before < 0 ? 0 : at - before, behind < 0 ? undefined : at + behind)
  const [first, last] = [run[0]?.from ?? slot.from, run[run.length - 1]?.to ?? slot.to]
  const from = last - first > rules.max_minutes ? slot.from : first
  const to = Math.min(last, from + rules.max_minutes)
  return to - from >= rules.min_minutes ? { from, to } : null
}

/** The starts nearest to a minute, well apart, in the order of the day. */
export const nearestOf = (starts: readonly number[], at: number, count: number, apart = 60): number[] => {
  const out: number[] = []
  for (const start of [...starts].sort((a, b) => Math.abs(a - at) - Math.abs(b - at) || a - b)) {
    if (out.length < count && out.every((other) => Math.abs(other - start) >= apart)) out.push(start)
  }
  return out.sort((a, b) => a - b)
}

/** How much of a day is still free, for the week strip. */
export const dayLook = (day: Day, after: number): 'free' | 'some' | 'full' | 'closed' => {
  let free = 0
  let taken = 0
  let open = 0
  for (const s of stretches(day.segments)) {
    if (s.state === 'closed') continue
    open += s.to - s.from
    const left = Math.max(0, s.to - Math.max(s.from, after))
    if (s.state === 'free') free += left
    else taken += left
  }
  if (!open) return 'closed'
  if (free < 30) return taken > 0 ? 'full' : 'closed'
  return taken > free ? 'some' : 'free'
}
