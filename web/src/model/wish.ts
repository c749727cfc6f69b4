// What somebody looks for, as it stands in the address of the search: it can be shared, and going back finds it again.
import type { Wish } from '@/api/search'
import { addDays, isDate, readMinute, showMinute, weekday } from './time'

export type When = 'day' | 'week' | 'weekend'
export type PartOfDay = 'morning' | 'afternoon' | 'evening'
export type Looked = {
  /** A site, or everywhere. */
  site: string | null
  date: string
  when: When
  /** A part of the day, an exact start, or any time. */
  at: string
  minutes: number
  people: number
  use: string
  rooms: number
  things: string[]
  cost: '' | 'free' | 'paid'
}
const parts: readonly string[] = ['morning', 'afternoon', 'evening']
const whens: readonly string[] = ['day', 'week', 'weekend']
export const isPart = (at: string): at is PartOfDay => parts.includes(at)

type Query = Record<string, unknown>
const text = (query: Query, key: string): string => (typeof query[key] === 'string' ? query[key] : '')
const whole = (query: Query, key: string, least: number, most: number, usual: number): number => {
  const read = Number(text(query, key))
  return Number.isInteger(read) && read >= least && read <= most ? read : usual
}

/** What an address says; whatever makes no sense is as if it were not there. */
export const readWish = (query: Query, today: string): Looked => {
  const date = text(query, 'date')
  const at = text(query, 'from')
  const when = text(query, 'when')
  const cost = text(query, 'cost')
  return {
    site: text(query, 'where') === 'all' ? null : text(query, 'where') || '',
    date: isDate(date) && date >= today ? date : today,
    when: whens.includes(when) ? (when as When) : 'day',
    at: isPart(at) || readMinute(at) !== null ? at : '',
    minutes: whole(query, 'length', 5, 1440, 60),
    people: whole(query, 'people', 1, 999, 1),
    use: text(query, 'use'),
    rooms: whole(query, 'rooms', 1, 5, 1),
    things: text(query, 'things').split(',').filter(Boolean),
    cost: cost === 'free' || cost === 'paid' ? cost : '',
  }
}

/** The address of a wish: only what differs from what is usual. */
export const writeWish = (wish: Looked): Record<string, string> => ({
  ...(wish.site === null ? { where: 'all' } : {}),
  date: wish.date,
  ...(wish.when === 'day' ? {} : { when: wish.when }),
  ...(wish.at ? { from: wish.at } : {}),
  length: String(wish.minutes),
  people: String(wish.people),
  ...(wish.use ? { use: wish.use } : {}),
  ...(wish.rooms > 1 ? { rooms: String(wish.rooms) } : {}),
  ...(wish.things.length ? { things: wish.things.join(',') } : {}),
  ...(wish.cost ? { cost: wish.cost } : {}),
})

/** The days that are meant: one, a week from it, or the weekend it lies in or before. */
export const daysOf = ({ date, when }: Pick<Looked, 'date' | 'when'>): { first: string; last: string } => {
  if (when === 'week') return { first: date, last: addDays(date, 6) }
  if (when === 'day') return { first: date, last: date }
  const day = weekday(date)
  return { first: day === 6 ? date : addDays(date, 5 - day), last: addDays(date, 6 - day) }
}

/** What is asked of the server. `last` is the horizon. */
export const askOf = (wish: Looked, last: string): Wish => {
  const days = daysOf(wish)
  const start = readMinute(wish.at)
  return {
    ...(wish.site ? { site_ids: wish.site } : {}),
    date: days.first,
    to_date: days.last > last && days.first <= last ? last : days.last,
    ...(isPart(wish.at) ? { part: wish.at } : start === null ? {} : { from: showMinute(start), to: showMinute(Math.min(1440, start + wish.minutes)) }),
    minutes: wish.minutes,
    people: wish.people,
    ...(wish.use ? { use: wish.use as NonNullable<Wish['use']> } : {}),
    ...(wish.things.length ? { equipment: wish.things.join(',') } : {}),
    ...(wish.rooms > 1 ? { rooms: wish.rooms } : {}),
    ...(wish.cost ? { cost: wish.cost } : {}),
    limit: 30,
  }
}
