import { expect, test } from 'vitest'
import { useList } from './remote'

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
