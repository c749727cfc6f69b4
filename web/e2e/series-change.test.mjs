// A dance group comes with children and borrows tables; then its hours change: one, from a day on, all; and it is told until when
// cancelling does not count.
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, test } from 'node:test'
import { asSomebody, dayAhead, examiner, looks, nameOf, PEOPLE, quietAhead, spacesOf, stage } from './harness.mjs'
import { at, importFile } from './parties.mjs'

const ADMIN = 'admin@example.org'
let server, browser, close, ids, me
const ahead = quietAhead(3)
const date = dayAhead(ahead)
const on = (weeks, time) => `${dayAhead(ahead + 7 * weeks)}T${time}:00+08:00`
const book = async (call, body) => {
  const made = await call('POST', '/bookings', body)
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body.id
}
before(async () => {
  ;({ server, browser, close } = await stage())
  // Cancelling later than a day before counts at the centre.
  const text = await readFile(new URL('../../hubs/yuxin.yaml', import.meta.url), 'utf8')
  const rules = 'rules: {granularity_minutes: 30, min_minutes: 30, max_minutes: 240, lead_minutes: 60, horizon_days: 60'
  assert.ok(text.includes(rules))
  await importFile(server, ADMIN, text.replace(rules, `${rules}, late_cancel_hours: 24, quotas: [{holder: household, per: month, bookings: 40}]`))
  ids = await spacesOf(server, 'yuxin-centre')
  me = await asSomebody(server, PEOPLE.resident)
  const neighbour = await asSomebody(server, PEOPLE.neighbour)
  // The second time a neighbour has nine of the ten tables; the third time the room at five.
  await book(neighbour, { space_id: ids.shuyuan, use: 'reading', attendees: 4, starts_at: on(1, '09:00'), ends_at: on(1, '10:00'), equipment: [{ code: 'table', units: 9 }] })
  await book(neighbour, { space_id: ids.dong, use: 'dance', attendees: 10, starts_at: on(2, '17:00'), ends_at: on(2, '18:00') })
})
after(() => close?.())
const wish = (more = {}) => ({ space_id: ids.xi, use: 'dance', attendees: 12, starts_at: on(0, '09:00'), ends_at: on(0, '10:00'), rule: 'FREQ=WEEKLY;COUNT=4', ...more })
const form = () => `/spaces/${ids.dong}/series?date=${date}&from=09:00&to=10:00&use=dance&people=20`
const hours = async (id) => (await me('GET', `/series/${id}`)).body.occurrences.filter(({ outcome }) => outcome === 'booked').map(({ starts_at, ends_at }) => `${starts_at.slice(11, 16)}-${ends_at.slice(11, 16)}`)

test('children and tables come along each time, and where they run short it says so', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, form())
  await page.getByRole('textbox', { name: '一共几次' }).fill('3')
  await page.getByRole('textbox', { name: '一共几次' }).blur()
  await page.getByText('有孩子来，或者要借东西？').click()
  await page.getByRole('textbox', { name: '其中孩子' }).fill('4')
  await page.getByRole('textbox', { name: '其中孩子' }).blur()
  await page.getByRole('textbox', { name: '折叠桌' }).fill('2')
  await page.getByRole('textbox', { name: '折叠桌' }).blur()
  await page.getByRole('button', { name: '先看看每一次' }).click()
  await page.getByText(/要有监护人或者照看的人陪着，请先确认有人陪同，或者写明最小的孩子几岁/).first().waitFor()
  // Whether an adult comes along is asked only below the age of the clause.
  const guardian = page.getByRole('switch', { name: '有大人陪着照看' })
  const youngest = page.getByLabel('最小的孩子几岁')
  await youngest.selectOption('8 岁')
  await guardian.waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '先看看每一次' }).click()
  await page.getByText('折叠桌当时只剩 1 件（一共 10 件），您要 2 件。').waitFor()
  await youngest.selectOption('7 岁')
  await guardian.waitFor()
  await page.getByRole('button', { name: '先看看每一次' }).click()
  await page.getByText(/最小的孩子 7 岁：不满 8 岁的要有监护人/).first().waitFor()
  await guardian.click()
  await page.getByRole('button', { name: '先看看每一次' }).click()
  await page.getByText('折叠桌当时只剩 1 件（一共 10 件），您要 2 件。').waitFor()
  await page.getByText(/前取消不占次数，之后取消算用了一次/).waitFor()
  await page.getByRole('button', { name: '就订这 2 次' }).click()
  await page.getByRole('heading', { name: '固定时间订好了' }).waitFor()
  const made = (await me('GET', `/series/${page.url().match(/series\/([^?]+)/)[1]}`)).body
  const had = made.occurrences.filter(({ outcome }) => outcome === 'booked').map(({ minors, youngest, guardian, equipment }) => [minors, youngest, guardian, equipment])
  assert.deepEqual(had, [[4, 7, true, [{ code: 'table', units: 2 }]], [4, 7, true, [{ code: 'table', units: 2 }]]])
  // The whole of it at five: one is taken then and stays, which is seen before anything is done.
  await page.getByRole('button', { name: '改时间、房间或人数' }).click()
  const sheet = page.getByRole('dialog', { name: '改固定时间' })
  // Bigger children come: nobody needs to look after them.
  assert.equal(await sheet.getByLabel('最小的孩子几岁').inputValue(), '7')
  await sheet.getByLabel('最小的孩子几岁').selectOption('9 岁')
  await sheet.getByRole('switch', { name: '有大人陪着照看' }).waitFor({ state: 'detached' })
  await sheet.getByLabel('几点开始').selectOption('17:00')
  await sheet.getByRole('button', { name: '先看看会变成怎样' }).click()
  await sheet.getByText('1 次能改，1 次照旧').waitFor()
  assert.deepEqual(await hours(made.id), ['09:00-10:00', '09:00-10:00'])
  await sheet.getByRole('button', { name: '就这么改（1 次）' }).click()
  await page.getByText('改好了 1 次。另外 1 次照旧。').waitFor()
  assert.deepEqual(await hours(made.id), ['17:00-18:00', '09:00-10:00'])
  const now = (await me('GET', `/series/${made.id}`)).body.occurrences.filter(({ outcome }) => outcome === 'booked')
  assert.deepEqual(now.map(({ youngest }) => youngest), [9, 7])
  await page.goto(`${server.url}/bookings/${now[0].booking_id}`)
  await page.getByText(/20 人 · 孩子 4 个 · 最小的 9 岁/).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('one, and then from a day on; what cannot change is told kindly', async () => {
  const made = (await me('POST', '/series', wish())).body
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/series/${made.id}`, { expected: [409] })
  await page.getByRole('button', { name: '改时间、房间或人数' }).click()
  const sheet = page.getByRole('dialog', { name: '改固定时间' })
  // Another hour for the second alone.
  await sheet.getByText('只改一次').click()
  await sheet.getByRole('combobox', { name: /^哪一天/ }).selectOption({ index: 1 })
  await sheet.getByLabel('几点开始').selectOption('10:30')
  await sheet.getByRole('button', { name: '先看看会变成怎样' }).click()
  await sheet.getByRole('button', { name: '就这么改（1 次）' }).click()
  await page.getByText('改好了 1 次。', { exact: true }).waitFor()
  assert.deepEqual(await hours(made.id), ['09:00-10:00', '10:30-11:30', '09:00-10:00', '09:00-10:00'])
  // Until after closing nothing can be had, and everything stays.
  await page.getByRole('button', { name: '改时间、房间或人数' }).click()
  await sheet.getByText('还没用的都改').click()
  await sheet.getByLabel('几点开始').selectOption('20:30')
  await sheet.getByRole('button', { name: '先看看会变成怎样' }).click()
  await sheet.getByText('一次也改不了，都照旧：').waitFor()
  // Two hours from the third on: it goes on as a series of its own.
  await sheet.getByText('从哪一天起都改').click()
  await sheet.getByRole('combobox', { name: /^从哪一天起/ }).selectOption({ index: 2 })
  await sheet.getByLabel('几点开始').selectOption('09:00')
  await sheet.getByText('2 小时', { exact: true }).click()
  await sheet.getByRole('button', { name: '先看看会变成怎样' }).click()
  await sheet.getByRole('button', { name: '就这么改（2 次）' }).click()
  await page.waitForURL((url) => !url.pathname.endsWith(made.id))
  await page.getByText('改好了 2 次。', { exact: true }).waitFor()
  assert.deepEqual(await hours(made.id), ['09:00-10:00', '10:30-11:30'])
  assert.deepEqual(await hours(page.url().split('/').at(-1)), ['09:00-11:00', '09:00-11:00'])
  // One of them is cancelled.
  await page.getByRole('button', { name: '取消剩下的' }).click()
  await page.getByRole('dialog').getByText('只取消一次').click()
  await page.getByRole('dialog').getByText(/前取消不占次数/).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: /^取消这 \d+ 次$/ }).click()
  await page.getByText('取消了 1 次。', { exact: true }).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('until when cancelling does not count stands on the sheet, the ticket and in the question', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/spaces/${ids.moxuan}?date=${date}&from=14:00&to=15:00&book=1&use=calligraphy&people=4`)
  const said = /月\d+日.* 14:00 前取消不占次数，之后取消算用了一次；本来就不收钱。/
  await page.getByRole('dialog').getByText(said).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: '同意，订下' }).click()
  await page.getByRole('heading', { name: '取消怎么算' }).waitFor()
  await page.getByText(said).first().waitFor()
  await page.getByRole('button', { name: '取消这次预订' }).click()
  await page.getByRole('dialog').getByText(said).waitFor()
  await page.getByRole('dialog').getByRole('button', { name: '取消预订' }).click()
  await page.getByText('已取消').first().waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('so late that it counts: said before, and after', async () => {
  // The first hour less than a day ahead at which the room is open and nobody of the demonstration is in it.
  const hour = (ahead) => new Date(Math.ceil(Date.now() / 3600_000 + ahead) * 3600_000).toISOString()
  let made
  for (let ahead = 1; ahead < 22 && made?.status !== 201; ahead += 1)
    made = await me('POST', '/bookings', { space_id: ids.moxuan, use: 'calligraphy', attendees: 2, starts_at: hour(ahead), ends_at: hour(ahead + 1) })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/bookings/${made.body.id}`)
  await page.getByRole('button', { name: '取消这次预订' }).click()
  await page.getByRole('dialog').getByText('现在取消，也算用了一次；本来就不收钱。').waitFor()
  await page.getByRole('dialog').getByRole('button', { name: '取消预订' }).click()
  await page.getByText('取消好了。离开始太近，这次还算用了一次。').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

describe('looks of a series that changes', () => {
  let id
  before(async () => {
    const made = await me('POST', '/series', wish({ space_id: ids.moxuan, use: 'calligraphy', attendees: 6, minors: 2, guardian: true, equipment: [{ code: 'table', units: 1 }], starts_at: on(0, '15:00'), ends_at: on(0, '16:00') }))
    assert.equal(made.status, 201, JSON.stringify(made.body))
    id = made.body.id
  })
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, form(), look)
      await page.locator('details.along > summary').click()
      await page.locator('details.along .switch, details.along .stepper').first().waitFor()
      await examine(page, 'along')
      await page.goto(`${server.url}/series/${id}`)
      await page.getByRole('button', { name: /改时间、房间或人数|Change time, room or people/ }).click()
      await page.locator('#series-change').waitFor()
      await examine(page, 'changing')
      await page.locator('#series-change select').first().selectOption('16:00')
      await page.locator('.sheet:visible footer .btn').click()
      await page.locator('#series-change .sum').scrollIntoViewIfNeeded()
      await examine(page, 'what would change')
      await page.goto(`${server.url}/bookings/${(await me('GET', `/series/${id}`)).body.occurrences[0].booking_id}`)
      await page.locator('#cancelling').waitFor()
      await examine(page, 'ticket')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
