// Money is whole fen everywhere; yuan only where a person reads it.
import type { Quote, Tariff } from '@/api/calls'
import type { Lang } from './time'

/** `6000` → `60`, `1550` → `15.50`. Integers only: no rounding can creep in. */
export const yuan = (fen: number): string => {
  const sign = fen < 0 ? '-' : ''
  const whole = Math.floor(Math.abs(fen) / 100)
  const rest = Math.abs(fen) % 100
  return `${sign}${whole}${rest ? `.${String(rest).padStart(2, '0')}` : ''}`
}

export const showMoney = (fen: number, lang: Lang): string => {
  if (fen === 0) return lang === 'zh' ? '免费' : 'free'
  return lang === 'zh' ? `${yuan(fen)} 元` : `¥${yuan(fen)}`
}

const per = {
  zh: { person: '每人', session: '每场', hour: '每小时' },
  en: { person: 'a person', session: 'a session', hour: 'an hour' },
}

/** The tariff a use falls under: its own, its parent's, the general one. */
export const tariffFor = (tariffs: readonly Tariff[], use: string, parent?: string | null): Tariff | undefined =>
  tariffs.find((t) => t.use === use) ?? (parent ? tariffs.find((t) => t.use === parent) : undefined) ?? tariffs.find((t) => !t.use)

/** `免费` or `每场 60 元 + 每人 5 元`. */
export const showTariff = (tariff: Tariff, lang: Lang): string => {
  const sums = new Map<'person' | 'session' | 'hour', number>()
  for (const { per, fen } of tariff.components) sums.set(per, (sums.get(per) ?? 0) + fen)
  const parts = [...sums].filter(([, fen]) => fen > 0)
  if (!parts.length) return showMoney(0, lang)
  return parts.map(([unit, fen]) => (lang === 'zh' ? `${per.zh[unit]} ${yuan(fen)} 元` : `¥${yuan(fen)} ${per.en[unit]}`)).join(' + ')
}

/** `120 分钟 · 保洁费 40 元` … one line a component. */
export const quoteLines = (quote: Quote, lang: Lang): { label: string; how: string; fen: number }[] =>
  quote.lines.map((line) => ({ label: lang === 'zh' ? line.label_zh : (line.label_en ?? line.label_zh), how: line[lang], fen: line.amount }))
