// The access token lives in this module's memory and nowhere else; the refresh token in an HttpOnly cookie that no script
// reads. A note without any secret in localStorage says that there may be one, so that a visitor is not asked in vain, and
// tells the other tabs who signed in or out.
import { Problem, problemOf } from './problem'
import type { components } from './schema'

export type SignedIn = components['schemas']['SignedIn']

const NOTE = 'shangliang.account'
const EARLY = 20_000
/** How long a renewal may take: every tab waits for it. */
const PATIENCE = 20_000

let token: { value: string; until: number } | null = null
/** How often somebody came or went: what was asked before is about whoever was here then. */
let turn = 0
let refreshing: Promise<boolean> | null = null
let asking: Promise<boolean> | null = null
let ask: () => Promise<boolean> = () => Promise.resolve(false)
let confirming: Promise<boolean> | null = null
let askPassword: () => Promise<boolean> = () => Promise.resolve(false)
let language = 'zh-CN'

const read = (): string | null => {
  try {
    return localStorage.getItem(NOTE)
  } catch {
    return null
  }
}
const write = (account: string | null): void => {
  try {
    if (account === null) localStorage.removeItem(NOTE)
    else localStorage.setItem(NOTE, account)
  } catch {
    // Private browsing without storage: the session lasts as long as this page.
  }
}

export const session = {
  /** Somebody is, or may be, signed in. */
  get likely(): boolean {
    return token !== null || read() !== null
  },
  get account(): string | null {
    return read()
  },
  get language(): string {
    return language
  },
  speak(tag: string): void {
    language = tag
  },
  /** How to ask for the password again; answers whether it worked. */
  askWith(handler: () => Promise<boolean>): void {
    ask = handler
  },
  /** How to ask for the password of whoever is signed in; answers whether it was given. */
  confirmWith(handler: () => Promise<boolean>): void {
    askPassword = handler
  },
  keep(answer: SignedIn): void {
    turn += 1
    token = { value: answer.access_token, until: Date.now() + answer.expires_in * 1000 }
    write(answer.account_id)
  },
  forget(): void {
    turn += 1
    token = null
    write(null)
  },
  /** Another tab signed in or out. */
  onElsewhere(tell: () => void): void {
    window.addEventListener('storage', (event) => {
      if (event.key !== NOTE) return
      turn += 1
      token = null
      tell()
    })
  },

  /** The token to send, renewed when it is about to end. */
  async current(): Promise<string | null> {
    if (token && token.until - EARLY > Date.now()) return token.value
    if (!session.likely) return null
    await session.renew()
    return token?.value ?? null
  },

  /** Exchanges the cookie for a new token: once, however many ask, one tab after the other. */
  renew(): Promise<boolean> {
    refreshing ??= exclusively(exchange).finally(() => {
      refreshing = null
    })
    return refreshing
  },

  /** Asks the person, over whatever is on the screen. One question, however many requests wait for it. */
  askAgain(): Promise<boolean> {
    asking ??= ask().finally(() => {
      asking = null
    })
    return asking
  },

  /** Asks the person for the password once more: what comes next wants it fresh. */
  confirm(): Promise<boolean> {
    confirming ??= askPassword().finally(() => {
      confirming = null
    })
    return confirming
  },
}

const exclusively = <T>(work: () => Promise<T>): Promise<T> =>
  // Without locks the server's grace window answers two tabs with the same successor.
  'locks' in navigator ? (navigator.locks.request('shangliang-refresh', work) as Promise<T>) : work()

const exchange = async (): Promise<boolean> => {
  const stop = new AbortController()
  const clock = setTimeout(() => stop.abort(), PATIENCE)
  try {
    return await exchangeWithin(stop.signal)
  } catch (thrown) {
    throw problemOf(thrown)
  } finally {
    clearTimeout(clock)
  }
}

const exchangeWithin = async (signal: AbortSignal): Promise<boolean> => {
  const mine = turn
  const answer = await fetch('/api/v1/token-refresh', { method: 'POST', headers: { 'accept-language': language }, signal })
  if (mine !== turn) return token !== null || (session.likely && exchange())
  if (answer.ok) {
    session.keep((await answer.json()) as SignedIn)
    return true
  }
  if (answer.status === 401) {
    token = null
    return false
  }
  throw await Problem.from(answer)
}
