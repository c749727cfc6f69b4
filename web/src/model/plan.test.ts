import { describe, expect, test } from 'vitest'
import type { Floor, Space } from '@/api/calls'
import { linesOf, planOf, sizeFor, squarify, type Rect } from './plan'

const space = (id: string, area: number, zone: string | null = null, part_of: string[] = []): Space =>
  ({ id, area, zone_zh: zone, part_of, parts: [], name_zh: id }) as unknown as Space
const floor = (id: string, area: number, spaces: Space[]): Floor => ({ id, area, spaces, code: id, name_zh: id }) as unknown as Floor
const measures = { width: 358, height: 430, least: 96, lintel: 52 }
const apart = (a: Rect, b: Rect): boolean => a.x + a.w <= b.x + 0.01 || b.x + b.w <= a.x + 0.01 || a.y + a.h <= b.y + 0.01 || b.y + b.h <= a.y + 0.01
const within = (a: Rect, b: Rect): boolean => a.x >= b.x - 0.01 && a.y >= b.y - 0.01 && a.x + a.w <= b.x + b.w + 0.01 && a.y + a.h <= b.y + b.h + 0.01

const yuxin = floor('f1', 115200, [
  space('a', 9600, '党建'), space('b', 12850, '党建'), space('c', 11200, '党建'), space('d', 10825, '文化'), space('e', 15275, '文化'),
  space('f', 11850, '文化'), space('hall', 43600, '综合'), space('dong', 24000, '综合', ['hall']), space('xi', 19600, '综合', ['hall']),
])

describe('plan', () => {
  test('boxes fill the floor in proportion and never overlap', () => {
    const rect = { x: 0, y: 0, w: 300, h: 200 }
    const boxes = squarify([6, 6, 4, 3, 2, 2, 1].map((weight, i) => ({ id: String(i), weight })), rect)
    expect(boxes.reduce((sum, { w, h }) => sum + w * h, 0)).toBeCloseTo(60000)
    for (const [i, box] of boxes.entries()) {
      expect(within(box, rect)).toBe(true)
      expect(Math.max(box.w / box.h, box.h / box.w)).toBeLessThan(4)
      for (const other of boxes.slice(i + 1)) expect(apart(box, other)).toBe(true)
    }
    expect(squarify([], rect)).toEqual([])
  })
  test('the same hub gives the same plan, whatever the order it comes in', () => {
    const turned = { ...yuxin, spaces: [...yuxin.spaces].reverse() }
    const sorted = (plan: ReturnType<typeof planOf>) => plan[0]?.rooms.map((room) => ({ ...room, parts: [...room.parts].sort((a, b) => (a.id < b.id ? -1 : 1)) })).sort((a, b) => (a.id < b.id ? -1 : 1))
    expect(sorted(planOf([turned], measures))).toEqual(sorted(planOf([yuxin], measures)))
  })
  test('parts lie inside their hall and below its name; every room can be hit with a thumb', () => {
    const [plan] = planOf([yuxin], measures)
    const rooms = plan?.rooms ?? []
    expect(rooms.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'f', 'hall'])
    const hall = rooms.find(({ id }) => id === 'hall')
    expect(hall?.parts.map(({ id }) => id).sort()).toEqual(['dong', 'xi'])
    for (const room of rooms) {
      for (const spot of [room, ...room.parts]) expect(Math.min(spot.w, spot.h)).toBeGreaterThanOrEqual(44)
      for (const other of rooms) if (other !== room) expect(apart(room, other)).toBe(true)
    }
    for (const part of hall?.parts ?? []) {
      expect(hall && within(part, hall)).toBe(true)
      expect(part.y - (hall?.y ?? 0)).toBeGreaterThanOrEqual(44)
    }
  })
  test('floors are to one scale, but none too low', () => {
    const plans = planOf([floor('x', 60000, [space('x1', 30000), space('x2', 28000)]), floor('y', 4000, [space('y1', 4000)]), floor('z', 100, [])], measures)
    expect(plans.map(({ id }) => id)).toEqual(['x', 'y'])
    expect(plans[0]?.height).toBeGreaterThan(350)
    expect(plans[1]?.height).toBe(96)
  })
  test('names are broken evenly in Chinese and between words in English', () => {
    expect(linesOf('活动大厅', 6)).toEqual(['活动大厅'])
    expect(linesOf('红谊协商议事厅', 6)).toEqual(['红谊协商', '议事厅'])
    expect(linesOf('Hongyi deliberation room', 7)).toEqual(['Hongyi', 'deliberation', 'room'])
    expect(linesOf('', 5)).toEqual([''])
    expect(sizeFor('Tongchuan ink studio', 60, 17)).toBeLessThan(13)
    expect(sizeFor('红谊协商议事厅', 60, 17)).toBe(17)
  })
})
