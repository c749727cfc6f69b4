import { describe, expect, test } from 'vitest'
import type { Day, SiteDays } from '@/api/calls'
import { aFewOf, dayLook, earliest, isFree, lineAt, nearestOf, nextOpen, openHours, slotsOf, startsOf, stateAt, stretches, tap, withLength } from './timeline'

type Part = [string, string, 'free' | 'taken' | 'closed', string?]
const day = (...parts: Part[]): Day =>
  ({
    date: '2026-11-24', day_type: 'workday', provisional: false,
    segments: parts.map(([from, to, state, code]) => ({ from, to, state, starts_at: '', ends_at: '', ...(code ? { reasons: [{ code, clause: 'hours', zh: code, en: code }] } : {}) })),
  }) as Day
const open = day(['00:00', '08:30', 'closed', 'outside-hours'], ['08:30', '10:00', 'free'], ['10:00', '12:00', 'free'], ['12:00', '14:00', 'taken'], ['14:00', '21:00', 'free'], ['21:00', '24:00', 'closed', 'outside-hours'])
const none = { setup_minutes: 0, cleanup_minutes: 0 }
const half = { setup_minutes: 30, cleanup_minutes: 30 }
const rules = { min_minutes: 30, max_minutes: 240 }

describe('timeline', () => {
  test('cuts within one state are no cuts for a person', () => {
    expect(stretches(open.segments).map(({ from, to, state }) => [from, to, state])).toEqual([[0, 510, 'closed'], [510, 720, 'free'], [720, 840, 'taken'], [840, 1260, 'free'], [1260, 1440, 'closed']])
    expect(stateAt(open, 540)).toMatchObject({ state: 'free', to: 720 })
    expect(stateAt(open, 720)).toMatchObject({ state: 'taken', to: 840 })
    expect(stateAt(undefined, 1)).toBeNull()
  })
  test('set-up and cleaning keep their distance from neighbours, not from the doors', () => {
    const all = stretches(open.segments)
    expect(isFree(all, 510, 690, half)).toBe(true)
    expect(isFree(all, 510, 720, half)).toBe(false)
    expect(isFree(all, 510, 720, none)).toBe(true)
    expect(isFree(all, 840, 900, half)).toBe(false)
    expect(isFree(all, 1200, 1260, half)).toBe(true)
    expect(isFree(all, 1230, 1290, none)).toBe(false)
  })
  test('starts lie on the grid, after the earliest moment, where the length fits', () => {
    expect(startsOf(open, { after: 0, length: 60, step: 30, buffers: none }).slice(0, 6)).toEqual([510, 540, 570, 600, 630, 660])
    expect(startsOf(open, { after: 661, length: 60, step: 30, buffers: none })[0]).toBe(840)
    expect(startsOf(open, { after: 0, length: 240, step: 30, buffers: half })[0]).toBe(870)
    expect(startsOf(open, { after: 1440, length: 60, step: 30, buffers: none })).toEqual([])
    expect(aFewOf([510, 540, 600, 630, 720, 900], 3, 90)).toEqual([510, 600, 720])
  })
  test('the earliest moment: past days never, today after the lead, later days from midnight', () => {
    const now = { date: '2026-11-24', minute: 600 }
    expect([earliest('2026-11-23', now, 60), earliest('2026-11-24', now, 60), earliest('2026-11-25', now, 60)]).toEqual([1440, 660, 0])
  })
  test('before the doors open the plan shows the opening; afterwards there is none', () => {
    const days = { spaces: [{ space_id: 'a', days: [open] }] } as unknown as SiteDays
    expect([openHours(days, '2026-11-24'), openHours(days, '2026-11-25')]).toEqual([{ from: 510, to: 1260 }, null])
    expect([nextOpen(days, '2026-11-24', 0), nextOpen(days, '2026-11-24', 615), nextOpen(days, '2026-11-24', 1260)]).toEqual([510, 615, null])
  })
  test('slots leave the night out and keep every hour that has an answer of its own', () => {
    const kept = day(['00:00', '08:30', 'closed', 'outside-hours'], ['08:30', '12:00', 'closed', 'reserved-hours'], ['12:00', '21:00', 'free'], ['21:00', '24:00', 'closed', 'outside-hours'])
    const { slots, before, behind } = slotsOf(kept, { step: 30, after: 780, mine: [{ from: 900, to: 960 }] })
    expect([slots[0]?.from, slots[slots.length - 1]?.to, slots.length]).toEqual([510, 1260, 25])
    expect(slots[0]).toMatchObject({ state: 'closed', reasons: [{ code: 'reserved-hours' }] })
    expect(slots.find(({ from }) => from === 720)?.state).toBe('early')
    expect(slots.filter(({ state }) => state === 'mine').map(({ from }) => from)).toEqual([900, 930])
    expect([before?.to, behind?.from]).toEqual([510, 1260])
    const shut = slotsOf(day(['00:00', '24:00', 'closed', 'outside-hours']), { step: 30, after: 0, mine: [] })
    expect([shut.slots, shut.before?.reasons[0]?.code]).toEqual([[], 'outside-hours'])
  })
  test('a taken hour: the whole of it to stand in line for, as long as a booking may be, and what is free nearest to it', () => {
    const { slots } = slotsOf(open, { step: 30, after: 0, mine: [] })
    const at = (from: number) => slots.find((slot) => slot.from === from)!
    expect(lineAt(slots, at(780), rules, 0)).toEqual({ from: 720, to: 840 })
    expect(lineAt(slots, at(780), rules, 750)).toEqual({ from: 750, to: 840 })
    expect(lineAt(slots, at(780), { ...rules, max_minutes: 60 }, 0)).toEqual({ from: 780, to: 840 })
    expect(lineAt(slots, at(780), { ...rules, min_minutes: 180 }, 0)).toBeNull()
    expect(lineAt(slots, at(600), rules, 0)).toBeNull()
    expect(lineAt(slots, at(720), rules, 750)).toBeNull()
    const starts = startsOf(open, { after: 0, length: 60, step: 30, buffers: none })
    expect(nearestOf(starts, 720, 3)).toEqual([600, 660, 840])
    expect(nearestOf([], 720, 3)).toEqual([])
  })
  test('a present moment between two steps leaves no hole', () => {
    const now = day(['00:00', '10:07', 'closed', 'past'], ['10:07', '21:00', 'free'], ['21:00', '24:00', 'closed', 'outside-hours'])
    const { slots } = slotsOf(now, { step: 30, after: 667, mine: [] })
    expect(slots[0]).toMatchObject({ from: 600, state: 'closed' })
    expect(slots[1]).toMatchObject({ from: 630, state: 'early' })
    expect(slots[3]).toMatchObject({ from: 690, state: 'free' })
  })
  test('taps: an hour, longer, anew, none', () => {
    const { slots } = slotsOf(open, { step: 30, after: 0, mine: [] })
    const at = (from: number) => slots.find((slot) => slot.from === from)!
    const first = tap(slots, null, at(540), rules)
    expect(first).toEqual({ from: 540, to: 600 })
    expect(tap(slots, first, at(660), rules)).toEqual({ from: 540, to: 690 })
    expect(tap(slots, first, at(510), rules)).toEqual({ from: 510, to: 570 })
    expect(tap(slots, first, at(540), rules)).toBeNull()
    expect(tap(slots, first, at(900), rules), 'across a neighbour').toEqual({ from: 900, to: 960 })
    expect(tap(slots, null, at(690), rules), 'only half an hour is left').toEqual({ from: 690, to: 720 })
    expect(tap(slots, { from: 840, to: 900 }, at(1200), rules), 'longer than allowed').toEqual({ from: 1200, to: 1260 })
    expect(withLength(slots, 540, 180)).toEqual({ from: 540, to: 720 })
    expect(withLength(slots, 540, 210)).toBeNull()
  })
  test('how a day looks in the strip', () => {
    expect(dayLook(open, 0)).toBe('free')
    expect(dayLook(day(['00:00', '24:00', 'closed', 'outside-hours']), 0)).toBe('closed')
    expect(dayLook(day(['00:00', '09:00', 'closed', 'x'], ['09:00', '20:00', 'taken'], ['20:00', '21:00', 'free'], ['21:00', '24:00', 'closed', 'x']), 0)).toBe('some')
    expect(dayLook(day(['00:00', '09:00', 'closed', 'x'], ['09:00', '21:00', 'taken'], ['21:00', '24:00', 'closed', 'x']), 0)).toBe('full')
    expect(dayLook(open, 1255), 'the day is over').toBe('closed')
  })
})
