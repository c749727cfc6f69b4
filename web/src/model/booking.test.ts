import { expect, test } from 'vitest'
import { isGone, onlyAsked, wordOf } from './booking'

test('what was used is not gone; what was cancelled, moved or missed is', () => {
  expect(['confirmed', 'requested', 'held', 'checked_in', 'completed', null, undefined].filter(isGone)).toEqual([])
  expect(['cancelled', 'moved', 'interrupted', 'refused', 'expired', 'no_show'].every(isGone)).toBe(true)
})

test('a kept time nobody took was passed on; a request nobody answered has expired, also where it came from a kept time', () => {
  const hold = { offered_at: '2026-11-28T06:00:00Z', until: '2026-11-28T08:00:00Z' }
  expect(wordOf({ state: 'expired', hold: { ...hold, outcome: 'expired' } })).toBe('passed_on')
  expect(wordOf({ state: 'expired', hold: { ...hold, outcome: 'accepted' } })).toBe('expired')
  expect(wordOf({ state: 'expired', hold: null })).toBe('expired')
  expect(wordOf({ state: 'held', hold })).toBe('held')
})

test('a request that was taken back never was a booking', () => {
  const approver = { agreement_code: 'a', clause: 'consent', deadline_at: '2026-11-28T06:00:00Z', organisation_id: 'organisation_1', version_no: 1, capacity: 'community' as const }
  const asked = (...said: (string | null)[]) => ({ request: { deadline_at: '2026-11-28T06:00:00Z', approvers: said.map((approved_at) => ({ ...approver, approved_at })) } })
  const [open, granted] = [asked('2026-11-27T06:00:00Z', null), asked('2026-11-27T06:00:00Z')]
  expect([onlyAsked(open), onlyAsked(granted), onlyAsked({ request: null })]).toEqual([true, false, false])
  expect(wordOf({ state: 'cancelled', ...open })).toBe('request_cancelled')
  expect(wordOf({ state: 'cancelled', ...granted })).toBe('cancelled')
  expect(wordOf({ state: 'requested', ...open })).toBe('requested')
})
