import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import * as api from '@/api/calls'
import { useSession } from './session'

/** What was cancelled or is only asked for is nobody's time. */
const stands = ({ state }: api.Booking): boolean => state === 'confirmed' || state === 'checked_in'

/** One's own coming bookings, as the plan and the days mark them. Only in memory. */
export const useMine = defineStore('mine', () => {
  const session = useSession()
  const coming = shallowRef<api.Booking[]>([])
  const load = async (): Promise<void> => {
    const who = session.me?.id
    if (!who) return
    const { items } = await api.getMyBookings('upcoming', null, 50)
    // Somebody else may be here by now.
    if (who === session.me?.id) coming.value = items.filter(stands)
  }
  watch(
    () => session.me?.id,
    () => {
      coming.value = []
      // The marks are a courtesy: without them everything still works.
      void load().catch(() => undefined)
    },
    { immediate: true },
  )
  const put = (booking: api.Booking): void => {
    coming.value = [...coming.value.filter(({ id }) => id !== booking.id), booking].filter(stands)
  }
  const drop = (id: string): void => {
    coming.value = coming.value.filter((booking) => booking.id !== id)
  }
  return { coming, load, put, drop }
})
