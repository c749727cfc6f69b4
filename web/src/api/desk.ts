// What only the community's desk calls.
import { client, take } from './client'
import type { Page } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type Busy = Schemas['BusyView']
export type Imported = Schemas['Imported']
export type Count = Schemas['Count']
export type ClaimCode = Schemas['ClaimCode']

/** Taken times of a site; with the names of those who answer for them where the reader may know. */
export const getSiteBookings = async (id: string, from: string, to: string): Promise<Busy[]> => {
  const all: Busy[] = []
  let cursor: string | null | undefined
  do {
    const page: Page<Busy> = await take(
      client.GET('/api/v1/sites/{id}/bookings', { params: { path: { id }, query: { from, to, limit: 100, ...(cursor ? { cursor } : {}) } } }),
    )
    all.push(...page.items)
    cursor = page.next_cursor
  } while (cursor)
  return all
}

/** A claim code, for an account without a password or for whoever forgot theirs; the one before it works no longer. */
export const issueCode = (login: string, forgotten: boolean): Promise<ClaimCode> => take(client.POST('/api/v1/claim-codes', { body: { login, forgotten } }))

const yaml = { headers: { 'content-type': 'application/yaml' }, bodySerializer: (text: string) => text }
/** What importing the file would do; every fault at once. */
export const rehearseImport = (text: string): Promise<Imported> =>
  take(client.POST('/api/v1/hub-imports', { params: { query: { dry_run: true } }, body: text, ...yaml }))
export const importHub = (text: string, key: string): Promise<Imported> =>
  take(client.POST('/api/v1/hub-imports', { params: { header: { 'Idempotency-Key': key } }, body: text, ...yaml }))
