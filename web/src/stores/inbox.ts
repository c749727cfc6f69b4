import { defineStore } from 'pinia'
import { ref, shallowRef } from 'vue'
import * as api from '@/api/calls'
import { useSession } from './session'

/** How many notices are new, in all and for each party somebody speaks for. A number that could not be had is none. */
export const useInbox = defineStore('inbox', () => {
  const session = useSession()
  const unread = ref(0)
  const parties = shallowRef<api.Inbox['parties']>([])
  const forget = (): void => {
    unread.value = 0
    parties.value = []
  }
  const load = async (): Promise<void> => {
    const who = session.me?.id
    const found = await api.getInbox().catch(() => null)
    // Somebody else may be here by now.
    if (!found || who !== session.me?.id) return
    unread.value = found.unread
    parties.value = found.parties
  }
  const of = (organisation: string | undefined): number => parties.value.find(({ organisation_id }) => organisation_id === organisation)?.unread ?? 0
  return { unread, parties, of, load, forget }
})
