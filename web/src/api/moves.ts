// Moving a booking, and what happened to it so far.
import { client, take } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type Moved = Schemas['MoveView']
export type MoveAsk = Schemas['MoveAsk']
export type Happened = Schemas['HappenedView']

/** What moving would cost; nothing is done. */
export const rehearseMove = (id: string, body: Omit<MoveAsk, 'price_fen'>): Promise<Moved> =>
  take(
    client.POST('/api/v1/bookings/{id}/move', {
      params: { path: { id }, query: { dry_run: true }, header: { 'Idempotency-Key': 'rehearsal' } },
      body: body as MoveAsk,
    }),
  )
export const move = (id: string, body: MoveAsk, key: string): Promise<Moved> =>
  take(client.POST('/api/v1/bookings/{id}/move', { params: { path: { id }, header: { 'Idempotency-Key': key } }, body }))
export const getHistory = async (id: string): Promise<Happened[]> => (await take(client.GET('/api/v1/bookings/{id}/history', { params: { path: { id } } }))).events
