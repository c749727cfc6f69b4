import { expect, test } from 'vitest'
import { isRhythm, nthOf, nthWord, rhythmOf, ruleOf } from './series'

test('rhythms as RFC 5545 writes them', () => {
  expect(ruleOf({ every: 'week', days: [1], times: 12 }, '2026-12-01')).toBe('FREQ=WEEKLY;BYDAY=TU;COUNT=12')
  expect(ruleOf({ every: 'week', days: [4, 0, 2], times: 9 }, '2026-12-02')).toBe('FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=9')
  expect(ruleOf({ every: 'fortnight', days: [5], times: 6 }, '2026-12-05')).toBe('FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;COUNT=6')
  expect(ruleOf({ every: 'day', days: [], times: 5 }, '2026-12-01')).toBe('FREQ=DAILY;COUNT=5')
})
test('a month goes by the weekday or by the date; what is last in its month stays last', () => {
  expect(nthOf('2026-12-15')).toEqual({ nth: 3, day: 1 })
  expect([1, 2, 3, 4, -1].map(nthWord)).toEqual(['first', 'second', 'third', 'fourth', 'last'])
  expect(ruleOf({ every: 'month', days: [], times: 3 }, '2026-12-15')).toBe('FREQ=MONTHLY;BYDAY=3TU;COUNT=3')
  expect(ruleOf({ every: 'month', days: [], times: 3 }, '2026-12-30')).toBe('FREQ=MONTHLY;BYDAY=-1WE;COUNT=3')
  expect(ruleOf({ every: 'monthday', days: [], times: 3 }, '2026-12-15')).toBe('FREQ=MONTHLY;BYMONTHDAY=15;COUNT=3')
  expect(ruleOf({ every: 'monthday', days: [], times: 3 }, '2026-12-31')).toBe('FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3')
})
test('a rule is read back as the rhythm it was', () => {
  expect(rhythmOf('FREQ=WEEKLY;BYDAY=MO,WE,FR;COUNT=9')).toEqual({ every: 'week', days: [0, 2, 4], nth: 0 })
  expect(rhythmOf('FREQ=WEEKLY;INTERVAL=2;BYDAY=SA;COUNT=6')).toEqual({ every: 'fortnight', days: [5], nth: 0 })
  expect(rhythmOf('FREQ=DAILY;COUNT=5')).toEqual({ every: 'day', days: [], nth: 0 })
  expect(rhythmOf('FREQ=MONTHLY;BYDAY=-1WE;COUNT=3')).toEqual({ every: 'month', days: [2], nth: -1 })
  expect(rhythmOf('FREQ=MONTHLY;BYMONTHDAY=-1;COUNT=3')).toEqual({ every: 'monthday', days: [], nth: -1 })
  expect([rhythmOf('FREQ=YEARLY;COUNT=3'), rhythmOf('FREQ=WEEKLY;INTERVAL=3;BYDAY=MO')]).toEqual([null, null])
})
test('a week needs a day, and once is no series', () => {
  expect(isRhythm({ every: 'week', days: [], times: 4 })).toBe(false)
  expect(isRhythm({ every: 'day', days: [], times: 1 })).toBe(false)
  expect(isRhythm({ every: 'month', days: [], times: 53 })).toBe(true)
  expect(isRhythm({ every: 'month', days: [], times: 54 })).toBe(false)
})
