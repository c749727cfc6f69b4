// Powers at their edges: the signing window, acts outside a power, one person for two parties, the owners' vote, and what-if.
import { client, take } from './client'
import type { Page } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type Replay = Schemas['ReplayView']
export type Pending = Schemas['PendingSignatureView']
export type Decision = Schemas['OwnersDecisionView']
export type DecisionAsk = Schemas['OwnersDecisionAsk']
export type Representative = Schemas['RepresentativeView']
export type Requirement = Schemas['RequirementView']

const at = (id: string, no: number, key: string) => ({ path: { id, no }, header: { 'Idempotency-Key': key } })
/** These take a body without fields. */
const empty = { body: {} as never, headers: { 'content-type': 'application/json' } }

/** What the version would have meant for what was used between two days; of the last quarter where none are named. */
export const getReplay = (id: string, no: number, days: { from: string; to: string } | null): Promise<Replay> =>
  take(client.GET('/api/v1/agreements/{id}/versions/{no}/replay', { params: { path: { id, no }, query: days ?? {} } }))

export const extend = (id: string, no: number, until: string, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/extension', { params: at(id, no, key), body: { until } }))

export const signOutside = (id: string, no: number, body: Schemas['SignatureAsk'], key: string): Promise<Pending> =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/pending-signatures', { params: at(id, no, key), body }))
const decide = (id: string, no: number, pending: string, key: string) => ({ params: { path: { id, no, pending }, header: { 'Idempotency-Key': key } }, ...empty })
export const ratify = (id: string, no: number, pending: string, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/pending-signatures/{pending}/ratification', decide(id, no, pending, key)))
export const disown = (id: string, no: number, pending: string, key: string) =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/pending-signatures/{pending}/refusal', decide(id, no, pending, key)))

export const getRepresentatives = async (organisation: string): Promise<Representative[]> => {
  const page: Page<Representative> = await take(client.GET('/api/v1/organisations/{id}/representatives', { params: { path: { id: organisation }, query: { limit: 100 } } }))
  return page.items
}
export const consentToAgency = (id: string, no: number, body: Schemas['AgencyConsentAsk'], key: string) =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/agency-consents', { params: at(id, no, key), body }))

export const recordDecision = (id: string, no: number, body: DecisionAsk, key: string): Promise<Decision> =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/owners-decisions', { params: at(id, no, key), body }))
export const confirmDecision = (id: string, no: number, vote: string, key: string) =>
  take(
    client.POST('/api/v1/agreements/{id}/versions/{no}/owners-decisions/{vote}/confirmation', {
      params: { path: { id, no, vote }, header: { 'Idempotency-Key': key } },
      ...empty,
    }),
  )
