// The calls of everybody and of residents, one function each. Other areas keep theirs in files of their own beside this one.
import { client, take } from './client'
import type { components } from './schema'
import { session, type SignedIn } from './session'

type Schemas = components['schemas']
export type Site = Schemas['SiteView']
export type SiteDetail = Schemas['SiteDetail']
export type Floor = Schemas['FloorView']
export type Space = Schemas['SpaceView']
export type Day = Schemas['DayView']
export type Segment = Schemas['SegmentView']
export type Term = Schemas['TermView']
export type TermsAt = Schemas['TermsAt']
export type Tariff = Schemas['Tariff']
export type UseInfo = Schemas['UseView']
export type Use = Schemas['Use']
export type Booking = Schemas['BookingView']
export type BookingAsk = Schemas['BookingAsk']
export type Check = Schemas['CheckView']
export type Quote = Schemas['Quote']
export type Notice = Schemas['Notice']
export type Inbox = Schemas['Inbox']
export type Agreement = Schemas['AgreementView']
export type AgreementDetail = Schemas['AgreementDetail']
export type Version = Schemas['VersionView']
export type View = 'day' | 'week' | 'month'
export type Me = Omit<Schemas['Me'], 'roles'> & { roles: RoleClaim[] }
/** The document calls a role an object; this is its shape. */
export type RoleClaim = {
  role:
    | 'resident' | 'door_leader' | 'grid_leader' | 'community' | 'street' | 'property_unit' | 'property_manager'
    | 'social_organisation' | 'operator' | 'district' | 'auditor' | 'platform_admin'
  scope: { area?: string; organisation?: string; space?: string; agreement?: string }
}
export type Page<T> = { items: T[]; next_cursor?: string | null }
/** The days of every space of a site. */
export type SiteDays = Schemas['SiteAvailabilityView']

// Places
export const getSites = (): Promise<Page<Site>> => take(client.GET('/api/v1/sites', { params: { query: { limit: 100 } } }))
export const getSite = (id: string): Promise<SiteDetail> => take(client.GET('/api/v1/sites/{id}', { params: { path: { id } } }))
export const getUses = (): Promise<UseInfo[]> => take(client.GET('/api/v1/uses'))
export const getTariffs = (id: string): Promise<Tariff[]> => take(client.GET('/api/v1/spaces/{id}/tariffs', { params: { path: { id } } }))
export const getTerms = (id: string, at?: string): Promise<TermsAt> =>
  take(client.GET('/api/v1/spaces/{id}/terms', { params: { path: { id }, query: at ? { at } : {} } }))

export const getSpaceDays = (id: string, date: string, view: View) =>
  take(client.GET('/api/v1/spaces/{id}/availability', { params: { path: { id }, query: { date, view } } }))

/** All spaces of a site at once. */
export const getSiteDays = (id: string, date: string, view: View): Promise<SiteDays> =>
  take(client.GET('/api/v1/sites/{id}/availability', { params: { path: { id }, query: { date, view } } }))

// Agreements, as far as a resident meets them
export const getAgreement = (id: string): Promise<AgreementDetail> => take(client.GET('/api/v1/agreements/{id}', { params: { path: { id } } }))
export const getVersion = (id: string, no: number): Promise<Version> =>
  take(client.GET('/api/v1/agreements/{id}/versions/{no}', { params: { path: { id, no } } }))

// Bookings
export const checkBooking = (body: BookingAsk): Promise<Check> => take(client.POST('/api/v1/bookings/check', { body }))
export const book = (body: BookingAsk, key: string): Promise<Booking> =>
  take(client.POST('/api/v1/bookings', { params: { header: { 'Idempotency-Key': key } }, body }))
export const getBooking = (id: string): Promise<Booking> => take(client.GET('/api/v1/bookings/{id}', { params: { path: { id } } }))
export const getMyBookings = (when: 'upcoming' | 'past', cursor: string | null, limit = 20): Promise<Page<Booking>> =>
  take(client.GET('/api/v1/bookings', { params: { query: { when, limit, ...(cursor ? { cursor } : {}) } } }))
export const cancelBooking = (id: string, reason: string, key: string) =>
  take(
    client.POST('/api/v1/bookings/{id}/cancellation', {
      params: { path: { id }, header: { 'Idempotency-Key': key } },
      body: reason ? { reason } : {},
    }),
  )

// Oneself
export const getMe = async (): Promise<Me> => (await take(client.GET('/api/v1/me'))) as unknown as Me
/** Newest first; of one party only, where one is named. */
export const getNotices = (cursor: string | null, organisation: string | null): Promise<Page<Notice>> =>
  take(client.GET('/api/v1/notices', { params: { query: { limit: 20, ...(organisation ? { organisation_id: organisation } : {}), ...(cursor ? { cursor } : {}) } } }))
export const getInbox = (): Promise<Inbox> => take(client.GET('/api/v1/me/inbox'))
/** A notice and all before it have been seen. */
export const readNotices = (until: string, organisation: string | null) =>
  take(client.POST('/api/v1/notices/reading', { body: { until, ...(organisation ? { organisation_id: organisation } : {}) } }))
export const signIn = async (login: string, password: string): Promise<SignedIn> => {
  const answer = await take(client.POST('/api/v1/sign-in', { body: { login, password } }))
  session.keep(answer)
  return answer
}
/** Everything that is kept of oneself. */
export const getExport = () => take(client.GET('/api/v1/me/export'))
/** For good: the account is gone afterwards. Wants a password given just now. */
export const erase = (key: string) =>
  take(client.POST('/api/v1/me/erasure', { params: { header: { 'Idempotency-Key': key } }, body: {} as never, headers: { 'content-type': 'application/json' } }))
/** The password once more, in the session there is. */
export const stepUp = (password: string) => take(client.POST('/api/v1/step-up', { body: { password } }))
/** Another password; how many sessions elsewhere end with the present one. */
export const changePassword = (current: string, password: string) => take(client.POST('/api/v1/me/password', { body: { current, password } }))
export const claim = (login: string, code: string, password: string) => take(client.POST('/api/v1/claims', { body: { login, code, password } }))
export const signOut = async (): Promise<void> => {
  try {
    await take(client.POST('/api/v1/sign-out'))
  } finally {
    session.forget()
  }
}
