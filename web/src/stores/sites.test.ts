import { createPinia, setActivePinia } from 'pinia'
import 'vue'
import { expect, test, vi } from 'vitest'
import type { SiteDays } from '@/api/calls'

vi.stubGlobal('document', { addEventListener: () => undefined })
vi.mock('./session', () => ({ useSession: () => ({ me: null }) }))
vi.mock('./settings', () => ({ useSettings: () => ({ hub: null }) }))
const asked: ((days: SiteDays) => void)[] = []
vi.mock('@/api/calls', () => ({ getSiteDays: () => new Promise<SiteDays>((done) => asked.push(done)) }))
const { useSites } = await import('./sites')

test('days asked for before somebody booked are neither waited for nor kept', async () => {
  setActivePinia(createPinia())
  const sites = useSites()
  const look = () => sites.days('site', '2026-05-04', 'day', () => undefined)
  const answer = (turn: number) => asked[turn]?.({} as SiteDays)
  const early = look()
  sites.stale()
  answer(0)
  await early
  const late = look()
  expect(asked).toHaveLength(2)
  sites.stale()
  const last = look()
  expect(asked).toHaveLength(3)
  answer(2)
  answer(1)
  await Promise.all([late, last, look()])
  expect(asked).toHaveLength(3)
})
