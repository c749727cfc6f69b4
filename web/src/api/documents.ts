// The paper of a version, and whose a file is.
import { client, take } from './client'
import type { components } from './schema'

export type Verified = components['schemas']['VerificationOfFile']
export const verifyHash = (sha256: string): Promise<Verified> => take(client.POST('/api/v1/verifications', { body: { sha256 } }))
/** To read, print and file; of an agreed version everybody may open it. */
export const documentOf = (id: string, no: number): string => `/api/v1/agreements/${id}/versions/${no}/document`
/** The very bytes that were signed. */
export const canonicalOf = (id: string, no: number): string => `/api/v1/agreements/${id}/versions/${no}/canonical`
