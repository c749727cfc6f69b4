// Requests for the same time beside each other: only one of them can be had.
import type { Request } from '@/api/requests'

export type Rivals = {
  requests: Request[]
  /** Rivals that wait for others' answers only, or are further down the list. */
  elsewhere: number
}

/** Requests in their order; those that compete, directly or through another, in one group. */
export const rivalsOf = (all: readonly Request[]): Rivals[] => {
  const groups: Rivals[] = []
  const placed = new Set<string>()
  const known = new Map(all.map((request) => [request.booking.id, request]))
  for (const first of all) {
    if (placed.has(first.booking.id)) continue
    const requests: Request[] = []
    const outside = new Set<string>()
    const queue = [first]
    placed.add(first.booking.id)
    for (let request = queue.shift(); request; request = queue.shift()) {
      requests.push(request)
      for (const { booking_id } of request.competing) {
        const rival = known.get(booking_id)
        if (!rival) outside.add(booking_id)
        else if (!placed.has(booking_id)) {
          placed.add(booking_id)
          queue.push(rival)
        }
      }
    }
    groups.push({ requests, elsewhere: outside.size })
  }
  return groups
}
