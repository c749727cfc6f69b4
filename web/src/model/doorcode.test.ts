import { expect, test } from 'vitest'
import { isCode, readDoor, tidyCode } from './doorcode'

test('a door says six digits, bare or in its address', () => {
  expect(readDoor('123456')).toEqual({ space: null, code: '123456' })
  expect(readDoor('https://a.example/check-in/space_01kb?code=042917')).toEqual({ space: 'space_01kb', code: '042917' })
  expect(readDoor('https://a.example/check-in/space_01kb?code=4291')).toBe(null)
  expect(readDoor('WIFI:S:free')).toBe(null)
})
test('what is typed is tidied', () => {
  expect(tidyCode('04 29-17')).toBe('042917')
  expect(tidyCode('０４２９１７8')).toBe('042917')
  expect([isCode('042917'), isCode('42917')]).toEqual([true, false])
})
