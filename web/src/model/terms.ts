// What the clauses in force say of a space, for a person: how many people, what for, when quiet, who agreed. The check of a booking
// stays the judge; this is so that nobody has to be refused to find out.
import type { Term, UseInfo } from '@/api/calls'
import { DAY_MINUTES, readMinute, showMinute, weekday } from './time'

type Windows = { days: string[]; from: string; to: string }[]
const names = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
const payload = (term: Term): Record<string, unknown> => term.payload as Record<string, unknown>
const listOf = (term: Term): string[] => (payload(term)['uses'] as string[] | undefined) ?? []

/** The whole obeys its parts' hours and uses, but has a capacity of its own. */
const binding = (terms: readonly Term[], kind: Term['kind']): Term[] =>
  terms.filter((term) => term.kind === kind && (kind !== 'capacity' || term.relation !== 'part'))

/** Most people at once; the strictest wins. */
export const capacityOf = (terms: readonly Term[]): number | null => {
  const all = binding(terms, 'capacity').map((term) => Number(payload(term)['persons']))
  return all.length ? Math.min(...all) : null
}

/** Below which age somebody comes along with a child: the strictest clause wins, null where none says so. */
export const guardianAgeOf = (terms: readonly Term[]): number | null => {
  const all = binding(terms, 'minors').map((term) => Number(payload(term)['guardian_below_age']))
  return all.length ? Math.max(...all) : null
}

/** It matters whether somebody comes along with children of that age; as long as the terms are not known, it may. */
export const guardianAsked = (terms: readonly Term[], youngest: number | null): boolean => {
  const below = guardianAgeOf(terms)
  return !terms.length || (below !== null && (youngest === null || youngest < below))
}

/** Uses every clause allows and none prohibits, in the order of the list. A clause on a use covers what falls under it. */
export const usesOf = (terms: readonly Term[], uses: readonly UseInfo[]): UseInfo[] => {
  const covers = (list: readonly string[], use: UseInfo): boolean => list.includes(use.code) || (use.parent != null && list.includes(use.parent))
  const allowed = binding(terms, 'allowed_uses').map(listOf)
  const prohibited = binding(terms, 'prohibited_uses').map(listOf)
  return uses.filter((use) => allowed.every((list) => covers(list, use)) && !prohibited.some((list) => covers(list, use)))
}

/** Windows of a day in which loud uses are refused. */
export const quietOf = (terms: readonly Term[], date: string): { from: string; to: string }[] => {
  const day = names[weekday(date)] ?? ''
  return binding(terms, 'quiet_hours').flatMap((term) =>
    ((payload(term)['weekly'] as Windows | undefined) ?? []).filter(({ days }) => days.includes(day)).map(({ from, to }) => ({ from, to })),
  )
}

/** From when to when the space is open at most, on any day of the week; null where no clause says so. */
export const openOf = (terms: readonly Term[]): { from: number; to: number } | null => {
  const all = binding(terms, 'open_hours')
    .map((term) => (payload(term)['weekly'] as Windows | undefined) ?? [])
    .filter((weekly) => weekly.length)
    .map((weekly) => ({ from: Math.min(...weekly.map(({ from }) => readMinute(from) ?? 0)), to: Math.max(...weekly.map(({ to }) => readMinute(to) ?? DAY_MINUTES)) }))
  return all.length ? { from: Math.max(...all.map(({ from }) => from)), to: Math.min(...all.map(({ to }) => to)) } : null
}

/** Starts to choose from: on the grid, while it is open where that is known; what is chosen is always among them. */
export const startsWithin = (open: { from: number; to: number } | null, step: number, chosen?: string): string[] => {
  const { from, to } = open ?? { from: 6 * 60, to: DAY_MINUTES }
  const all: string[] = []
  for (let at = Math.ceil(from / step) * step; at < to; at += step) all.push(showMinute(at))
  return !chosen || all.includes(chosen) ? all : [...all, chosen].sort()
}

/** The clause a reason names. */
export const termFor = (terms: readonly Term[], reason: { clause?: string | null; agreement?: string | null }): Term | undefined =>
  reason.clause ? terms.find((term) => term.clause === reason.clause && (!reason.agreement || term.agreement === reason.agreement)) : undefined

export type Basis = { agreement_id: string; agreement: string; version: number; from: string; to: string }
/** The agreements that open the space: those with a grant. */
export const basisOf = (terms: readonly Term[]): Basis[] =>
  terms.filter(({ kind }) => kind === 'space_grant').map(({ agreement_id, agreement, version, from, to }) => ({ agreement_id, agreement, version, from, to }))
