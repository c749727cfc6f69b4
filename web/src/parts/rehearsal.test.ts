import { ref } from 'vue'
import { expect, test } from 'vitest'
import { useRehearsal } from './rehearsal'

/** A rehearsal whose answers come when the test says so. */
const rehearse = () => {
  const wish = ref('early')
  const asked: { wish: string; answer: (found: string) => void; refuse: (thrown: unknown) => void }[] = []
  const rehearsal = useRehearsal(
    () => wish.value,
    (wish) => new Promise<string>((answer, refuse) => asked.push({ wish, answer, refuse })),
  )
  return { wish, asked, ...rehearsal }
}

test('an answer about what is no longer wished is not shown, and neither is its no', async () => {
  const { wish, asked, seen, problem, busy, look } = rehearse()
  const early = look()
  wish.value = 'late'
  expect(busy.value).toBe(false)
  asked[0]?.answer('early')
  await early
  expect([seen.value, busy.value]).toEqual([null, false])
  const late = look()
  wish.value = 'last'
  asked[1]?.refuse(new TypeError('no network'))
  await late
  expect(problem.value).toBe(null)
  const last = look()
  asked[2]?.answer('last')
  await last
  expect([asked[2]?.wish, seen.value]).toEqual(['last', 'last'])
})

test('what was seen stays while the same is asked again, and goes with another wish', async () => {
  const { wish, asked, seen, problem, look } = rehearse()
  const first = look()
  asked[0]?.answer('first')
  await first
  const again = look()
  expect(seen.value).toBe('first')
  asked[1]?.refuse(new TypeError('no network'))
  await again
  expect([seen.value, problem.value?.code]).toEqual(['first', 'offline'])
  wish.value = 'late'
  expect([seen.value, problem.value]).toEqual([null, null])
})
