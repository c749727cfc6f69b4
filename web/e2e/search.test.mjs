// Time first: when, how many people, what for; several rooms at once; and what comes near when nothing fits.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, dayAhead, examiner, looks, nameOf, PEOPLE, quietAhead, spacesOf, stage, visit } from './harness.mjs'

let server, browser, close, ids
const ahead = quietAhead(4)
const date = dayAhead(ahead)
before(async () => {
  ;({ server, browser, close } = await stage())
  ids = await spacesOf(server, 'yuxin-centre')
})
after(() => close?.())

test('a morning for twenty people who dance: found, and one tap from booking', async () => {
  const { page, trouble, leave } = await visit(browser, server, `/find?date=${date}`)
  await page.getByLabel('几点').locator('option', { hasText: '06:00' }).waitFor({ state: 'detached' })
  await page.getByLabel('几点').locator('option', { hasText: '09:00' }).waitFor({ state: 'attached' })
  await page.getByLabel('几点').selectOption('morning')
  await page.getByText('2 小时', { exact: true }).click()
  await page.getByRole('textbox', { name: '几个人' }).fill('20')
  await page.getByRole('textbox', { name: '几个人' }).blur()
  await page.getByLabel('做什么').selectOption('dance')
  await page.getByRole('heading', { name: /有 \d+ 处合适/ }).waitFor()
  // What is looked for stands in the address.
  await page.waitForURL(/from=morning.*length=120.*people=20.*use=dance/)
  await page.reload()
  assert.equal(await page.getByLabel('几点').inputValue(), 'morning')
  await page.locator('.hit .chip').first().click()
  await page.waitForURL(/\/spaces\/space_.*book=1/)
  const sheet = page.locator('.sheet:visible')
  assert.equal(await sheet.getByRole('textbox', { name: '几个人' }).inputValue(), '20')
  assert.deepEqual(trouble, [])
  await leave()
})

test('two rooms at once, and a room with what is needed', async () => {
  const { page, trouble, leave } = await visit(browser, server, `/find?date=${date}&length=60&people=10`)
  await page.getByText('还要钢琴、几间房…').click()
  await page.getByRole('textbox', { name: '要几间' }).fill('2')
  await page.getByRole('textbox', { name: '要几间' }).blur()
  await page.getByRole('heading', { name: /有 \d+ 种凑法/ }).waitFor()
  const names = await page.locator('.hit h3').first().textContent()
  assert.match(names, / \+ /)
  assert.equal(await page.locator('.hit').first().locator('.together li').first().locator('.chip').count(), 2)
  await page.getByRole('textbox', { name: '要几间' }).fill('1')
  await page.getByRole('textbox', { name: '要几间' }).blur()
  await page.getByText('钢琴', { exact: true }).click()
  await page.getByRole('heading', { name: /有 \d+ 处合适/ }).waitFor()
  await page.waitForURL(/things=/)
  assert.deepEqual(trouble, [])
  await leave()
})

test('what somebody else has is not found; what comes near is', async () => {
  const neighbour = await asSomebody(server, PEOPLE.neighbour)
  const at = (time) => `${date}T${time}:00+08:00`
  const made = await neighbour('POST', '/bookings', { space_id: ids.hall, use: 'performance', attendees: 100, starts_at: at('10:00'), ends_at: at('11:00') })
  assert.equal(made.status, 201)
  const { page, trouble, leave } = await visit(browser, server, `/find?date=${date}&from=10:00&length=60&people=100&use=performance`)
  await page.getByText('差一点的有这些：').waitFor()
  await page.locator('.hit .tag', { hasText: /换个时间|换一天/ }).first().waitFor()
  await page.getByText('别的为什么不行').click()
  await page.locator('.miss').first().waitFor()
  await page.locator('.hit .chip').first().click()
  await page.waitForURL(/\/spaces\/space_.*book=1/)
  assert.deepEqual(trouble, [])
  await leave()
})

test('any day of a week, anywhere', async () => {
  const { page, trouble, leave } = await visit(browser, server, '/find')
  await page.getByText('哪里都行').click()
  await page.getByText('往后七天').click()
  await page.getByLabel('做什么').selectOption('table-tennis')
  await page.getByRole('heading', { name: /到.*有 \d+ 处合适/ }).waitFor()
  await page.locator('.hit', { hasText: '育新体育馆' }).first().waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

describe('looks of the search', () => {
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await visit(browser, server, `/find?date=${date}&from=afternoon&length=120&people=20&rooms=2`, look)
      await page.locator('.hit').first().waitFor()
      await examine(page, 'two rooms')
      await page.goto(`${server.url}/find?date=${date}&from=10:00&length=60&people=100&use=performance`)
      await page.locator('.hit .tag').first().waitFor()
      await page.locator('summary').click()
      await examine(page, 'nearly')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
