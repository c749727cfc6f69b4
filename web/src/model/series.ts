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

/** A rhythm makes sense: a week has a day, and there is more than one time. */
export const isRhythm = ({ every, days, times }: Rhythm): boolean =>
  Number.isInteger(times) && times >= 2 && times <= MOST_TIMES && (every === 'week' || every === 'fortnight' ? days.length > 0 : true)
