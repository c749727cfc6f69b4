// Addresses a calendar program subscribes to.
import { client, take } from './client'
import type { components } from './schema'

type Schemas = components['schemas']
export type CalendarAddress = Schemas['CalendarAddress']
export type NewCalendar = Schemas['NewCalendar']

export const getCalendars = (): Promise<CalendarAddress[]> => take(client.GET('/api/v1/me/calendars'))
/** The secret in the path is shown this once. */
export const makeCalendar = (organisation: string | null): Promise<NewCalendar> => take(client.POST('/api/v1/me/calendars', { body: organisation ? { organisation_id: organisation } : {} }))
export const revokeCalendar = (id: string, key: string) =>
  take(client.POST('/api/v1/me/calendars/{id}/revocation', { params: { path: { id }, header: { 'Idempotency-Key': key } }, body: {} as never, headers: { 'content-type': 'application/json' } }))
