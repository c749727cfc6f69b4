// What changes do to bookings, in every look: the picture before signing, a room that is closed, an offer on the phone.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, dayAhead, examiner, looks, nameOf, spacesOf, stage } from './harness.mjs'
import { agreementOf, annex, at, importFile, narrower, PARTIES, signAll } from './parties.mjs'

const RESIDENT = '13900002018'
let server, browser, close, id, pending
before(async () => {
  ;({ server, browser, close } = await stage())
  await importFile(server, PARTIES.desk, await annex())
  const desk = await asSomebody(server, PARTIES.desk)
  id = (await agreementOf(desk, 'shiyou-annex-partnership')).id
  const path = (no) => `/agreements/${id}/versions/${no}`
  await desk('POST', `${path(1)}/proposal`, {})
  await signAll(server, id, 1)
  const spaces = await spacesOf(server, 'shiyou-annex')
  const resident = await asSomebody(server, RESIDENT)
  // Two in the evening, which the second version meets, and two after lunch, which only the third does; holidays come and go.
  for (const hour of [18, 14]) {
    const made = []
    for (let day = 44; day < 58 && made.length < 2; day += 1) {
      const at = (time) => `${dayAhead(day)}T${time}:00:00+08:00`
      const answer = await resident('POST', '/bookings', { space_id: spaces.station, use: 'meeting', attendees: 8, starts_at: at(hour), ends_at: at(hour + 1) })
      if (answer.status === 201) made.push(answer.body.id)
    }
    assert.equal(made.length, 2)
  }
  const { clauses } = (await desk('GET', path(1))).body
  const narrow = (hour) => clauses.map((clause) => (clause.kind === 'open_hours' ? narrower(clause, hour) : clause))
  await desk('POST', `/agreements/${id}/versions`, { clauses: narrow(17) })
  await desk('POST', `${path(2)}/proposal`, {})
  await signAll(server, id, 2)
  await desk('POST', `/agreements/${id}/versions`, { clauses: narrow(13) })
  await desk('POST', `${path(3)}/proposal`, {})
  pending = path(3)
  const closed = await desk('POST', `/agreements/${id}/suspensions`, { urgency: 'immediate', ground: 'safety', text: '屋顶漏水，正在抢修。', evidence: '巡查记录', space_ids: [spaces['party-space'] ?? Object.values(spaces)[0]] })
  assert.equal(closed.status, 201, JSON.stringify(closed.body))
})
after(() => close?.())

describe('looks of changes', () => {
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const unit = await at(browser, server, PARTIES.units[1], pending, look)
      await unit.page.locator('.weeks').waitFor()
      await unit.page.locator('#impact summary').click()
      await unit.page.locator('#impact li').first().waitFor()
      await examine(unit.page, 'what a version does')
      await unit.page.locator('.bar .main').click()
      await unit.page.locator('.sheet:visible .sentence').waitFor()
      await examine(unit.page, 'signing with what it does')
      assert.deepEqual(unit.trouble, [])
      await unit.leave()

      const desk = await at(browser, server, PARTIES.desk, `/agreements/${id}`, look)
      await desk.page.locator('#life .closed').waitFor()
      await examine(desk.page, 'a room that is closed')
      await desk.page.locator('#life .closed .btn').first().click()
      await desk.page.locator('.sheet:visible').waitFor()
      await examine(desk.page, 'opening it again')
      assert.deepEqual(desk.trouble, [])
      await desk.leave()

      const resident = await at(browser, server, RESIDENT, '/me', look)
      await resident.page.locator('.offer.open').first().waitFor()
      await examine(resident.page, 'an offer')
      assert.deepEqual(resident.trouble, [])
      await resident.leave()
      assert.deepEqual(found, [])
    })
  }
})
