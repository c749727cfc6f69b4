// src/main.ts names the layers; nothing reaches up.
import { expect, test } from 'vitest'
import { filesOf, resolve } from './files'

const order = ['api', 'i18n', 'model', 'stores', 'parts', 'screens', 'router'] as const
const top = new Set(['main.ts', 'App.vue', 'tabs.ts', 'env.d.ts'])

const layerOf = (path: string): string => path.replace(/^src\//, '').split('/')[0]?.replace(/\.ts$/, '') ?? ''

test('imports go one way', () => {
  const wrong: string[] = []
  for (const { path, text } of filesOf('src', /\.(vue|ts)$/)) {
    if (top.has(path.replace('src/', '')) || path.endsWith('.test.ts')) continue
    const mine = order.indexOf(layerOf(path) as (typeof order)[number])
    if (mine < 0 && !path.startsWith('src/locales')) wrong.push(`${path}: in no layer`)
    for (const [, type, to = ''] of text.matchAll(/import\s+(type\s)?[^'"]*?['"]((?:@\/|\.)[^'"]+)['"]/g)) {
      const target = resolve(path, to)
      const theirs = order.indexOf(layerOf(target) as (typeof order)[number])
      // A model and the words may name each other's types.
      if (theirs > mine && !(type && theirs <= order.indexOf('model'))) wrong.push(`${path} imports ${target}`)
      const folder = (p: string): string | undefined => /^src\/screens\/([^/]+)\//.exec(p)?.[1]
      if (folder(path) && folder(target) && folder(path) !== folder(target)) wrong.push(`${path} imports ${target}: screens of another kind of user`)
    }
  }
  expect(wrong).toEqual([])
})
