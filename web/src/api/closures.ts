// Closing spaces for a while, and opening a part of that again.
import { client, take } from './client'
import type { Page } from './calls'
import type { PlanItem } from './impact'
import type { components } from './schema'

type Schemas = components['schemas']
export type Closure = Schemas['ClosureView']
export type ClosureMade = Schemas['ClosureMade']
export type ClosureAsk = Schemas['SiteClosureAsk']
export type ClosureAnswer = Schemas['ClosureAnswer']

const keyed = (key: string) => ({ 'Idempotency-Key': key })
export const getClosures = async (site: string): Promise<Closure[]> => {
  const page: Page<Closure> = await take(client.GET('/api/v1/sites/{id}/closures', { params: { path: { id: site }, query: { limit: 100 } } }))
  return page.items
}
export const closeSpaces = (site: string, body: ClosureAsk, dry: boolean, key: string): Promise<ClosureMade> =>
  take(client.POST('/api/v1/sites/{id}/closures', { params: { path: { id: site }, query: dry ? { dry_run: true } : {}, header: keyed(key) }, body }))
export const openAgain = (id: string, body: Schemas['OpeningAsk'], dry: boolean, key: string): Promise<ClosureMade> =>
  take(client.POST('/api/v1/closures/{id}/openings', { params: { path: { id }, query: dry ? { dry_run: true } : {}, header: keyed(key) }, body }))
export const getClosureBookings = (id: string, cursor: string | null): Promise<Page<PlanItem>> =>
  take(client.GET('/api/v1/closures/{id}/bookings', { params: { path: { id }, query: { limit: 20, ...(cursor ? { cursor } : {}) } } }))
