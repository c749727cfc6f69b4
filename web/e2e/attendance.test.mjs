// The door and the desk: the code at the door, where it leads, how a camera reads it, and what the ticket and the desk's day say.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asIf, asSomebody, axe, dayAhead, examiner, follow, looks, nameOf, PEOPLE, quietAhead, shape, spacesOf, startBrowser, startServer, visit } from './harness.mjs'
import { at, become } from './parties.mjs'

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
  browser = await startBrowser('--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream')
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
const doorOf = async (space) => (await (await asSomebody(server, PEOPLE.desk))('GET', `/spaces/${ids[space]}/door-code`)).body
const codeAt = async (space) => (await doorOf(space)).code
/** For `evaluate`: a browser that can read these formats, and reads what is `atTheDoor` once the camera runs; null, one that cannot. */
const reading = (formats) => {
  globalThis.BarcodeDetector = formats
    ? class {
        static getSupportedFormats = async () => formats
        detect = async (video) => (globalThis.atTheDoor && video.videoWidth && !video.paused ? [{ rawValue: globalThis.atTheDoor }] : [])
      }
    : undefined
}

test('the display at the door shows a code and where it leads; without a booking now it says so', async () => {
  const desk = await at(browser, server, PEOPLE.desk, '/desk')
  await desk.page.getByRole('heading', { name: '门口的码（放在门口的屏幕上）' }).waitFor()
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
  await early.page.getByText(/起可以签到：到门口看屏幕上的码。/).waitFor()
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
  const out = await visit(browser, server, `/check-in/${ids['member-room']}?code=000000`)
  await out.page.getByRole('dialog').getByText('签到要知道是您来了，请先登录。').waitFor()
  await out.page.getByRole('dialog').getByText('忘了密码？带上证件和手机号到社区服务台，工作人员给您一个领取码。').waitFor()
  await out.leave()
  const first = await at(browser, server, PEOPLE.resident, `/bookings/${mine}`)
  await first.page.getByText('等您签到').waitFor()
  await first.page.locator('.ticket #use-title').waitFor()
  await first.page.getByRole('img', { name: '这次预订的二维码' }).waitFor()
  assert.deepEqual(await axe(first.page), [])
  assert.deepEqual(first.trouble, [])
  await first.leave()
  const me = await at(browser, server, PEOPLE.resident, `/check-in/${ids['member-room']}?code=${await codeAt('member-room')}`)
  await me.page.getByRole('button', { name: '签到' }).waitFor()
  assert.deepEqual(await axe(me.page), [])
  assert.deepEqual(await shape(me.page, 44), [])
  await me.page.getByRole('button', { name: '签到' }).click()
  await me.page.waitForURL(`**/bookings/${mine}`)
  await me.page.getByRole('heading', { name: '签到好了' }).waitFor()
  assert.equal(await me.page.getByRole('img', { name: '这次预订的二维码' }).count(), 0)
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
  await after.page.getByText('您给了 4 颗星，谢谢。').waitFor()
  assert.deepEqual(after.trouble, [])
  await after.leave()
})

test('the camera reads the code at the door; where it may not or cannot, the digits are typed', async () => {
  const seen = await book(PEOPLE.grid, 'member-room', { use: 'meeting' })
  server = await server.again(began(5, seen))
  const typed = '相机没打开。把门口的 6 位数字填在下面，也一样。'
  const scanIn = (page) => page.getByRole('button', { name: '用手机扫一扫' })
  const pictureIn = (page) => page.getByLabel('相机画面')
  // A browser that gives no camera.
  const without = await startBrowser()
  const refused = await at(without, server, PEOPLE.grid, `/bookings/${seen}`)
  await refused.page.evaluate(reading, ['qr_code'])
  await follow(refused.page, '/me')
  await follow(refused.page, `/bookings/${seen}`, '#use-title')
  await scanIn(refused.page).click()
  await refused.page.getByText(typed).waitFor()
  assert.equal(await pictureIn(refused.page).isVisible(), false)
  assert.deepEqual(refused.trouble, [])
  await without.close()

  const { page, context, trouble, leave } = await at(browser, server, PEOPLE.grid, `/bookings/${seen}`, { permissions: ['camera'] })
  await context.addInitScript(reading, ['qr_code'])
  await page.reload()
  const [scan, picture] = [scanIn(page), pictureIn(page)]
  await scan.click()
  await page.waitForFunction(() => document.querySelector('video').videoWidth > 0)
  await page.getByRole('button', { name: '不扫了' }).waitFor()
  assert.equal(await page.getByText(typed).count(), 0)
  assert.deepEqual(await axe(page), [])
  assert.deepEqual(await shape(page, 44), [])
  // The door beside it first: said so, and the camera is off.
  const put = (path) => page.evaluate((text) => (globalThis.atTheDoor = text), server.url + path)
  await put((await doorOf('tongzhan-home')).path)
  await page.getByText('扫到的不是这个房间门口的码，再看看是不是走错门了。').waitFor()
  assert.equal(await picture.isVisible(), false)
  assert.equal(await page.evaluate(() => document.querySelector('video').srcObject.active), false)
  // Safari has nothing of the kind, and some phones nothing behind it.
  for (const formats of [null, []]) {
    await page.evaluate(reading, formats)
    await follow(page, '/me')
    await follow(page, `/bookings/${seen}`, '#use-title')
    await page.getByText(/这里扫不了码，没关系/).waitFor()
    assert.equal(await scan.count(), 0)
    await page.getByLabel('门口的 6 位数字').waitFor()
    assert.deepEqual(await axe(page), [])
  }
  await page.evaluate(reading, ['qr_code'])
  await put((await doorOf('member-room')).path)
  await follow(page, '/me')
  await follow(page, `/bookings/${seen}`, '#use-title')
  await scan.click()
  await page.getByRole('heading', { name: '签到好了' }).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('the desk sees who is not here yet; once they are marked there is nothing more to mark', async () => {
  const late = await book(PEOPLE.neighbour, 'member-room', { use: 'meeting', attendees: 4 })
  server = await server.again(began(5, late))
  const { page, trouble, leave } = await at(browser, server, PEOPLE.desk, '/desk')
  const begun = new Date(Date.now() - 5 * 60_000).toLocaleDateString('sv', { timeZone: 'Asia/Shanghai' })
  if (begun < dayAhead(0)) await page.getByRole('button', { name: '前一天' }).click()
  const lines = page.locator('.lines li', { hasText: / 4 人/ })
  await lines.filter({ has: page.locator('.tag', { hasText: '还没到' }) }).getByRole('button').click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText(/还没到/).waitFor()
  await dialog.getByRole('button', { name: '来了', exact: true }).click()
  await dialog.getByText(/签到了。/).waitFor()
  assert.equal(await dialog.getByRole('button', { name: /来了|没来/ }).count(), 0)
  await page.keyboard.press('Escape')
  await lines.locator('.tag', { hasText: '已签到' }).first().waitFor()
  assert.deepEqual(trouble, [])
  await leave()
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
  await holder.page.getByLabel('怎么回事').fill('我们在，门口的屏幕黑着。')
  await holder.page.getByRole('button', { name: '送给社区' }).click()
  await holder.page.getByText('社区还没答复。').waitFor()
  assert.deepEqual(await axe(holder.page), [])
  await follow(holder.page, '/me')
  await holder.page.getByRole('link', { name: '那次您已经说过了，社区还没答复' }).waitFor()
  await follow(holder.page, `/bookings/${missed}`, '#use-title')

  // Should they come late after all, the desk finds who had the room.
  const board = await at(browser, server, PEOPLE.desk, '/desk')
  const ago = new Date(Date.now() - 20 * 60_000).toLocaleDateString('sv', { timeZone: 'Asia/Shanghai' })
  if (ago < dayAhead(0)) await board.page.getByRole('button', { name: '前一天' }).click()
  const line = board.page.locator('.lines li', { has: board.page.locator('.tag', { hasText: '没来' }) })
  await line.getByText('7 人').waitFor()
  assert.equal(await line.getByRole('button').count(), 0)
  assert.deepEqual(await axe(board.page), [])
  await board.leave()

  const desk = await at(browser, server, PEOPLE.desk, '/desk/requests')
  await desk.page.getByText(/没来的说明/).waitFor()
  await desk.page.getByText('我们在，门口的屏幕黑着。').waitFor()
  await desk.page.getByRole('button', { name: '看一看，给个答复' }).click()
  await desk.page.getByLabel('给对方的答复').fill('屏幕确实坏了。')
  await desk.page.getByText('这次不算', { exact: true }).click()
  await desk.page.getByText(/没来的说明/).waitFor({ state: 'hidden' })
  assert.deepEqual(desk.trouble, [])
  await desk.leave()
  await holder.page.reload()
  await holder.page.getByText('社区看过，这次不算了。').waitFor()
  assert.deepEqual(holder.trouble, [])
  await holder.leave()
})

describe('looks of the door', () => {
  const of = {}
  before(async () => {
    of.here = await book(OTHER, 'tongzhan-home', { use: 'meeting', attendees: 9 })
    of.missed = await book(OTHER, 'shuyuan', { use: 'reading' })
    of.explained = await book(OTHER, 'xi', { use: 'dance' })
    server = await server.again((file) => {
      began(20, of.missed, of.explained)(file)
      began(5, of.here)(file)
    })
    const [desk, holder] = [await asSomebody(server, PEOPLE.desk), await asSomebody(server, OTHER)]
    for (const one of [of.missed, of.explained]) {
      const marked = await desk('POST', `/bookings/${one}/attendance`, { outcome: 'missed' })
      assert.equal(marked.status, 201, JSON.stringify(marked.body))
    }
    assert.equal((await holder('POST', `/bookings/${of.explained}/appeal`, { text: '门口的屏幕黑着，我们在里面。' })).status, 201)
    assert.equal((await desk('POST', `/bookings/${of.here}/keys`, { moved: 'handed_out' })).status, 201)
  })
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await at(browser, server, OTHER, `/check-in/${ids['tongzhan-home']}?code=000000`, { ...look, permissions: ['camera'] })
      await page.locator('.btn.main.full').waitFor()
      await examine(page, 'check-in')
      await page.evaluate(reading, ['qr_code'])
      await follow(page, `/bookings/${of.here}`, '#use-title')
      await page.locator('#use-title ~ .stack .btn').first().click()
      await page.waitForFunction(() => document.querySelector('video').videoWidth > 0)
      await page.locator('form .btn.main').click()
      await page.locator('.wrong').waitFor()
      await examine(page, 'scanning')
      await page.evaluate(reading, null)
      await follow(page, `/bookings/${of.missed}`, '#use-title')
      await page.locator('form .btn.full').click()
      await page.locator('.wrong').waitFor()
      await examine(page, 'saying why nobody came')
      await follow(page, `/bookings/${of.explained}`, '#use-title')
      await examine(page, 'waiting for the community')
      await become(page, server, PEOPLE.desk, '/desk')
      await page.locator('button.what, button.one', { hasText: / 9 (人|people)/ }).first().click()
      await page.locator('.sheet:visible .btn').first().waitFor()
      await examine(page, 'who came')
      await page.keyboard.press('Escape')
      await follow(page, `/desk/door/${ids['tongzhan-home']}`, '.code')
      await examine(page, 'door')
      await follow(page, '/desk/requests', '.appeals')
      await examine(page, 'appeals')
      await page.locator('.appeals .btn').first().click()
      await page.locator('.sheet:visible footer .btn.main').click()
      await page.locator('.sheet:visible .wrong').waitFor()
      await examine(page, 'answering an appeal')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
