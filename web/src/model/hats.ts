// As whom somebody looks at the screens (我的身份). A hat changes the tabs, never the rights: those the server decides.
import type { Me } from '@/api/calls'

export type HatKind = 'resident' | 'unit' | 'desk' | 'audit'
export type Desk = 'community' | 'street' | 'operator'
export type Hat = { key: string; kind: HatKind; desk?: Desk; organisation?: { id: string; name_zh: string; name_en: string | null } }

const desks: readonly Desk[] = ['community', 'street', 'operator']

export const hatsOf = (me: Me | null): Hat[] => {
  const hats: Hat[] = [{ key: 'resident', kind: 'resident' }]
  for (const { organisation, powers } of me?.representations ?? []) {
    // Whoever may speak for an organisation at the table, in the tabs of a party.
    if (!powers.some((power) => power === 'sign' || power === 'position' || power === 'approve')) continue
    const { id, name_zh, name_en = null } = organisation
    hats.push({ key: `unit:${id}`, kind: 'unit', organisation: { id, name_zh, name_en } })
  }
  const desk = desks.find((one) => me?.roles.some(({ role }) => role === one))
  if (desk) hats.push({ key: 'desk', kind: 'desk', desk })
  if (me?.roles.some(({ role }) => role === 'auditor')) hats.push({ key: 'audit', kind: 'audit' })
  return hats
}

/** The hat somebody wears who has not chosen one: whoever lives here is a resident first, everybody else comes for their work. */
export const firstHat = (me: Me | null): Hat => {
  const [resident, work] = hatsOf(me)
  return (me && me.household_id == null ? work : null) ?? resident ?? { key: 'resident', kind: 'resident' }
}

/** Bookings may wait for somebody's yes on behalf of an organisation. */
export const approves = (me: Me | null): boolean => me?.representations.some(({ powers }) => powers.includes('approve')) ?? false

/** Organisations somebody may book for. */
export const bookersOf = (me: Me | null): { id: string; name_zh: string; name_en: string | null }[] =>
  (me?.representations ?? [])
    .filter(({ powers }) => powers.includes('book'))
    .map(({ organisation: { id, name_zh, name_en = null } }) => ({ id, name_zh, name_en }))
