// Agreements, from reading to the last signature. The property unit's and the community's screens and the public page share these.
import { client, take, takeTagged } from './client'
import type { Agreement, Page, Version } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type Clause = Schemas['ClauseView']
export type ClauseKind = Schemas['ClauseKind']
export type Party = Schemas['PartyView']
export type VersionEvent = Schemas['EventView']
export type Summary = Schemas['VersionSummary']
export type Waiting = Schemas['WaitingView']
export type WaitingFor = Schemas['WaitingFor']
export type Signed = Schemas['SignedView']
export type Draft = Schemas['DraftView']
export type Area = Schemas['Area']
export type Round = Schemas['RoundView']
export type Voice = Schemas['VoiceView']
export type Position = Schemas['PositionView']
export type Stand = Schemas['Stand']
export type Changes = Schemas['ChangesView']
export type Changed = Schemas['ChangeView']

const at = (id: string, no: number, key: string) => ({ path: { id, no }, header: { 'Idempotency-Key': key } })

// Reading
export const getAgreements = (cursor: string | null): Promise<Page<Agreement>> =>
  take(client.GET('/api/v1/agreements', { params: { query: { limit: 50, ...(cursor ? { cursor } : {}) } } }))
/** A version with the tag its editing needs. */
export const getVersionTagged = (id: string, no: number): Promise<{ body: Version; tag: string }> =>
  takeTagged(client.GET('/api/v1/agreements/{id}/versions/{no}', { params: { path: { id, no } } }))
/** Every round of an agreement the reader may know of, the first first. */
export const getRounds = (id: string): Promise<Round[]> => take(client.GET('/api/v1/agreements/{id}/rounds', { params: { path: { id } } }))
/** What a version changes; without `from` of the version agreed before it, or else the one before. */
export const getChanges = (id: string, no: number, from: number | null): Promise<Changes> =>
  take(client.GET('/api/v1/agreements/{id}/versions/{no}/changes', { params: { path: { id, no }, query: from === null ? {} : { from } } }))
/** What waits for me, the oldest first: all of it, of one party, or of one kind. */
export const getWaiting = (only: { organisation_id?: string | undefined; waiting_for?: WaitingFor }, cursor: string | null): Promise<Page<Waiting>> => {
  const { organisation_id, waiting_for } = only
  return take(client.GET('/api/v1/me/waiting', { params: { query: { ...(organisation_id ? { organisation_id } : {}), ...(waiting_for ? { waiting_for } : {}), ...(cursor ? { cursor } : {}) } } }))
}
/** Every area, to know what lies in whose. */
export const getAreas = async (): Promise<Area[]> => {
  const all: Area[] = []
  let cursor: string | null | undefined
  do {
    const page: Page<Area> = await take(client.GET('/api/v1/areas', { params: { query: { limit: 100, ...(cursor ? { cursor } : {}) } } }))
    all.push(...page.items)
    cursor = page.next_cursor
  } while (cursor)
  return all
}

// For a party
export const speak = (id: string, no: number, body: Schemas['PositionAsk'], key: string) =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/positions', { params: at(id, no, key), body }))
export const sign = (id: string, no: number, body: Schemas['SignatureAsk'], key: string): Promise<Signed> =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/signatures', { params: at(id, no, key), body }))
export const decline = (id: string, no: number, body: Schemas['DeclineAsk'], key: string): Promise<Summary> =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/declines', { params: at(id, no, key), body }))
export const confirmPaper = (id: string, no: number, signature: string, key: string): Promise<Signed> =>
  take(
    client.POST('/api/v1/agreements/{id}/versions/{no}/paper-signatures/{signature}/confirmation', {
      params: { path: { id, no, signature }, header: { 'Idempotency-Key': key } },
      ...empty,
    }),
  )

// For those who draft
/** These take a body without fields. */
const empty = { body: {} as never, headers: { 'content-type': 'application/json' } }
export const openRound = (id: string, no: number, key: string): Promise<Summary> =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/round', { params: at(id, no, key), ...empty }))
export const closeRound = (id: string, no: number, key: string): Promise<Summary> =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/round/closing', { params: at(id, no, key), ...empty }))
export const reply = (id: string, no: number, position: string, text: string, key: string) =>
  take(
    client.POST('/api/v1/agreements/{id}/versions/{no}/positions/{position}/reply', {
      params: { path: { id, no, position }, header: { 'Idempotency-Key': key } },
      body: { text },
    }),
  )
export const propose = (id: string, no: number, key: string): Promise<Summary> =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/proposal', { params: at(id, no, key), ...empty }))
export const withdraw = (id: string, no: number, key: string): Promise<Summary> =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/withdrawal', { params: at(id, no, key), ...empty }))
export const recordPaper = (id: string, no: number, body: Schemas['PaperSignatureAsk'], key: string): Promise<Signed> =>
  take(client.POST('/api/v1/agreements/{id}/versions/{no}/paper-signatures', { params: at(id, no, key), body }))
export const draftNext = (id: string, clauses: Clause[], key: string): Promise<Draft> =>
  take(client.POST('/api/v1/agreements/{id}/versions', { params: { path: { id }, header: { 'Idempotency-Key': key } }, body: { clauses } }))
export const saveDraft = (id: string, no: number, clauses: Clause[], tag: string): Promise<{ body: Draft; tag: string }> =>
  takeTagged(client.PUT('/api/v1/agreements/{id}/versions/{no}', { params: { path: { id, no }, header: { 'If-Match': tag } }, body: { clauses } }))
