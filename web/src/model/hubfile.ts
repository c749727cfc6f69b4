// The text of a hub file and the faults in it.
import type { FieldFault } from '@/api/problem'

/** The server takes no larger file. */
export const MOST_BYTES = 1024 * 1024

export type LineFaults = { line: number | null; text: string; faults: FieldFault[] }
/** Faults by line, in the order of the file; those of no line first. */
export const byLine = (text: string, faults: readonly FieldFault[]): LineFaults[] => {
  const lines = text.split('\n')
  const found = new Map<number | null, FieldFault[]>()
  for (const fault of faults) {
    const line = fault.line ?? null
    found.set(line, [...(found.get(line) ?? []), fault])
  }
  return [...found]
    .sort(([a], [b]) => (a ?? 0) - (b ?? 0))
    .map(([line, faults]) => ({ line, text: line === null ? '' : (lines[line - 1] ?? '').trim(), faults }))
}

/** Where a line begins and ends in the text. */
export const spanOf = (text: string, line: number): { start: number; end: number } => {
  let start = 0
  for (let at = 1; at < line; at += 1) {
    const next = text.indexOf('\n', start)
    if (next < 0) return { start: text.length, end: text.length }
    start = next + 1
  }
  const end = text.indexOf('\n', start)
  return { start, end: end < 0 ? text.length : end }
}

/** The name of the field a fault is about, as it stands in the file: of `/sites/0/zone` the `zone`. */
export const fieldOf = (fault: { pointer: string }): string =>
  fault.pointer.split('/').filter((part) => part && !/^\d+$/.test(part)).pop() ?? ''
