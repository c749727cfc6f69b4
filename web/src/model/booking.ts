import type { Booking } from '@/api/calls'

const GONE: ReadonlySet<string> = new Set<Booking['state']>(['cancelled', 'moved', 'interrupted', 'refused', 'expired', 'no_show'])
/** It will not be, or was not. */
export const isGone = (state: string | null | undefined): boolean => GONE.has(state ?? '')
