import type { Booking } from '@/api/calls'

const GONE: ReadonlySet<string> = new Set<Booking['state']>(['cancelled', 'moved', 'interrupted', 'refused', 'expired', 'no_show'])
/** Which word its state has: a time that was kept for somebody and not taken was no request. */
export const wordOf = ({ state, hold }: Pick<Booking, 'state' | 'hold'>): Booking['state'] | 'passed_on' => (state === 'expired' && hold?.outcome === 'expired' ? 'passed_on' : state)
/** It will not be, or was not. */
export const isGone = (state: string | null | undefined): boolean => GONE.has(state ?? '')
