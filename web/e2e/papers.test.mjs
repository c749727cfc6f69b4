// Whoever checks: the record computed again, a file against its fingerprint, one's own data taken along and erased.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'
import { asSomebody, PASSWORD, stage, still, visit } from './harness.mjs'
import { agreementOf, at, PARTIES } from './parties.mjs'

const AUDITOR = '13900002015'
let server, browser, close, id
before(async () => {
  ;({ server, browser, close } = await stage())
  id = (await agreementOf(await asSomebody(server, PARTIES.desk), 'shiyou-partnership')).id
})
after(() => close?.())

test('an auditor computes the record again and reads what happened', async () => {
  const { page, trouble, leave } = await at(browser, server, AUDITOR, '/me')
  await page.getByRole('link', { name: '核对记录' }).click()
  await page.getByText(/核对过了：[\d,]+ 笔记录，一笔不差。/).waitFor()
  await page.getByLabel('核对哪里').selectOption({ label: '石油大院社区' })
  await page.getByText(/核对过了：[\d,]+ 笔记录，一笔不差。/).waitFor()
  await page.getByText('订了一次').first().click()
  await page.getByText('上一笔的指纹').first().waitFor()
  assert.equal(await page.getByText(/杜桂香|1390000/).count(), 0, 'no names, no numbers')
  assert.deepEqual(trouble, [])
  await leave()
})

test('a file is checked against its fingerprint without leaving the device', async () => {
  const { page, trouble, leave } = await visit(browser, server, `/agreements/${id}`)
  const paper = page.getByRole('link', { name: '打开可以打印的一份（有签字和证书）' })
  const answer = await fetch(server.url + (await paper.getAttribute('href')))
  assert.equal(answer.status, 200)
  assert.match(await answer.text(), /石油大院六空间一站公益共建协议/)
  const signed = Buffer.from(await (await fetch(`${server.api}/api/v1/agreements/${id}/versions/1/canonical`)).arrayBuffer())
  const sent = []
  page.on('request', (request) => request.url().includes('/verifications') && sent.push(request.headers()['content-type']))
  await page.getByRole('link', { name: '核对手里的文件' }).click()
  await page.locator('input[type=file]').setInputFiles({ name: '协议.json', mimeType: 'application/json', buffer: signed })
  await page.getByText(/第 1 版的原文，一字不差/).waitFor()
  const changed = Buffer.from(signed.toString('utf8').replace('20时', '22时'))
  await page.locator('input[type=file]').setInputFiles({ name: '改过.json', mimeType: 'application/json', buffer: changed })
  await page.getByText('这里没有这份文件的记录').waitFor()
  // Another is chosen while the first is asked about: the verdict is about the one that is named.
  let go
  const held = new Promise((done) => (go = done))
  await page.route('**/verifications', (route) => held.then(() => route.continue()), { times: 1 })
  await page.locator('input[type=file]').setInputFiles({ name: '协议.json', mimeType: 'application/json', buffer: signed })
  await page.getByText(/协议\.json/).waitFor()
  await page.locator('input[type=file]').setInputFiles({ name: '改过.json', mimeType: 'application/json', buffer: changed })
  await page.getByText(/改过\.json/).waitFor()
  go()
  await page.getByText('这里没有这份文件的记录').waitFor()
  await still(page)
  assert.equal(await page.getByText(/一字不差/).count(), 0)
  assert.deepEqual(sent, Array(4).fill('application/json'), 'the fingerprint, never the file')
  assert.deepEqual(trouble, [])
  await leave()
})

test('somebody takes their data along, and has themselves erased', async () => {
  const { page, trouble, leave } = await at(browser, server, '13900002020', '/me/data', { expected: [401, 403] })
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '下载' }).click()])
  const data = JSON.parse(await readFile(await download.path(), 'utf8'))
  assert.equal(data.account.name, '司马楠楠')
  await page.getByText('下载好了').waitFor()
  await page.getByRole('button', { name: '注销我的账号' }).click()
  const dialog = page.getByRole('dialog', { name: '真的要注销吗？' })
  await dialog.getByRole('button', { name: '注销，全部删掉' }).click()
  await page.getByText('都删掉了。').waitFor()
  const again = await fetch(`${server.api}/api/v1/sign-in`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login: '13900002020', password: PASSWORD }) })
  assert.equal(again.status, 401)
  assert.deepEqual(trouble, [])
  await leave()
})
