import { ref, shallowRef, watch } from 'vue'
import { problemOf, type Problem } from '@/api/problem'

/**
 * What would come of a wish, seen before it is meant. It may be changed while the answer is on its way: then that answer is about something
 * else, and what was seen, or said against it, goes at once. Asked again about the same wish, it stays until the new answer is there.
 */
export const useRehearsal = <W, T>(wish: () => W, call: (wish: W) => Promise<T>) => {
  const seen = shallowRef<T | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const busy = ref(false)
  let turn = 0
  const forget = (): void => {
    turn += 1
    seen.value = null
    problem.value = null
    busy.value = false
  }
  watch(() => JSON.stringify(wish()), forget, { flush: 'sync' })
  const look = async (): Promise<void> => {
    const mine = ++turn
    busy.value = true
    problem.value = null
    try {
      const found = await call(wish())
      if (mine === turn) seen.value = found
    } catch (thrown) {
      if (mine === turn) problem.value = problemOf(thrown)
    } finally {
      if (mine === turn) busy.value = false
    }
  }
  return { seen, problem, busy, look, forget }
}
