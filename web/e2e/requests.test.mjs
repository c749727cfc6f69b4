// Bookings somebody must say yes to first: two neighbours want one evening, the parties answer, and each neighbour reads why.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, dayAhead, examiner, looks, nameOf, PEOPLE, spacesOf, stage, still, usualDay } from './harness.mjs'
import { agreementOf, annex, at, importFile, PARTIES, signAll } from './parties.mjs'

const [ONE, OTHER, THIRD] = ['13900002018', '13900002019', '13900002020']
let server, browser, close, spaces
const calls = {}
/** An opera evening for seventy: the unit that owns the room and the community both have to say yes. */
const ask = async (who, ahead, from = '18:00', to = '19:30') => {
  const day = (time) => `${dayAhead(ahead)}T${time}:00+08:00`
  const answer = await calls[who]('POST', '/bookings', { space_id: spaces['culture-space'], use: 'opera', attendees: 70, starts_at: day(from), ends_at: day(to) })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  assert.equal(answer.body.state, 'requested')
  return answer.body.id
}
const AGREED = `      - {id: crowd, kind: approval, text_zh: 六十人以上的活动先经社区同意，社区在48小时内答复。, payload: {approver: community, deadline_hours: 48, at_least_people: 60}}
      - {id: stage, kind: approval, spaces: [shiyou-annex/culture-space], text_zh: 文化空间的演出先经产权单位同意，产权单位在24小时内答复。, payload: {approver: property_unit, deadline_hours: 24, uses: [opera]}}
`
before(async () => {
  ;({ server, browser, close } = await stage())
  await importFile(server, PARTIES.desk, (await annex()).replace('    clauses:\n', `    clauses:\n${AGREED}`))
  const desk = await asSomebody(server, PARTIES.desk)
  const { id } = await agreementOf(desk, 'shiyou-annex-partnership')
  assert.equal((await desk('POST', `/agreements/${id}/versions/1/proposal`, {})).status, 201)
  await signAll(server, id, 1)
  spaces = await spacesOf(server, 'shiyou-annex')
  for (const who of [ONE, OTHER, THIRD]) calls[who] = await asSomebody(server, who)
})
after(() => close?.())

test('two want one evening: side by side, one gets it, the other is told why', async () => {
  const [first, second] = [await ask(ONE, 9), await ask(OTHER, 9)]

  const ticket = await at(browser, server, ONE, `/bookings/${first}`)
  await ticket.page.getByText('申请送出了，等批准').waitFor()
  await ticket.page.getByText(/正等.*石油大院第二产权单位.*答复，最晚到/).waitFor()
  await ticket.page.getByText('为什么要先问').click()
  await ticket.page.getByText('六十人以上的活动先经社区同意').first().waitFor({ state: 'attached' })
  assert.deepEqual(ticket.trouble, [])
  await ticket.leave()

  const desk = await at(browser, server, PARTIES.desk, '/desk/requests')
  await desk.page.getByText('这段时间有 2 家都想要，只能答应一家。').waitFor()
  assert.equal(await desk.page.locator('.request').count(), 2)
  await desk.page.locator('.request').first().getByRole('button', { name: /^同意/ }).click()
  const yes = desk.page.getByRole('dialog', { name: '同意这次预订' })
  await yes.getByText('您同意以后，还要石油大院第二产权单位也同意才算订好。').waitFor()
  await yes.getByRole('button', { name: '同意', exact: true }).click()
  await desk.page.getByText('记下了，还等石油大院第二产权单位答复。').waitFor()
  await desk.page.locator('.request').nth(1).waitFor({ state: 'detached' })
  assert.equal(await desk.page.locator('.request').count(), 1, 'answered for the community')
  assert.deepEqual(desk.trouble, [])
  await desk.leave()

  const unit = await at(browser, server, PARTIES.units[1], '/unit')
  await unit.page.getByRole('heading', { name: '请您答复的预订（2）' }).waitFor()
  await unit.page.getByText('已经同意').waitFor()
  await unit.page.locator('.request', { hasText: '已经同意' }).getByRole('button', { name: /^同意/ }).click()
  await unit.page.getByText('您一同意，就给一户邻居订好了，马上告诉他们。').waitFor()
  await unit.page.getByText('另外 1 家就订不了了').waitFor()
  await unit.page.getByRole('dialog').getByRole('button', { name: '同意', exact: true }).click()
  await unit.page.getByText(/^订好了：/).waitFor()
  await unit.page.getByText('这段时间已经有人订好了，现在答应不了。').waitFor()
  await unit.page.getByRole('button', { name: /^不同意/ }).click()
  const no = unit.page.getByRole('dialog', { name: '不同意这次预订' })
  await no.getByRole('button', { name: '送出回话' }).click()
  await no.getByText('请写一句为什么').waitFor()
  await no.getByLabel('为什么不同意').fill('那天晚上别家先订好了，换一天吧。')
  await unit.page.keyboard.press('Escape')
  await no.waitFor({ state: 'hidden' })
  await unit.page.getByRole('button', { name: /^不同意/ }).click()
  await no.getByRole('button', { name: '送出回话' }).click()
  await unit.page.getByText('已经回了一户邻居。').waitFor()
  await unit.page.getByText('现在没有等您办的事').waitFor()
  assert.deepEqual(unit.trouble, [])
  await unit.leave()

  const had = await at(browser, server, ONE, `/bookings/${first}`)
  await had.page.getByText('已订好').waitFor()
  await had.page.getByText('为什么能订').click()
  await had.page.getByText('这一条已经过有关各方同意。').first().waitFor()
  assert.deepEqual(had.trouble, [])
  await had.leave()
  const missed = await at(browser, server, OTHER, `/bookings/${second}`)
  await missed.page.getByText('没有同意，原因：那天晚上别家先订好了，换一天吧。').waitFor()
  assert.deepEqual(missed.trouble, [])
  await missed.leave()
})

test('a request is taken back from its ticket, before anybody answers', async () => {
  const id = await ask(THIRD, 12)
  const { page, trouble, leave } = await at(browser, server, THIRD, `/bookings/${id}`)
  await page.getByRole('button', { name: '撤回申请' }).click()
  const sheet = page.getByRole('dialog', { name: '撤回申请' })
  await sheet.getByText('撤回以后就不用再等答复了；想用可以重新申请。').waitFor()
  await sheet.getByRole('button', { name: '撤回申请' }).click()
  await page.locator('.state', { hasText: '申请取消了' }).waitFor()
  assert.equal(await page.getByText(/答复，最晚到/).count(), 0, 'nobody is to answer any more')
  await page.getByText('为什么要先问').waitFor()
  assert.equal((await calls[THIRD]('GET', `/bookings/${id}`)).body.state, 'cancelled')
  assert.equal(await page.getByRole('button', { name: '撤回申请' }).count(), 0)
  assert.deepEqual(trouble, [])
  await leave()
  // The desk reads the same ticket, and takes back nothing of other people.
  const other = await ask(THIRD, 12)
  const desk = await at(browser, server, PARTIES.desk, `/bookings/${other}`)
  await desk.page.getByText('申请送出了，等批准').waitFor()
  assert.equal(await desk.page.getByRole('button', { name: '撤回申请' }).count(), 0)
  assert.deepEqual(desk.trouble, [])
  await desk.leave()
  await calls[THIRD]('POST', `/bookings/${other}/cancellation`, {})
})

test('what was taken back while somebody decides is said so', async () => {
  const id = await ask(THIRD, 11)
  const desk = await at(browser, server, PARTIES.desk, '/desk/requests', { expected: [409] })
  await desk.page.locator('.request').last().getByRole('button', { name: /^同意/ }).click()
  await calls[THIRD]('POST', `/bookings/${id}/cancellation`, {})
  await desk.page.getByRole('dialog').getByRole('button', { name: '同意', exact: true }).click()
  await desk.page.getByText('刚才情况变了').waitFor()
  await desk.page.getByText('现在没有等您答复的预订。').waitFor()
  assert.deepEqual(desk.trouble, [])
  await desk.leave()
})

test('a ticket tells why it could be booked and where the money went', async () => {
  const ids = await spacesOf(server, 'yuxin-centre')
  const me = await asSomebody(server, PEOPLE.resident)
  const day = (time) => `${usualDay(4)}T${time}:00+08:00`
  const made = await me('POST', '/bookings', { space_id: ids.hall, use: 'performance', attendees: 80, starts_at: day('18:00'), ends_at: day('20:00') })
  assert.equal(made.status, 201)
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/bookings/${made.body.id}`)
  await page.getByRole('heading', { name: '收了多少，退了多少' }).waitFor()
  await page.getByText('场地费').waitFor()
  await page.getByText('为什么能订').click()
  await page.getByText(/这次预订照 \d+ 条条款核对过/).waitFor()
  await page.locator('.why li summary').first().click()
  await page.getByRole('link', { name: /在第 1 版里看这一条/ }).first().waitFor()
  await page.getByRole('button', { name: '取消这次预订' }).click()
  await page.getByRole('button', { name: '取消预订', exact: true }).click()
  await page.getByText('退回').waitFor()
  await page.getByText('−60 元').waitFor()
  await page.getByText('算下来').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

describe('looks of requests', () => {
  before(async () => {
    for (const who of [ONE, OTHER, THIRD]) await ask(who, 13)
  })
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const desk = await at(browser, server, PARTIES.desk, '/desk/requests', look)
      await desk.page.waitForSelector('.request')
      await examine(desk.page, 'requests')
      await desk.page.locator('.request .btn.main').first().click()
      await desk.page.waitForSelector('.then')
      await examine(desk.page, 'saying yes')
      await desk.page.keyboard.press('Escape')
      await still(desk.page)
      await desk.page.locator('.request .btn.stop').first().click()
      await desk.page.locator('.sheet:visible footer .btn').click()
      await examine(desk.page, 'saying no')
      assert.deepEqual(desk.trouble, [])
      await desk.leave()
      const unit = await at(browser, server, PARTIES.units[1], '/unit', look)
      await unit.page.waitForSelector('.request')
      await examine(unit.page, 'requests of a unit')
      assert.deepEqual(unit.trouble, [])
      await unit.leave()
      const [{ id }] = (await calls[ONE]('GET', '/bookings?when=upcoming&limit=100')).body.items.filter(({ state }) => state === 'requested')
      const ticket = await at(browser, server, ONE, `/bookings/${id}`, look)
      await ticket.page.locator('.why > summary').click()
      await ticket.page.locator('.why li summary').first().click()
      await examine(ticket.page, 'why')
      assert.deepEqual(ticket.trouble, [])
      await ticket.leave()
      assert.deepEqual(found, [])
    })
  }
})
