// An agreement's life beside its versions: suspending and lifting, leaving, ending, taking back, settling.
import { client, take } from './client'
import type { Page } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type Life = Schemas['LifeView']
export type LifeVerb = Life['possible'][number]
export type Suspension = Schemas['SuspensionView']
export type LifeEvent = Schemas['LifeEventView']
export type Ground = Schemas['SuspensionGround']
export type Order = Schemas['SuspensionOrder']
export type NoticeAsk = Schemas['NoticeAsk']
export type Effects = Schemas['ImpactView']
export type Proposal = Schemas['ProposalView']
export type ProposalAsk = Schemas['SuspensionProposalAsk']

/** A rehearsal writes nothing and needs no key, but the document asks for one. */
const keyed = (key: string) => ({ 'Idempotency-Key': key })
const query = (dry: boolean) => (dry ? { dry_run: true } : {})

export const suspend = (id: string, body: Order, dry: boolean, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/suspensions', { params: { path: { id }, query: query(dry), header: keyed(key) }, body }))
/** The community is asked to close; it orders or refuses. */
export const propose = (id: string, body: ProposalAsk, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/suspension-proposals', { params: { path: { id }, header: keyed(key) }, body }))
export const orderProposal = (id: string, proposal: string, dry: boolean, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/suspension-proposals/{proposal}/order', { params: { path: { id, proposal }, query: query(dry), header: { ...keyed(key) } }, body: {} as never, headers: { 'content-type': 'application/json' } }))
export const declineProposal = (id: string, proposal: string, text: string, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/suspension-proposals/{proposal}/refusal', { params: { path: { id, proposal }, header: keyed(key) }, body: { text } }))
export const lift = (id: string, suspension: string, text: string, dry: boolean, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/suspensions/{suspension}/lifting', { params: { path: { id, suspension }, query: query(dry), header: keyed(key) }, body: { text } }))
export const review = (id: string, suspension: string, outcome: 'upheld' | 'lifted', text: string, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/suspensions/{suspension}/reviews', { params: { path: { id, suspension }, header: keyed(key) }, body: { outcome, text } }))
export const terminate = (id: string, body: NoticeAsk, dry: boolean, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/termination-notices', { params: { path: { id }, query: query(dry), header: keyed(key) }, body }))
export const leave = (id: string, body: NoticeAsk, dry: boolean, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/withdrawals', { params: { path: { id }, query: query(dry), header: keyed(key) }, body }))
export const dispute = (id: string, notice: string, organisation_id: string, text: string, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/termination-notices/{notice}/objections', { params: { path: { id, notice }, header: keyed(key) }, body: { organisation_id, text } }))
export const annul = (id: string, organisation_id: string, text: string, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/annulment', { params: { path: { id }, header: keyed(key) }, body: { organisation_id, text } }))
export const settle = (id: string, text: string, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/settlement', { params: { path: { id }, header: keyed(key) }, body: { text } }))
export const closeDown = (id: string, text: string, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/closing', { params: { path: { id }, header: keyed(key) }, body: { text } }))
/** What happened of one kind, the latest first. */
export const getLifeEventsOf = async (id: string, kind: LifeEvent['kind']): Promise<LifeEvent[]> => {
  const page: Page<LifeEvent> = await take(client.GET('/api/v1/agreements/{id}/history', { params: { path: { id }, query: { kind, limit: 100 } } }))
  return page.items
}
export const getLifeEvents = (id: string, cursor: string | null): Promise<Page<LifeEvent>> =>
  take(client.GET('/api/v1/agreements/{id}/history', { params: { path: { id }, query: { limit: 20, ...(cursor ? { cursor } : {}) } } }))
