// At the door and afterwards: the code, checking in, who did not come, appeals, ratings, keys.
import { client, take } from './client'
import type { Booking, Page } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type DoorCode = Schemas['DoorCodeView']
export type Attendance = Schemas['Attendance']
export type BookingUse = Schemas['BookingUseView']
export type Rating = Schemas['Rating']
export type RatingTag = Schemas['RatingTag']
export type Standing = Schemas['HolderStandingView']
export type OpenAppeal = Schemas['OpenAppealView']

const at = (id: string, key: string) => ({ path: { id }, header: { 'Idempotency-Key': key } })

export const getDoorCode = (space: string): Promise<DoorCode> => take(client.GET('/api/v1/spaces/{id}/door-code', { params: { path: { id: space } } }))
export const checkIn = (id: string, code: string, key: string): Promise<Attendance> =>
  take(client.POST('/api/v1/bookings/{id}/check-in', { params: at(id, key), body: { code } }))
export const mark = (id: string, outcome: 'came' | 'missed', key: string): Promise<Attendance> =>
  take(client.POST('/api/v1/bookings/{id}/attendance', { params: at(id, key), body: { outcome } }))
export const getUse = (id: string): Promise<BookingUse> => take(client.GET('/api/v1/bookings/{id}/use', { params: { path: { id } } }))
export const appeal = (id: string, text: string, key: string) => take(client.POST('/api/v1/bookings/{id}/appeal', { params: at(id, key), body: { text } }))
export const decideAppeal = (id: string, outcome: 'upheld' | 'cleared', reply: string, key: string) =>
  take(client.POST('/api/v1/bookings/{id}/appeal/decision', { params: at(id, key), body: { outcome, reply } }))
export const getAppeals = (cursor: string | null): Promise<Page<OpenAppeal>> =>
  take(client.GET('/api/v1/appeals', { params: { query: { limit: 50, ...(cursor ? { cursor } : {}) } } }))
export const getStanding = (): Promise<Standing[]> => take(client.GET('/api/v1/me/standing'))
export const rate = (id: string, stars: number, tags: RatingTag[], key: string): Promise<Rating> =>
  take(client.POST('/api/v1/bookings/{id}/rating', { params: at(id, key), body: { stars, tags } }))
export const noteKey = (id: string, moved: 'handed_out' | 'returned', key: string) =>
  take(client.POST('/api/v1/bookings/{id}/keys', { params: at(id, key), body: { moved } }))
export type { Booking }
