// What a ticket tells beside the booking itself.
import { client, take } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Explanation = Schemas['Explanation']
export type Posting = Schemas['Posting']
export type Cancelling = Schemas['Cancelling']

/** Which clause decided what. */
export const getExplanation = (id: string): Promise<Explanation> => take(client.GET('/api/v1/bookings/{id}/explanation', { params: { path: { id } } }))
/** What was charged and given back, in order. */
export const getPostings = (id: string): Promise<Posting[]> => take(client.GET('/api/v1/bookings/{id}/postings', { params: { path: { id } } }))
