// The chains of what happened, for those who check them.
import { client, take } from './client'
import type { Page } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type Verification = Schemas['VerificationView']
export type Entry = Schemas['EntryView']
export type Anchor = Schemas['AnchorView']

/** Of an area and all in it; without one the chain of what belongs to no area. */
const of = (area: string | null) => (area ? { area_id: area } : {})
const page = (cursor: string | null) => ({ limit: 20, ...(cursor ? { cursor } : {}) })
export const getVerification = (area: string | null): Promise<Verification> =>
  take(client.GET('/api/v1/audit/verification', { params: { query: of(area) } }))
export const getEntries = (area: string | null, cursor: string | null): Promise<Page<Entry>> =>
  take(client.GET('/api/v1/audit/entries', { params: { query: { ...of(area), ...page(cursor) } } }))
export const getAnchors = (area: string | null, cursor: string | null): Promise<Page<Anchor>> =>
  take(client.GET('/api/v1/audit/anchors', { params: { query: { ...of(area), ...page(cursor) } } }))
