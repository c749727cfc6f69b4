// The door and the desk: the code at the door, where it leads, and what the ticket and the desk's day say.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { asIf, asSomebody, axe, dayAhead, PEOPLE, quietAhead, shape, spacesOf, startBrowser, startServer } from './harness.mjs'
import { at } from './parties.mjs'

const OTHER = '13900001015'
let server, browser, ids, booking
const date = dayAhead(quietAhead(3))
const book = async (login, space, wish) => {
  const day = (time) => `${date}T${time}:00+08:00`
  const me = await asSomebody(server, login)
  const ask = { space_id: ids[space], attendees: 3, starts_at: day('09:00'), ends_at: day('10:00'), ...wish }
  const first = await me('POST', '/bookings', ask)
  const hash = first.body.reasons?.find(({ code }) => code === 'usage-terms')?.figure
  const made = hash ? await me('POST', '/bookings', { ...ask, usage_terms_sha256: hash }) : first
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body.id
}
before(async () => {
  server = await startServer()
  browser = await startBrowser()
  ids = await spacesOf(server, 'yuxin-centre')
  booking = await book(PEOPLE.resident, 'dong', { use: 'dance', attendees: 10 })
})
after(() => Promise.all([browser?.close(), server?.stop()]))

/** As if bookings had been made for another time: they began so many minutes ago, and last an hour. */
const began = (minutes, ...bookings) => asIf('occupancy bookings', `
minutes, *bookings = args
begun = now - int(minutes) * 60_000_000
ends = begun + 3_600_000_000
for one in bookings:
    db.execute('DELETE FROM occupancy WHERE claimant <> ? AND starts_at < ? AND ends_at > ? AND atom_id IN (SELECT atom_id FROM occupancy WHERE claimant = ?)', (one, ends, begun, one))
    db.execute('UPDATE occupancy SET starts_at = ?, ends_at = ? WHERE claimant = ?', (begun, ends, one))
    db.execute('UPDATE bookings SET starts_at = ?, ends_at = ?, occupied_from = ?, occupied_to = ? WHERE id = ?', (begun, ends, begun, ends, one))
`, String(minutes), ...bookings)
/** What the display at a door shows. */
const codeAt = async (space) => {
  const { body } = await (await asSomebody(server, PEOPLE.desk))('GET', `/spaces/${ids[space]}/door-code`)
  return body.code
}

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

test('in by the link of the door, in by typing the code; and afterwards the stars', async () => {
  const mine = await book(PEOPLE.resident, 'member-room', { use: 'meeting' })
  const theirs = await book(OTHER, 'tongzhan-home', { use: 'meeting' })
  server = await server.again(began(5, mine, theirs))
  const me = await at(browser, server, PEOPLE.resident, `/check-in/${ids['member-room']}?code=${await codeAt('member-room')}`)
  await me.page.getByRole('button', { name: '签到' }).waitFor()
  assert.deepEqual(await axe(me.page), [])
  assert.deepEqual(await shape(me.page, 44), [])
  await me.page.getByRole('button', { name: '签到' }).click()
  await me.page.waitForURL(`**/bookings/${mine}`)
  await me.page.getByRole('heading', { name: '签到好了' }).waitFor()
  await me.page.goto(`${server.url}/check-in/${ids['member-room']}?code=000000`)
  await me.page.getByText('签到好了').waitFor()
  assert.deepEqual(me.trouble, [])
  await me.leave()

  // Too few digits are told without asking; those of another door are refused, and stay to be mended.
  const other = await at(browser, server, OTHER, `/bookings/${theirs}`, { expected: [422] })
  const digits = other.page.getByLabel('门口的 6 位数字')
  await digits.fill('12')
  await other.page.getByRole('button', { name: '签到', exact: true }).click()
  await other.page.getByText('是 6 位数字。').waitFor()
  const wrong = await codeAt('member-room')
  await digits.fill(wrong)
  await other.page.getByRole('button', { name: '签到', exact: true }).click()
  await other.page.getByRole('alert').waitFor()
  assert.equal(await digits.inputValue(), wrong)
  assert.deepEqual(await axe(other.page), [])
  await digits.fill(await codeAt('tongzhan-home'))
  await other.page.getByRole('button', { name: '签到', exact: true }).click()
  await other.page.getByRole('heading', { name: '签到好了' }).waitFor()
  assert.deepEqual(other.trouble, [])
  await other.leave()

  server = await server.again(began(61, mine, theirs))
  const after = await at(browser, server, PEOPLE.resident, `/bookings/${mine}`)
  await after.page.getByText('4 星').click()
  await after.page.getByText('干净', { exact: true }).click()
  await after.page.getByRole('button', { name: '送出' }).click()
  await after.page.getByText('您给了 4 颗星,谢谢。').waitFor()
  assert.deepEqual(after.trouble, [])
  await after.leave()
})

test('nobody came: who was there all the same explains, the desk takes it back', async () => {
  const missed = await book(OTHER, 'xi', { use: 'dance', attendees: 7 })
  server = await server.again(began(20, missed))
  // The board of the day shows opening hours; this story is told at any hour.
  const marked = await (await asSomebody(server, PEOPLE.desk))('POST', `/bookings/${missed}/attendance`, { outcome: 'missed' })
  assert.equal(marked.status, 201, JSON.stringify(marked.body))
  const holder = await at(browser, server, OTHER, `/bookings/${missed}`)
  await holder.page.getByRole('heading', { name: '这次没有人来' }).waitFor()
  await holder.page.getByRole('button', { name: '送给社区' }).click()
  await holder.page.getByText('请写一句。').waitFor()
  await holder.page.getByLabel('怎么回事').fill('我们在,门口的屏幕黑着。')
  await holder.page.getByRole('button', { name: '送给社区' }).click()
  await holder.page.getByText('社区还没答复。').waitFor()
  assert.deepEqual(await axe(holder.page), [])

  const desk = await at(browser, server, PEOPLE.desk, '/desk/requests')
  await desk.page.getByText(/说那次有原因的/).waitFor()
  await desk.page.getByText('我们在,门口的屏幕黑着。').waitFor()
  await desk.page.getByRole('button', { name: '看一看,给个答复' }).click()
  await desk.page.getByLabel('给对方的答复').fill('屏幕确实坏了。')
  await desk.page.getByText('这次不算', { exact: true }).click()
  await desk.page.getByText(/说那次有原因的/).waitFor({ state: 'hidden' })
  assert.deepEqual(desk.trouble, [])
  await desk.leave()
  await holder.page.reload()
  await holder.page.getByText('社区把这次抹掉了。').waitFor()
  assert.deepEqual(holder.trouble, [])
  await holder.leave()
})
