import { beforeEach, expect, test, vi } from 'vitest'

vi.stubGlobal('location', { origin: 'http://hub.test' })
vi.stubGlobal('navigator', {})
const notes = new Map<string, string>()
vi.stubGlobal('localStorage', { getItem: (key: string) => notes.get(key) ?? null, setItem: (key: string, text: string) => notes.set(key, text), removeItem: (key: string) => notes.delete(key) })
const { session } = await import('./session')
const { book } = await import('./calls')

const signedIn = (account_id: string) => ({ account_id, access_token: `token of ${account_id}`, expires_in: 900 }) as Parameters<typeof session.keep>[0]
/** Requests under way, in the order they were sent. */
const sent: { request: Request | string; answer: (status: number, body: unknown) => void }[] = []
beforeEach(() => {
  session.forget()
  sent.length = 0
  vi.stubGlobal('fetch', (request: Request | string) => new Promise((done) => sent.push({ request, answer: (status, body) => done(Response.json(body, { status })) })))
})

test('a renewal answered after somebody else signed in, or everybody out, changes nothing', async () => {
  notes.set('shangliang.account', 'a')
  const early = session.renew()
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  session.keep(signedIn('b'))
  sent[0]?.answer(200, signedIn('a'))
  expect(await early).toBe(true)
  expect([await session.current(), session.account]).toEqual(['token of b', 'b'])
  session.forget()
  notes.set('shangliang.account', 'b')
  const late = session.renew()
  await vi.waitFor(() => expect(sent).toHaveLength(2))
  session.forget()
  sent[1]?.answer(200, signedIn('b'))
  expect([await late, session.likely]).toEqual([false, false])
})

test('a renewal that is never answered ends after a while, and the next one is sent anew', async () => {
  notes.set('shangliang.account', 'a')
  const answered = fetch
  vi.useFakeTimers()
  vi.stubGlobal('fetch', (_: string, { signal }: { signal: AbortSignal }) => new Promise((_done, fail) => signal.addEventListener('abort', () => fail(signal.reason))))
  const late = session.renew().catch((problem: { code: string }) => problem.code)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(await late).toBe('no-answer')
  vi.useRealTimers()
  vi.stubGlobal('fetch', answered)
  const next = session.renew()
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  sent[0]?.answer(200, signedIn('a'))
  expect(await next).toBe(true)
})

test('what one meant to do is not sent again in the name of the next', async () => {
  session.keep(signedIn('a'))
  const made = book({} as never, 'key').catch((problem: { status: number }) => problem.status)
  await vi.waitFor(() => expect(sent).toHaveLength(1))
  session.keep(signedIn('b'))
  sent[0]?.answer(401, { code: 'unauthenticated' })
  expect([await made, sent.length]).toEqual([401, 1])
})
