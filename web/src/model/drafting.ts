// Small changes to a copy of an agreed version: dates, hours, people, prices. The words that bind follow the figures where
// that is certain; where it is not, the person is told to look.
import type { Clause } from '@/api/agreements'
import { payloadOf } from './contract'
import { readMinute } from './time'
import { yuan } from './money'

const EDITABLE: ReadonlySet<string> = new Set(['term', 'open_hours', 'capacity', 'price_ceiling'])
export const isEditable = (clause: Clause): boolean => EDITABLE.has(clause.kind)

export type Window = { days: string[]; from: string; to: string }
export type Ceiling = { use?: string | null; fen: number; per: 'person' | 'session' | 'hour' }
export type TermPayload = { first_day: string; last_day: string }
export type HoursPayload = { weekly: Window[] }
export type CapacityPayload = { persons: number; basis: string }
export type CeilingPayload = { ceilings: Ceiling[] }

export const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
const zhDate = (date: string): string => {
  const [year, month, day] = date.split('-').map(Number)
  return `${year}年${month}月${day}日`
}
const enDate = (date: string): string => {
  const [year, month, day] = date.split('-').map(Number)
  return `${day} ${months[(month ?? 1) - 1] ?? ''} ${year}`
}
const zhTime = (time: string): string => {
  const minute = readMinute(time) ?? 0
  return `${Math.floor(minute / 60)}时${minute % 60 ? `${minute % 60}分` : ''}`
}

type Pair = { zh: [string, string]; en: [string, string] }
const pairs = (before: Clause, after: Clause): Pair[] => {
  const [old, now] = [payloadOf(before), payloadOf(after)]
  switch (after.kind) {
    case 'term':
      return (['first_day', 'last_day'] as const).map((field) => {
        const [a, b] = [String(old[field]), String(now[field])]
        return { zh: [zhDate(a), zhDate(b)], en: [enDate(a), enDate(b)] }
      })
    case 'open_hours':
      return (now as HoursPayload).weekly.flatMap((window, i) => {
        const was = (old as HoursPayload).weekly[i]
        if (!was) return []
        return (['from', 'to'] as const).map((end): Pair => ({ zh: [zhTime(was[end]), zhTime(window[end])], en: [was[end], window[end]] }))
      })
    case 'capacity': {
      const [a, b] = [Number(old['persons']), Number(now['persons'])]
      return [{ zh: [`${a}人`, `${b}人`], en: [`${a} people`, `${b} people`] }]
    }
    case 'price_ceiling':
      return (now as CeilingPayload).ceilings.flatMap((ceiling, i) => {
        const was = (old as CeilingPayload).ceilings[i]
        if (!was) return []
        return [{ zh: [`${yuan(was.fen)}元`, `${yuan(ceiling.fen)}元`], en: [`${yuan(was.fen)} yuan`, `${yuan(ceiling.fen)} yuan`] }]
      })
    default:
      return []
  }
}

/** Replaces where the old words stand exactly once, not as part of a longer figure. */
const swap = (text: string, [was, now]: [string, string]): string | null => {
  const found = text.split(was).length - 1
  const at = text.indexOf(was)
  if (found !== 1 || /\d/.test(text[at - 1] ?? '') || /[\d分]/.test(text[at + was.length] ?? '')) return null
  return text.slice(0, at) + now + text.slice(at + was.length)
}

/** The texts of a clause after a change of its figures: the agreed words with the new figures in them. `sure` is false when a figure could not be placed. */
export const rephrase = (before: Clause, after: Clause): { text_zh: string; text_en: string | null; sure: boolean } => {
  let zh = before.text_zh
  let en = before.text_en ?? null
  let sure = true
  // What is no figure yet leaves the words alone.
  if (faultOf(after)) return { text_zh: zh, text_en: en, sure }
  for (const pair of pairs(before, after)) {
    if (pair.zh[0] === pair.zh[1]) continue
    const next = swap(zh, pair.zh)
    if (next === null) sure = false
    else zh = next
    // The translation is a courtesy: where it cannot follow it is left out rather than left wrong.
    if (en !== null) en = swap(en, pair.en)
  }
  return { text_zh: zh, text_en: en, sure }
}

/** What cannot be: said before the server says it. */
export const faultOf = (clause: Clause): 'dates' | 'hours' | 'number' | 'persons' | 'price' | null => {
  switch (clause.kind) {
    case 'term': {
      const { first_day, last_day } = payloadOf(clause) as TermPayload
      return first_day && last_day && first_day <= last_day ? null : 'dates'
    }
    case 'open_hours': {
      const { weekly } = payloadOf(clause) as HoursPayload
      return weekly.every(({ from, to }) => (readMinute(from) ?? 1441) < (readMinute(to) ?? -1)) ? null : 'hours'
    }
    case 'capacity': {
      const { persons } = payloadOf(clause) as CapacityPayload
      if (!Number.isInteger(persons) || persons < 0) return 'number'
      return persons >= 1 && persons <= 999 ? null : 'persons'
    }
    case 'price_ceiling': {
      const { ceilings } = payloadOf(clause) as CeilingPayload
      return ceilings.every(({ fen }) => Number.isInteger(fen) && fen >= 0) ? null : 'price'
    }
    default:
      return null
  }
}

/** `40` → `40`; -1 when it is no number. */
export const readNumber = (text: string): number => (/^\d{1,6}$/.test(text.trim()) ? Number(text) : -1)

/** `12.5` → `1250`; null when it is no sum of money. */
export const readYuan = (text: string): number | null => {
  const found = /^(\d{1,6})(?:\.(\d{1,2}))?$/.exec(text.trim())
  return found ? Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0')) : null
}
