import { shallowRef, watch } from 'vue'
import { getSpaceUsage, type Usage } from '@/api/usage'
import type { Problem } from '@/api/problem'

/** Where and when something is to be; null while that is not known. */
export type There = { space: string; at: string } | null

/** The usage terms in force where something is to be: what is read here (`UsageAgree`) is what is accepted. */
export const useUsage = (there: () => There) => {
  const usage = shallowRef<Usage | null>(null)
  /** Nothing is asked for before it is known what has to be accepted. */
  const known = shallowRef(false)
  let turn = 0
  const read = async (): Promise<void> => {
    const mine = ++turn
    const place = there()
    known.value = false
    // Where they cannot be read, the server says what is missing.
    const found = place ? await getSpaceUsage(place.space, place.at).then(({ in_force }) => in_force ?? null, () => null) : null
    if (mine !== turn) return
    usage.value = found
    known.value = true
  }
  watch(() => JSON.stringify(there()), () => void read(), { immediate: true })
  /** The field of a wish, as far as it is known; of one about to be sent: `agreed`. */
  const accepted = (): { usage_terms_sha256?: string } => (usage.value?.sha256 ? { usage_terms_sha256: usage.value.sha256 } : {})
  const agreed = async (): Promise<{ usage_terms_sha256?: string }> => {
    if (!known.value) await read()
    return accepted()
  }
  /** Others took their place meanwhile: those are read now. */
  const after = async (said: Problem | null): Promise<void> => {
    if (said && (said.code.startsWith('usage-terms') || said.reasons.some(({ code }) => code.startsWith('usage-terms')))) await read()
  }
  return { usage, known, accepted, agreed, after }
}
