import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Me } from '@/api/calls'

vi.mock('./settings', () => ({ useSettings: () => ({ hat: 'resident' }) }))
/** Who is signed in on this device, whether the network is gone, and how another tab tells that something changed. */
const device = vi.hoisted(() => ({ account: null as string | null, broken: false, elsewhere: (): void => undefined }))
vi.mock('@/api/session', () => ({
  session: {
    likely: true,
    get account() {
      return device.account
    },
    renew: () => (device.broken ? Promise.reject(new TypeError('no network')) : Promise.resolve(true)),
    forget: () => undefined,
    askWith: () => undefined,
    confirmWith: () => undefined,
    onElsewhere: (tell: () => void) => {
      device.elsewhere = tell
    },
  },
}))
/** Answers under way, in the order they were asked for. */
const asked: ((id: string) => void)[] = []
vi.mock('@/api/calls', () => ({
  getMe: () => new Promise((done) => asked.push((id) => done({ id, roles: [], representations: [] } as unknown as Me))),
  signIn: () => Promise.resolve(),
  signOut: () => Promise.resolve(),
}))
const { useSession } = await import('./session')
beforeEach(() => {
  setActivePinia(createPinia())
  device.account = null
  device.broken = false
  asked.length = 0
})

test('who was here before does not come back over who signed in', async () => {
  const session = useSession()
  const early = session.load()
  const late = session.signIn('b', 'password')
  await vi.waitFor(() => expect(asked).toHaveLength(2))
  asked[1]?.('b')
  await late
  asked[0]?.('a')
  await early
  expect(session.me?.id).toBe('b')
})

test('who could not be looked up at the start is before anybody is asked for a password', async () => {
  const session = useSession()
  device.broken = true
  await session.begin()
  expect([session.known, session.signedIn]).toEqual([true, false])
  device.broken = false
  const here = session.need()
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  asked[0]?.('a')
  expect([await here, session.me?.id, session.question]).toEqual([true, 'a', null])
})

test('a sheet that asks who it is has its answer once the network is back', async () => {
  const session = useSession()
  device.broken = true
  const here = session.need()
  await vi.waitFor(() => expect(session.question).toBe('signing-in'))
  device.broken = false
  void session.begin()
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  asked[0]?.('a')
  expect([await here, session.question]).toEqual([true, null])
})

test('where somebody else signed in in another tab, who was here is gone at once, with their number', async () => {
  const session = useSession()
  const signing = session.signIn('139', 'password')
  await vi.waitFor(() => expect(asked).toHaveLength(1))
  asked[0]?.('a')
  await signing
  device.account = 'b'
  device.elsewhere()
  expect([session.me, session.lastLogin]).toEqual([null, ''])
  asked[1]?.('b')
  await vi.waitFor(() => expect(session.me?.id).toBe('b'))
  device.elsewhere()
  expect(session.me?.id).toBe('b')
})

test('who signed out is gone, whatever is still on its way', async () => {
  const session = useSession()
  const early = session.load()
  await session.signOut()
  asked[0]?.('a')
  await early
  expect(session.me).toBe(null)
})
