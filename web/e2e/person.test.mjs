// Somebody and their account: the password once more before a deed that binds, and what is new.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { asSomebody, axe, dayAhead, PASSWORD, PEOPLE, quietAhead, spacesOf, stage } from './harness.mjs'
import { agreementOf, annex, at, importFile, PARTIES } from './parties.mjs'

let server, browser, close, id
before(async () => {
  ;({ server, browser, close } = await stage())
  await importFile(server, PARTIES.desk, await annex())
  const desk = await asSomebody(server, PARTIES.desk)
  id = (await agreementOf(desk, 'shiyou-annex-partnership')).id
  assert.equal((await desk('POST', `/agreements/${id}/versions/1/proposal`, {})).status, 201)
})
after(() => close?.())

test('what is new is counted, shown as new once, and leads to what it is about', async () => {
  const { page, trouble, leave } = await at(browser, server, PARTIES.units[0], '/unit')
  await page.getByRole('link', { name: /我的.*条新的/ }).waitFor()
  await page.getByRole('link', { name: /您的单位有 \d+ 条新通知/ }).click()
  await page.getByText('石油大院第一产权单位').waitFor()
  const first = page.getByRole('link', { name: /新.*石油大院东院公益共建协议.*请您签署/ })
  await first.waitFor()
  // Seen, and said to the server: nothing is new any more, here and on the next look.
  await page.getByRole('link', { name: '我的', exact: true }).waitFor()
  const inbox = (await (await asSomebody(server, PARTIES.units[0]))('GET', '/me/inbox')).body
  assert.equal(inbox.unread, 0)
  await first.click()
  await page.getByRole('heading', { name: '石油大院东院公益共建协议' }).waitFor()
  await page.goto(`${server.url}/notices`)
  await page.getByText(/石油大院东院公益共建协议/).first().waitFor()
  assert.equal(await page.locator('.new').count(), 0)
  assert.deepEqual(trouble, [])
  await leave()
})

test('whoever comes back to the page sees what happened meanwhile: what they were told, and what they have', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, '/notices')
  await page.locator('.item').first().waitFor()
  await page.reload()
  await page.locator('.item').first().waitFor()
  assert.equal(await page.locator('.new').count(), 0)
  const mine = await page.context().newPage()
  await mine.goto(`${server.url}/me`)
  await mine.locator('a[href*="/bookings/"]').first().waitFor()
  const [{ dong }, day] = [await spacesOf(server, 'yuxin-centre'), dayAhead(quietAhead(4))]
  const ask = { space_id: dong, use: 'dance', attendees: 20, starts_at: `${day}T09:30:00+08:00`, ends_at: `${day}T10:00:00+08:00` }
  assert.equal((await (await asSomebody(server, PEOPLE.resident))('POST', '/bookings', ask)).status, 201)
  const back = (tab) => tab.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
  assert.equal(await mine.getByText(/09:30.10:00/).count(), 0)
  await back(mine)
  await mine.getByText(/09:30.10:00/).waitFor()
  // They are told a moment after the deed.
  for (let looks = 1; !(await page.locator('.new').count()); looks += 1) {
    assert.ok(looks < 40, 'nobody was told')
    await back(page)
    await page.waitForTimeout(250)
  }
  await page.locator('.item', { has: page.locator('.new') }).getByText(/已订好.*09:30/).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('a signature asks for the password again over the form, and is then sent as it was', async () => {
  const { page, context, trouble, leave } = await at(browser, server, PARTIES.units[0], `/agreements/${id}/versions/1`, { expected: [403] })
  // The password was given just now: as if ten minutes had gone by.
  let late = true
  const keys = []
  await context.route('**/signatures', async (route) => {
    keys.push(route.request().headers()['idempotency-key'])
    if (!late) return route.continue()
    const body = { type: 'urn:shangliang:problem:step-up-required', title: '', status: 403, code: 'step-up-required', zh: '请再输一次密码。', en: 'Give your password again.', instance: '' }
    return route.fulfill({ status: 403, contentType: 'application/problem+json', body: JSON.stringify(body) })
  })
  await page.getByRole('button', { name: '签字', exact: true }).click()
  await page.getByRole('button', { name: '确认，我签字' }).click()
  const sheet = page.getByRole('dialog', { name: '再输一次密码' })
  await sheet.getByLabel('密码').fill('不是这个密码-2026')
  await sheet.getByRole('button', { name: '确认是我' }).click()
  await sheet.getByText('密码不对').waitFor()
  // Closed without one: nothing is signed, and the sheet below is still there.
  await sheet.getByRole('button', { name: '关闭' }).click()
  await page.getByRole('dialog', { name: '确认签字' }).getByText('请再输一次密码').waitFor()
  await page.getByRole('button', { name: '确认，我签字' }).click()
  await sheet.getByLabel('密码').fill(PASSWORD)
  late = false
  await sheet.getByRole('button', { name: '确认是我' }).click()
  await page.getByText('石油大院第一产权单位已经签了').waitFor()
  assert.equal(keys.length, 3)
  assert.equal(keys[1], keys[2], 'sent again with the key it had')
  assert.deepEqual(trouble, [])
  await leave()
})

test('somebody with an address does without the mails that can wait', async () => {
  const { page, trouble, leave } = await at(browser, server, 'admin@example.org', '/notices')
  const booked = page.getByRole('switch', { name: '订好了' })
  await booked.waitFor()
  assert.equal(await booked.getAttribute('aria-checked'), 'true')
  await booked.click()
  await page.locator('[role=switch][aria-checked=false]').waitFor()
  await page.reload()
  await page.locator('[role=switch][aria-checked=false]').waitFor()
  assert.deepEqual((await (await asSomebody(server, 'admin@example.org'))('GET', '/me/notice-settings')).body.mail_off, ['booked'])
  assert.deepEqual(await axe(page), [])
  assert.deepEqual(trouble, [])
  await leave()
})
