import { createPinia, setActivePinia } from 'pinia'
import { nextTick, reactive } from 'vue'
import { beforeEach, expect, test, vi } from 'vitest'
import type { Booking, Inbox } from '@/api/calls'

const session = vi.hoisted(() => ({ now: { me: null as { id: string } | null } }))
vi.mock('./session', () => ({ useSession: () => session.now }))
const booking = (id: string): Booking => ({ id, state: id.startsWith('cancelled') ? 'cancelled' : id.startsWith('requested') ? 'requested' : 'confirmed' }) as Booking
/** Answers under way, in the order they were asked for. */
const bookings: ((ids: string[]) => void)[] = []
const inboxes: ((unread: number) => void)[] = []
vi.mock('@/api/calls', () => ({
  getMyBookings: () => new Promise((done) => bookings.push((ids) => done({ items: ids.map(booking) }))),
  getInbox: () => new Promise((done) => inboxes.push((unread) => done({ unread, parties: [] } satisfies Inbox))),
}))
const [{ useMine }, { useInbox }] = await Promise.all([import('./mine'), import('./inbox')])

const comes = async (id: string | null): Promise<void> => {
  session.now.me = id ? { id } : null
  await nextTick()
}
beforeEach(() => {
  setActivePinia(createPinia())
  session.now = reactive({ me: { id: 'a' } })
  bookings.length = inboxes.length = 0
})

test('bookings of somebody who was here before are not marked as those of the next', async () => {
  const mine = useMine()
  const ids = () => mine.coming.map(({ id }) => id)
  await comes(null)
  await comes('b')
  expect(bookings).toHaveLength(2)
  bookings[1]?.(['of b'])
  await vi.waitFor(() => expect(ids()).toEqual(['of b']))
  bookings[0]?.(['of a'])
  await new Promise((go) => setTimeout(go))
  expect(ids()).toEqual(['of b'])
})

test('what was cancelled, or is only asked for, is not marked as one’s own', async () => {
  const mine = useMine()
  bookings[0]?.(['cancelled', 'requested', 'booked'])
  await vi.waitFor(() => expect(mine.coming.map(({ id }) => id)).toEqual(['booked']))
  mine.put(booking('requested later'))
  mine.put(booking('booked later'))
  expect(mine.coming.map(({ id }) => id)).toEqual(['booked', 'booked later'])
})

test('what is new for one is not counted for the next, nor for nobody', async () => {
  const inbox = useInbox()
  const early = inbox.load()
  await comes('b')
  const late = inbox.load()
  inboxes[1]?.(2)
  await late
  inboxes[0]?.(7)
  await early
  expect(inbox.unread).toBe(2)
  const last = inbox.load()
  await comes(null)
  inbox.forget()
  inboxes[2]?.(9)
  await last
  expect(inbox.unread).toBe(0)
})
