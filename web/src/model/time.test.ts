import { describe, expect, test } from 'vitest'
import { addDays, civil, daysBetween, instantAt, isDate, readMinute, showDate, showDay, showLength, showMinute, weekday } from './time'

describe('time', () => {
  test('a moment is told in the zone of the site, not of the phone', () => {
    expect(civil('2026-11-22T21:07:00Z')).toEqual({ date: '2026-11-23', minute: 307 })
    expect(civil('2026-11-22T16:00:00Z')).toEqual({ date: '2026-11-23', minute: 0 })
    expect(civil('2026-11-22T21:07:00Z', 'Europe/Berlin')).toEqual({ date: '2026-11-22', minute: 22 * 60 + 7 })
  })
  test('a minute of a day is an instant with the offset of the zone', () => {
    expect(instantAt('2026-11-23', 510)).toBe('2026-11-23T08:30:00+08:00')
    expect(instantAt('2026-12-31', 1440)).toBe('2027-01-01T00:00:00+08:00')
    expect(instantAt('2026-11-23', 0, 'Asia/Kathmandu')).toBe('2026-11-23T00:00:00+05:45')
    expect(instantAt('2026-11-23', 600, 'America/New_York')).toBe('2026-11-23T10:00:00-05:00')
    // The day the clocks change.
    expect(instantAt('2026-03-29', 120 + 60, 'Europe/Berlin')).toBe('2026-03-29T03:00:00+02:00')
    expect(instantAt('2026-03-29', 60, 'Europe/Berlin')).toBe('2026-03-29T01:00:00+01:00')
  })
  test('minutes and what a person reads are the same', () => {
    for (let minute = 0; minute <= 1440; minute++) expect(readMinute(showMinute(minute))).toBe(minute)
    for (const wrong of ['', '8', '25:00', '24:01', '10:60', 'ab:cd']) expect(readMinute(wrong)).toBeNull()
  })
  test('dates', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01')
    expect(addDays('2028-03-01', -1)).toBe('2028-02-29')
    expect(daysBetween('2026-11-23', '2027-01-22')).toBe(60)
    expect(weekday('2026-11-23')).toBe(0)
    expect([isDate('2026-02-28'), isDate('2026-2-8'), isDate('2026-13-01'), isDate('x')]).toEqual([true, false, false, false])
  })
  test('words in both languages', () => {
    expect(showDay('2026-11-23', 'zh')).toBe('11月23日 周一')
    expect(showDay('2026-11-23', 'en')).toBe('Mon 23 Nov')
    expect(showDate('2027-01-02', 'zh', '2026-11-23')).toBe('2027年1月2日')
    expect([showLength(60, 'zh'), showLength(90, 'zh'), showLength(45, 'zh'), showLength(60, 'en'), showLength(120, 'en')]).toEqual(['1 小时', '1.5 小时', '45 分钟', '1 hour', '2 hours'])
  })
})
