// A rhythm as people say it, and as RFC 5545 writes it.
import { addDays, weekday } from './time'

export type Every = 'day' | 'week' | 'fortnight' | 'month' | 'monthday'
export type Rhythm = {
  every: Every
  /** 0 = Monday; for a week or a fortnight. */
  days: readonly number[]
  times: number
}
const names = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'] as const
export const MOST_TIMES = 53

/** Which weekday of its month a day is: the third Tuesday; the fifth is the last. */
export const nthOf = (date: string): { nth: number; day: number } => {
  const nth = Math.ceil(Number(date.slice(8, 10)) / 7)
  return { nth: nth > 4 ? -1 : nth, day: weekday(date) }
}

/** The word for that; whatever is not one of the first four is the last. */
export const nthWord = (nth: number): 'first' | 'second' | 'third' | 'fourth' | 'last' => (['first', 'second', 'third', 'fourth'] as const)[nth - 1] ?? 'last'

/** `month` is the same weekday of each month, `monthday` the same date; a 31st stands for the last day. */
export const ruleOf = ({ every, days, times }: Rhythm, first: string): string => {
  const count = `COUNT=${times}`
  switch (every) {
    case 'day':
      return `FREQ=DAILY;${count}`
    case 'week':
    case 'fortnight': {
      const chosen = [...days].sort((a, b) => a - b).map((day) => names[day] ?? 'MO')
      return `FREQ=WEEKLY;${every === 'fortnight' ? 'INTERVAL=2;' : ''}BYDAY=${chosen.join(',')};${count}`
    }
    case 'month': {
      const { nth, day } = nthOf(first)
      return `FREQ=MONTHLY;BYDAY=${nth}${names[day] ?? 'MO'};${count}`
    }
    case 'monthday': {
      const date = Number(first.slice(8, 10))
      return `FREQ=MONTHLY;BYMONTHDAY=${addDays(first, 1).slice(0, 7) === first.slice(0, 7) ? date : -1};${count}`
    }
  }
}

export const daysOfWeek = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const

/** The rhythm of a rule written by `ruleOf`, with which day of the month it is where it is monthly (-1: the last); null of any other. */
export const rhythmOf = (rule: string): { every: Every; days: number[]; nth: number } | null => {
  const part = Object.fromEntries(rule.split(';').map((pair) => pair.split('=') as [string, string]))
  const by = (part['BYDAY'] ?? '').split(',').flatMap((text) => {
    const found = /^(-?\d+)?([A-Z]{2})$/.exec(text)
    const day = names.findIndex((known) => known === found?.[2])
    return day < 0 ? [] : [{ nth: Number(found?.[1] ?? 0), day }]
  })
  const days = by.map(({ day }) => day)
  const interval = Number(part['INTERVAL'] ?? 1)
  if (part['FREQ'] === 'DAILY' && interval === 1) return { every: 'day', days: [], nth: 0 }
  if (part['FREQ'] === 'WEEKLY' && interval <= 2 && days.length) return { every: interval === 2 ? 'fortnight' : 'week', days, nth: 0 }
  if (part['FREQ'] !== 'MONTHLY' || interval !== 1) return null
  if (part['BYMONTHDAY']) return { every: 'monthday', days: [], nth: Number(part['BYMONTHDAY']) }
  const [one] = by
  return one?.nth ? { every: 'month', days: [one.day], nth: one.nth } : null
}

/** A rhythm makes sense: a week has a day, and there is more than one time. */
export const isRhythm = ({ every, days, times }: Rhythm): boolean =>
  Number.isInteger(times) && times >= 2 && times <= MOST_TIMES && (every === 'week' || every === 'fortnight' ? days.length > 0 : true)
