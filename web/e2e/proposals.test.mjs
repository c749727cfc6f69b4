// An announced closure is asked for by a unit and decided by the community, who finds it waiting.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { asSomebody, dayAhead, stage } from './harness.mjs'
import { agreementOf, annex, at, importFile, PARTIES, signAll } from './parties.mjs'

let server, browser, close, id
before(async () => {
  ;({ server, browser, close } = await stage())
  await importFile(server, PARTIES.desk, await annex())
  const desk = await asSomebody(server, PARTIES.desk)
  id = (await agreementOf(desk, 'shiyou-annex-partnership')).id
  assert.equal((await desk('POST', `/agreements/${id}/versions/1/proposal`, {})).status, 201)
  await signAll(server, id, 1)
})
after(() => close?.())
const picture = async (page, name) => {
  if (process.env.PICTURES) await page.screenshot({ path: join(process.env.PICTURES, `${name}.png`) })
}

const asks = async (why) => {
  const { page, trouble, leave } = await at(browser, server, PARTIES.units[0], `/agreements/${id}`)
  await page.getByRole('button', { name: '暂停使用' }).click()
  const dialog = page.getByRole('dialog', { name: '暂停使用' })
  await dialog.getByText('提前说', { exact: true }).click()
  await dialog.getByText('由社区决定，一般要提前 7 天。').waitFor()
  await dialog.getByLabel('因为什么').selectOption('repair')
  await dialog.getByText('街区工作站').click()
  await dialog.getByLabel('从哪天').fill(dayAhead(10))
  await dialog.getByLabel('到哪天（含）').fill(dayAhead(11))
  await dialog.getByLabel('为什么停用（大家都看得到）').fill(why)
  await dialog.getByRole('button', { name: '送给社区' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('heading', { name: '石油大院第一产权单位建议暂停使用：街区工作站' }).waitFor()
  await page.getByText('等社区决定。').waitFor()
  await picture(page, 'proposed-by-the-unit')
  assert.equal(await page.getByRole('button', { name: '照办' }).count(), 0)
  assert.deepEqual(trouble, [])
  await leave()
}
/** The desk, led to what waits. */
const finds = async (why) => {
  const desk = await at(browser, server, PARTIES.desk, '/desk/agreements')
  const card = desk.page.locator('li', { hasText: '有单位建议暂停使用，请社区决定' })
  await card.getByText(why).waitFor()
  await picture(desk.page, 'proposed-waits-for-the-desk')
  await card.getByRole('link', { name: '去看看' }).click()
  await desk.page.getByText(`维修施工：${why}`).waitFor()
  return desk
}

test('refused with a reason', async () => {
  await asks('刷墙。')
  const { page, trouble, leave } = await finds('刷墙。')
  await page.getByRole('button', { name: '不停用' }).click()
  const dialog = page.getByRole('dialog', { name: '不停用' })
  await dialog.getByRole('button', { name: '送出' }).click()
  await dialog.getByText('请写一句为什么。').waitFor()
  await dialog.getByLabel('为什么不停用').fill('考试季，过了再刷。')
  await dialog.getByRole('button', { name: '送出' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('heading', { name: /建议暂停使用/ }).waitFor({ state: 'hidden' })
  await page.getByText('后来发生过什么').click()
  await page.getByText('考试季，过了再刷。').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('ordered as it was asked for, after seeing whom it meets', async () => {
  await asks('换灯。')
  const { page, trouble, leave } = await finds('换灯。')
  await page.getByRole('button', { name: '照办' }).click()
  const dialog = page.getByRole('dialog', { name: '照办' })
  await dialog.getByRole('button', { name: '先看看会怎样' }).click()
  await dialog.getByText('停用以后，没有一次预订受影响。').waitFor()
  await picture(page, 'proposal-looked-at')
  await dialog.getByRole('button', { name: '确定停用' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('heading', { name: '将要暂停：街区工作站' }).waitFor()
  // What has not begun is called off, not opened again.
  await page.getByRole('button', { name: '取消这次停用' }).click()
  await page.getByRole('dialog', { name: '取消这次停用' }).getByText('还没到停用的日子').waitFor()
  await page.keyboard.press('Escape')
  await page.goto(`${server.url}/desk/agreements`)
  await page.locator('main h2').first().waitFor()
  assert.equal(await page.getByText('有单位建议暂停使用').count(), 0)
  assert.deepEqual(trouble, [])
  await leave()
})
