import { computed, ref } from 'vue'
import { hearWith } from '@/api/client'
import { civil } from '@/model/time'

const beat = ref(Date.now())
/** How far the phone's clock is behind the server's. */
const behind = ref(0)
setInterval(() => (beat.value = Date.now()), 20_000)
// A phone that slept tells the time of before.
document.addEventListener('visibilitychange', () => (beat.value = Date.now()))

/** The present moment in the zone of the sites, by the server's clock, renewed every few seconds. */
export const now = computed(() => civil(new Date(beat.value + behind.value)))
/** The same moment in milliseconds, to the second. What is computed with it is computed anew with every beat. */
export const instantNow = (): number => {
  void beat.value
  return Date.now() + behind.value
}

// Never told by an answer's `as_of`: the server remembers answers, so that may be hours ago.
hearWith((told) => {
  const off = told - Date.now()
  // A few seconds are the network's.
  if (Math.abs(off - behind.value) <= 30_000) return
  behind.value = off
  beat.value = Date.now()
})
