// The desk closes a room for a day: who is affected is counted and listed first, one is answered apart, an hour is opened again.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, dayAhead, examiner, looks, nameOf, PEOPLE, quietAhead, spacesOf, stage, still } from './harness.mjs'
import { at } from './parties.mjs'

let server, browser, close, ids, me, neighbour, mine, theirs
// Later than what the demonstration has booked.
const ahead = quietAhead(16)
const date = dayAhead(ahead)
before(async () => {
  ;({ server, browser, close } = await stage())
  ids = await spacesOf(server, 'yuxin-centre')
  const day = (time) => `${date}T${time}:00+08:00`
  const book = async (login, from, to) => {
    const call = await asSomebody(server, login)
    const made = await call('POST', '/bookings', { space_id: ids.dong, use: 'dance', attendees: 20, starts_at: day(from), ends_at: day(to) })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    return [call, made.body.id]
  }
  ;[me, mine] = await book(PEOPLE.resident, '09:00', '10:00')
  ;[neighbour, theirs] = await book(PEOPLE.neighbour, '10:30', '11:30')
})
after(() => close?.())

test('seen first, then closed; each booking has its answer; a part is opened again', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.desk, '/desk/closures')
  await page.getByRole('button', { name: '关闭房间' }).click()
  const dialog = page.getByRole('dialog', { name: '关闭房间' })
  await dialog.getByRole('button', { name: '先看看影响到谁' }).click()
  await dialog.getByText('至少选一间').waitFor()
  const room = (await (await fetch(`${server.url}/api/v1/spaces/${ids.dong}`)).json()).name_zh
  await dialog.getByText(room, { exact: true }).click()
  await dialog.getByLabel('从哪天').fill(date)
  await dialog.getByLabel('到哪天').fill(date)
  await dialog.getByLabel('为什么（大家都看得到）').fill('地板打蜡。')
  await page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: '关闭房间' }).click()
  assert.equal(await dialog.getByLabel('为什么（大家都看得到）').inputValue(), '地板打蜡。')
  await dialog.getByRole('button', { name: '先看看影响到谁' }).click()
  await dialog.getByText(/关了以后，.*2 次要另作安排/).waitFor()
  await dialog.getByLabel('这一次单独怎么办').first().selectOption('cancel')
  await dialog.getByText(/关了以后，.*1 次要另作安排，1 次取消/).waitFor()
  assert.equal((await me('GET', `/bookings/${mine}`)).body.state, 'confirmed', 'looking changes nothing')
  await dialog.getByRole('button', { name: '就这样关' }).click()
  await page.getByText(/关好了：/).waitFor()
  await page.getByText('地板打蜡。', { exact: true }).waitFor()
  assert.equal((await me('GET', `/bookings/${mine}`)).body.state, 'cancelled')
  assert.equal((await neighbour('GET', `/bookings/${theirs}`)).body.state, 'confirmed', 'offered another time')

  // The day says of the room that it is closed, and of who still has to choose that they stand there.
  const desk = await at(browser, server, PEOPLE.desk, '/desk')
  for (let day = 0; day < ahead; day += 1) await desk.page.getByRole('button', { name: '后一天' }).click()
  await desk.page.locator('.lines li', { hasText: '10:30' }).getByText('房间关着').waitFor()
  await desk.page.locator('.gaps li', { hasText: room }).getByText('关着').waitFor()
  assert.deepEqual(desk.trouble, [])
  await desk.leave()

  await page.getByRole('button', { name: '提前开一段' }).click()
  const open = page.getByRole('dialog', { name: '提前开一段' })
  await open.getByLabel('从哪天').fill(date)
  await open.getByLabel('到哪天').fill(date)
  await open.getByLabel('几点开').selectOption('18:00')
  await open.getByLabel('几点再关').selectOption('14:00')
  await open.getByLabel('为什么可以开').fill('下午就干了。')
  await open.getByRole('button', { name: '开', exact: true }).click()
  await open.getByText('结束要比开始晚').waitFor()
  await open.getByLabel('几点开').selectOption('14:00')
  await open.getByLabel('几点再关').selectOption('18:00')
  // A tap beside it loses nothing.
  await page.keyboard.press('Escape')
  await open.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: '提前开一段' }).click()
  assert.equal(await open.getByLabel('几点开').inputValue(), '14:00')
  assert.equal(await open.getByLabel('为什么可以开').inputValue(), '下午就干了。')
  await open.getByRole('button', { name: '开', exact: true }).click()
  await page.getByText('开好了，大家可以订了。').waitFor()
  await page.getByText(/下午就干了。/).first().waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('what was changed while a look was under way is looked at again', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.desk, '/desk/closures')
  await page.locator('main .btn.main').click()
  const room = page.locator('#closing .room')
  await room.first().click()
  await page.locator('#closing input[maxlength="200"]').fill('x')
  let go
  const held = new Promise((done) => (go = done))
  await page.route(/dry_run=true/, (route) => held.then(() => route.continue()), { times: 1 })
  const button = page.locator('.sheet:visible footer .btn')
  await button.click()
  await room.nth(1).click()
  go()
  await still(page)
  assert.equal(await page.locator('#closing .sentence').count(), 0, 'an answer about less than is on the sheet')
  assert.doesNotMatch(await button.getAttribute('class'), /stop/)
  await button.click()
  await page.locator('#closing .sentence').waitFor()
  assert.match(await button.getAttribute('class'), /stop/)
  assert.deepEqual(trouble, [])
  await leave()
})

describe('looks of closures', () => {
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await at(browser, server, PEOPLE.desk, '/desk/closures', look)
      await page.locator('.closure').first().waitFor()
      await examine(page, 'closures')
      await page.locator('main .btn.main').click()
      await page.locator('.sheet:visible .room').first().click()
      await page.locator('#closing input[maxlength="200"]').fill('x')
      await page.locator('.sheet:visible footer .btn').click()
      await page.locator('.sentence').waitFor()
      await examine(page, 'closing')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
