import { describe, expect, test } from 'vitest'
import type { Round, Stand } from '@/api/agreements'
import { countsOf, isGoing, roundOf, textChanges, unansweredOf } from './talks'

const round = (no: number, said: (Stand | null)[], more: Partial<Round> = {}): Round => ({
  id: `round_${no}`,
  round: no,
  version: no,
  opened_at: '2026-03-01T01:00:00Z',
  voices: said.map((stand, i) => ({
    organisation_id: `organisation_${i}`,
    name_zh: `第${i}单位`,
    position: stand ? { id: `position_${no}_${i}`, stand, stated_at: '2026-03-02T01:00:00Z', text: stand === 'support' ? null : '原因' } : null,
  })),
  ...more,
})

describe('rounds', () => {
  const first = round(1, ['support', 'support', 'support_if', 'object', null], { closed_at: '2026-03-03T01:00:00Z' })
  test('silence is counted as silence', () => {
    expect(countsOf(first)).toEqual([
      { said: 'support', n: 2 },
      { said: 'support_if', n: 1 },
      { said: 'object', n: 1 },
      { said: 'silent', n: 1 },
    ])
    expect(countsOf(round(2, ['support', 'support']))).toEqual([{ said: 'support', n: 2 }])
  })
  test('objections and conditions want an answer, nothing else does', () => {
    expect(unansweredOf([first, round(2, ['abstain', 'support', null])]).map(({ position }) => position.id)).toEqual(['position_1_2', 'position_1_3'])
    const answered = round(3, ['object'])
    const said = answered.voices[0]?.position
    if (said) said.reply = { text: '写进去了。', at: '2026-03-04T01:00:00Z' }
    expect(unansweredOf([answered])).toEqual([])
  })
  test('a round is going until it is closed', () => {
    expect(isGoing(first)).toBe(false)
    expect(isGoing(round(2, []))).toBe(true)
    expect(isGoing(null)).toBe(false)
    expect(roundOf([first], 1)).toBe(first)
    expect(roundOf([first], 2)).toBe(null)
  })
})

describe('text changes', () => {
  const told = (before: string, after: string): string => textChanges(before, after).map(({ kind, text }) => (kind === 'same' ? text : kind === 'gone' ? `[-${text}-]` : `{+${text}+}`)).join('')
  test('a figure changes as a whole', () => {
    expect(told('每日8时至22时开放。', '每日8时至20时开放。')).toBe('每日8时至[-22-]{+20+}时开放。')
    expect(told('At most 60 people.', 'At most 55 people, seated.')).toBe('At most [-60-]{+55+} people{+, seated+}.')
  })
  test('words come and go at either end', () => {
    expect(told('', '免费。')).toBe('{+免费。+}')
    expect(told('免费。', '')).toBe('[-免费。-]')
    expect(told('免费。', '免费。')).toBe('免费。')
    expect(told('水电费由单位付。', '水电费由单位付，每年结一次。')).toBe('水电费由单位付{+，每年结一次+}。')
  })
  test('a lonely character amid changes goes with them', () => {
    expect(told('甲出水费', '乙出电费')).toBe('[-甲出水-]{+乙出电+}费')
  })
  test('whatever the texts are, both can be read off, quickly', () => {
    const texts = ['', '一', '一二三四五六七八九十', '十九八七六五四三二一', '甲乙丙'.repeat(1300), '丙乙丁'.repeat(1300), 'a1b2 22:00']
    for (const before of texts) {
      for (const after of texts) {
        const pieces = textChanges(before, after)
        expect(pieces.filter(({ kind }) => kind !== 'new').map(({ text }) => text).join('')).toBe(before)
        expect(pieces.filter(({ kind }) => kind !== 'gone').map(({ text }) => text).join('')).toBe(after)
      }
    }
  })
})
