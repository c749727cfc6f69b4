import { createPinia, setActivePinia } from 'pinia'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Me } from '@/api/calls'

vi.mock('./settings', () => ({ useSettings: () => ({ hat: 'resident' }) }))
vi.mock('@/api/session', () => ({ session: { likely: true, account: null, forget: () => undefined, askWith: () => undefined, confirmWith: () => undefined, onElsewhere: () => undefined } }))
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

test('who signed out is gone, whatever is still on its way', async () => {
  const session = useSession()
  const early = session.load()
  await session.signOut()
  asked[0]?.('a')
  await early
  expect(session.me).toBe(null)
})
