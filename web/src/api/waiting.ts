// The waiting list: standing in line for a time that others have, and what is kept for whoever came up.
import { client, take } from './client'
import type { Booking, BookingAsk, Page } from './calls'
import type { components } from './schema'

export type Wait = components['schemas']['WaitView']
/** These take a body without fields. */
const empty = { body: {} as never, headers: { 'content-type': 'application/json' } }
const at = (id: string, key: string) => ({ path: { id }, header: { 'Idempotency-Key': key } })

export const joinLine = (body: BookingAsk, key: string): Promise<Wait> =>
  take(client.POST('/api/v1/waitlist', { params: { header: { 'Idempotency-Key': key } }, body }))
/** One's own places, the next one first. */
export const getLine = async (): Promise<Wait[]> => {
  const page: Page<Wait> = await take(client.GET('/api/v1/waitlist', { params: { query: { limit: 50 } } }))
  return page.items
}
export const leaveLine = (id: string, key: string): Promise<Wait> => take(client.POST('/api/v1/waitlist/{id}/leaving', { params: at(id, key), ...empty }))
export const acceptHold = (id: string, body: { usage_terms_sha256?: string }, key: string): Promise<Booking> =>
  take(client.POST('/api/v1/bookings/{id}/hold/acceptance', { params: at(id, key), body }))
export const refuseHold = (id: string, key: string): Promise<Booking> => take(client.POST('/api/v1/bookings/{id}/hold/refusal', { params: at(id, key), ...empty }))
