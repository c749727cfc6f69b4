// Who may do what with an agreement beside its versions. Only so that the screens offer what will be granted; what is granted the server decides.
import type { Life, LifeEvent, LifeVerb, Suspension } from '@/api/life'
import type { Me, Version } from '@/api/calls'
import { gistOf, hasSigned, payloadOf } from './contract'

export type Deed = Exclude<LifeVerb, 'amend' | 'lift'> | 'lift' | 'review' | 'order' | 'decline'
export type Reach = {
  /** Somebody keeps the desk of the agreement's area. */
  desk: boolean
  /** Parties of the agreement somebody signs for. */
  signs: readonly string[]
  me: Me | null
}

const plays = (me: Me | null, role: Me['roles'][number]['role']): boolean => me?.roles.some((one) => one.role === role) ?? false
/** Organisations somebody has that role for. */
const asOf = (me: Me | null, role: Me['roles'][number]['role']): string[] =>
  (me?.roles ?? []).flatMap((one) => (one.role === role && one.scope.organisation ? [one.scope.organisation] : []))

/** Property units somebody acts for whose spaces this is about. */
export const unitsOf = ({ me, signs }: Reach): string[] => asOf(me, 'property_unit').filter((one) => signs.includes(one))

export const mayLift = (suspension: Suspension, reach: Reach, { possible }: Pick<Life, 'possible'>): boolean => {
  if (!possible.includes('lift')) return false
  switch (suspension.ordered_by) {
    case 'property_unit':
      return suspension.organisation_id != null && asOf(reach.me, 'property_unit').includes(suspension.organisation_id)
    case 'community':
      return reach.desk && plays(reach.me, 'community')
    case 'street':
      return reach.desk && plays(reach.me, 'street')
    default:
      return false
  }
}
/** Parties somebody may ask the community to close spaces for: who owns them, runs them or looks after them. */
export const proposersOf = ({ me, signs }: Reach): string[] =>
  (['property_unit', 'operator', 'property_manager'] as const).flatMap((role) => asOf(me, role)).filter((one) => signs.includes(one))
/** A proposal is answered by the community in charge. */
export const mayAnswer = ({ me, desk }: Reach): boolean => desk && plays(me, 'community')
/** The street reviews what others ordered. */
export const mayReview = ({ ordered_by, organisation_id }: Suspension, { me, desk }: Reach, { possible }: Pick<Life, 'possible'>): boolean =>
  possible.includes('lift') && desk && plays(me, 'street') && ordered_by !== 'street' && !me?.representations.some(({ organisation }) => organisation.id === organisation_id)

type Standing = Pick<Version, 'id' | 'version' | 'clauses' | 'parties' | 'from'>
/** Units somebody acts for that may leave with their rooms: where the parties agreed to it, once, and not as the last one. */
export const leaversOf = (life: Pick<Life, 'withdrawals'>, version: Standing, reach: Reach): string[] => {
  const rule = version.clauses.find(({ kind }) => kind === 'termination_rule')
  if (!rule || payloadOf(rule)['withdrawal_allowed'] !== true) return []
  // A version that began after somebody had left may have them lend again.
  const gone = life.withdrawals.filter(({ ends_at }) => !version.from || new Date(version.from) < new Date(ends_at)).map(({ organisation_id }) => organisation_id)
  const lenders = gistOf(version.clauses).grants.map(({ by }) => version.parties.find(({ code }) => code === by)?.organisation_id ?? by)
  const stay = [...new Set(lenders)].filter((one) => !gone.includes(one))
  return stay.length > 1 ? unitsOf(reach).filter((one) => stay.includes(one)) : []
}

/** Taking an agreed version back: who has said yes, and whose yes is missing. */
export const takingBack = (version: Standing, events: readonly LifeEvent[]): { said: LifeEvent[]; missing: string[] } => {
  const said = events.filter(({ kind, subject }) => kind === 'annulment_consented' && subject === version.id)
  const asked = version.parties.filter(hasSigned).map(({ organisation_id }) => organisation_id)
  return { said, missing: asked.filter((one) => !said.some(({ organisation_id }) => organisation_id === one)) }
}

/** Parties somebody signs for that have not objected to the notice, which is not their own. */
export const objectorsOf = ({ notice }: Pick<Life, 'notice'>, { signs }: Reach): string[] =>
  notice ? signs.filter((one) => one !== notice.organisation_id && !notice.disputed_by.includes(one)) : []

/** Parties somebody signs for that are asked to take the agreed version back and have not said yes. */
export const takersBackOf = (version: Standing, events: readonly LifeEvent[], { signs }: Reach): string[] => takingBack(version, events).missing.filter((one) => signs.includes(one))

/** May order closing at once for the desk; closing with notice is the community's. */
export const plansClosing = ({ me, desk }: Reach): boolean => desk && plays(me, 'community')

/** What is offered to somebody now, beside what hangs on a single suspension. `events` tells who takes the version back. */
export const deedsOf = (life: Life, reach: Reach, version: Standing, events: readonly LifeEvent[] = []): Deed[] => {
  const possible = (verb: LifeVerb): boolean => life.possible.includes(verb)
  const party = reach.signs.length > 0
  const asks = proposersOf(reach).length > 0
  const all: [Deed, boolean][] = [
    ['suspend', possible('suspend') && (reach.desk || asks)],
    ['annul', possible('annul') && version.version === life.pending_version && takersBackOf(version, events, reach).length > 0],
    ['dispute', possible('dispute') && objectorsOf(life, reach).length > 0],
    ['withdraw', possible('withdraw') && leaversOf(life, version, reach).length > 0],
    ['terminate', possible('terminate') && party],
    ['settle', possible('settle') && reach.desk && plays(reach.me, 'community')],
    // A second person closes what another has settled.
    ['close', possible('close') && reach.desk && (!life.settlement?.account_id || life.settlement.account_id !== reach.me?.id)],
  ]
  return all.filter(([, offered]) => offered).map(([deed]) => deed)
}
