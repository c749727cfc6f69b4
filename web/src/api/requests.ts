// Bookings somebody must say yes to first, for those who are asked.
import { client, take } from './client'
import type { Booking, Page } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type Request = Schemas['WaitingRequest']

const at = (id: string, key: string) => ({ path: { id }, header: { 'Idempotency-Key': key } })

/** What waits for one's answer, the next one first. */
export const getRequests = (cursor: string | null): Promise<Page<Request>> =>
  take(client.GET('/api/v1/requests', { params: { query: { limit: 50, ...(cursor ? { cursor } : {}) } } }))
/** Says yes; the last yes makes the booking. */
export const approve = (id: string, key: string): Promise<Booking> =>
  take(client.POST('/api/v1/bookings/{id}/approval', { params: at(id, key), body: {} as never, headers: { 'content-type': 'application/json' } }))
export const refuse = (id: string, reason: string, key: string) =>
  take(client.POST('/api/v1/bookings/{id}/refusal', { params: at(id, key), body: { reason } }))
