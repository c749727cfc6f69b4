// Rounds of an agreement (反复式商量): who said what, what still wants an answer, and what words a version changed.
import type { Position, Round, Stand, Voice } from '@/api/agreements'

/** A stand, or that nothing was said; never taken for consent. */
export type Said = Stand | 'silent'
export const stands: readonly Stand[] = ['support', 'support_if', 'object', 'abstain']
export const saidBy = (voice: Voice): Said => voice.position?.stand ?? 'silent'

/** How many said what, without what nobody said. */
export const countsOf = (round: Round): { said: Said; n: number }[] =>
  ([...stands, 'silent'] as const).map((said) => ({ said, n: round.voices.filter((voice) => saidBy(voice) === said).length })).filter(({ n }) => n > 0)

/** A text is needed with these: the others read what would have to change, or why not. */
export const wantsText = (stand: Stand | null): boolean => stand === 'support_if' || stand === 'object'
export const isUnanswered = (position: Position): boolean => wantsText(position.stand) && !position.reply
/** What stands against the next round and against proposing. */
export const unansweredOf = (rounds: readonly Round[]): { round: Round; voice: Voice; position: Position }[] =>
  rounds.flatMap((round) => round.voices.flatMap((voice) => (voice.position && isUnanswered(voice.position) ? [{ round, voice, position: voice.position }] : [])))

/** The round about a version. */
export const roundOf = (rounds: readonly Round[], version: number): Round | null => rounds.find((round) => round.version === version) ?? null
export const isGoing = (round: Round | null): boolean => round !== null && round.closed_at == null

export type Piece = { kind: 'same' | 'gone' | 'new'; text: string }
/** Figures and Latin words stay whole, Chinese is compared character by character. */
const tokens = (text: string): string[] => text.match(/[A-Za-z]+|\d+|[^A-Za-z\d]/gu) ?? []
/** Beyond this many comparisons a passage is shown as replaced as a whole. */
const PATIENCE = 600_000

/** What became of a text: what stayed, what went, what is new. The pieces without `new` make the old text, those without `gone` the new one. */
export const textChanges = (before: string, after: string): Piece[] => {
  const [a, b] = [tokens(before), tokens(after)]
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < a.length - head && tail < b.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  const [x, y] = [a.slice(head, a.length - tail), b.slice(head, b.length - tail)]
  const pieces: Piece[] = []
  const put = (kind: Piece['kind'], text: string): void => {
    const last = pieces[pieces.length - 1]
    if (!text) return
    if (last?.kind === kind) last.text += text
    else pieces.push({ kind, text })
  }
  put('same', a.slice(0, head).join(''))
  if (x.length * y.length > PATIENCE) {
    put('gone', x.join(''))
    put('new', y.join(''))
  } else {
    for (const { kind, text } of joined(alike(x, y))) put(kind, text)
  }
  put('same', a.slice(a.length - tail).join(''))
  return pieces
}

/** Longest common subsequence, as steps. */
const alike = (x: readonly string[], y: readonly string[]): Piece[] => {
  const width = y.length + 1
  const best = new Uint16Array((x.length + 1) * width)
  const at = (i: number, j: number): number => best[i * width + j] ?? 0
  for (let i = x.length - 1; i >= 0; i -= 1) {
    for (let j = y.length - 1; j >= 0; j -= 1) best[i * width + j] = x[i] === y[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1))
  }
  const steps: Piece[] = []
  let [i, j] = [0, 0]
  while (i < x.length || j < y.length) {
    if (i < x.length && j < y.length && x[i] === y[j]) {
      steps.push({ kind: 'same', text: x[i] ?? '' })
      i += 1
      j += 1
    } else if (i < x.length && (j >= y.length || at(i + 1, j) >= at(i, j + 1))) {
      steps.push({ kind: 'gone', text: x[i] ?? '' })
      i += 1
    } else {
      steps.push({ kind: 'new', text: y[j] ?? '' })
      j += 1
    }
  }
  return steps
}

/** A single character that happens to be in both, amid changes, is no help to a reader: it goes with them. */
const joined = (steps: readonly Piece[]): Piece[] => {
  const out: Piece[] = []
  let [gone, fresh] = ['', '']
  const flush = (): void => {
    if (gone) out.push({ kind: 'gone', text: gone })
    if (fresh) out.push({ kind: 'new', text: fresh })
    ;[gone, fresh] = ['', '']
  }
  steps.forEach((step, i) => {
    const lonely = step.kind === 'same' && i > 0 && i < steps.length - 1 && steps[i - 1]?.kind !== 'same' && steps[i + 1]?.kind !== 'same'
    if (step.kind === 'gone') gone += step.text
    else if (step.kind === 'new') fresh += step.text
    else if (lonely) {
      gone += step.text
      fresh += step.text
    } else {
      flush()
      out.push(step)
    }
  })
  flush()
  return out
}
