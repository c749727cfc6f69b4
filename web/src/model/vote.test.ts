import { expect, test } from 'vitest'
import { carries, isCount, readArea } from './vote'

test('5,032 heads: 3,355 have to take part, then 1,678 or 2,517 to agree', () => {
  expect(carries({ all: 5032, took: 3354, yes: 3354 }, 'ordinary').took).toBe(false)
  expect(carries({ all: 5032, took: 3355, yes: 1678 }, 'ordinary')).toEqual({ took: true, yes: true })
  expect(carries({ all: 5032, took: 3355, yes: 1677 }, 'ordinary').yes).toBe(false)
  expect(carries({ all: 5032, took: 3355, yes: 2517 }, 'special').yes).toBe(true)
  expect(carries({ all: 5032, took: 3355, yes: 2516 }, 'special').yes).toBe(false)
})
test('no more take part than there are, no more agree than take part', () => {
  expect(isCount({ all: 3, took: 3, yes: 3 })).toBe(true)
  expect(isCount({ all: 3, took: 4, yes: 0 })).toBe(false)
  expect(isCount({ all: 3, took: 2, yes: 3 })).toBe(false)
  expect(isCount({ all: 0, took: 0, yes: 0 })).toBe(false)
  expect(isCount({ all: NaN, took: 0, yes: 0 })).toBe(false)
})
test('areas are read without rounding', () => {
  expect([readArea('96.5'), readArea('96.05'), readArea('96'), readArea('0.07')]).toEqual([9650, 9605, 9600, 7])
  expect([readArea('96.555'), readArea('-1'), readArea(''), readArea('a')]).toEqual([null, null, null, null])
})
