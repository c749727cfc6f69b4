// The built files keep what was promised: Chrome 87 and Safari 14, a policy without inline code and eval, a small start page.
import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { filesOf } from './files'

const html = filesOf('dist', /index\.html$/)[0]?.text ?? ''
const css = filesOf('dist/assets', /\.css$/)
const js = filesOf('dist/assets', /\.js$/)

describe('built files', () => {
  test('no inline script, no inline style', () => {
    expect(html).toContain('<script type="module"')
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>/)
    expect(html).not.toMatch(/<style|\sstyle=|\son\w+=/)
    // Vue hands static markup to innerHTML, where the policy takes style attributes away.
    expect(filesOf('src', /\.vue$/).filter(({ text }) => /<[^>]*\sstyle="/.test(text.replace(/:style="/g, ''))).map(({ path }) => path)).toEqual([])
  })
  test('no eval, no new Function', () => {
    expect(js.filter(({ text }) => /\beval\(|new Function\(/.test(text)).map(({ path }) => path)).toEqual([])
  })
  test('nothing from another origin', () => {
    const foreign = [...css, ...js, { path: 'index.html', text: html }].flatMap(({ path, text }) =>
      [...text.matchAll(/(?:src|href|url\(|import\()\s*=?\s*["'(]?(https?:)?\/\/[\w.-]+/g)].map((found) => `${path}: ${found[0]}`),
    )
    expect(foreign).toEqual([])
  })
  test('styles use what Chrome 87 and Safari 14 know', () => {
    const unknown: [string, RegExp][] = [
      [':has()', /:has\(/], [':is()', /:is\(/], [':where()', /:where\(/], ['container queries', /@container|container-type/],
      ['dvh and friends', /\d[dsl]v[hw]\b/], ['color-mix()', /color-mix\(/], ['layers', /@layer/], ['nesting', /[{;]\s*&/],
      ['inset', /[{;]inset:/], ['aspect-ratio', /[{;]aspect-ratio:/], ['oklch()', /oklch\(/],
    ]
    const found = css.flatMap(({ path, text }) => unknown.filter(([, mark]) => mark.test(text)).map(([name]) => `${path}: ${name}`))
    expect(found).toEqual([])
  })
  test('no gap in flex boxes: Safari 14.0 has none', () => {
    const rules = css.flatMap(({ path, text }) => [...text.matchAll(/([^{}]+)\{([^{}]*)\}/g)].map(([, selector, body = '']) => ({ path, selector, body })))
    const wrong = rules.filter(({ body }) => /display:(inline-)?flex/.test(body) && /(^|;)(grid-)?(column-|row-)?gap:/.test(body))
    expect(wrong.map(({ path, selector }) => `${path}: ${selector}`)).toEqual([])
  })
  test('scripts call nothing those browsers lack', () => {
    // Ours are held to ES2020 by the compiler; this is for what we depend on (Vue wraps newer methods of arrays without calling them).
    const unknown = /\.(at|hasOwn|randomUUID|groupBy|replaceChildren)\(|\bstructuredClone\(|AbortSignal\.(timeout|any)\(|\(\?<[=!]/
    const found = js.flatMap(({ path, text }) => {
      const at = unknown.exec(text)
      return at ? [`${path}: …${text.slice(Math.max(0, at.index - 40), at.index + 30)}…`] : []
    })
    expect(found).toEqual([])
  })
  test('the start page brings nothing only parties and the desk need', () => {
    const linked = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((found) => `dist/${found[1]}`)
    const theirs = /\/(hub-imports|paper-signatures|me\/waiting)\b/
    expect(js.some(({ text }) => theirs.test(text))).toBe(true)
    expect(js.filter(({ path, text }) => linked.includes(path) && theirs.test(text)).map(({ path }) => path)).toEqual([])
  })
  test('the start page stays below 200 KiB compressed', () => {
    const linked = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((found) => `dist/${found[1]}`)
    const size = [...css, ...js].filter(({ path }) => linked.includes(path)).reduce((sum, { text }) => sum + gzipSync(text).length, 0)
    expect(linked.length).toBeGreaterThan(2)
    expect(size).toBeLessThan(200 * 1024)
  })
})
