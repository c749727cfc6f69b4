// Agreements as papers: printed to PDF on A4 by Chromium, page by page. No clause may stand on two pages.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { extractText, getDocumentProxy } from 'unpdf'
import { asSomebody, axe, shape, stage } from './harness.mjs'
import { agreementOf, annex, importFile, PARTIES } from './parties.mjs'

let server, browser, close
before(async () => {
  ;({ server, browser, close } = await stage())
})
after(() => close?.())

/** Letters only: spaces and line ends fall elsewhere in print, and dashes of one look are one glyph. */
const letters = (text) => text.normalize('NFKC').replace(/\s+/gu, '').replace(/[\u2010-\u2015]/gu, '-')

/** A font may name a letter by its twin among the radicals (民 as ⺠): in print such a one stands for any letter. */
const isRadical = (letter) => letter >= '\u2e80' && letter <= '\u2fdf'
const holds = (print, text) => {
  for (let at = 0; at + text.length <= print.length; at++) {
    let n = 0
    while (n < text.length && (print[at + n] === text[n] || isRadical(print[at + n]))) n++
    if (n === text.length) return true
  }
  return false
}

/** A document open in Chromium as somebody sees it, with whatever went wrong unseen. */
const open = async (path, token) => {
  const context = await browser.newContext({ viewport: { width: 390, height: 844 }, locale: 'zh-CN' })
  if (token) await context.setExtraHTTPHeaders({ authorization: `Bearer ${token}` })
  const page = await context.newPage()
  const trouble = []
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && trouble.push(message.text()))
  page.on('pageerror', (error) => trouble.push(error.message))
  await page.goto(server.url + path)
  return { page, trouble, leave: () => context.close() }
}

/** The text of every page, and the clauses as the document has them. */
const printed = async (page) => {
  const clauses = await page.locator('.clause').evaluateAll((all) => all.map((one) => ({ id: one.id, kind: one.className, text: one.innerText })))
  const pdf = await getDocumentProxy(new Uint8Array(await page.pdf({ preferCSSPageSize: true, printBackground: true })))
  const size = (await pdf.getPage(1)).view
  const { text } = await extractText(pdf, { mergePages: false })
  // The page's own number stands at its foot.
  const pages = text.map((one) => letters(one).replace(/\d+\/\d+$/u, ''))
  return { size, pages, clauses: clauses.map((one) => ({ ...one, text: letters(one.text) })) }
}

/** Clauses that do not stand whole on one page. */
const split = ({ pages, clauses }) => clauses.filter(({ text }) => !pages.some((page) => holds(page, text))).map(({ id }) => id)

const versionOf = async (code) => {
  const { items } = await (await fetch(`${server.api}/api/v1/agreements?limit=100`)).json()
  return `/api/v1/agreements/${items.find((one) => one.code === code).id}/versions/1`
}

/** Clauses added to the long draft. */
const MORE = 24
const A4 = [0, 0, 594.96, 841.92]

for (const code of ['yuxin-partnership', 'shiyou-partnership']) {
  test(`${code} prints on A4, every clause on one page`, async () => {
    const { page, trouble, leave } = await open(`${await versionOf(code)}/document`)
    const paper = await printed(page)
    assert.ok(paper.size.every((edge, i) => Math.abs(edge - A4[i]) < 1), `A4: ${paper.size}`)
    assert.ok(paper.clauses.length >= 6 && paper.clauses.every(({ text }) => text.length > 20), 'the clauses were read')
    assert.deepEqual(split(paper), [])
    assert.ok(holds(paper.pages.join(''), letters('签署证明')) && !paper.pages.join('').includes('未签署'))
    // On a screen: for axe, for a phone, and under its own policy.
    assert.deepEqual(await axe(page), [])
    assert.deepEqual(await shape(page, 44), [])
    assert.deepEqual(trouble, [])
    await leave()
  })
}

test('a long draft prints marked, and would break clauses without our style', async () => {
  await importFile(server, PARTIES.desk, await annex('shiyou-long', '石油大院长协议公益共建协议'))
  const desk = await asSomebody(server, PARTIES.desk)
  const agreement = await agreementOf(desk, 'shiyou-long-partnership')
  const path = `/agreements/${agreement.id}/versions/1`
  const answer = await fetch(`${server.api}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login: PARTIES.desk, password: 'shangliang-2026' }),
  })
  const { access_token: token } = await answer.json()
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const draft = await fetch(`${server.api}/api/v1${path}`, { headers })
  const { clauses } = await draft.json()
  // Clauses of every length that a page can hold, among them some that must be set smaller; a draft may have 64 KiB.
  const hall = clauses.find(({ kind }) => kind === 'capacity')
  const sentence = '各方一起商量，把公共空间用好、管好、护好，让老人孩子都有地方去；'
  const more = Array.from({ length: MORE }, (_, n) => {
    const length = n % 12 === 11 ? 1400 : 60 + ((n * 137) % 700)
    return { ...hall, id: `long-${n}`, text_zh: `第${n}号。${sentence.repeat(60).slice(0, length)}。` }
  })
  const put = await fetch(`${server.api}/api/v1${path}`, { method: 'PUT', headers: { ...headers, 'if-match': draft.headers.get('etag') }, body: JSON.stringify({ clauses: [...clauses, ...more] }) })
  assert.equal(put.status, 200, await put.text())

  const { page, trouble, leave } = await open(`/api/v1${path}/document`, token)
  const paper = await printed(page)
  assert.equal(paper.clauses.length, clauses.length + MORE)
  assert.ok(paper.pages.length > 10, `${paper.pages.length} pages`)
  assert.ok(paper.clauses.some(({ kind }) => kind === 'clause long') && !paper.clauses.some(({ kind }) => kind.includes('endless')))
  assert.ok(paper.pages.every((text) => text.includes('未签署')), 'every page says that it is not signed')
  assert.deepEqual(split(paper), [])

  // The proof that this can fail: the same document without our rule breaks clauses, though all of their text is printed.
  await page.evaluate(() => document.querySelectorAll('.clause').forEach((one) => (one.style.breakInside = 'auto')))
  const broken = await printed(page)
  const apart = split(broken)
  assert.ok(apart.length > 3, `only ${apart.length} clauses were split`)
  // Mark and page number may stand before a page's text or after it.
  const bare = (text) => text.replaceAll('未签署', '').replace(/^\d+\/\d+|\d+\/\d+$/gu, '')
  const whole = broken.pages.map(bare).join('')
  assert.deepEqual(apart.filter((id) => !holds(whole, broken.clauses.find((one) => one.id === id).text)), [], 'split, not lost')
  assert.deepEqual(trouble, [])
  await leave()
})
