// What waits for somebody, with what is needed to show it.
import { watch } from 'vue'
import { getRounds, getWaiting, type Round, type Waiting } from '@/api/agreements'
import { getVersion, type Version } from '@/api/calls'
import { problemOf } from '@/api/problem'
import { roundOf } from '@/model/talks'
import { useContracts } from '@/stores/contracts'
import { useList } from '@/stores/remote'
import { useSession } from '@/stores/session'
import { useReturn } from './wide'

/** Without its text where the server does not show it: then it is said, and the rest of the list still stands. */
export type WaitingItem = Waiting & { full: Version | null; round: Round | null }

/** `of`: only what is asked of this party. */
export const useWaiting = (of: () => string | undefined) => {
  const session = useSession()
  const contracts = useContracts()
  const told = async (one: Waiting): Promise<WaitingItem> => {
    const { agreement, version } = one
    if (!agreement) return { ...one, full: null, round: null }
    await contracts.nameRooms(agreement)
    if (!version) return { ...one, full: null, round: null }
    const full = await getVersion(agreement.id, version.version).catch((thrown: unknown) => {
      if (problemOf(thrown).status === 404) return null
      throw thrown
    })
    const rounds = full && one.waiting_for === 'position' ? await getRounds(agreement.id) : []
    return { ...one, full, round: roundOf(rounds, version.version) }
  }
  const list = useList<WaitingItem, [string | undefined]>(async (cursor, organisation_id) => {
    const page = await getWaiting({ organisation_id }, cursor)
    return { items: await Promise.all(page.items.map(told)), next_cursor: page.next_cursor ?? null }
  })
  const load = (): void => {
    if (session.signedIn) void list.load(of())
  }
  watch([() => session.me?.id, of], load, { immediate: true })
  useReturn(load)
  return { ...list, load }
}
