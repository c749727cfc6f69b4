// What comes along with a booking: children, and portable equipment of the site.
import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type Along = {
  minors: number
  guardian: boolean
  /** How many, by code; what is missing is not wanted. */
  things: Readonly<Record<string, number>>
}
export const nothingAlong: Along = { minors: 0, guardian: false, things: {} }

const listed = (things: Along['things']): Schemas['EquipmentAsk'][] =>
  Object.entries(things).flatMap(([code, units]) => (units > 0 ? [{ code, units }] : [])).sort((a, b) => (a.code < b.code ? -1 : 1))

/** As a new booking asks for it: only what is wanted. */
export const askAlong = ({ minors, guardian, things }: Along): { minors?: number; guardian?: boolean; equipment?: Schemas['EquipmentAsk'][] } => {
  const equipment = listed(things)
  return { ...(minors > 0 ? { minors, guardian } : {}), ...(equipment.length ? { equipment } : {}) }
}

/** What a booking has along. */
export const alongOf = (minors: number, equipment: readonly { code: string; units: number }[]): Along =>
  ({ minors, guardian: minors > 0, things: Object.fromEntries(equipment.map(({ code, units }) => [code, units])) })

/** Only what is to be other than it was. */
export const changedAlong = (was: Along, now: Along): { minors?: number; guardian?: boolean; equipment?: Schemas['EquipmentAsk'][] } => {
  const [before, after] = [listed(was.things), listed(now.things)]
  return {
    ...(now.minors !== was.minors ? { minors: now.minors } : {}),
    ...(now.minors > 0 && now.guardian !== was.guardian ? { guardian: now.guardian } : {}),
    ...(JSON.stringify(before) !== JSON.stringify(after) ? { equipment: after } : {}),
  }
}
