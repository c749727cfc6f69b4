import { createPinia, setActivePinia } from 'pinia'
import 'vue'
import { expect, test, vi } from 'vitest'
import type { SiteDays, SiteDetail } from '@/api/calls'

vi.stubGlobal('document', { addEventListener: () => undefined })
vi.mock('./session', () => ({ useSession: () => ({ me: null }) }))
vi.mock('./settings', () => ({ useSettings: () => ({ hub: null }) }))
const asked: ((days: SiteDays) => void)[] = []
const details: ((site: SiteDetail) => void)[] = []
const terms: string[] = []
vi.mock('@/api/calls', () => ({
  getSiteDays: () => new Promise<SiteDays>((done) => asked.push(done)),
  getSite: () => new Promise<SiteDetail>((done) => details.push(done)),
  getTerms: (space: string) => (space === 'away' ? Promise.reject(new Error()) : Promise.resolve({ space, no: terms.push(space) })),
}))
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

test('sites and terms are asked for again after an agreement or an import, and after a few minutes', async () => {
  vi.useFakeTimers()
  setActivePinia(createPinia())
  const sites = useSites()
  const site = (name_zh: string) => ({ id: 'site', name_zh, floors: [] }) as unknown as SiteDetail
  void sites.detail('site')
  void sites.detail('site')
  expect(details).toHaveLength(1)
  sites.stale()
  const late = sites.detail('site')
  expect(details).toHaveLength(2)
  details[1]?.(site('new'))
  await late
  // What was asked for before comes after it, and is older.
  details[0]?.(site('old'))
  await Promise.resolve()
  expect(sites.details['site']?.name_zh).toBe('new')
  await sites.terms('room')
  await sites.terms('room')
  expect(terms).toHaveLength(1)
  sites.stale()
  await sites.terms('room')
  expect(terms).toHaveLength(2)
  vi.advanceTimersByTime(240_000)
  await Promise.all([sites.detail('site'), sites.terms('room')])
  expect([details.length, terms.length]).toEqual([3, 2])
  vi.advanceTimersByTime(120_000)
  await Promise.all([sites.detail('site'), sites.terms('room')])
  expect([details.length, terms.length]).toEqual([3, 3])
  vi.useRealTimers()
})

test('terms that did not come are asked for again at once', async () => {
  setActivePinia(createPinia())
  const sites = useSites()
  const first = sites.terms('away')
  await expect(first).rejects.toThrow()
  const second = sites.terms('away')
  expect(second).not.toBe(first)
  await expect(second).rejects.toThrow()
})
