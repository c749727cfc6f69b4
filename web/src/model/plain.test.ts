import { expect, test } from 'vitest'
import type { Clause } from '@/api/agreements'
import { withNames } from './plain'

const name = (code: string) => (code === 'x' ? null : { zh: `${code}单位`, en: `Unit ${code}` })
const kind = (code: string) => ({ zh: { water: '水费', electricity: '电费', gas: '燃气费' }[code] ?? code, en: code })
const told = (kindOf: Clause['kind'], payload: object, zh: string, en: string) => withNames({ id: 'c', kind: kindOf, payload: payload as never, text_zh: '' }, { zh, en }, name, kind)

test('whose hours, whose work', () => {
  expect(told('reserved_hours', { reserved_for: 'a' }, '周五 08:00–12:00 留给签约单位自用，这段时间居民订不了。', "Fri 08:00–12:00 is kept for a party's own use; residents cannot book it then."))
    .toEqual({ zh: '周五 08:00–12:00 留给a单位自用，这段时间居民订不了。', en: 'Fri 08:00–12:00 is kept for the own use of Unit a; residents cannot book it then.' })
  expect(told('fit_out', { party: 'a' }, '装修改造由一家签约单位负责，用的是党群服务经费。', 'One party renovates and furnishes, with the fund.').zh).toBe('装修改造由a单位负责，用的是党群服务经费。')
  expect(told('fit_out', { party: 'x' }, '装修改造由一家签约单位负责。', 'One party renovates.'), 'nobody knows the name').toEqual({ zh: '装修改造由一家签约单位负责。', en: 'One party renovates.' })
})
test('who pays, and how much', () => {
  const half = (of: string) => [{ kind: of, party: 'a', share_basis_points: 5000 }, { kind: of, party: 'b', share_basis_points: 5000 }]
  const lines = [{ kind: 'water', party: 'a' }, { kind: 'electricity', party: 'a' }, ...half('gas')]
  expect(told('utilities_payer', { lines }, '水费、电费由一家签约单位付；燃气费由几家分摊；一家一个月一项最多 200 元；来活动的人不用另付。', 'Water, electricity: paid by one party; gas: shared by the parties; at most 200 yuan a month for one. People who come pay nothing extra.')).toEqual({
    zh: '水费、电费由a单位付；燃气费由a单位、b单位各付一半；一家一个月一项最多 200 元；来活动的人不用另付。',
    en: 'Water, electricity: paid by Unit a; gas: half each by Unit a and Unit b; at most 200 yuan a month for one. People who come pay nothing extra.',
  })
  const uneven = [{ kind: 'water', party: 'a', share_basis_points: 6250 }, { kind: 'water', party: 'b', share_basis_points: 3750 }]
  expect(told('utilities_payer', { lines: uneven }, '水费由几家分摊；来活动的人不用另付。', 'Water: shared by the parties. People who come pay nothing extra.').zh).toBe('水费由a单位付 62.5%、b单位付 37.5%；来活动的人不用另付。')
  expect(told('utilities_payer', { lines }, '说法换了。', 'Said otherwise.')).toEqual({ zh: '说法换了。', en: 'Said otherwise.' })
})
