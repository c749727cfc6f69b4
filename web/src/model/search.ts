// Time first: which spaces fit a wish. It knows the hours, what is booked, how many people fit and what the space is for; everything
// else the check of the booking says.
import type { Day, Space, Term, UseInfo } from '@/api/calls'
import type { Reason } from '@/api/problem'
import { capacityOf, usesOf } from './terms'
import { isFree, startsOf, stretches } from './timeline'

export type SearchWish = { from: number | null; length: number; people: number; use: string | null; after: number; step: number }
export type Found = { space: Space; start: number; others: number[]; least: number | null }
export type Miss =
  | { space: Space; why: 'small'; most: number }
  | { space: Space; why: 'use' }
  | { space: Space; why: 'busy'; starts: number[] }
  | { space: Space; why: 'closed'; reason: Reason | null; starts: number[] }

/** Terms are asked for only when somebody says how many or what for; until they are here a space is not turned down for them. */
export const search = (
  spaces: readonly { space: Space; day: Day | undefined; terms: readonly Term[] | null }[],
  uses: readonly UseInfo[],
  wish: SearchWish,
): { fits: Found[]; misses: Miss[] } => {
  const fits: Found[] = []
  const misses: Miss[] = []
  for (const { space, day, terms } of spaces) {
    if (!day) continue
    const most = terms ? capacityOf(terms) : null
    if (most !== null && most < wish.people) {
      misses.push({ space, why: 'small', most })
      continue
    }
    if (terms && wish.use && !usesOf(terms, uses).some(({ code }) => code === wish.use)) {
      misses.push({ space, why: 'use' })
      continue
    }
    const starts = startsOf(day, { after: wish.after, length: wish.length, step: wish.step, buffers: space })
    const wanted = wish.from ?? starts[0]
    if (wanted !== undefined && starts.includes(wanted)) {
      fits.push({ space, start: wanted, others: starts.filter((at) => at !== wanted), least: most })
      continue
    }
    const near = [...starts].sort((a, b) => Math.abs(a - (wish.from ?? 0)) - Math.abs(b - (wish.from ?? 0))).slice(0, 3).sort((a, b) => a - b)
    const all = stretches(day.segments)
    const at = wish.from ?? wish.after
    const inWay = all.find((s) => s.state === 'closed' && s.from < at + wish.length && at < s.to)
    if (wish.from !== null && inWay) misses.push({ space, why: 'closed', reason: inWay.reasons[0] ?? null, starts: near })
    else if (near.length || all.some(({ state }) => state !== 'closed') || !isFree(all, at, at + wish.length, space)) misses.push({ space, why: 'busy', starts: near })
  }
  // The smallest that fits first: large rooms are for large rounds.
  fits.sort((a, b) => (a.least ?? 9999) - (b.least ?? 9999) || a.space.area - b.space.area)
  return { fits, misses }
}
