import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Me } from '@/api/calls'

vi.mock('./settings', () => ({ useSettings: () => ({ hat: 'resident' }) }))
vi.mock('@/api/session', () => ({ session: { likely: false, account: null, askWith: () => undefined, confirmWith: () => undefined, onElsewhere: () => undefined } }))
vi.mock('@/api/calls', () => ({}))
const { useList } = await import('./remote')
const { useSession } = await import('./session')
beforeEach(() => setActivePinia(createPinia()))

test('what is there stays when the next page fails, and that page is asked for once more', async () => {
  let broken = true
  const asked: (string | null)[] = []
  const list = useList(async (cursor) => {
    asked.push(cursor)
    if (cursor && broken) throw new TypeError('no network')
    return cursor ? { items: [2] } : { items: [1], next_cursor: 'next' }
  })
  await list.load()
  await list.more()
  expect(list.items.value).toEqual([1])
  expect(list.problem.value?.code).toBe('offline')
  broken = false
  await list.again()
  expect(list.items.value).toEqual([1, 2])
  expect(list.problem.value).toBeNull()
  expect(asked).toEqual([null, 'next', 'next'])
})

test('what is there stays while it is asked for again, and goes when something else is asked for', async () => {
  const list = useList(async (_: string | null, of: string) => {
    if (of === 'gone') throw new TypeError('no network')
    return { items: [of], next_cursor: 'next' }
  })
  await list.load('a')
  const again = list.load('a')
  expect(list.items.value).toEqual(['a'])
  await again
  await list.load('gone')
  expect([list.items.value, list.next.value, list.problem.value?.code]).toEqual([[], null, 'offline'])
})

test('what somebody was shown goes when somebody else asks', async () => {
  const session = useSession()
  const here = (id: string): void => {
    session.me = { id, roles: [], representations: [] } as unknown as Me
  }
  const list = useList(async () => {
    if (session.me?.id === 'b') throw new TypeError('no network')
    return { items: [session.me?.id], next_cursor: 'next' }
  })
  here('a')
  await list.load()
  // Looked up once more, it is still the same person.
  here('a')
  const again = list.load()
  expect(list.items.value).toEqual(['a'])
  await again
  here('b')
  const other = list.load()
  expect([list.items.value, list.next.value]).toEqual([[], null])
  await other
  expect([list.items.value, list.next.value, list.problem.value?.code]).toEqual([[], null, 'offline'])
})
