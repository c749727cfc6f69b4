import { expect, test } from 'vitest'
import { isGone, wordOf } from './booking'

test('what was used is not gone; what was cancelled, moved or missed is', () => {
  expect(['confirmed', 'requested', 'held', 'checked_in', 'completed', null, undefined].filter(isGone)).toEqual([])
  expect(['cancelled', 'moved', 'interrupted', 'refused', 'expired', 'no_show'].every(isGone)).toBe(true)
})

test('a kept time nobody took was passed on; a request nobody answered has expired, also where it came from a kept time', () => {
  const hold = { offered_at: '2026-11-28T06:00:00Z', until: '2026-11-28T08:00:00Z' }
  expect(wordOf({ state: 'expired', hold: { ...hold, outcome: 'expired' } })).toBe('passed_on')
  expect(wordOf({ state: 'expired', hold: { ...hold, outcome: 'accepted' } })).toBe('expired')
  expect(wordOf({ state: 'expired', hold: null })).toBe('expired')
  expect(wordOf({ state: 'held', hold })).toBe('held')
})
