import { expect, test } from 'vitest'
import type { Request } from '@/api/requests'
import { rivalsOf } from './requests'

const request = (id: string, ...rivals: string[]): Request =>
  ({ booking: { id }, competing: rivals.map((booking_id) => ({ booking_id, space_id: 'space' })), answer_for: [], taken: false }) as unknown as Request
const told = (all: Request[]): [string, number][] => rivalsOf(all).map(({ requests, elsewhere }) => [requests.map(({ booking }) => booking.id).join(' '), elsewhere])

test('requests for different times stay apart, in their order', () => {
  expect(told([request('a'), request('b')])).toEqual([['a', 0], ['b', 0]])
})
test('two for one time are one group, also through a third', () => {
  expect(told([request('a', 'b'), request('x'), request('b', 'a', 'c'), request('c', 'b')])).toEqual([['a b c', 0], ['x', 0]])
})
test('a rival that waits for somebody else is counted', () => {
  expect(told([request('a', 'z', 'b'), request('b', 'a', 'z')])).toEqual([['a b', 1]])
})
