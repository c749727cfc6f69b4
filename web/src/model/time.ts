// Times are shown in the zone of the site, whatever the phone's clock is set to. A day is `2026-11-23`, a moment of a day is
// minutes from its midnight (1440 = 24:00).

export type Lang = 'zh' | 'en'
export const ZONE = 'Asia/Shanghai'
export const DAY_MINUTES = 1440

const formatters = new Map<string, Intl.DateTimeFormat>()
const civilFormat = (zone: string): Intl.DateTimeFormat => {
  let format = formatters.get(zone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit',
    })
    formatters.set(zone, format)
  }
  return format
}

/** Date and minute of an instant in a zone. */
export const civil = (instant: Date | string, zone = ZONE): { date: string; minute: number } => {
  const part: Record<string, string> = {}
  for (const { type, value } of civilFormat(zone).formatToParts(new Date(instant))) part[type] = value
  const { year = '1970', month = '01', day = '01', hour = '0', minute = '0' } = part
  return { date: `${year}-${month}-${day}`, minute: (Number(hour) % 24) * 60 + Number(minute) }
}

/** `510` → `08:30`. */
export const showMinute = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`

/** `08:30` → `510`; null when it is no time of a day. */
export const readMinute = (text: string): number | null => {
  const found = /^(\d{1,2}):(\d{2})$/.exec(text)
  if (!found) return null
  const minute = Number(found[1]) * 60 + Number(found[2])
  return Number(found[2]) < 60 && minute <= DAY_MINUTES ? minute : null
}

const utc = (date: string): Date => new Date(`${date}T00:00:00Z`)
export const isDate = (text: string): boolean => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(utc(text).getTime())
export const addDays = (date: string, days: number): string => {
  const moved = utc(date)
  moved.setUTCDate(moved.getUTCDate() + days)
  return moved.toISOString().slice(0, 10)
}
/** Days from one date to another. */
export const daysBetween = (from: string, to: string): number => Math.round((utc(to).getTime() - utc(from).getTime()) / 86_400_000)
/** 0 = Monday. */
export const weekday = (date: string): number => (utc(date).getUTCDay() + 6) % 7

/** The instant of a minute of a civil day, as RFC 3339 with the zone's offset. */
export const instantAt = (date: string, minute: number, zone = ZONE): string => {
  const day = addDays(date, Math.floor(minute / DAY_MINUTES))
  const wall = `${day}T${showMinute(minute % DAY_MINUTES)}:00`
  const asUtc = new Date(`${wall}Z`)
  // Ask the zone twice: the first answer may lie on the other side of a change of the clock.
  let offset = offsetMinutes(asUtc, zone)
  offset = offsetMinutes(new Date(asUtc.getTime() - offset * 60_000), zone)
  const sign = offset < 0 ? '-' : '+'
  return `${wall}${sign}${showMinute(Math.abs(offset))}`
}

const offsetMinutes = (at: Date, zone: string): number => {
  const { date, minute } = civil(at, zone)
  return Math.round((utc(date).getTime() + minute * 60_000 - Math.floor(at.getTime() / 60_000) * 60_000) / 60_000)
}

const words = {
  zh: { days: ['周一', '周二', '周三', '周四', '周五', '周六', '周日'] },
  en: {
    days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'],
    months: ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'],
  },
}

export const showWeekday = (date: string, lang: Lang): string => words[lang].days[weekday(date)] ?? ''

/** `11月23日` or `23 Nov`; with the year when it is not that of `today`. */
export const showDate = (date: string, lang: Lang, today?: string): string => {
  const [year = '', month = '', day = ''] = date.split('-')
  const far = today !== undefined && !today.startsWith(year)
  if (lang === 'zh') return `${far ? `${year}年` : ''}${Number(month)}月${Number(day)}日`
  return `${Number(day)} ${words.en.months[Number(month) - 1] ?? ''}${far ? ` ${year}` : ''}`
}

/** `11月23日 周一`. */
export const showDay = (date: string, lang: Lang, today?: string): string =>
  lang === 'zh' ? `${showDate(date, lang, today)} ${showWeekday(date, lang)}` : `${showWeekday(date, lang)} ${showDate(date, lang, today)}`

/** `14:00–16:00`. */
export const showRange = (from: number, to: number): string => `${showMinute(from)}–${showMinute(to)}`

/** `2 小时`, `1.5 小时`, `45 分钟`. */
export const showLength = (minutes: number, lang: Lang): string => {
  if (minutes % 30 === 0 && minutes >= 60) {
    const hours = minutes / 60
    return lang === 'zh' ? `${hours} 小时` : `${hours} ${hours === 1 ? 'hour' : 'hours'}`
  }
  return lang === 'zh' ? `${minutes} 分钟` : `${minutes} min`
}
