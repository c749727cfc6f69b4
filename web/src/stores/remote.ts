import { ref, shallowRef, type Ref, type ShallowRef } from 'vue'
import { problemOf, type Problem } from '@/api/problem'
import { useSession } from './session'

export type RemoteState = 'idle' | 'loading' | 'slow' | 'ready' | 'failed'
export type Remote<T, A extends unknown[]> = {
  data: ShallowRef<T | null>
  problem: ShallowRef<Problem | null>
  state: Ref<RemoteState>
  load: (...args: A) => Promise<void>
}

/** After how long what is on its way is called slow, in milliseconds. */
export const SLOW = 2_500

/**
 * Something the server knows, with every state a screen has to show: loading, slow, ready, failed. Data already there stays on the
 * screen while newer is on its way, and when fetching it fails. Of several loads only the latest counts.
 */
export const useRemote = <T, A extends unknown[] = []>(fetch: (...args: A) => Promise<T>): Remote<T, A> => {
  const data = shallowRef<T | null>(null)
  const problem = shallowRef<Problem | null>(null)
  const state = ref<RemoteState>('idle')
  let turn = 0
  const load = async (...args: A): Promise<void> => {
    const mine = ++turn
    state.value = 'loading'
    problem.value = null
    const slow = setTimeout(() => {
      if (mine === turn) state.value = 'slow'
    }, SLOW)
    try {
      const fresh = await fetch(...args)
      if (mine !== turn) return
      data.value = fresh
      state.value = 'ready'
    } catch (thrown) {
      if (mine !== turn) return
      problem.value = problemOf(thrown)
      state.value = 'failed'
    } finally {
      clearTimeout(slow)
    }
  }
  return { data, problem, state, load }
}

/** What the end of a list needs of it. */
export type GrowingList = { next: Ref<string | null>; state: Ref<RemoteState>; problem: ShallowRef<Problem | null>; more: () => Promise<void>; again: () => Promise<void> }

/** A list that grows page by page. What is there stays until newer comes; of something else, or shown to somebody else, it goes at once. */
export const useList = <T, A extends unknown[] = []>(
  fetch: (cursor: string | null, ...args: A) => Promise<{ items: T[]; next_cursor?: string | null }>,
) => {
  const session = useSession()
  const items = shallowRef<T[]>([])
  const next = ref<string | null>(null)
  let asked: A | null = null
  let who: string | undefined
  let at: string | null = null
  const remote = useRemote<void, [string | null]>(async (cursor) => {
    const mine = asked
    if (!mine) return
    at = cursor
    const page = await fetch(cursor, ...mine)
    if (mine !== asked) return
    items.value = cursor === null ? page.items : [...items.value, ...page.items]
    next.value = page.next_cursor ?? null
  })
  return {
    items,
    next,
    state: remote.state,
    problem: remote.problem,
    load: (...args: A): Promise<void> => {
      if (asked && (who !== session.me?.id || asked.some((one, i) => one !== args[i]))) {
        items.value = []
        next.value = null
      }
      asked = args
      who = session.me?.id
      return remote.load(null)
    },
    more: (): Promise<void> => remote.load(next.value),
    /** What failed, once more: from the beginning, or the page that was asked for. */
    again: (): Promise<void> => remote.load(at),
  }
}
