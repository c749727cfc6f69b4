// The end of an agreement on the screens: a unit gives notice, time passes, the community settles, a second person closes it; and what
// each of them finds waiting on the way.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { asIf, asSomebody, startBrowser, startServer } from './harness.mjs'
import { agreementOf, annex, at, importFile, PARTIES, signAll } from './parties.mjs'

const STREET = '13900002013'
let server, browser, id
before(async () => {
  server = await startServer()
  browser = await startBrowser()
  await importFile(server, PARTIES.desk, await annex())
  const desk = await asSomebody(server, PARTIES.desk)
  id = (await agreementOf(desk, 'shiyou-annex-partnership')).id
  assert.equal((await desk('POST', `/agreements/${id}/versions/1/proposal`, {})).status, 201)
  await signAll(server, id, 1)
})
after(() => Promise.all([browser?.close(), server?.stop()]))

const picture = async (page, name) => {
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`) })
}
/** As if everything about the agreement had been done earlier by as long as its notice runs, and an hour. */
const servedLongAgo = (file) => asIf('terminations version_effects terms', `
(agreement,) = args
(ends,) = db.execute('SELECT ends_at FROM terminations WHERE agreement_id = ?', (agreement,)).fetchone()
by = ends - (now - 3_600_000_000)
db.execute('UPDATE terminations SET served_at = served_at - ?, ends_at = ends_at - ? WHERE agreement_id = ?', (by, by, agreement))
db.execute('UPDATE version_effects SET agreed_at = agreed_at - ?, from_at = from_at - ?, to_at = to_at - ? WHERE version_id IN (SELECT id FROM agreement_versions WHERE agreement_id = ?)', (by, by, by, agreement))
db.execute('UPDATE terms SET from_at = from_at - ?, to_at = to_at - ? WHERE agreement_id = ?', (by, by, agreement))
`, id)(file)

test('a unit gives notice, and everybody at the table reads until when', async () => {
  const unit = await at(browser, server, PARTIES.units[0], `/agreements/${id}`)
  await unit.page.getByRole('button', { name: '通知提前结束' }).click()
  const dialog = unit.page.getByRole('dialog', { name: '通知提前结束' })
  await dialog.getByLabel('为什么提前结束').fill('楼要拆了重建。')
  await dialog.getByRole('button', { name: '先看看会怎样' }).click()
  await dialog.getByText(/最后一天是 \d{4}年\d+月\d+日。/).waitFor()
  await dialog.getByRole('button', { name: '确定通知结束' }).click()
  await unit.page.getByRole('heading', { name: /石油大院第一产权单位通知提前结束/ }).waitFor()
  assert.deepEqual(unit.trouble, [])
  await unit.leave()

  const desk = await at(browser, server, PARTIES.desk, `/agreements/${id}`)
  await desk.page.getByRole('heading', { name: /石油大院第一产权单位通知提前结束/ }).waitFor()
  await desk.page.getByText('楼要拆了重建。').waitFor()
  // Nothing to settle while it runs.
  assert.equal(await desk.page.getByRole('button', { name: '开始结账' }).count(), 0)
  assert.deepEqual(desk.trouble, [])
  await desk.leave()
})

test('once it has ended the community finds it waiting, and settles it', async () => {
  server = await server.again(servedLongAgo)
  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, '/desk/agreements')
  const card = page.locator('li', { hasText: '协议已经结束，请结账' })
  await card.getByText('石油大院东院公益共建协议').waitFor()
  await picture(page, 'ended-waits-for-the-desk')
  await card.getByRole('link', { name: '去看看' }).click()
  await page.getByText('提前结束了').first().waitFor()
  await page.getByText(/按约定，最迟.+办完结算/).waitFor()
  await page.getByRole('button', { name: '开始结账' }).click()
  const dialog = page.getByRole('dialog', { name: '开始结账' })
  await dialog.getByRole('button', { name: '记下来' }).click()
  await dialog.getByText('请写一句为什么。').waitFor()
  await dialog.getByLabel('怎么结的账').fill('水电结清，押金退回，桌椅归还第一产权单位。')
  await picture(page, 'settling-is-written-down')
  await dialog.getByRole('button', { name: '记下来' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText('结束了，正在结账').first().waitFor()
  await page.getByText('水电结清，押金退回，桌椅归还第一产权单位。').first().waitFor()
  // Who settled it does not close it; the screen says who does, and offers nothing that would be refused.
  await page.getByText('由另一位来办完').waitFor()
  assert.equal(await page.getByRole('button', { name: '办完' }).count(), 0)
  await page.locator('#life').scrollIntoViewIfNeeded()
  await picture(page, 'settled-for-who-did-it')
  assert.deepEqual(trouble, [])
  await leave()
})

test('the unit reads how it was settled, and has nothing left to do', async () => {
  const { page, trouble, leave } = await at(browser, server, PARTIES.units[0], `/agreements/${id}`)
  await page.getByText('结束了，正在结账').first().waitFor()
  await page.getByText('水电结清，押金退回，桌椅归还第一产权单位。').first().waitFor()
  for (const name of ['通知提前结束', '暂停使用', '我们要退出', '开始结账', '办完']) assert.equal(await page.getByRole('button', { name, exact: true }).count(), 0, name)
  await picture(page, 'settled-for-the-unit')
  assert.deepEqual(trouble, [])
  await leave()
})

test('a second person finds it waiting and closes it; everybody reads that it is done', async () => {
  const street = await at(browser, server, STREET, '/desk/agreements')
  const card = street.page.locator('li', { hasText: '账结好了，请另一位来办完' })
  await card.getByRole('link', { name: '去看看' }).click()
  await street.page.getByText('水电结清，押金退回，桌椅归还第一产权单位。').first().waitFor()
  await street.page.getByRole('button', { name: '办完' }).click()
  const dialog = street.page.getByRole('dialog', { name: '办完' })
  await dialog.getByLabel('写一句说明').fill('核对过了，账实相符。')
  await dialog.getByRole('button', { name: '办完' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await street.page.getByText('都办完了').first().waitFor()
  await street.page.getByText('这份协议已经办完，不再改动。').waitFor()
  await street.page.getByText(/有效，现在已经结束。/).waitFor()
  assert.equal(await street.page.getByRole('button', { name: '办完' }).count(), 0)
  assert.deepEqual(street.trouble, [])
  await street.leave()

  const unit = await at(browser, server, PARTIES.units[0], `/agreements/${id}`)
  await unit.page.getByText('都办完了').first().waitFor()
  await unit.page.getByText('核对过了，账实相符。').waitFor()
  await unit.page.getByText('后来发生过什么').click()
  await unit.page.getByText('开始结账').first().waitFor()
  await picture(unit.page, 'closed-for-the-unit')
  assert.deepEqual(unit.trouble, [])
  await unit.leave()
})
