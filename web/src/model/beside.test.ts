import { describe, expect, test } from 'vitest'
import { alongOf, askAlong, changedAlong, nothingAlong } from './beside'

describe('what comes along', () => {
  test('only what is wanted is asked for', () => {
    expect(askAlong(nothingAlong)).toEqual({})
    expect(askAlong({ minors: 0, youngest: 5, guardian: true, things: { table: 0 } })).toEqual({})
    expect(askAlong({ minors: 2, youngest: null, guardian: false, things: { table: 3, projector: 1 } })).toEqual({
      minors: 2, guardian: false, equipment: [{ code: 'projector', units: 1 }, { code: 'table', units: 3 }],
    })
    expect(askAlong({ minors: 1, youngest: 0, guardian: true, things: {} })).toEqual({ minors: 1, youngest: 0, guardian: true })
  })
  test('a change names only what is other than it was', () => {
    const was = alongOf({ minors: 2, youngest: 8, guardian: true, equipment: [{ code: 'table', units: 3 }] })
    expect(was).toEqual({ minors: 2, youngest: 8, guardian: true, things: { table: 3 } })
    expect(alongOf({})).toEqual(nothingAlong)
    expect(changedAlong(was, { ...was, things: { table: 3, projector: 0 } })).toEqual({})
    expect(changedAlong(was, { ...was, things: {} })).toEqual({ equipment: [] })
    expect(changedAlong(was, { ...was, minors: 0, guardian: false })).toEqual({ minors: 0 })
    expect(changedAlong(was, { ...was, guardian: false })).toEqual({ guardian: false })
    expect(changedAlong(was, { ...was, youngest: 0 })).toEqual({ youngest: 0 })
    expect(changedAlong(was, { ...was, youngest: null })).toEqual({})
    expect(changedAlong(nothingAlong, { ...nothingAlong, minors: 1, guardian: true })).toEqual({ minors: 1, guardian: true })
  })
})
