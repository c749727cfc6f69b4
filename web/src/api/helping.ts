// Booking for a neighbour with their consent, and what one may have at a site.
import { client, take } from './client'
import type { Booking, Page } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type NeighbourHousehold = Schemas['NeighbourHousehold']
export type AssistedAsk = Schemas['AssistedAsk']
export type Quota = Schemas['QuotaView']

export const lookUpByCode = (household_code: string): Promise<NeighbourHousehold[]> => take(client.POST('/api/v1/neighbour-lookups', { body: { household_code } }))
export const lookUpByDoor = (door_id: string): Promise<NeighbourHousehold[]> => take(client.POST('/api/v1/neighbour-lookups', { body: { door_id } }))
export const bookFor = (body: AssistedAsk, key: string): Promise<Booking> =>
  take(client.POST('/api/v1/assisted-bookings', { params: { header: { 'Idempotency-Key': key } }, body }))
/** What one booked for neighbours and is not over. */
export const getHelped = async (): Promise<Booking[]> => {
  const page: Page<Booking> = await take(client.GET('/api/v1/assisted-bookings', { params: { query: { limit: 50 } } }))
  return page.items
}
export const getQuota = (site: string, on: string, organisation: string | null): Promise<Quota[]> =>
  take(client.GET('/api/v1/sites/{id}/quota', { params: { path: { id: site }, query: { on, ...(organisation ? { organisation_id: organisation } : {}) } } }))
