// Before there is a document of sorts, which Vue would take for a real one.
import { createPinia, setActivePinia } from 'pinia'
import 'vue'
import { beforeEach, expect, test, vi } from 'vitest'

const HOUR = 3_600_000
vi.mock('./session', () => ({ useSession: () => ({ me: null }) }))
vi.mock('./settings', () => ({ useSettings: () => ({ hub: null }) }))
vi.stubGlobal('location', { origin: 'http://hub.test' })
vi.stubGlobal('document', { addEventListener: () => undefined })

/** Screens just opened, on a phone whose clock says half past one. */
const open = async () => {
  vi.resetModules()
  vi.useFakeTimers({ now: new Date('2026-05-04T05:30:00Z') })
  const { now } = await import('./now')
  const { useSites } = await import('./sites')
  setActivePinia(createPinia())
  const sites = useSites()
  let day = 10
  /** Asks, and hears an answer with these headers, which took so long. */
  const hear = async (headers: Record<string, string>, took = 0): Promise<number> => {
    vi.stubGlobal('fetch', () => {
      vi.setSystemTime(Date.now() + took)
      return Promise.resolve(Response.json({ as_of: '2026-05-04T01:00:00Z' }, { headers: { 'cache-control': 'no-store', ...headers } }))
    })
    await sites.days('site', `2026-05-${day++}`, 'day', () => undefined)
    return now.value.minute
  }
  return { now, hear }
}
const at = (off: number): string => new Date(Date.now() + off).toUTCString()
beforeEach(() => vi.useRealTimers())

test('an answer of hours ago moves no clock: it was sent just now', async () => {
  const { hear } = await open()
  expect(await hear({ date: at(0) })).toBe(13 * 60 + 30)
})

test('a phone whose clock is wrong goes by when answers are sent, and by its own clock once that is right', async () => {
  const { hear } = await open()
  expect(await hear({ date: at(2 * HOUR) })).toBe(15 * 60 + 30)
  vi.setSystemTime(Date.now() + 2 * HOUR)
  expect(await hear({ date: at(0) })).toBe(15 * 60 + 30)
})

test('what was kept on the way, or came while the phone slept, tells no time; neither does one without a Date', async () => {
  const { hear } = await open()
  const right = 13 * 60 + 30
  expect(await hear({ date: at(-HOUR), age: '3600' })).toBe(right)
  expect(await hear({ date: at(-HOUR), 'cache-control': 'public, max-age=60' })).toBe(right)
  expect(await hear({})).toBe(right)
  expect(await hear({ date: 'yesterday' })).toBe(right)
  await hear({ date: at(0) }, HOUR)
  vi.advanceTimersByTime(20_000)
  expect(await hear({ date: at(0) })).toBe(right + 60)
})

test('a few seconds are of the network: the clock does not jump with every answer', async () => {
  const { now, hear } = await open()
  const before = now.value
  await hear({ date: at(-20_000) })
  await hear({ date: at(20_000) })
  expect(now.value).toBe(before)
})
