// Whose desk a thing is on. Only so that the screens offer what will be granted; what is granted the server decides.
import type { Area } from '@/api/agreements'
import type { Me } from '@/api/calls'

const draws: ReadonlySet<string> = new Set(['community', 'street'])

/** Areas somebody keeps a desk for. */
export const desksOf = (me: Me | null): string[] => (me?.roles ?? []).flatMap(({ role, scope }) => (draws.has(role) && scope.area ? [scope.area] : []))

/** Organisations somebody runs places for. */
export const runsFor = (me: Me | null): string[] => (me?.roles ?? []).flatMap(({ role, scope }) => (role === 'operator' && scope.organisation ? [scope.organisation] : []))

/** Whose record somebody may check: of which areas, and what belongs to none. */
export const checksIn = (me: Me | null): { areas: string[]; platform: boolean } => {
  const roles = me?.roles ?? []
  const scopes = roles.flatMap(({ role, scope }) => ((role === 'auditor' || draws.has(role)) && scope.area ? [scope.area] : []))
  const owned = roles.flatMap(({ role, scope }) => (role === 'property_unit' && scope.organisation ? [scope.organisation] : []))
  const own = (me?.representations ?? []).flatMap(({ organisation }) => (owned.includes(organisation.id) ? [organisation.area_id] : []))
  return { areas: [...new Set([...scopes, ...own])], platform: roles.some(({ role }) => role === 'auditor') }
}

/** The area is one of those, or lies in one. */
export const liesIn = (area: string, desks: readonly string[], areas: readonly Pick<Area, 'id' | 'parent_id'>[]): boolean => {
  let at: string | null | undefined = area
  for (let steps = 0; at && steps < 12; steps += 1) {
    if (desks.includes(at)) return true
    const here: string = at
    at = areas.find(({ id }) => id === here)?.parent_id
  }
  return false
}

type Power = Me['representations'][number]['powers'][number]
/** Organisations somebody may do this for: sign, take a position. */
export const actsFor = (me: Me | null, power: Power): string[] =>
  (me?.representations ?? []).filter(({ powers }) => powers.includes(power)).map(({ organisation }) => organisation.id)
