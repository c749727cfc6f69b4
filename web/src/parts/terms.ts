import { shallowRef, watch } from 'vue'
import type { Term } from '@/api/calls'
import { useSites } from '@/stores/sites'
import { useReturn } from './wide'

/** What is agreed for a space, whichever is chosen; nothing until that is known. */
export const useTerms = (space: () => string) => {
  const sites = useSites()
  const terms = shallowRef<readonly Term[]>([])
  const load = async (id: string): Promise<void> => {
    // A "no" is told without its clause, rather than not at all.
    const found = id ? await sites.terms(id).then((at) => at.terms, () => null) : []
    if (found && id === space()) terms.value = found
  }
  watch(space, (id) => {
    terms.value = []
    void load(id)
  }, { immediate: true })
  useReturn(() => void load(space()))
  return terms
}
