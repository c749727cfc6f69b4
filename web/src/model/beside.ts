// What comes along with a booking: children, and portable equipment of the site.
import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type Along = {
  minors: number
  /** Full years of the youngest of them; null: not said. */
  youngest: number | null
  guardian: boolean
  /** How many, by code; what is missing is not wanted. */
  things: Readonly<Record<string, number>>
}
export const nothingAlong: Along = { minors: 0, youngest: null, guardian: false, things: {} }

const listed = (things: Along['things']): Schemas['EquipmentAsk'][] =>
  Object.entries(things).flatMap(([code, units]) => (units > 0 ? [{ code, units }] : [])).sort((a, b) => (a.code < b.code ? -1 : 1))

type Asked = { minors?: number; youngest?: number; guardian?: boolean; equipment?: Schemas['EquipmentAsk'][] }
const aged = (youngest: number | null): { youngest?: number } => (youngest === null ? {} : { youngest })

/** As a new booking asks for it: only what is wanted. */
export const askAlong = ({ minors, youngest, guardian, things }: Along): Asked => {
  const equipment = listed(things)
  return { ...(minors > 0 ? { minors, ...aged(youngest), guardian } : {}), ...(equipment.length ? { equipment } : {}) }
}

/** What a booking has along. */
type Had = { minors?: number | null; youngest?: number | null; guardian?: boolean | null; equipment?: readonly { code: string; units: number }[] }
export const alongOf = ({ minors, youngest, guardian, equipment }: Had): Along => ({
  minors: minors ?? 0,
  youngest: youngest ?? null,
  guardian: guardian ?? false,
  things: Object.fromEntries((equipment ?? []).map(({ code, units }) => [code, units])),
})

/** Only what is to be other than it was. */
export const changedAlong = (was: Along, now: Along): Asked => {
  const [before, after] = [listed(was.things), listed(now.things)]
  return {
    ...(now.minors !== was.minors ? { minors: now.minors } : {}),
    ...(now.minors > 0 && now.youngest !== was.youngest ? aged(now.youngest) : {}),
    ...(now.minors > 0 && now.guardian !== was.guardian ? { guardian: now.guardian } : {}),
    ...(JSON.stringify(before) !== JSON.stringify(after) ? { equipment: after } : {}),
  }
}
