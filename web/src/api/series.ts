// Bookings made by a rule: looked at first, made, seen, cancelled.
import { client, take } from './client'
import type { Page } from './calls'
import type { components } from './schema'

type Schemas = components['schemas']
export type SeriesWish = Schemas['SeriesWish']
export type Preview = Schemas['SeriesPreview']
export type Occurrence = Schemas['OccurrenceView']
export type SeriesDetail = Schemas['SeriesDetail']
export type SeriesLine = Schemas['SeriesLine']
export type DayChoice = Schemas['DayChoice']

export const previewSeries = (body: SeriesWish): Promise<Preview> => take(client.POST('/api/v1/series/preview', { body }))
export const bookSeries = (body: SeriesWish, key: string): Promise<SeriesDetail> =>
  take(client.POST('/api/v1/series', { params: { header: { 'Idempotency-Key': key } }, body }))
export const getSeries = (id: string): Promise<SeriesDetail> => take(client.GET('/api/v1/series/{id}', { params: { path: { id } } }))
export const getMySeries = async (): Promise<SeriesLine[]> => {
  const page: Page<SeriesLine> = await take(client.GET('/api/v1/series', { params: { query: { limit: 20 } } }))
  return page.items
}
export type SeriesScope = Schemas['SeriesScope']
export type SeriesChange = Schemas['SeriesChangeAsk']
export type SeriesChanged = Schemas['SeriesChangeView']
/** What a change would come to, time by time; nothing is done. */
export const rehearseChange = (id: string, body: SeriesChange): Promise<SeriesChanged> =>
  take(client.POST('/api/v1/series/{id}/changes', { params: { path: { id }, query: { dry_run: true }, header: { 'Idempotency-Key': 'rehearsal' } }, body }))
export const changeSeries = (id: string, body: SeriesChange, key: string): Promise<SeriesChanged> =>
  take(client.POST('/api/v1/series/{id}/changes', { params: { path: { id }, header: { 'Idempotency-Key': key } }, body }))
export type Which = { scope: SeriesScope; date?: string; reason?: string }
export const cancelSeries = (id: string, which: Which, key: string) =>
  take(client.POST('/api/v1/series/{id}/cancellation', { params: { path: { id }, header: { 'Idempotency-Key': key } }, body: which }))
