// The door and the desk: the code at the door, where it leads, and what the ticket and the desk's day say.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { asSomebody, axe, dayAhead, PEOPLE, quietAhead, shape, spacesOf, stage } from './harness.mjs'
import { at } from './parties.mjs'

let server, browser, close, ids, booking
const date = dayAhead(quietAhead(3))
before(async () => {
  ;({ server, browser, close } = await stage())
  ids = await spacesOf(server, 'yuxin-centre')
  const me = await asSomebody(server, PEOPLE.resident)
  const day = (time) => `${date}T${time}:00+08:00`
  const made = await me('POST', '/bookings', { space_id: ids.dong, use: 'dance', attendees: 10, starts_at: day('09:00'), ends_at: day('10:00') })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  booking = made.body.id
})
after(() => close?.())

test('the display at the door shows a code and where it leads; without a booking now it says so', async () => {
  const desk = await at(browser, server, PEOPLE.desk, '/desk')
  await desk.page.getByRole('heading', { name: '门口的码(放在门口的屏幕上)' }).waitFor()
  await desk.page.getByRole('link', { name: '大厅东区' }).or(desk.page.locator('a[href*="/desk/door/"]')).first().click()
  const code = (await desk.page.locator('.code').textContent()).replace(/\s/g, '')
  assert.match(code, /^\d{6}$/)
  await desk.page.getByRole('img', { name: '签到二维码' }).waitFor()
  assert.deepEqual(await axe(desk.page), [])
  assert.deepEqual(await shape(desk.page, 44), [])
  const space = desk.page.url().split('/').pop()
  assert.deepEqual(desk.trouble, [])
  await desk.leave()

  const early = await at(browser, server, PEOPLE.resident, `/check-in/${space}?code=${code}`)
  await early.page.getByText(/现在没有您在.*的预订。提前 15 分钟就可以签到。/).waitFor()
  assert.deepEqual(await axe(early.page), [])
  await early.page.goto(`${server.url}/bookings/${booking}`)
  await early.page.getByText(/起可以签到:到门口看屏幕上的码。/).waitFor()
  assert.deepEqual(early.trouble, [])
  await early.leave()
})

test('the desk opens a booking of the day: too early to mark, the key can be noted', async () => {
  const desk = await at(browser, server, PEOPLE.desk, '/desk')
  for (let i = 0; i < 12 && !(await desk.page.locator('button.what', { hasText: '10 人' }).count()); i += 1) {
    await desk.page.getByRole('button', { name: '后一天' }).click()
    await desk.page.waitForTimeout(400)
  }
  await desk.page.locator('button.what', { hasText: '10 人' }).first().click()
  const dialog = desk.page.getByRole('dialog')
  await dialog.getByText(/起可以签到。/).waitFor()
  await dialog.getByRole('button', { name: '钥匙给出去了' }).click()
  await dialog.getByText(/给出钥匙/).waitFor()
  await dialog.getByRole('button', { name: '钥匙还回来了' }).click()
  await dialog.getByText(/还回钥匙/).waitFor()
  assert.deepEqual(await axe(desk.page), [])
  assert.deepEqual(desk.trouble, [])
  await desk.leave()
})
