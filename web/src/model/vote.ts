// An owners' vote, computed as the law says (Civil Code art. 278): by heads and by area, in whole numbers.
export type Matter = 'ordinary' | 'special'
export type Count = { all: number; took: number; yes: number }
/** Two thirds have to take part; of those more than half, or three quarters of a special matter, have to agree. */
export const carries = ({ all, took, yes }: Count, matter: Matter): { took: boolean; yes: boolean } => ({
  took: 3 * took >= 2 * all,
  yes: matter === 'special' ? 4 * yes >= 3 * took : 2 * yes > took,
})
/** Figures that contradict each other are no vote. */
export const isCount = ({ all, took, yes }: Count): boolean => [all, took, yes].every(Number.isSafeInteger) && all >= 1 && took >= 0 && yes >= 0 && took <= all && yes <= took
/** `96.50` square metres as whole hundredths; null when it is no area. */
export const readArea = (text: string): number | null => {
  const found = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim())
  return found ? Number(found[1]) * 100 + Number((found[2] ?? '').padEnd(2, '0')) : null
}
