// The drawn plan of a hub: every floor to one scale, rooms as large as they are, zones together, parts inside their hall. The same
// hub file always gives the same drawing.
import type { Floor, Space } from '@/api/calls'

export type Rect = { x: number; y: number; w: number; h: number }
export type Side = 'top' | 'right' | 'bottom' | 'left'
export type Room = Rect & { id: string; door: Side; parts: Room[] }
export type FloorPlan = { id: string; width: number; height: number; rooms: Room[] }
export type PlanMeasures = {
  width: number
  /** Height for all floors together. */
  height: number
  /** No room is narrower or lower than this: it must be hit with a thumb. */
  least: number
  /** Strip at the top of a divided hall that stands for the whole of it. */
  lintel: number
}

type Item = { id: string; weight: number }

/** Squarified treemap (Bruls, Huizing, van Wijk): fills `rect` with boxes in proportion, as square as they come. */
export const squarify = (items: readonly Item[], rect: Rect): (Rect & { id: string })[] => {
  const sorted = [...items].sort((a, b) => b.weight - a.weight || (a.id < b.id ? -1 : 1))
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0)
  if (total <= 0) return []
  const scale = (rect.w * rect.h) / total
  const done: (Rect & { id: string })[] = []
  let free = { ...rect }
  let row: Item[] = []

  const worst = (row: readonly Item[], side: number): number => {
    const sum = row.reduce((all, { weight }) => all + weight * scale, 0)
    const areas = row.map(({ weight }) => weight * scale)
    return Math.max((side ** 2 * Math.max(...areas)) / sum ** 2, sum ** 2 / (side ** 2 * Math.min(...areas)))
  }
  const place = (row: readonly Item[]): void => {
    const sum = row.reduce((all, { weight }) => all + weight * scale, 0)
    const standing = free.w >= free.h // a column at the left, or a row at the top
    const depth = sum / (standing ? free.h : free.w)
    let along = standing ? free.y : free.x
    for (const { id, weight } of row) {
      const length = (weight * scale) / depth
      done.push(standing ? { id, x: free.x, y: along, w: depth, h: length } : { id, x: along, y: free.y, w: length, h: depth })
      along += length
    }
    free = standing ? { x: free.x + depth, y: free.y, w: free.w - depth, h: free.h } : { x: free.x, y: free.y + depth, w: free.w, h: free.h - depth }
  }

  for (const item of sorted) {
    const side = Math.min(free.w, free.h)
    if (row.length && worst([...row, item], side) > worst(row, side)) {
      place(row)
      row = []
    }
    row.push(item)
  }
  if (row.length) place(row)
  return done
}

const weights = (spaces: readonly Space[]): Item[] => {
  const total = spaces.reduce((sum, { area }) => sum + area, 0)
  return spaces.map(({ id, area }) => ({ id, weight: Math.max(area, total * 0.07) }))
}

/** The wall nearest to the middle of the floor: there the corridor is. */
const doorOf = (room: Rect, floor: Rect): Side => {
  const gaps: [Side, number][] = [
    ['left', room.x - floor.x],
    ['right', floor.x + floor.w - room.x - room.w],
    ['top', room.y - floor.y],
    ['bottom', floor.y + floor.h - room.y - room.h],
  ]
  return gaps.reduce((best, next) => (next[1] > best[1] + 0.5 ? next : best))[0]
}

const inset = (rect: Rect, by: number): Rect => ({ x: rect.x + by, y: rect.y + by, w: rect.w - 2 * by, h: rect.h - 2 * by })
const GAP = 3

const planOfFloor = (floor: Floor, width: number, height: number, measures: PlanMeasures): FloorPlan => {
  const whole: Rect = { x: 0, y: 0, w: width, h: height }
  const rooms = floor.spaces.filter(({ part_of }) => !part_of.length)
  const zones = new Map<string, Space[]>()
  for (const room of rooms) zones.set(room.zone_zh ?? '', [...(zones.get(room.zone_zh ?? '') ?? []), room])
  const zoneItems = [...zones].map(([id, spaces]) => ({ id, weight: weights(spaces).reduce((sum, { weight }) => sum + weight, 0) }))
  const boxes = squarify(zoneItems, inset(whole, GAP)).flatMap((zone) => squarify(weights(zones.get(zone.id) ?? []), zone))
  return {
    id: floor.id,
    width,
    height,
    rooms: boxes.map((box) => {
      const rect = inset(box, GAP)
      const parts = floor.spaces.filter(({ part_of }) => part_of.includes(box.id))
      const lintel = Math.min(measures.lintel, rect.h * 0.55)
      const below = { x: rect.x + GAP, y: rect.y + lintel, w: rect.w - 2 * GAP, h: rect.h - lintel - GAP }
      return {
        ...rect,
        id: box.id,
        door: doorOf(box, whole),
        parts: squarify(weights(parts), below).map((part) => ({ ...inset(part, GAP / 2), id: part.id, door: 'bottom' as const, parts: [] })),
      }
    }),
  }
}

/** Every floor of a site, one below the other. */
export const planOf = (floors: readonly Floor[], measures: PlanMeasures): FloorPlan[] => {
  const total = floors.reduce((sum, { area }) => sum + area, 0)
  return floors
    .filter(({ spaces }) => spaces.length)
    .map((floor) => planOfFloor(floor, measures.width, Math.round(Math.max((measures.height * floor.area) / total, measures.least)), measures))
}

/** Widths of letters in em: Chinese fills its square, Latin about half. */
const widthOf = (text: string): number => {
  let width = 0
  for (const letter of text) width += letter.charCodeAt(0) > 0x2e80 ? 1 : /[A-Zmw]/.test(letter) ? 0.7 : 0.54
  return width
}

/** The size of letters at which the longest word of a name still fits a width; Chinese can be broken anywhere. */
export const sizeFor = (name: string, width: number, size: number): number => {
  const longest = Math.max(...name.split(' ').map((word) => ([...word].some((letter) => letter.charCodeAt(0) > 0x2e80) ? 1 : widthOf(word))))
  return Math.min(size, Math.max(width / longest, size * 0.6))
}

/** A name in lines no wider than `most` em: between Chinese letters in even halves, else between words. */
export const linesOf = (name: string, most: number): string[] => {
  if (widthOf(name) <= most) return [name]
  if (!name.includes(' ')) {
    const letters = [...name]
    const count = Math.min(letters.length, Math.ceil(widthOf(name) / Math.max(most, 1)))
    const size = Math.ceil(letters.length / count)
    return Array.from({ length: Math.ceil(letters.length / size) }, (_, i) => letters.slice(i * size, (i + 1) * size).join(''))
  }
  const lines: string[] = []
  for (const word of name.split(' ')) {
    const last = lines[lines.length - 1]
    if (last !== undefined && widthOf(`${last} ${word}`) <= most) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
