// A resident's stories, told on the screens against the real server.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { asSomebody, dayAhead, follow, quietAhead, PEOPLE, signInSheet, spacesOf, stage, visit } from './harness.mjs'

let server, browser, close, ids
before(async () => {
  ;({ server, browser, close } = await stage())
  ids = await spacesOf(server, 'yuxin-centre')
})
after(() => close?.())

const sheet = (page) => page.locator('.sheet:visible').last()
const space = (id, date, from, to, more = '') => `/spaces/${id}?date=${date}&from=${from}&to=${to}&book=1${more}`
const confirm = (page) => page.locator('.sheet:visible footer .btn.main')
/** A page of somebody who is signed in, through the screens. */
const signedIn = async (who, path, look = {}) => {
  const seen = await visit(browser, server, '/me', look)
  await seen.page.locator('main .btn.main').click()
  await signInSheet(seen.page, who)
  await seen.page.locator('.booking, .message').first().waitFor()
  if (path) {
    await seen.page.goto(server.url + path)
    await seen.page.waitForSelector('main h1')
  }
  return seen
}
const bookingsOf = async (who) => {
  const call = await asSomebody(server, who)
  return (await call('GET', '/bookings?limit=100')).body.items
}

test('three taps from home: a free hour, what for, confirm', async () => {
  const { page, trouble, leave } = await signedIn(PEOPLE.neighbour, '/')
  await page.locator('.offer .chip').first().click()
  await sheet(page).getByText('会议', { exact: true }).click()
  await confirm(page).getByText('同意,订下').waitFor()
  await page.locator('.total').waitFor()
  await confirm(page).click()
  await page.getByRole('heading', { name: '订好了' }).waitFor()
  await page.getByRole('img', { name: '这次预订的二维码' }).waitFor()
  assert.match(page.url(), /\/bookings\/booking_/)
  await page.getByText('38号楼一层 · 活动大厅').waitFor()
  assert.equal(await page.locator('.rules li').count(), 3)
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: '加到手机日历' }).click()])
  assert.match(file.suggestedFilename(), /^shangliang-\d{4}-\d\d-\d\d\.ics$/)
  assert.deepEqual(trouble, [])
  await leave()
})

test('a visitor chooses first and signs in last; nothing is lost on the way', async () => {
  const date = dayAhead(quietAhead(3))
  const { page, trouble, leave } = await visit(browser, server, `/spaces/${ids.dong}?date=${date}`)
  await page.getByRole('button', { name: /^09:00 ?–09:30/ }).click()
  await page.getByRole('button', { name: /^10:30 ?–11:00/ }).click()
  await page.getByRole('button', { name: /^订 .* 09:00–11:00$/ }).click()
  await page.getByText('更多用途').click()
  await sheet(page).getByText('演出', { exact: true }).click()
  await sheet(page).getByLabel('几个人').fill('35')
  await sheet(page).getByLabel('几个人').blur()
  await page.getByText('每场 20 元').last().waitFor()
  await confirm(page).getByText('登录后订下').click()
  await signInSheet(page, PEOPLE.grid)
  await page.locator('.total', { hasText: '20 元' }).waitFor()
  assert.equal(await sheet(page).getByLabel('几个人').inputValue(), '35')
  assert.equal(await sheet(page).getByRole('radio', { name: '演出' }).isChecked(), true)
  await confirm(page).getByText('同意,订下').click()
  await page.getByRole('heading', { name: '订好了' }).waitFor()
  await page.getByText('演出 · 35 人 · 20 元').waitFor()
  // The cookie keeps the session over a reload; the token was only in memory.
  await page.reload()
  await page.getByText('演出 · 35 人 · 20 元').waitFor()
  assert.equal(await page.evaluate(() => JSON.stringify({ ...localStorage }).includes('eyJ')), false)
  assert.deepEqual(trouble, [])
  await leave()
})

test('a wrong password says so and keeps the name', async () => {
  const { page, trouble, leave } = await visit(browser, server, '/me', { expected: [401] })
  await page.locator('main .btn.main').click()
  await page.locator('input[name=login]').fill(PEOPLE.grid)
  await page.locator('input[name=password]').fill('not the password')
  await page.locator('form button[type=submit]').click()
  await page.getByText('账号或密码不对').waitFor()
  assert.equal(await page.locator('input[name=login]').inputValue(), PEOPLE.grid)
  assert.deepEqual(trouble, [])
  await leave()
})

test('a refusal names every clause, who agreed, and what would work', async () => {
  const date = dayAhead(4)
  const { page, trouble, leave } = await signedIn(PEOPLE.neighbour, space(ids.shuyuan, date, '12:30', '13:30', '&use=performance&people=70'))
  await page.getByRole('heading', { name: '这样订不了' }).waitFor()
  const cards = sheet(page).locator('.reason')
  assert.equal(await cards.count(), 3)
  await cards.getByText('这里不能用于演出').waitFor()
  await cards.getByText('这里最多 60 人').waitFor()
  await cards.getByText('安静时段').waitFor()
  await cards.first().getByText('育新花园社区居民委员会').waitFor()
  await cards.first().getByText('条款怎么写的').click()
  await cards.first().getByText('不得在其中演出').waitFor()
  assert.match(await cards.first().locator('a').getAttribute('href'), /^\/agreements\/agreement_/)
  const option = sheet(page).locator('.option').first()
  const where = await option.locator('.block').textContent()
  await option.click()
  await page.getByRole('heading', { name: `订${where}` }).last().waitFor()
  await page.locator('.total').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('every closed hour answers why', async () => {
  const monday = [1, 2, 3, 4, 5, 6, 7].map(dayAhead).find((day) => new Date(`${day}T00:00:00Z`).getUTCDay() === 1)
  const { page, trouble, leave } = await visit(browser, server, `/spaces/${ids['hongyi-hall']}?date=${monday}`)
  await page.getByRole('button', { name: /^09:00 ?–09:30, 不开/ }).click()
  await page.locator('.answer .reason').getByText('提供方自己用的时间').waitFor()
  await page.locator('.answer').getByText('条款怎么写的').click()
  await page.locator('.answer').getByText('留给产权单位自用').waitFor()
  await page.getByRole('button', { name: '21:00 后为什么不开?' }).click()
  await page.locator('.answer .reason .what').getByText('08:30–21:00').waitFor()
  await page.locator('.answer').getByText('条款怎么写的').click()
  await page.locator('.answer .reason').getByText('所以:').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('a lost race: a neighbour is faster, and the next best is one tap away', async () => {
  const date = dayAhead(5)
  const path = space(ids.yazhu, date, '10:00', '11:00', '&use=vocal&people=10')
  const [slow, quick] = [await signedIn(PEOPLE.grid, path, { expected: [409] }), await signedIn(PEOPLE.neighbour, path)]
  for (const { page } of [slow, quick]) await page.locator('.total').waitFor()
  await confirm(quick.page).click()
  await quick.page.getByRole('heading', { name: '订好了' }).waitFor()
  await confirm(slow.page).click()
  await slow.page.getByRole('heading', { name: '晚了一步' }).waitFor()
  await slow.page.getByText('有邻居先订了这段时间').waitFor()
  const options = sheet(slow.page).locator('.option')
  assert.ok((await options.count()) >= 1)
  const time = await options.first().locator('strong').textContent()
  await options.first().click()
  await slow.page.locator('.total').waitFor()
  await confirm(slow.page).getByText('同意,订下').click()
  await slow.page.getByRole('heading', { name: '订好了' }).waitFor()
  assert.ok((await slow.page.locator('.time strong').textContent()).endsWith(time.trim().split(' ').pop()))
  assert.deepEqual([...slow.trouble, ...quick.trouble], [])
  await Promise.all([slow.leave(), quick.leave()])
})

test('what is free is asked anew once after a booking: another process may not know of it yet', async () => {
  const date = dayAhead(10)
  const { page, trouble, leave } = await signedIn(PEOPLE.grid)
  const said = []
  page.on('request', (request) => {
    if (request.url().includes('/availability')) said.push(request.headers()['cache-control'])
  })
  const look = async () => {
    await follow(page, '/settings')
    said.length = 0
    await follow(page, `/spaces/${ids.moxuan}?date=${date}`, '.slot')
    return [...new Set(said)]
  }
  assert.deepEqual(await look(), [undefined])
  await follow(page, space(ids.moxuan, date, '15:00', '16:00', '&use=calligraphy&people=5'), '.total')
  await confirm(page).click()
  await page.getByRole('heading', { name: '订好了' }).waitFor()
  assert.deepEqual(await look(), ['no-cache'])
  await page.getByRole('button', { name: /^15:00 ?–15:30, *我订的/ }).waitFor()
  assert.deepEqual(await look(), [undefined])
  assert.deepEqual(trouble, [])
  await leave()
})

test('an expired sign-in asks for the password over the form, and goes on', async () => {
  const date = dayAhead(6)
  const seen = await visit(browser, server, '/me', { expected: [401] })
  const { page, trouble, leave } = seen
  let token = ''
  page.on('request', (request) => (token = request.headers()['authorization'] ?? token))
  await page.locator('main .btn.main').click()
  await signInSheet(page, PEOPLE.grid)
  await page.locator('.booking, .message').first().waitFor()
  await page.goto(server.url + space(ids.moxuan, date, '15:00', '16:00', '&use=calligraphy&people=7'))
  await page.locator('.total').waitFor()
  // The session ends at the server: the token in the page is refused from now on, and so is the cookie.
  const out = await fetch(`${server.api}/api/v1/sign-out`, { method: 'POST', headers: { authorization: token } })
  assert.equal(out.status, 204)
  await confirm(page).click()
  await page.getByText('隔了一阵没用').waitFor()
  assert.equal(await page.getByRole('dialog').count(), 2, 'the form is still there below')
  assert.equal(await page.locator('input[name=login]').inputValue(), PEOPLE.grid)
  await page.locator('input[name=password]').fill('shangliang-2026')
  await page.locator('form button[type=submit]').click()
  await page.getByRole('heading', { name: '订好了' }).waitFor()
  await page.getByText('书画 · 7 人').waitFor()
  assert.equal((await bookingsOf(PEOPLE.grid)).filter(({ attendees }) => attendees === 7).length, 1)
  assert.deepEqual(trouble, [])
  await leave()
})

test('a lost answer never books twice', async () => {
  const date = dayAhead(7)
  const { page, trouble, leave } = await signedIn(PEOPLE.grid, space(ids.moxuan, date, '15:00', '16:00', '&use=calligraphy&people=9'), { expected: ['offline'] })
  await page.locator('.total').waitFor()
  const keys = []
  let lost = 0
  await page.route('**/api/v1/bookings', async (route) => {
    keys.push(route.request().headers()['idempotency-key'])
    if (lost++ < 2) {
      // The server books; its answer is lost on the way.
      await route.fetch()
      await route.abort('connectionfailed')
    } else await route.continue()
  })
  await confirm(page).click()
  await page.getByText('不知道订成没有').waitFor()
  await confirm(page).getByText('再按一次').click()
  await page.getByRole('heading', { name: '订好了' }).waitFor()
  assert.equal(new Set(keys).size, 1, 'one intent, one key')
  assert.equal(keys.length, 3)
  assert.equal((await bookingsOf(PEOPLE.grid)).filter(({ attendees }) => attendees === 9).length, 1)
  assert.deepEqual(trouble, [])
  await leave()
})

test('cancelling asks once, says what follows, and frees the time', async () => {
  const date = dayAhead(quietAhead(8))
  const call = await asSomebody(server, PEOPLE.neighbour)
  const { body } = await call('POST', '/bookings', { space_id: ids.dong, use: 'dance', attendees: 12, starts_at: `${date}T09:00:00+08:00`, ends_at: `${date}T10:00:00+08:00` })
  const { page, trouble, leave } = await signedIn(PEOPLE.neighbour, `/bookings/${body.id}`)
  await page.getByRole('button', { name: '取消这次预订' }).click()
  await page.getByText('马上让给别的邻居').waitFor()
  await page.getByRole('button', { name: '不取消' }).click()
  await page.getByRole('button', { name: '取消这次预订' }).click()
  await page.getByLabel('为什么(不填也行)').fill('膝盖疼')
  await page.getByRole('button', { name: '取消预订', exact: true }).click()
  await page.getByText('已取消').waitFor()
  await page.getByText('取消原因:膝盖疼').waitFor()
  await page.goto(`${server.url}/spaces/${ids.dong}?date=${date}`)
  await page.getByRole('button', { name: /^09:00 ?–09:30, 空着/ }).waitFor()
  await page.goto(`${server.url}/notices`)
  await page.getByText('已取消东厅的预订').first().waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('my bookings come page by page; signing out leaves nothing', async () => {
  const { page, trouble, leave } = await signedIn(PEOPLE.resident, '/me')
  await page.locator('.booking').first().waitFor()
  assert.match(await page.locator('h1').textContent(), /王淑珍/)
  await page.getByText('以前的').click()
  await page.getByText('以前没有订过。').waitFor()
  await page.getByRole('button', { name: '退出登录' }).click()
  await page.getByText('登录后,这里有您的预订和通知。').waitFor()
  assert.equal(await page.evaluate(() => localStorage.getItem('shangliang.account')), null)
  await page.reload()
  await page.getByText('登录后,这里有您的预订和通知。').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('booked with the keyboard alone', async () => {
  const { page, trouble, leave } = await signedIn(PEOPLE.grid, '/', { wide: true, width: 1280, height: 800 })
  await page.waitForSelector('.plan .room')
  const tabTo = async (what, keys = 'Tab') => {
    for (let i = 0; i < 90; i++) {
      await page.keyboard.press(keys)
      const name = await page.evaluate(() => {
        const at = document.activeElement
        return at?.querySelector('title')?.textContent || at?.getAttribute('aria-label') || at?.labels?.[0]?.textContent || at?.textContent || ''
      })
      if (what.test(name.trim())) return name
    }
    throw new Error(`never came to ${what}`)
  }
  await tabTo(/^跳到正文/)
  await tabTo(/^统战之家,/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '统战之家' }).waitFor()
  // Tomorrow, so that the hour of the day does not matter.
  await page.locator('.strip button').nth(2).waitFor()
  await tabTo(/^\d+月\d+日 周., 明天/)
  await page.keyboard.press('Enter')
  await page.locator('.slot.free').first().waitFor()
  await tabTo(/^\d\d:\d\d ?–\d\d:\d\d, *空着/)
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('Space')
  assert.equal(await page.locator('.slot.in').count(), 2)
  await page.keyboard.press('Shift+ArrowRight')
  await page.keyboard.press('Shift+ArrowRight')
  const chosen = await page.locator('.slot.in').count()
  assert.ok(chosen >= 2, `chosen ${chosen}`)
  await tabTo(/^订 /)
  await page.keyboard.press('Enter')
  await sheet(page).waitFor()
  await tabTo(/^会议/)
  await page.keyboard.press('Space')
  await page.locator('.total').waitFor()
  await tabTo(/^同意,订下/)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: '订好了' }).waitFor()
  // Escape closes a sheet and gives the focus back.
  await tabTo(/^取消这次预订/)
  await page.keyboard.press('Enter')
  await page.getByText('真的要取消吗?').waitFor()
  await page.keyboard.press('Escape')
  await page.getByText('真的要取消吗?').waitFor({ state: 'hidden' })
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ''), /取消这次预订/)
  assert.deepEqual(trouble, [])
  await leave()
})

test('time first: date, people, use; and why the others do not fit', async () => {
  const ahead = quietAhead(9)
  const date = dayAhead(ahead)
  const { page, trouble, leave } = await visit(browser, server, '/')
  await page.getByText('什么时候 · 几个人 · 做什么').click()
  await page.locator('.strip button').nth(ahead).click()
  await page.getByLabel('几点').selectOption('10:00')
  await page.getByLabel('几个人').fill('55')
  await page.getByLabel('几个人').blur()
  await page.getByLabel('做什么').selectOption('study')
  await page.waitForURL(/date=.*people=55.*use=study/)
  await page.locator('.bones').waitFor({ state: 'detached' })
  await page.locator('.hit').first().waitFor()
  await page.getByText('别的为什么不行').click()
  await page.getByText(/这里最多 \d+ 人,您填的是 55 人/).first().waitFor()
  await page.locator('.hit .chip.on').first().click()
  await page.waitForSelector('.sheet')
  assert.equal(await sheet(page).getByLabel('几个人').inputValue(), '55')
  assert.match(page.url(), new RegExp(date))
  await page.goBack()
  await page.getByRole('heading', { name: '找空间' }).waitFor()
  assert.equal(await page.getByLabel('几个人').inputValue(), '55')
  assert.deepEqual(trouble, [])
  await leave()
})

test('a slow network shows what was known last, with its time', async () => {
  const { page, trouble, leave } = await visit(browser, server, '/')
  await page.locator('.offer, .message').first().waitFor()
  await page.route('**/availability**', async (route) => {
    await new Promise((go) => setTimeout(go, 4000))
    await route.continue().catch(() => undefined)
  })
  await page.reload()
  await page.getByText('网络慢,先给您看').waitFor({ timeout: 3500 })
  await page.waitForSelector('.plan .room.free, .plan .room.closed, .plan .room.taken')
  await page.getByText('网络慢,先给您看').waitFor({ state: 'detached', timeout: 8000 })
  assert.deepEqual(trouble, [])
  await leave()
})

test('no network: says so, and tries again', async () => {
  const { page, trouble, leave } = await visit(browser, server, '/settings', { expected: ['offline'] })
  await page.route('**/api/**', (route) => route.abort('internetdisconnected'))
  await page.goto(`${server.url}/spaces/${ids.hall}`)
  await page.getByText('网络断了').first().waitFor()
  await page.unroute('**/api/**')
  await page.getByRole('button', { name: '再试一次' }).first().click()
  await page.getByRole('heading', { name: '活动大厅' }).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('a space that is not there leads on', async () => {
  const { page, trouble, leave } = await visit(browser, server, `/spaces/space_${'0'.repeat(26)}`, { expected: [404, 400] })
  await page.getByText('没有找到').first().waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})
