import { computed, ref } from 'vue'
import { civil } from '@/model/time'

const beat = ref(Date.now())
/** How far the phone's clock is behind the server's. */
const behind = ref(0)
setInterval(() => (beat.value = Date.now()), 20_000)
// A phone that slept tells the time of before.
document.addEventListener('visibilitychange', () => (beat.value = Date.now()))

/** The present moment in the zone of the sites, by the server's clock, renewed every few seconds. */
export const now = computed(() => civil(new Date(beat.value + behind.value)))

/** What the server said the time is. */
export const hearTime = (asOf: string): void => {
  const told = new Date(asOf).getTime()
  if (!Number.isFinite(told)) return
  const off = told - Date.now()
  // A few seconds are the network's.
  behind.value = Math.abs(off) > 30_000 ? off : 0
}
