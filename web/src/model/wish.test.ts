import { describe, expect, test } from 'vitest'
import { askOf, daysOf, readWish, writeWish } from './wish'

const TODAY = '2026-11-25'
const usual = readWish({}, TODAY)

describe('a wish in the address', () => {
  test('says what differs from the usual, and is read back as it was', () => {
    const wish = { ...usual, site: null, when: 'weekend' as const, at: 'afternoon', minutes: 120, people: 20, use: 'vocal', rooms: 2, things: ['piano'], cost: 'free' as const }
    expect(readWish(writeWish(wish), TODAY)).toEqual(wish)
  })
  test('what makes no sense is as if it were not there', () => {
    const odd = readWish({ date: '2026-02-31', when: 'never', from: '27:99', length: '-5', people: 'many', rooms: '9', cost: 'gold' }, TODAY)
    expect(odd).toEqual(usual)
    expect(readWish({ date: '2026-11-01' }, TODAY).date).toBe(TODAY)
  })
})

describe('what is asked', () => {
  test('a weekend is the one a day lies in or before', () => {
    expect(daysOf({ date: '2026-11-25', when: 'weekend' })).toEqual({ first: '2026-11-28', last: '2026-11-29' })
    expect(daysOf({ date: '2026-11-28', when: 'weekend' })).toEqual({ first: '2026-11-28', last: '2026-11-29' })
    expect(daysOf({ date: '2026-11-29', when: 'weekend' })).toEqual({ first: '2026-11-29', last: '2026-11-29' })
    expect(daysOf({ date: '2026-11-25', when: 'week' })).toEqual({ first: '2026-11-25', last: '2026-12-01' })
  })
  test('an exact start is a window as long as what is wanted', () => {
    expect(askOf({ ...usual, site: 'site_1', at: '10:00', minutes: 90 }, '2027-01-24')).toEqual({
      site_ids: 'site_1', date: TODAY, to_date: TODAY, from: '10:00', to: '11:30', minutes: 90, people: 1, limit: 30,
    })
    expect(askOf({ ...usual, at: 'evening' }, '2027-01-24')).toMatchObject({ part: 'evening' })
  })
  test('nothing is looked for beyond the horizon', () => {
    expect(askOf({ ...usual, when: 'week' }, '2026-11-27').to_date).toBe('2026-11-27')
  })
})
