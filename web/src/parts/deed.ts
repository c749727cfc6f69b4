import { ref, shallowRef } from 'vue'
import { Intent } from '@/api/intent'
import { problemOf, type Problem } from '@/api/problem'

/** Something somebody does: busy while it is under way, and what was said when it did not work. The same wish keeps its key. */
export const useDeed = () => {
  const busy = ref(false)
  const problem = shallowRef<Problem | null>(null)
  const intent = new Intent()
  /** What the call gave; null when it failed, or when the one before is still under way. */
  const run = async <T>(wish: unknown, call: (key: string) => Promise<T>): Promise<T | null> => {
    if (busy.value) return null
    busy.value = true
    problem.value = null
    try {
      const made = await call(intent.keyFor(wish))
      intent.settled()
      return made
    } catch (thrown) {
      problem.value = problemOf(thrown)
      if (!problem.value.unsure) intent.settled()
      return null
    } finally {
      busy.value = false
    }
  }
  const clear = (): void => {
    problem.value = null
  }
  return { busy, problem, run, clear }
}
