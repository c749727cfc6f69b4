import type { Changed } from '@/api/agreements'
import { useWords } from '@/parts/words'

const kinds = ['added', 'removed', 'changed', 'reworded'] as const
/** How many clauses are new, gone, changed: said alike in the sentence and over the two versions side by side. */
export const useCounted = () => {
  const { t, pause } = useWords()
  return (changes: readonly Pick<Changed, 'change'>[]): string =>
    kinds
      .map((kind) => ({ kind, n: changes.filter(({ change }) => change === kind).length }))
      .flatMap(({ kind, n }) => (n ? t(`agreement.changes.count.${kind}`, { n }) : []))
      .join(pause.value)
}
