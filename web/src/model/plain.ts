// The effect of a clause in one sentence comes from the server, which names nobody. Where the agreement tells who it is, the
// sentence says so; where it does not, or the sentence is another one, it stays as it is.
import type { Clause } from '@/api/agreements'
import { payloadOf } from './contract'

type Plain = { zh: string; en: string }
type Name = { zh: string; en: string }
type Line = { kind: string; party: string; share_basis_points?: number }

const WHOLE = 10_000
const percent = (points: number): string => `${points / 100}%`
const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** Who pays what, lines of one set of payers together. */
const utilities = (lines: readonly Line[], nameOf: (code: string) => Name | null, kindOf: (kind: string) => Name): { zh: string[]; en: string[] } | null => {
  const groups = new Map<string, { kinds: Name[]; payers: { name: Name; share: number }[] }>()
  for (const kind of new Set(lines.map((line) => line.kind))) {
    const payers: { name: Name; share: number }[] = []
    for (const { party, share_basis_points: share = WHOLE } of lines.filter((line) => line.kind === kind)) {
      const name = nameOf(party)
      if (!name) return null
      payers.push({ name, share })
    }
    const key = JSON.stringify(payers)
    const group = groups.get(key) ?? { kinds: [], payers }
    group.kinds.push(kindOf(kind))
    groups.set(key, group)
  }
  const all = [...groups.values()].map(({ kinds, payers }) => {
    const what = { zh: kinds.map(({ zh }) => zh).join('、'), en: kinds.map(({ en }) => en).join(', ') }
    const [first, second] = payers
    if (payers.length === 1 && first?.share === WHOLE) return { zh: `${what.zh}由${first.name.zh}付`, en: `${what.en}: paid by ${first.name.en}` }
    if (payers.length === 2 && first?.share === second?.share) return { zh: `${what.zh}由${payers.map(({ name }) => name.zh).join('、')}各付一半`, en: `${what.en}: half each by ${payers.map(({ name }) => name.en).join(' and ')}` }
    return { zh: `${what.zh}由${payers.map(({ name, share }) => `${name.zh}付 ${percent(share)}`).join('、')}`, en: `${what.en}: ${payers.map(({ name, share }) => `${percent(share)} by ${name.en}`).join(', ')}` }
  })
  return { zh: all.map(({ zh }) => zh), en: all.map(({ en }) => en) }
}

/** The pieces of a sentence that name nobody give way to those that do. */
const instead = (text: string, mark: string, nobody: RegExp, told: readonly string[]): string => {
  const pieces = text.split(mark)
  const rest = pieces.filter((piece) => !nobody.test(piece))
  return rest.length < pieces.length ? [...told, ...rest].join(mark) : text
}

export const withNames = (clause: Clause, plain: Plain, nameOf: (code: string) => Name | null, kindOf: (kind: string) => Name): Plain => {
  const payload = payloadOf(clause)
  const of = (field: string): Name | null => (typeof payload[field] === 'string' ? nameOf(payload[field]) : null)
  switch (clause.kind) {
    case 'reserved_hours': {
      const name = of('reserved_for')
      return name ? { zh: plain.zh.replace('留给签约单位自用', `留给${name.zh}自用`), en: plain.en.replace("kept for a party's own use", `kept for the own use of ${name.en}`) } : plain
    }
    case 'fit_out': {
      const name = of('party')
      return name ? { zh: plain.zh.replace('由一家签约单位负责', `由${name.zh}负责`), en: plain.en.replace(/^One party /, `${name.en} `) } : plain
    }
    case 'utilities_payer': {
      const told = utilities((payload['lines'] as Line[] | undefined) ?? [], nameOf, kindOf)
      if (!told) return plain
      const [said = '', ...more] = plain.en.split('. ')
      return { zh: instead(plain.zh, '；', /由一家签约单位付$|由几家分摊$/, told.zh), en: [capital(instead(said, '; ', /: (paid by one party|shared by the parties)$/i, told.en)), ...more].join('. ') }
    }
    default:
      return plain
  }
}
