import type { Booking } from '@/api/calls'

const GONE: ReadonlySet<string> = new Set<Booking['state']>(['cancelled', 'moved', 'interrupted', 'refused', 'expired', 'no_show'])
/** Somebody was asked, and not everybody said yes: it never was booked. */
export const onlyAsked = ({ request }: Pick<Booking, 'request'>): boolean => !!request?.approvers.some(({ approved_at }) => !approved_at)
/** Which word its state has: a time that was kept for somebody and not taken was no request, and a request that was taken back no booking. */
export const wordOf = (booking: Pick<Booking, 'state' | 'hold' | 'request'>): Booking['state'] | 'passed_on' | 'request_cancelled' => {
  const { state, hold } = booking
  if (state === 'cancelled' && onlyAsked(booking)) return 'request_cancelled'
  return state === 'expired' && hold?.outcome === 'expired' ? 'passed_on' : state
}
/** It will not be, or was not. */
export const isGone = (state: string | null | undefined): boolean => GONE.has(state ?? '')
