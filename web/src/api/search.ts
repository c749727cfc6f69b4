// Free spaces, time first: asked of the server, which judges every time by the rules of a booking.
import { client, take } from './client'
import type { components, paths } from './schema'

type Schemas = components['schemas']
export type Found = Schemas['SearchView']
export type Hit = Schemas['Hit']
export type Near = Schemas['Near']
export type Wish = NonNullable<paths['/api/v1/search']['get']['parameters']['query']>

export const search = (wish: Wish): Promise<Found> => take(client.GET('/api/v1/search', { params: { query: wish } }))
