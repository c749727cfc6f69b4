// An agreement version as people read it: chapters and articles, who has signed, what it comes to in one paragraph.
import type { Clause, ClauseKind, Party, Round, Summary, VersionEvent, Voice } from '@/api/agreements'
import type { Version } from '@/api/calls'
import type { Life } from '@/api/life'
import { addDays, civil } from './time'

export type Chapter = 'parties' | 'lend' | 'hours' | 'uses' | 'people' | 'money' | 'care' | 'change' | 'other'
const chapterOf: Record<ClauseKind, Chapter> = {
  parties: 'parties',
  space_grant: 'lend',
  term: 'lend',
  open_hours: 'hours',
  reserved_hours: 'hours',
  quiet_hours: 'hours',
  allowed_uses: 'uses',
  prohibited_uses: 'uses',
  capacity: 'people',
  price_ceiling: 'money',
  free_share: 'money',
  utilities_payer: 'money',
  fit_out: 'money',
  revenue_share: 'money',
  public_return: 'money',
  maintenance: 'hours',
  approval: 'people',
  insurance_safety: 'care',
  data: 'care',
  review: 'change',
  amendment_rule: 'change',
  suspension_rule: 'change',
  // No clause of a document: how the rules name what an order closed.
  suspension: 'change',
  termination_rule: 'change',
  settlement: 'change',
  dispute: 'change',
  priority: 'people',
  allocation_mix: 'people',
  minors: 'people',
}
const order: readonly Chapter[] = ['parties', 'lend', 'hours', 'uses', 'people', 'money', 'care', 'change', 'other']

export type Article = { no: number; clause: Clause; plain: { zh: string; en: string } | null }
/** Clauses by what they are about, numbered through. The number is for reading; what binds is the clause and its id. */
export const articlesOf = (version: Pick<Version, 'clauses' | 'plain'>): { chapter: Chapter; articles: Article[] }[] => {
  let no = 0
  return order.flatMap((chapter) => {
    const articles = version.clauses
      .filter(({ kind }) => (chapterOf[kind] ?? 'other') === chapter)
      .map((clause) => ({ no: ++no, clause, plain: version.plain.find((plain) => plain.clause === clause.id) ?? null }))
    return articles.length ? [{ chapter, articles }] : []
  })
}

const digits = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九']
/** `23` → `二十三`, as articles are counted; to 999. */
export const chineseNumber = (n: number): string => {
  if (n >= 100) {
    const rest = n % 100
    return `${digits[Math.floor(n / 100)] ?? ''}百${rest ? (rest < 10 ? '零' : '') + (rest >= 10 && rest < 20 ? '一' : '') + chineseNumber(rest) : ''}`
  }
  if (n < 10) return digits[n] ?? ''
  const [ten, one] = [Math.floor(n / 10), n % 10]
  return `${ten > 1 ? digits[ten] : ''}十${one ? digits[one] : ''}`
}

export type Payload = Record<string, unknown>
export const payloadOf = (clause: Clause): Payload => clause.payload as Payload

/** It is being talked over, or has been: nobody signs yet. */
export const isTalkedOver = (version: Pick<Summary, 'state'>): boolean => version.state === 'in_round' || version.state === 'discussed'
/** It is neither agreed nor over. (One that was talked over and is `discussed` has another after it.) */
export const isUnderWay = (version: Pick<Summary, 'state'>): boolean => version.state === 'draft' || version.state === 'in_round' || isOpen(version)
export const isOpen = (version: Pick<Summary, 'state'>): boolean => version.state === 'proposed' || version.state === 'partially_signed'
export const hasSigned = (party: Party): boolean => party.signature?.confirmed_at != null

/** Signed; recorded on paper and not confirmed; declined; may sign now; waits for others before it; did not sign and no longer can. */
export type PartyState = 'signed' | 'paper' | 'declined' | 'turn' | 'later' | 'unsigned'
export const partyState = (version: Pick<Version, 'state' | 'parties'>, party: Party): PartyState => {
  if (hasSigned(party)) return 'signed'
  if (party.declined) return 'declined'
  if (isTalkedOver(version)) return 'later'
  if (!isOpen(version)) return 'unsigned'
  if (party.signature) return 'paper'
  return version.parties.some((other) => other.stage < party.stage && !hasSigned(other)) ? 'later' : 'turn'
}

/** The parties in the order they sign. */
export const stagesOf = (parties: readonly Party[]): { stage: number; parties: Party[] }[] => {
  const stages = [...new Set(parties.map(({ stage }) => stage))].sort((a, b) => a - b)
  return stages.map((stage) => ({ stage, parties: parties.filter((party) => party.stage === stage) }))
}

/** Who is still missing once `organisation` has signed. */
export const missingAfter = (parties: readonly Party[], organisation: string | null): Party[] =>
  parties.filter((party) => !hasSigned(party) && party.organisation_id !== organisation)

export type Grant = { by: string; spaces: readonly string[]; rent_fen: number }
/** Who lends what, and until when. Spaces are `site/space`; none = all. */
export const gistOf = (clauses: readonly Clause[]): { grants: Grant[]; first: string | null; last: string | null; named: { organisation: string; capacity: string; stage: number }[] } => {
  const grants: Grant[] = []
  for (const clause of clauses.filter(({ kind, exception }) => kind === 'space_grant' && !exception)) {
    const { by, rent_fen_per_year = 0 } = payloadOf(clause) as { by: string; rent_fen_per_year?: number }
    const spaces = clause.spaces ?? []
    const known = grants.find((grant) => grant.by === by && grant.rent_fen === 0 && rent_fen_per_year === 0 && grant.spaces.length > 0 && spaces.length > 0)
    if (known) known.spaces = [...known.spaces, ...spaces]
    else grants.push({ by, spaces, rent_fen: rent_fen_per_year })
  }
  const term = clauses.find(({ kind }) => kind === 'term')
  const { first_day = null, last_day = null } = (term ? payloadOf(term) : {}) as { first_day?: string; last_day?: string }
  const parties = clauses.find(({ kind }) => kind === 'parties')
  const named = ((parties ? payloadOf(parties) : {}) as { parties?: { organisation: string; capacity: string; stage: number }[] }).parties ?? []
  return { grants, first: first_day, last: last_day, named }
}

/** What ends at midnight ends on the day before. */
export const lastDayOf = (instant: string): string => civil(new Date(new Date(instant).getTime() - 1000)).date

/** The first day by which a version governs, while that is to come: as agreed, or if the last party signed today. */
export const beginsOn = (version: Pick<Version, 'state' | 'clauses' | 'from' | 'consent'>, today: string): string | null => {
  const soonest = [gistOf(version.clauses).first ?? today, addDays(today, version.consent?.wait_days ?? 0)].sort()[1] ?? today
  const first = version.state === 'agreed' && version.from ? civil(version.from).date : soonest
  return first > today ? first : null
}

/** From when to when it holds: what the term says, and what became of that. */
export const heldOf = (version: Pick<Version, 'clauses' | 'effect'>, life: Pick<Life, 'phase' | 'ends_at'>): { how: 'term' | 'early' | 'over'; first: string; last: string; date: string } | null => {
  const { first, last } = gistOf(version.clauses)
  if (!first || !last) return null
  const until = life.ends_at && version.effect && version.effect !== 'superseded' ? lastDayOf(life.ends_at) : last
  const over = version.effect === 'expired' && ['ended', 'settling', 'closed'].includes(life.phase)
  return { how: over ? 'over' : until < last ? 'early' : 'term', first, last, date: until }
}

/** The version somebody wants to see who names none: the one in force, else the one being signed, else the latest. */
export const chosenVersion = (versions: readonly Summary[]): Summary | null =>
  versions.find(({ effect }) => effect === 'in_force') ?? versions.find(isOpen) ?? versions[0] ?? null

/** Which party an event is about: the one whose signature, decline or position bears its moment. */
export const partyOf = (event: VersionEvent, parties: readonly Party[], rounds: readonly Round[] = []): Party | Voice | null => {
  const same = (at: string | null | undefined): boolean => at != null && new Date(at).getTime() === new Date(event.at).getTime()
  switch (event.kind) {
    case 'signed':
      return parties.find(({ signature }) => same(signature?.signed_at)) ?? null
    case 'confirmed':
      return parties.find(({ signature }) => same(signature?.confirmed_at)) ?? null
    case 'declined':
      return parties.find(({ declined }) => same(declined?.at)) ?? null
    case 'position_stated':
      return rounds.flatMap(({ voices }) => voices).find(({ position }) => same(position?.stated_at)) ?? null
    case 'replied':
      return rounds.flatMap(({ voices }) => voices).find(({ position }) => same(position?.reply?.at)) ?? null
    default:
      return null
  }
}

const stable = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`
  if (value && typeof value === 'object') {
    return `{${Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => `${JSON.stringify(key)}:${stable(inner)}`).join(',')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

/** The clauses on the screen are those of the document that is signed (which leaves the courtesy translation out). */
export const isAsShown = (canonical: string, clauses: readonly Clause[]): boolean => {
  try {
    const document = JSON.parse(canonical) as { clauses?: unknown }
    return stable(document.clauses) === stable(clauses.map(({ text_en: _, ...binding }) => binding))
  } catch {
    return false
  }
}

/** `2b0cb9ff 5164ed54 …`, so that two people can compare it aloud. */
export const showHash = (hash: string): string => hash.replace(/(.{8})(?=.)/g, '$1 ')
