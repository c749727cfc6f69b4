// A dance group books again and again: every time is seen first, one is taken at another hour, one is left out; and a calendar.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, dayAhead, examiner, looks, nameOf, PEOPLE, quietAhead, spacesOf, stage } from './harness.mjs'
import { at } from './parties.mjs'

let server, browser, close, ids
const ahead = quietAhead(3)
const date = dayAhead(ahead)
before(async () => {
  ;({ server, browser, close } = await stage())
  ids = await spacesOf(server, 'yuxin-centre')
  // The second time is somebody else's.
  const neighbour = await asSomebody(server, PEOPLE.neighbour)
  const day = (time) => `${dayAhead(ahead + 7)}T${time}:00+08:00`
  const made = await neighbour('POST', '/bookings', { space_id: ids.dong, use: 'dance', attendees: 20, starts_at: day('09:00'), ends_at: day('10:00') })
  assert.equal(made.status, 201, JSON.stringify(made.body))
})
after(() => close?.())
const from = (space) => `/spaces/${space}/series?date=${date}&from=09:00&to=10:00&use=dance&people=20`

test('every time is seen, chosen and booked; then what is left is cancelled', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/spaces/${ids.dong}?date=${date}&from=09:00&to=10:00&book=1&use=dance&people=20`)
  await page.getByRole('link', { name: '每周都要？订固定时间' }).click()
  await page.waitForURL(/\/series\?/)
  await page.getByRole('textbox', { name: '一共几次' }).fill('5')
  await page.getByRole('textbox', { name: '一共几次' }).blur()
  await page.getByRole('button', { name: '先看看每一次' }).click()
  await page.getByText(/一共 5 次：/).waitFor()
  const missed = page.locator('.rows > li.taken')
  await missed.first().waitFor()
  await missed.first().getByRole('group').locator('.chip').first().click()
  await missed.first().waitFor({ state: 'detached' })
  await page.locator('.rows > li.free').last().getByRole('button', { name: /这次不要/ }).click()
  await page.getByText(/1 次不要/).waitFor()
  await page.getByRole('button', { name: /^就订这 \d+ 次$/ }).click()
  await page.getByRole('heading', { name: '固定时间订好了' }).waitFor()
  await page.getByText(/\d 次订好了/).waitFor()
  await page.getByRole('button', { name: '取消剩下的' }).click()
  await page.getByRole('dialog').getByText('从哪一天起取消').click()
  await page.getByRole('dialog').getByRole('combobox').selectOption({ index: 1 })
  await page.getByRole('dialog').getByText(/不占次数.*(不收钱|全退)/).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: '不取消' }).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: /^取消这 \d 次$/ }).click()
  await page.getByText(/取消了 \d 次/).waitFor()
  await page.goto(`${server.url}/me`)
  await page.getByRole('heading', { name: '我的固定时间' }).waitFor()
  await page.getByRole('link', { name: /^东厅 · 每周[一二三四五六日] 09:00 · 还有 \d 次$/ }).waitFor()
  await page.locator('.booking:not(.gone)', { hasText: /09:00–10:00.*舞蹈 · 20 人/ }).first().click()
  await page.getByRole('link', { name: '这是您固定时间里的一次，看全部' }).click()
  await page.getByRole('heading', { name: '我的固定时间' }).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('what is against every time is told once, and nothing is offered that cannot be had; only what the room is for', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/spaces/${ids.shuyuan}/series?date=${date}&from=10:00&to=11:00&people=500`)
  await page.getByLabel('做什么').locator('option', { hasText: '演出' }).waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '先看看每一次' }).click()
  await page.getByText('一次也订不了。').waitFor()
  assert.equal(await page.getByText(/这里最多 60 人/).count(), 1)
  assert.equal(await page.getByRole('button', { name: /^就订这/ }).count(), 0)
  assert.deepEqual(trouble, [])
  await leave()
})

test('an address for one’s calendar is made, read by anybody who has it, and taken back', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, '/me/calendars')
  await page.getByRole('button', { name: '建一个地址' }).click()
  const address = await page.getByLabel('日历地址').inputValue()
  const read = await fetch(address)
  assert.equal(read.status, 200)
  assert.match(await read.text(), /^BEGIN:VCALENDAR/)
  await page.getByText(/^第 1 个，.*\d\d:\d\d 建的$/).waitFor()
  await page.getByRole('button', { name: '收回' }).click()
  await page.getByRole('button', { name: '确定收回' }).click()
  await page.getByText('还没有建过。').waitFor()
  assert.equal((await fetch(address)).status, 404)
  assert.deepEqual(trouble, [])
  await leave()
})

describe('looks of series', () => {
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, from(ids.dong), look)
      await page.locator('form .btn.main').click()
      await page.locator('.rows > li').first().waitFor()
      await examine(page, 'a series')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
