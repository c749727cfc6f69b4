import { expect, test } from 'vitest'
import { Intent } from './intent'
import { Problem, problemOf } from './problem'

test('one wish keeps its key until it is answered; another wish has its own', () => {
  const intent = new Intent()
  const first = intent.keyFor({ a: 1 })
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  expect(intent.keyFor({ a: 1 })).toBe(first)
  const second = intent.keyFor({ a: 2 })
  expect(second).not.toBe(first)
  intent.settled()
  expect(intent.keyFor({ a: 2 })).not.toBe(second)
})

test('whatever is thrown becomes a problem', () => {
  expect(problemOf(new TypeError('Failed to fetch'))).toMatchObject({ code: 'offline', silent: true, unsure: true })
  expect(problemOf(new DOMException('', 'AbortError'))).toMatchObject({ code: 'no-answer', unsure: true })
  expect(problemOf(new Problem({ code: 'period-taken', status: 409 }))).toMatchObject({ status: 409, unsure: false })
  expect(problemOf('x').code).toBe('not-readable')
})
