// What a change does to bookings that were made before it, and the answers of those who hold them.
import { client, take } from './client'
import type { Page } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type Plan = Schemas['PlanView']
export type PlanItem = Schemas['PlanItemView']
export type BookingImpact = Schemas['BookingImpactView']
export type Matter = Schemas['MatterView']
export type Other = Schemas['AlternativeView']
/** These take a body without fields. */
const empty = { body: {} as never, headers: { 'content-type': 'application/json' } }
const at = (id: string, key: string) => ({ path: { id }, header: { 'Idempotency-Key': key } })

export const getPlan = (id: string, no: number): Promise<Plan> =>
  take(client.GET('/api/v1/agreements/{id}/versions/{no}/impact', { params: { path: { id, no } } }))
export const getPlanItems = (id: string, no: number, cursor: string | null): Promise<Page<PlanItem>> =>
  take(client.GET('/api/v1/agreements/{id}/versions/{no}/impact/bookings', { params: { path: { id, no }, query: { limit: 20, ...(cursor ? { cursor } : {}) } } }))

/** What was decided about a booking, the latest first. */
export const getBookingImpact = (id: string): Promise<BookingImpact[]> => take(client.GET('/api/v1/bookings/{id}/impact', { params: { path: { id } } }))
/** What waits for one's own answer, the first due first. */
export const getOffers = (): Promise<Page<BookingImpact>> => take(client.GET('/api/v1/me/offers', { params: { query: { limit: 20 } } }))
export const acceptOffer = (id: string, body: { alternative: number; usage_terms_sha256?: string }, key: string) =>
  take(client.POST('/api/v1/bookings/{id}/offer/acceptance', { params: at(id, key), body }))
export const refuseOffer = (id: string, key: string) => take(client.POST('/api/v1/bookings/{id}/offer/refusal', { params: at(id, key), ...empty }))
export const reduce = (id: string, attendees: number, key: string) =>
  take(client.POST('/api/v1/bookings/{id}/reduction', { params: at(id, key), body: { attendees } }))
