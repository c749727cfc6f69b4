// Usage terms: what whoever uses a space keeps to. Drafted by community, unit or operator, approved by each unit concerned.
import { client, take, takeTagged } from './client'
import type { Page } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type Usage = Schemas['UsageTermsView']
export type UsageDetail = Schemas['UsageTermsDetail']
export type UsageAsk = Schemas['UsageDraftAsk']
export type SpaceUsage = Schemas['SpaceUsage']

const empty = { body: {} as never, headers: { 'content-type': 'application/json' } }
const at = (id: string, key: string) => ({ path: { id }, header: { 'Idempotency-Key': key } })

/** In force at a moment, and what comes after it. */
export const getSpaceUsage = (space: string, at: string): Promise<SpaceUsage> =>
  take(client.GET('/api/v1/spaces/{id}/usage-terms', { params: { path: { id: space }, query: { at } } }))
export const getSiteUsage = async (site: string): Promise<Usage[]> => {
  const page: Page<Usage> = await take(client.GET('/api/v1/sites/{id}/usage-terms', { params: { path: { id: site }, query: { limit: 50 } } }))
  return page.items
}
export const draftUsage = (site: string, body: UsageAsk, key: string) => take(client.POST('/api/v1/sites/{id}/usage-terms', { params: at(site, key), body }))
/** A draft with the tag its editing needs. */
export const getUsageTagged = (id: string): Promise<{ body: UsageDetail; tag: string }> => takeTagged(client.GET('/api/v1/usage-terms/{id}', { params: { path: { id } } }))
export const editUsage = (id: string, body: UsageAsk, tag: string) => take(client.PUT('/api/v1/usage-terms/{id}', { params: { path: { id }, header: { 'If-Match': tag } }, body }))
export const submitUsage = (id: string, key: string) => take(client.POST('/api/v1/usage-terms/{id}/submission', { params: at(id, key), ...empty }))
export const withdrawUsage = (id: string, key: string) => take(client.POST('/api/v1/usage-terms/{id}/withdrawal', { params: at(id, key), ...empty }))
export const approveUsage = (id: string, organisation_id: string, sha256: string, key: string) =>
  take(client.POST('/api/v1/usage-terms/{id}/approvals', { params: at(id, key), body: { organisation_id, sha256 } }))
export const rejectUsage = (id: string, organisation_id: string, reason: string, key: string) =>
  take(client.POST('/api/v1/usage-terms/{id}/rejection', { params: at(id, key), body: { organisation_id, reason } }))
