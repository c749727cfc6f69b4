// As whom somebody looks at the screens (我的身份). A hat changes the tabs, never the rights: those the server decides.
import type { Me } from '@/api/calls'

export type HatKind = 'resident' | 'unit' | 'desk'
export type Hat = { key: string; kind: HatKind; organisation?: { id: string; name_zh: string; name_en: string | null } }

const desk: ReadonlySet<string> = new Set(['community', 'street', 'operator'])

export const hatsOf = (me: Me | null): Hat[] => {
  const hats: Hat[] = [{ key: 'resident', kind: 'resident' }]
  for (const { organisation, powers } of me?.representations ?? []) {
    // Whoever may speak for an organisation at the table, in the tabs of a party.
    if (!powers.some((power) => power === 'sign' || power === 'approve')) continue
    const { id, name_zh, name_en = null } = organisation
    hats.push({ key: `unit:${id}`, kind: 'unit', organisation: { id, name_zh, name_en } })
  }
  if (me?.roles.some(({ role }) => desk.has(role))) hats.push({ key: 'desk', kind: 'desk' })
  return hats
}

/** Organisations somebody may book for. */
export const bookersOf = (me: Me | null): { id: string; name_zh: string; name_en: string | null }[] =>
  (me?.representations ?? [])
    .filter(({ powers }) => powers.includes('book'))
    .map(({ organisation: { id, name_zh, name_en = null } }) => ({ id, name_zh, name_en }))
