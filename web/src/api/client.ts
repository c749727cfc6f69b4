// One way to the server: typed by openapi/openapi.json, with the token, its renewal, time limits and one kind of failure.
import createClient from 'openapi-fetch'
import { Problem, problemOf } from './problem'
import type { paths } from './schema'
import { session } from './session'

const PATIENCE = 20_000
const AGAIN = 700

/** Readable without signing in, the same for everybody: sent without a token and without waiting for one. */
const open = /^\/api\/v1\/(sign-in|claims|token-refresh|uses|areas|search|sites(\/[^/]+(\/availability)?)?|spaces\/[^/]+(\/(availability|terms|tariffs))?)$/

/** What the server answers from memory; of writes of another of its processes that may know a moment late. */
const remembered = /\/availability$/
/** How many keyed requests there were, and how many when each of those was last asked for: the first time after one it is asked anew. */
let writes = 0
const askedAt = new Map<string, number>()

let hear: (told: number) => void = () => undefined
/** Whom to tell what time the server says it is. */
export const hearWith = (listener: typeof hear): void => {
  hear = listener
}
/** An answer's Date is when it was sent: the time, unless something on the way may have kept the answer, or the phone slept meanwhile. */
const tellTime = ({ headers }: Response, began: number): void => {
  const [told, took] = [Date.parse(headers.get('date') ?? ''), Date.now() - began]
  const kept = headers.has('age') || !headers.get('cache-control')?.includes('no-store')
  if (told && !kept && took >= 0 && took <= PATIENCE) hear(told)
}

const once = async (request: Request, token: string | null): Promise<Response> => {
  const stop = new AbortController()
  const clock = setTimeout(() => stop.abort(), PATIENCE)
  const headers = new Headers(request.headers)
  headers.set('accept-language', session.language)
  if (token) headers.set('authorization', `Bearer ${token}`)
  const [began, before] = [Date.now(), writes]
  const memory = request.method === 'GET' && remembered.test(new URL(request.url).pathname)
  if (memory && (askedAt.get(request.url) ?? 0) < before) headers.set('cache-control', 'no-cache')
  try {
    const answer = await fetch(new Request(request, { headers, signal: stop.signal }))
    tellTime(answer, began)
    if (memory && answer.ok) askedAt.set(request.url, before)
    return answer
  } finally {
    clearTimeout(clock)
    // Also when it is not known what came of it, or somebody else was faster.
    if (headers.has('idempotency-key')) writes += 1
  }
}

/** A keyed request whose outcome is unknown goes once more, with the same key, before anybody is bothered. */
const steadily = async (request: Request, token: string | null): Promise<Response> => {
  const keyed = request.method === 'POST' && request.headers.has('idempotency-key')
  const spare = keyed ? request.clone() : null
  const pause = (): Promise<void> => new Promise((go) => setTimeout(go, AGAIN))
  try {
    const answer = await once(request, token)
    if (!spare || answer.status !== 503) return answer
    await pause()
    return await once(spare, token)
  } catch (thrown) {
    if (!spare || problemOf(thrown).code !== 'offline') throw thrown
    await pause()
    return once(spare, token)
  }
}

/** Signing, suspending and their like want a password that was given just now. */
const wantsPassword = async (answer: Response): Promise<boolean> => {
  if (answer.status !== 403) return false
  try {
    return ((await answer.clone().json()) as { code?: unknown }).code === 'step-up-required'
  } catch {
    return false
  }
}

const send = async (request: Request): Promise<Response> => {
  const again = request.method === 'POST' ? request.clone() : null
  const answer = await signedIn(request)
  if (!again || !(await wantsPassword(answer))) return answer
  // Asked for over whatever is on the screen; what was meant is then sent as it was, with its key.
  return (await session.confirm()) ? signedIn(again) : answer
}

const signedIn = async (request: Request): Promise<Response> => {
  if (open.test(new URL(request.url).pathname)) return steadily(request, null)
  const [second, third] = [request.clone(), request.clone()]
  const who = session.account
  const token = await session.current()
  const first = await steadily(request, token)
  if (first.status !== 401 || !session.likely) return first
  // Somebody else is here by now: what the one before meant to do is not sent in their name.
  if (who !== null && who !== session.account) return first
  // The token is no longer taken: renew it, and if the session itself has ended ask for the password.
  if (token !== null && (await session.renew())) {
    const answer = await steadily(second, await session.current())
    if (answer.status !== 401) return answer
  }
  return (await session.askAgain()) ? steadily(third, await session.current()) : first
}

/** The typed client. Use it through {@link take}. */
export const client = createClient<paths>({ baseUrl: typeof location === 'undefined' ? '' : location.origin, fetch: send })

type Answer<T> = { data?: T; error?: unknown; response: Response }

const settle = async <T>(call: Promise<Answer<T>>): Promise<Answer<T> & { data: T }> => {
  let answer: Answer<T>
  try {
    answer = await call
  } catch (thrown) {
    throw problemOf(thrown)
  }
  const { response } = answer
  if (!response.ok) {
    // openapi-fetch has read the body already.
    const wire = answer.error
    const after = Number(response.headers.get('retry-after'))
    if (wire && typeof wire === 'object' && 'code' in wire && typeof wire.code === 'string') {
      throw new Problem({ ...wire, code: wire.code, status: response.status, retryAfter: after > 0 ? after : null })
    }
    throw new Problem({ code: 'not-readable', status: response.status })
  }
  return answer as Answer<T> & { data: T }
}

/** The body of a good answer; anything else is thrown as a {@link Problem}. */
export const take = async <T>(call: Promise<Answer<T>>): Promise<T> => (await settle(call)).data

/** The same with the tag to send back as `If-Match`. */
export const takeTagged = async <T>(call: Promise<Answer<T>>): Promise<{ body: T; tag: string }> => {
  const { data, response } = await settle(call)
  return { body: data, tag: response.headers.get('etag') ?? '' }
}
