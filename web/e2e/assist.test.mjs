// A grid leader books for a neighbour who has no phone at hand; the neighbour sees it, is told, and may cancel it.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { asSomebody, dayAhead, examiner, follow, looks, nameOf, PEOPLE, quietAhead, spacesOf, stage, told } from './harness.mjs'
import { at, importFile } from './parties.mjs'

const ADMIN = 'admin@example.org'
const OTHER = '13900001015'
let server, browser, close, ids
const date = dayAhead(quietAhead(5))
before(async () => {
  ;({ server, browser, close } = await stage())
  // A household may book forty times a month at the centre, and four times a day.
  const text = await readFile(new URL('../../hubs/yuxin.yaml', import.meta.url), 'utf8')
  const rules = 'rules: {granularity_minutes: 30, min_minutes: 30, max_minutes: 240, lead_minutes: 60, horizon_days: 60'
  assert.ok(text.includes(rules))
  await importFile(server, ADMIN, text.replace(rules, `${rules}, quotas: [{holder: household, per: month, bookings: 40}, {holder: household, per: day, bookings: 4}]`))
  ids = await spacesOf(server, 'yuxin-centre')
})
after(() => close?.())
const sheetOf = (space) => `/spaces/${ids[space]}?date=${date}&from=17:00&to=18:00&book=1&use=dance&people=10`

test('found by the door, booked with their consent, theirs to cancel', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.desk, '/me', { expected: ['offline'] })
  /** What is sent to book, each with its key. The server books; its first answers are lost on the way. */
  const sent = []
  await page.route('**/api/v1/assisted-bookings', async (route) => {
    const request = route.request()
    if (request.method() !== 'POST') return route.continue()
    sent.push(`${request.headers()['idempotency-key']} ${request.postData()}`)
    if (sent.length > 2) return route.continue()
    await route.fetch()
    return route.abort('connectionfailed')
  })
  await page.getByRole('link', { name: '帮邻居订' }).click()
  await page.getByRole('heading', { name: '帮哪一家' }).waitFor()
  await page.getByRole('button', { name: '替邻居订下' }).click()
  await page.getByText('先找到帮谁订。').waitFor()
  await page.getByLabel('或者填户号').fill('yuxin-h-38-3-301')
  await page.getByRole('button', { name: '找一找' }).click()
  await page.getByRole('group', { name: '帮谁', exact: true }).getByText(/^.\*+（301 室）$/).first().click()
  await page.getByText('电话里说的').click()
  await page.getByLabel('哪一间').selectOption(ids.dong)
  // Hours of the room, not of the clock.
  await page.getByLabel('几点开始').locator('option', { hasText: '06:00' }).waitFor({ state: 'detached' })
  assert.equal(await page.getByLabel('几点开始').locator('option').first().textContent(), '08:30')
  await page.getByLabel('哪一天').fill(date)
  await page.getByLabel('做什么').selectOption('dance')
  await page.getByRole('button', { name: '替邻居订下' }).click()
  await page.getByText('网络断了').waitFor()
  await page.getByRole('button', { name: '替邻居订下' }).click()
  const told = page.getByText(/^订好了：.\*+，.*09:00–10:00 · 东厅，(免费|0 元|¥0).*邻居会收到通知。$/)
  await told.waitFor()
  assert.equal(await told.evaluate((said) => said === document.activeElement), true)
  assert.deepEqual([sent.length, new Set(sent).size], [3, 1], 'one wish, one key, one moment of consent')
  // The next one is somebody else's.
  assert.equal(await page.getByLabel('或者填户号').inputValue(), '')
  assert.equal(await page.getByLabel('哪一间').inputValue(), '')
  assert.equal(await page.getByRole('group', { name: '帮谁', exact: true }).count(), 0)
  await page.getByRole('heading', { name: '我帮着订的' }).waitFor()
  await page.locator('a.line', { hasText: /东厅.*帮.\*+订的/ }).first().click()
  await page.getByRole('heading', { name: '东厅' }).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('who comes with the neighbour is asked as of anybody', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.desk, '/assist', { expected: [409] })
  await page.getByLabel('或者填户号').fill('yuxin-h-38-3-301')
  await page.getByRole('button', { name: '找一找' }).click()
  await page.getByRole('group', { name: '帮谁', exact: true }).getByText(/^.\*+（301 室）$/).first().click()
  await page.getByText('当面说的').click()
  assert.equal(await page.getByText('有孩子来').count(), 0)
  await page.getByLabel('哪一间').selectOption(ids.xi)
  await page.getByLabel('哪一天').fill(date)
  await page.getByLabel('几点开始').selectOption('15:00')
  await page.getByText('有孩子来，或者要借东西？').click()
  await page.getByRole('textbox', { name: '其中孩子' }).fill('1')
  await page.getByRole('textbox', { name: '其中孩子' }).blur()
  await page.getByLabel('最小的孩子几岁').selectOption('5 岁')
  await page.getByRole('button', { name: '替邻居订下' }).click()
  await page.getByText(/最小的孩子 5 岁：不满 \d+ 岁的要有监护人/).first().waitFor()
  await page.getByRole('switch', { name: '有大人陪着照看' }).click()
  await page.getByRole('button', { name: '替邻居订下' }).click()
  await page.getByText(/^订好了：.*15:00–16:00 · 西厅/).waitFor()
  // Nothing of it is left for the next one.
  assert.equal(await page.getByText('有孩子来').count(), 0)
  await page.locator('a.line', { hasText: /15:00–16:00 · 西厅/ }).first().click()
  await page.getByText(/2 人 · 孩子 1 个 · 最小的 5 岁/).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('the neighbour is told, finds it counted among what their household may have, and cancels it', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.neighbour, '/me')
  const text = /社区按您说的帮您订好了东厅：.*不需要的话随时可以取消。/
  await told(page, server, text)
  /** How often more this month, and what is counted already. */
  const line = async () => {
    await follow(page, sheetOf('dong'), '.sheet .total')
    const quota = page.getByRole('dialog').getByRole('region', { name: '还能订多少' }).locator('details', { hasText: '每户每月最多订 40 次' })
    const more = Number(/^还能订 (\d+) 次$/.exec(await quota.locator('summary').textContent())[1])
    await quota.locator('summary').click()
    await quota.getByText(/到.*，已经算了 \d 次。$/).waitFor()
    return { more, used: await quota.locator('li').allTextContents() }
  }
  const before = await line()
  assert.equal(before.more + before.used.length, 40)
  assert.equal(before.used.filter((one) => /赵\* · .* 09:00 · 东厅/.test(one)).length, 1)
  await follow(page, '/notices', '.item')
  await page.getByRole('link', { name: text }).click()
  await page.getByRole('button', { name: '取消这次预订' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '取消预订', exact: true }).click()
  await page.getByText('已取消').first().waitFor()
  const after = await line()
  assert.deepEqual([after.more, after.used.length], [before.more + 1, before.used.length - 1])
  assert.deepEqual(trouble, [])
  await leave()
})

test('where nothing is left the sheet says from when there is again', async () => {
  const other = await asSomebody(server, OTHER)
  for (const hour of ['09', '10', '11', '12']) {
    const made = await other('POST', '/bookings', { space_id: ids.xi, use: 'meeting', attendees: 3, starts_at: `${date}T${hour}:00:00+08:00`, ends_at: `${date}T${hour}:30:00+08:00` })
    assert.ok(made.status === 201 || made.body.reasons.some(({ code }) => code === 'over-quota'), JSON.stringify(made.body))
  }
  const { page, trouble, leave } = await at(browser, server, OTHER, sheetOf('dong'))
  const dialog = page.getByRole('dialog', { name: '这样订不了' })
  await dialog.getByText(/^每户每天最多订 4 次。/).first().waitFor()
  const next = new Date(`${date}T12:00:00Z`).getTime() + 86_400_000
  const [month, day] = [new Date(next).getUTCMonth() + 1, new Date(next).getUTCDate()]
  await dialog.getByText(new RegExp(`^能订的用完了，.*${month}月${day}日.*起又能订$`)).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

describe('looks of helping', () => {
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await at(browser, server, PEOPLE.desk, '/assist', { ...look, expected: [409] })
      const [who, what] = [page.locator('form').first(), page.locator('form').last()]
      await what.locator('.btn.main').click()
      await page.locator('.wrong').first().waitFor()
      await examine(page, 'for a neighbour, nobody yet')
      await who.locator('select').selectOption({ index: 1 })
      await who.locator('.btn').click()
      await who.locator('.choice').first().click()
      await what.locator('.choice').first().click()
      // A room with house rules, and what nobody may do in it.
      await what.locator('select').first().selectOption(ids['member-room'])
      await what.locator('input[type=date]').fill(date)
      await what.locator('select').last().selectOption('dance')
      await what.locator('.usage').waitFor()
      await what.locator('.btn.main').click()
      await what.locator('.reason details').first().waitFor()
      await examine(page, 'for a neighbour, refused')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
