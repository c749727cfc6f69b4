// Signing at its edges: the window is made longer, somebody signs without the power and the party ratifies it, one person for two
// parties, the owners' vote; and a draft is tried on the past.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asIf, asSomebody, axe, dayAhead, examiner, looks, nameOf, shape, spacesOf, startBrowser, startServer, still, usualDay } from './harness.mjs'
import { agreementOf, annex, at, importFile, narrower, PARTIES, signAll } from './parties.mjs'

const ADMIN = 'admin@example.org'
const [KEYS, LEAD, RESIDENT] = ['13900002012', '13900002005', '13900002018']
/** Somebody who may speak for the first unit and not sign for it; and who signs for the first unit signs for the second too. */
const PEOPLE = `representatives:
  - {person: shiyou-p-keys, organisation: shiyou-unit-1, powers: [position], from: 2025-10-01, evidence: 临时委托}
  - {person: shiyou-p-unit-1, organisation: shiyou-unit-2, powers: [sign], from: 2025-10-01, evidence: 第二产权单位授权委托书}
roles:
  - {person: shiyou-p-keys, role: property_unit, organisation: shiyou-unit-1, from: 2025-10-01}
  - {person: shiyou-p-unit-1, role: property_unit, organisation: shiyou-unit-2, from: 2025-10-01}
`
/** Days with hours of their own: what was used in the past must not depend on the day the story is told. */
const FEASTS = /\n +dates:(\n +- \{first: .*)+/
let server, browser, open, common, desk
before(async () => {
  server = await startServer()
  browser = await startBrowser()
  await importFile(server, ADMIN, (await annex()).replace('\nsites:\n', `\n${PEOPLE}\nsites:\n`))
  await importFile(server, PARTIES.desk, (await annex('shiyou-common', '石油大院公共楼公益共建协议')).replace('title: shiyou-unit-1', 'title: common').replace(FEASTS, ''))
  desk = await asSomebody(server, PARTIES.desk)
  open = (await agreementOf(desk, 'shiyou-annex-partnership')).id
  common = (await agreementOf(desk, 'shiyou-common-partnership')).id
  for (const id of [open, common]) assert.equal((await desk('POST', `/agreements/${id}/versions/1/proposal`, {})).status, 201)
})
after(() => Promise.all([browser?.close(), server?.stop()]))

test('the desk gives more time to sign', async () => {
  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, `/agreements/${open}`, { expected: [422] })
  await page.getByRole('heading', { name: '要谁同意' }).waitFor()
  await page.getByText(/签字到 .* 24:00 为止。/).waitFor()
  const before = await page.getByText(/签字到 .* 24:00 为止。/).textContent()
  await page.getByRole('button', { name: '延长签字期限' }).click()
  const dialog = page.getByRole('dialog', { name: '延长签字期限' })
  await dialog.getByLabel('新的最后一天').fill(dayAhead(800))
  await dialog.getByRole('button', { name: '延长', exact: true }).click()
  await dialog.getByText('最多延到提请后 365 天。').waitFor()
  await dialog.getByLabel('新的最后一天').fill(dayAhead(60))
  await dialog.getByRole('button', { name: '延长', exact: true }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText('签字期限延长了').waitFor()
  await page.getByText(before, { exact: true }).waitFor({ state: 'detached' })
  await page.getByText(/签字到 .* 24:00 为止。/).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('who signs without the power waits for the party, which ratifies it', async () => {
  const keys = await at(browser, server, KEYS, `/agreements/${open}`)
  await keys.page.getByRole('button', { name: '我先签着，等追认' }).click()
  await keys.page.getByRole('dialog').getByRole('button', { name: '我先签着，等追认' }).click()
  await keys.page.getByText('记下了，等您单位有授权的人追认。').waitFor()
  assert.deepEqual(keys.trouble, [])
  await keys.leave()

  const unit = await at(browser, server, PARTIES.units[0], '/unit')
  await unit.page.getByText('有人没有授权就替您单位签了字，请您决定认不认').waitFor()
  await unit.page.goto(`${server.url}/agreements/${open}`)
  await unit.page.getByRole('button', { name: '认不认这个签字' }).click()
  assert.deepEqual(await axe(unit.page), [])
  assert.deepEqual(await shape(unit.page, 44), [])
  await unit.page.getByRole('dialog').getByRole('button', { name: '认，算我们签的' }).click()
  await unit.page.getByRole('button', { name: '认不认这个签字' }).waitFor({ state: 'detached' })
  await unit.page.getByText('没有授权就签的字，已追认').waitFor()
  assert.deepEqual(unit.trouble, [])
  await unit.leave()
})

test('one person for two parties needs both to agree; a colleague agrees here', async () => {
  // Who ratified for the first unit signs for the second as well: refused until both have agreed.
  const two = await at(browser, server, PARTIES.units[0], `/agreements/${open}`, { expected: [409] })
  const unit2 = (await (await asSomebody(server, PARTIES.units[1]))('GET', '/me')).body.representations[0].organisation
  await two.page.evaluate((hat) => localStorage.setItem('shangliang.settings', JSON.stringify({ ...JSON.parse(localStorage.getItem('shangliang.settings')), hat })), `unit:${unit2.id}`)
  await two.page.reload()
  await two.page.getByRole('button', { name: '签字', exact: true }).click()
  await two.page.getByRole('dialog').getByRole('button', { name: '确认，我签字' }).click()
  await two.page.getByRole('dialog').getByText(/石油大院第二产权单位 还没有书面同意由同一个人代表两方/).waitFor()
  assert.deepEqual(two.trouble, [])
  await two.leave()

  const colleague = await at(browser, server, PARTIES.units[1], `/agreements/${open}`)
  await colleague.page.getByText('同一个人替两方签？').click()
  await colleague.page.getByLabel('哪一方同意').selectOption({ label: '石油大院第二产权单位' })
  await colleague.page.getByLabel('同意由谁来签').selectOption({ label: '曹建业' })
  assert.deepEqual(await axe(colleague.page), [])
  assert.deepEqual(await shape(colleague.page, 44), [])
  await colleague.page.getByRole('button', { name: '同意由这个人签' }).click()
  await colleague.page.getByText('记下了：石油大院第二产权单位同意。').waitFor()
  assert.deepEqual(colleague.trouble, [])
  await colleague.leave()
})

test('the owners voted in the city; the desk writes the result down, a second person checks it', async () => {
  const first = await at(browser, server, PARTIES.desk, `/agreements/${common}`, { expected: [409] })
  await first.page.getByText('这一版动到业主共有的地方').waitFor()
  await first.page.getByRole('button', { name: '登记表决结果' }).click()
  const dialog = first.page.getByRole('dialog', { name: '登记表决结果' })
  await dialog.getByRole('button', { name: '登记', exact: true }).click()
  await dialog.getByText('人数对不上').waitFor()
  const [heads, area] = [dialog.getByRole('group', { name: '按人数' }), dialog.getByRole('group', { name: '按专有面积（平方米）' })]
  const fill = async (group, all, took, yes) => {
    await group.getByLabel('一共').fill(all)
    await group.getByLabel('参加').fill(took)
    await group.getByLabel('同意').fill(yes)
  }
  await fill(heads, '5032', '3355', '2516')
  await fill(area, '450000', '300000.5', '240000')
  await dialog.getByText('照这些数字，同意的不够，没有通过。').waitFor()
  await heads.getByLabel('同意').fill('2517')
  await dialog.getByText('照这些数字，通过了。').waitFor()
  await dialog.getByLabel('公告那天').fill(dayAhead(-30))
  await dialog.getByLabel('表决截止那天').fill(dayAhead(-5))
  await dialog.getByLabel('公示结果那天').fill(dayAhead(-3))
  await dialog.locator('input[type=file]').setInputFiles({ name: '公示.pdf', mimeType: 'application/pdf', buffer: Buffer.from('表决结果') })
  await dialog.getByText('公示.pdf').waitFor()
  assert.deepEqual(await axe(first.page), [])
  assert.deepEqual(await shape(first.page, 44), [])
  await dialog.getByRole('button', { name: '登记', exact: true }).click()
  await first.page.getByText('5032 人里 3355 人参加，2517 人同意。').waitFor()
  await first.page.getByText('450,000 平方米里 300,000.5 平方米参加').waitFor()
  assert.deepEqual(first.trouble, [])
  await first.leave()

  const second = await at(browser, server, LEAD, `/agreements/${common}`)
  await second.page.getByRole('button', { name: '核对无误，确认' }).click()
  await second.page.getByText(/由另一个人核对过。/).waitFor()
  assert.deepEqual(second.trouble, [])
  await second.leave()
})

test('a draft is tried on the past', async () => {
  await signAll(server, common, 1)
  const { clauses } = (await desk('GET', `/agreements/${common}/versions/1`)).body
  // Evenings end at six, and a wash costs five yuan at most.
  const changed = clauses.map((clause) => {
    if (clause.kind === 'open_hours') return narrower(clause, 18)
    if (clause.kind !== 'price_ceiling') return clause
    return { ...clause, payload: { ...clause.payload, ceilings: clause.payload.ceilings.map((one) => (one.use === 'laundry' ? { ...one, fen: 500 } : one)) } }
  })
  assert.equal((await desk('POST', `/agreements/${common}/versions`, { clauses: changed })).status, 201)
  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, `/agreements/${common}/versions/2`, { expected: [422] })
  await page.getByRole('heading', { name: '要是以前就照这一版' }).waitFor()
  await page.getByRole('button', { name: '拿上个季度的试一试' }).click()
  await page.getByText(/还没有人用过，没有可以试的。/).waitFor()
  await page.getByLabel('从哪天').fill(dayAhead(-800))
  await page.getByRole('button', { name: '换一段日子再试' }).click()
  await page.getByText('一共不超过 366 天').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

/** As if bookings had been made for two weeks earlier. */
const twoWeeksAgo = (...bookings) => asIf('occupancy bookings', `
by = 14 * 86_400_000_000
for one in args:
    db.execute('UPDATE occupancy SET starts_at = starts_at - ?, ends_at = ends_at - ? WHERE claimant = ?', (by, by, one))
    db.execute('UPDATE bookings SET starts_at = starts_at - ?, ends_at = ends_at - ?, occupied_from = occupied_from - ?, occupied_to = occupied_to - ? WHERE id = ?', (by, by, by, by, one))
`, ...bookings)

test('once rooms were used, the draft says who would have lost and who would have gained', async () => {
  const spaces = await spacesOf(server, 'shiyou-common')
  const resident = await asSomebody(server, RESIDENT)
  const book = async (space, use, hour) => {
    const day = (hour) => `${usualDay(5)}T${String(hour).padStart(2, '0')}:00:00+08:00`
    const made = await resident('POST', '/bookings', { space_id: spaces[space], use, attendees: 4, starts_at: day(hour), ends_at: day(hour + 1) })
    assert.equal(made.status, 201, JSON.stringify(made.body))
    return made.body.id
  }
  // Too late in the evening; a wash of eight yuan; and one the draft leaves alone.
  const used = [await book('station', 'meeting', 18), await book('service-space', 'laundry', 10), await book('station', 'meeting', 14)]
  server = await server.again(twoWeeksAgo(...used))
  desk = await asSomebody(server, PARTIES.desk)
  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, `/agreements/${common}/versions/2`)
  await page.getByRole('button', { name: '拿上个季度的试一试' }).click()
  await page.getByLabel('从哪天').fill(dayAhead(-20))
  await page.getByLabel('到哪天').fill(dayAhead(0))
  await page.getByRole('button', { name: '换一段日子再试' }).click()
  await page.getByText(/一共用了 3 次；照这一版，1 次订不成，1 次更便宜，一共少收 3 元。$/).waitFor()
  const rows = async (title) => (await page.locator('.stack.tight', { has: page.getByRole('heading', { name: title }) }).locator('li > p').allTextContents()).sort()
  assert.deepEqual(await rows('按用途看'), ['会议2 次，1 次订不成', '洗衣1 次，1 次更便宜'])
  assert.deepEqual(await rows('按空间看'), ['便民空间1 次，1 次更便宜', '街区工作站2 次，1 次订不成'])
  assert.deepEqual(await rows('按谁订的看'), ['邻居家3 次，1 次订不成，1 次更便宜'])
  await page.getByText('一次一次看（2 次）').click()
  const one = page.locator('section[aria-labelledby=replay-title] details li')
  await one.filter({ hasText: '街区工作站 · 会议' }).getByText('订不成').waitFor()
  await one.filter({ hasText: '街区工作站 · 会议' }).getByText(/开放时间是 08:00–18:00/).waitFor()
  await one.filter({ hasText: '便民空间 · 洗衣' }).getByText('少收 3 元').waitFor()
  await one.filter({ hasText: '便民空间 · 洗衣' }).getByText(/价格上限是每次 5.00 元/).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

describe('looks of powers', () => {
  let shared
  before(async () => {
    await importFile(server, PARTIES.desk, (await annex('shiyou-shared', '石油大院共有楼公益共建协议')).replace('title: shiyou-unit-1', 'title: common'))
    shared = (await agreementOf(desk, 'shiyou-shared-partnership')).id
    await desk('POST', `/agreements/${shared}/versions/1/proposal`, {})
  })
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await at(browser, server, PARTIES.desk, `/agreements/${shared}`, look)
      await page.locator('.agency > summary').click()
      await examine(page, 'whose consent')
      await page.locator('.window .btn').click()
      await page.locator('.sheet:visible').waitFor()
      await examine(page, 'more time')
      await page.keyboard.press('Escape')
      await still(page)
      await page.getByRole('button', { name: /登记表决结果|Record the result/ }).click()
      await page.locator('.sheet:visible footer .btn').click()
      await examine(page, 'a vote')
      await page.goto(`${server.url}/agreements/${common}/versions/2`)
      await page.getByRole('button', { name: /拿上个季度的试一试|Try it on the last quarter/ }).click()
      await page.locator('.days input').first().fill(dayAhead(-20))
      await page.locator('.days input').last().fill(dayAhead(0))
      await page.locator('.days .btn').click()
      await page.locator('section[aria-labelledby=replay-title] summary').click()
      await examine(page, 'what if')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
