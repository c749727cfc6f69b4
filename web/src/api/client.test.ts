import { expect, test, vi } from 'vitest'

vi.stubGlobal('location', { origin: 'http://hub.test' })
const { book, cancelBooking, checkBooking, getSite, getSiteDays, getSpaceDays } = await import('./calls')

/** The next request is answered with this status; what it said about memory. */
const asks = async (call: () => Promise<unknown>, status = 200): Promise<string | null> => {
  let said: string | null = null
  vi.stubGlobal('fetch', ({ headers }: Request) => {
    said = headers.get('cache-control')
    return Promise.resolve(Response.json(status === 200 ? {} : { code: 'x' }, { status }))
  })
  await call().catch(() => undefined)
  return said
}
const site = () => getSiteDays('site_a', '2026-05-04', 'day')
const space = () => getSpaceDays('space_a', '2026-05-04', 'week')
const write = () => book({} as never, 'key')

test('after a write each availability is asked anew, once', async () => {
  expect([await asks(site), await asks(space), await asks(site)]).toEqual([null, null, null])
  expect(await asks(write)).toBe(null)
  expect([await asks(() => getSite('site_a')), await asks(site), await asks(space)]).toEqual([null, 'no-cache', 'no-cache'])
  expect([await asks(site), await asks(space)]).toEqual([null, null])
  await asks(() => cancelBooking('booking_a', '', 'other'))
  expect([await asks(site), await asks(site)]).toEqual(['no-cache', null])
})

test('looking at what would be writes nothing; somebody faster makes what is known old; a failed read is no read', async () => {
  await asks(site)
  await asks(() => checkBooking({} as never))
  expect(await asks(site)).toBe(null)
  await asks(write, 409)
  expect([await asks(site, 500), await asks(site), await asks(site)]).toEqual(['no-cache', 'no-cache', null])
})

test('a read that was under way before the write counts for before', async () => {
  await asks(site)
  const under: ((answer: Response) => void)[] = []
  vi.stubGlobal('fetch', () => new Promise<Response>((done) => under.push(done)))
  const early = site()
  await vi.waitFor(() => expect(under).toHaveLength(1))
  await asks(write)
  under[0]?.(Response.json({}))
  await early
  expect(await asks(site)).toBe('no-cache')
})
