import { describe, expect, test } from 'vitest'
import type { Tariff } from '@/api/calls'
import { showMoney, showTariff, tariffFor, yuan } from './money'

const tariff = (use: string | null, ...components: [number, 'person' | 'session' | 'hour'][]): Tariff =>
  ({ id: 'tariff_x', use, kind: components.length ? 'low_cost' : 'free', components: components.map(([fen, per]) => ({ label_zh: '费', label_en: 'fee', fen, per })) }) as Tariff

describe('money', () => {
  test('fen to yuan without rounding', () => {
    expect([0, 1, 10, 100, 1550, 123456789, -250].map(yuan)).toEqual(['0', '0.01', '0.10', '1', '15.50', '1234567.89', '-2.50'])
    expect([showMoney(0, 'zh'), showMoney(6000, 'zh'), showMoney(6050, 'en')]).toEqual(['免费', '60 元', '¥60.50'])
  })
  test('the tariff of a use: its own, its parent’s, the general one', () => {
    const all = [tariff(null), tariff('performance', [4000, 'session'], [2000, 'session'])]
    expect(tariffFor(all, 'performance')?.use).toBe('performance')
    expect(tariffFor(all, 'opera', 'performance')?.use).toBe('performance')
    expect(tariffFor(all, 'meeting')?.use).toBeNull()
    expect(tariffFor([], 'meeting')).toBeUndefined()
    expect(showTariff(tariff('x', [4000, 'session'], [2000, 'session'], [500, 'person']), 'zh')).toBe('每场 60 元 + 每人 5 元')
    expect(showTariff(tariff(null), 'en')).toBe('free')
  })
})
