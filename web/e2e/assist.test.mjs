// A grid leader books for a neighbour who has no phone at hand; the neighbour sees it, is told, and may cancel it.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { dayAhead, examiner, looks, nameOf, PEOPLE, quietAhead, spacesOf, stage } from './harness.mjs'
import { at } from './parties.mjs'

let server, browser, close, ids
const date = dayAhead(quietAhead(5))
before(async () => {
  ;({ server, browser, close } = await stage())
  ids = await spacesOf(server, 'yuxin-centre')
})
after(() => close?.())

test('found by the door, booked with their consent, theirs to cancel', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.desk, '/me')
  await page.getByRole('link', { name: '帮邻居订' }).click()
  await page.getByRole('heading', { name: '帮哪一家' }).waitFor()
  await page.getByRole('button', { name: '替邻居订下' }).click()
  await page.getByText('先找到帮谁订。').waitFor()
  await page.getByLabel('或者填户号').fill('yuxin-h-38-3-301')
  await page.getByRole('button', { name: '找一找' }).click()
  await page.getByRole('group', { name: '帮谁', exact: true }).locator('.choice').first().click()
  await page.getByText('电话里说的').click()
  await page.getByLabel('哪一间').selectOption(ids.dong)
  await page.getByLabel('哪一天').fill(date)
  await page.getByLabel('做什么').selectOption('dance')
  await page.getByRole('button', { name: '替邻居订下' }).click()
  await page.getByText(/^订好了:/).waitFor()
  await page.getByRole('heading', { name: '我帮着订的' }).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('the sheet says how often one may still book', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/spaces/${ids.dong}?date=${date}&from=17:00&to=18:00&book=1&use=dance&people=10`)
  await page.locator('.total').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

describe('looks of helping', () => {
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await at(browser, server, PEOPLE.desk, '/assist', look)
      await page.locator('form').last().locator('.btn.main').click()
      await page.locator('.wrong').first().waitFor()
      await examine(page, 'for a neighbour')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
