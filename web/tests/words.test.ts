// Chinese and English say the same things: no key is missing, none is left over, none has other gaps to fill.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RouteRecordRaw } from 'vue-router'
import { filesOf, resolve, root } from './files'

type Tree = { [key: string]: string | Tree }
const flat = (tree: Tree, path: string): [string, string][] =>
  Object.entries(tree).flatMap(([key, value]) => (typeof value === 'string' ? [[`${path}.${key}`, value] as [string, string]] : flat(value, `${path}.${key}`)))

const words = (lang: string): Map<string, string> =>
  new Map(filesOf(`src/locales/${lang}`, /\.json$/).flatMap(({ path, text }) => flat(JSON.parse(text) as Tree, path.replace(/^.*\/|\.json$/g, ''))))
const zh = words('zh')
const en = words('en')

const sources = filesOf('src', /\.(vue|ts)$/).filter(({ path }) => !/\.test\.ts$|schema\.d\.ts$/.test(path))
const areas = [...new Set([...zh.keys()].map((key) => key.split('.')[0]))]
/** Keys are written out wherever they are used, so that they can be found: `area.some.key` or `area.some.${word}`. */
const written = new RegExp(`['\`]((?:${areas.join('|')})\\.[A-Za-z0-9_.-]*(?:\\$\\{[^}]+\\}[A-Za-z0-9_.-]*)*)['\`]`, 'g')
const used = sources.flatMap(({ path, text }) => [...text.matchAll(written)].map((found) => ({ key: found[1] ?? '', path })))
const patterns = used.filter(({ key }) => key.includes('${')).map(({ key, path }) => ({ path, key, pattern: new RegExp(`^${key.split(/\$\{[^}]+\}/).map((part) => part.replace(/\./g, '\\.')).join('[^.]+')}$`) }))
const literal = new Set(used.filter(({ key }) => !key.includes('${')).map(({ key }) => key))
const gaps = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? '').sort()

describe('words', () => {
  test('both languages have the same keys', () => {
    expect([...en.keys()].sort()).toEqual([...zh.keys()].sort())
  })
  test('every key that is used exists', () => {
    expect(used.filter(({ key }) => !key.includes('${') && !zh.has(key)).map(({ key, path }) => `${path}: ${key}`)).toEqual([])
    expect(patterns.filter(({ pattern }) => ![...zh.keys()].some((key) => pattern.test(key))).map(({ key, path }) => `${path}: ${key}`)).toEqual([])
  })
  test('every key that exists is used', () => {
    expect([...zh.keys()].filter((key) => !literal.has(key) && !patterns.some(({ pattern }) => pattern.test(key)))).toEqual([])
  })
  test('both languages fill the same gaps', () => {
    // English has a form for one and a form for more: the last fills every gap, the first may say "this" for one.
    const differs = (text: string, forms: string[]): boolean => gaps(text).join() !== gaps(forms[forms.length - 1] ?? '').join() || forms.some((form) => gaps(form).some((gap) => !gaps(text).includes(gap)))
    expect([...zh].filter(([key, text]) => differs(text, (en.get(key) ?? '').split(' | '))).map(([key]) => key)).toEqual([])
    expect([...zh].filter(([, text]) => text.includes('|')).map(([key]) => key)).toEqual([])
    expect([...en].filter(([, text]) => text.includes(' | ') && !gaps(text).includes('n')).map(([key]) => key), 'n chooses the form').toEqual([])
  })
  test('nothing is empty, and Chinese is Chinese', () => {
    expect([...zh, ...en].filter(([, text]) => !text.trim()).map(([key]) => key)).toEqual([])
    // GB/T 15834-2011, 5: marks take the width of a character; 21:00 and 9,000 are numbers.
    expect([...zh].filter(([, text]) => /(?<![0-9])[,;:!?()]|[,;:!?()](?![0-9])/.test(text.replace(/\{\w+\}|https?:/g, 'x'))).map(([key]) => key)).toEqual([])
    expect([...en].filter(([key, text]) => /[\u4e00-\u9fff]/.test(text) && key !== 'common.settings.language').map(([key]) => key)).toEqual([])
  })
  test('marks between two texts are those of the language in use', () => {
    // `t('common.about')`, and `comma`, `pause` and `stop` of useWords, know both languages.
    const between = /\}\}\s*[,:;]\s*\{\{/
    // A space after the mark makes it one for people: `,` and `;` alone part what a machine reads.
    const joined = /\.join\([^()\n]*(['"`])[,:;] +\1/
    const pieced = /\$\{[^{}]*\}[,:;] +\$\{/
    // src/model/plain.ts writes each sentence twice, in Chinese and in English: its English has English marks.
    const twice = new Set(['src/model/plain.ts'])
    const wrong = sources.filter(({ path }) => !twice.has(path)).flatMap(({ path, text }) => [between, joined, pieced].flatMap((pattern) => pattern.exec(text)?.[0] ?? []).map((found) => `${path}: ${found}`))
    expect(wrong).toEqual([])
    for (const text of ['{{ a }}: {{ b }}', '{{ a }}, {{ b }}', '{{ a }}; {{ b }}']) expect(between.test(text)).toBe(true)
    for (const text of ["all.join('; ')", "all.join(zh ? '、' : ', ')"]) expect(joined.test(text)).toBe(true)
  })
  test('every screen loads the words of all its parts', async () => {
    const texts = new Map(sources.map(({ path, text }) => [path, text]))
    const reached = (path: string, seen: Set<string>): Set<string> => {
      const found = [path, `${path}.ts`].find((one) => texts.has(one))
      if (!found || seen.has(found)) return seen
      seen.add(found)
      // `from`, and parts fetched when somebody wants them.
      for (const [, to = ''] of (texts.get(found) ?? '').matchAll(/(?:from |import\()'((?:@\/|\.)[^']+)'/g)) reached(resolve(found, to), seen)
      return seen
    }
    const wrong: string[] = []
    for (const { path: from } of filesOf('src/screens', /^routes\.ts$/)) {
      const { routes } = (await import(join(root, from))) as { routes: RouteRecordRaw[] }
      expect(routes.length).toBeGreaterThan(0)
      for (const { name, component, meta } of routes) {
        const screen = /[^'"/]+\.vue/.exec(String(component))?.[0]
        const parts = reached(`${from.replace('routes.ts', '')}${screen}`, new Set())
        expect(parts.size, `${String(name)} ${screen}`).toBeGreaterThan(1)
        const needed = new Set(used.filter(({ path }) => parts.has(path)).map(({ key }) => key.split('.')[0] ?? ''))
        const loaded = ['common', ...((meta?.['words'] ?? []) as readonly string[])]
        for (const area of needed) if (!loaded.includes(area)) wrong.push(`${String(name)}: ${area}`)
      }
    }
    expect(wrong).toEqual([])
  })
})
