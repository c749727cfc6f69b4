// What a new version does to bookings: seen before anybody signs, offered to whoever holds them, and answered on a phone.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { asSomebody, dayAhead, spacesOf, stage } from './harness.mjs'
import { agreementOf, annex, at, importFile, narrower, PARTIES, signAll } from './parties.mjs'

const RESIDENT = '13900002018'
let server, browser, close, id, spaces, resident
/** An evening hour on the first days from `day` on that are open: holidays come and go. */
const book = async (day, many) => {
  const made = []
  for (let ahead = day; ahead < day + 9 && made.length < many; ahead += 1) {
    const at = (time) => `${dayAhead(ahead)}T${time}:00+08:00`
    const answer = await resident('POST', '/bookings', { space_id: spaces.station, use: 'meeting', attendees: 8, starts_at: at('18:00'), ends_at: at('19:00') })
    if (answer.status === 201) made.push(answer.body.id)
  }
  assert.equal(made.length, many)
  return made
}
before(async () => {
  ;({ server, browser, close } = await stage())
  await importFile(server, PARTIES.desk, await annex())
  const desk = await asSomebody(server, PARTIES.desk)
  id = (await agreementOf(desk, 'shiyou-annex-partnership')).id
  assert.equal((await desk('POST', `/agreements/${id}/versions/1/proposal`, {})).status, 201)
  await signAll(server, id, 1)
  spaces = await spacesOf(server, 'shiyou-annex')
  resident = await asSomebody(server, RESIDENT)
})
after(() => close?.())

let early, late, later
test('before signing, a unit sees what it does to the bookings there are', async () => {
  ;[early] = await book(3, 1)
  ;[late, later] = await book(48, 2)
  const desk = await asSomebody(server, PARTIES.desk)
  const { clauses } = (await desk('GET', `/agreements/${id}/versions/1`)).body
  const changed = clauses.map((clause) => (clause.kind === 'open_hours' ? narrower(clause, 17) : clause))
  assert.equal((await desk('POST', `/agreements/${id}/versions`, { clauses: changed })).status, 201)
  assert.equal((await desk('POST', `/agreements/${id}/versions/2/proposal`, {})).status, 201)

  const { page, trouble, leave } = await at(browser, server, PARTIES.units[1], `/agreements/${id}/versions/2`)
  await page.getByText(/您签了以后，都签齐时，\d+ 次照旧，2 次要另作安排。/).waitFor()
  await page.getByRole('img', { name: /2 次要另作安排/ }).or(page.getByRole('img', { name: /1 次要另作安排/ })).waitFor()
  await page.getByText(/一次一次看/).click()
  await page.getByText('请换时间或地方').first().waitFor()
  assert.equal(await page.getByText(/杜桂香/).count(), 0, 'a unit sees no names')
  // And once more where it signs, with what signing comes to.
  await page.getByRole('button', { name: '签字', exact: true }).click()
  const dialog = page.getByRole('dialog', { name: '确认签字' })
  await dialog.getByText(/全部签完，就照这一版办。签齐以后，至少再过 \d+ 天才生效。/).waitFor()
  await dialog.getByText(/您签了以后，都签齐时，\d+ 次照旧，2 次要另作安排。/).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('once all have signed the holder is offered another time, takes one and says no to the other', async () => {
  await signAll(server, id, 2)
  const { page, trouble, leave } = await at(browser, server, RESIDENT, '/me')
  await page.getByRole('heading', { name: '有 2 次预订有变化，请看一看' }).waitFor()
  const offers = page.locator('.offer.open')
  await offers.first().getByText('协议改了').waitFor()
  await offers.first().getByText('已经替您留着').waitFor()
  await offers.first().getByRole('button', { name: '换成这个' }).click()
  await page.getByRole('heading', { name: '订好了' }).waitFor()
  assert.equal((await resident('GET', `/bookings/${late}`)).body.state, 'moved')
  // The old ticket leads to the new one.
  await page.goto(`${server.url}/bookings/${late}`)
  await page.getByText('您换了时间').waitFor()
  await page.getByRole('link', { name: '看换好的那一次' }).waitFor()

  await page.goto(`${server.url}/bookings/${later}`)
  await page.getByRole('button', { name: '不换了，取消并退款' }).click()
  const sure = page.getByRole('dialog', { name: '不换了，取消并退款' })
  await sure.getByText('就让给别人了').waitFor()
  await sure.getByRole('button', { name: '先不' }).click()
  await sure.waitFor({ state: 'hidden' })
  assert.notEqual((await resident('GET', `/bookings/${later}`)).body.state, 'cancelled')
  await page.getByRole('button', { name: '不换了，取消并退款' }).click()
  await sure.getByRole('button', { name: '确定取消' }).click()
  await page.getByText('您说了不换').waitFor()
  assert.equal((await resident('GET', `/bookings/${later}`)).body.state, 'cancelled')
  assert.equal((await resident('GET', `/bookings/${early}`)).body.state, 'confirmed')
  await page.goto(`${server.url}/me`)
  await page.locator('.booking').first().waitFor()
  assert.equal(await page.locator('.offer.open').count(), 0)
  assert.deepEqual(trouble, [])
  await leave()
})
