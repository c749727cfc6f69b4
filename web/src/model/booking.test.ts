import { expect, test } from 'vitest'
import { isGone } from './booking'

test('what was used is not gone; what was cancelled, moved or missed is', () => {
  expect(['confirmed', 'requested', 'held', 'checked_in', 'completed', null, undefined].filter(isGone)).toEqual([])
  expect(['cancelled', 'moved', 'interrupted', 'refused', 'expired', 'no_show'].every(isGone)).toBe(true)
})
