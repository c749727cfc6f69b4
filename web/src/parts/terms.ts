import { shallowRef, watch } from 'vue'
import type { Term } from '@/api/calls'
import { useSites } from '@/stores/sites'

/** What is agreed for a space, whichever is chosen; nothing until that is known. */
export const useTerms = (space: () => string) => {
  const sites = useSites()
  const terms = shallowRef<readonly Term[]>([])
  watch(space, async (id) => {
    terms.value = []
    // A "no" is told without its clause, rather than not at all.
    const found = id ? await sites.terms(id).then((at) => at.terms, () => []) : []
    if (id === space()) terms.value = found
  }, { immediate: true })
  return terms
}
