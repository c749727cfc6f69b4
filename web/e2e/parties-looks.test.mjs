// The screens of the parties and the community in every look: nothing for axe, nothing too small, nothing that scrolls sideways.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, everyLook, examiner, follow, nameOf, stage, still } from './harness.mjs'
import { agreementOf, annex, at, importFile, PARTIES, talkedOver } from './parties.mjs'

let server, browser, close, open, draft, agreed, talked
before(async () => {
  ;({ server, browser, close } = await stage())
  await importFile(server, PARTIES.desk, await annex())
  // One more that stays a draft, with something in its way: two clauses about the same thing.
  const twice = (await annex('shiyou-west', '石油大院西院公益共建协议')).replace('      - {id: cap-station,', "      - {id: cap-again, kind: capacity, spaces: [shiyou-west/station], text_zh: 街区工作站不超过20人。, payload: {persons: 20}}\n      - {id: cap-station,")
  await importFile(server, PARTIES.desk, twice)
  const desk = await asSomebody(server, PARTIES.desk)
  open = (await agreementOf(desk, 'shiyou-annex-partnership')).id
  draft = (await agreementOf(desk, 'shiyou-west-partnership')).id
  agreed = (await agreementOf(desk, 'shiyou-partnership')).id
  await desk('POST', `/agreements/${open}/versions/1/proposal`, {})
  // And one in its second round: the first answered by half, the second with an objection.
  talked = await talkedOver(server, 'shiyou-south', '石油大院南院公益共建协议')
})
after(() => close?.())

const FAULTY = 'hub: shiyou-annex\nareas: []\nsites:\n  - code: a\n    zone: Mars\n    name_zh: 一个名字很长很长很长很长很长很长很长很长很长很长很长很长的场所\n'

describe('looks of the parties', () => {
  for (const look of everyLook) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const sheet = async (page, button, screen) => {
        await page.locator(button).first().click()
        await page.locator('.sheet:visible').waitFor()
        await examine(page, screen)
        await page.keyboard.press('Escape')
        await still(page)
      }
      {
        const { page, trouble, leave } = await at(browser, server, PARTIES.units[0], '/unit', look)
        await page.waitForSelector('.item')
        await examine(page, 'waiting')
        await follow(page, '/unit/agreements', '.one')
        await examine(page, 'agreements of a unit')
        await follow(page, '/unit/spaces', 'article')
        await examine(page, 'spaces of a unit')
        await follow(page, `/agreements/${open}`, '.bar')
        for (const summary of await page.locator('summary:visible').all()) await summary.click()
        await page.locator('.btn', { hasText: /自己核对一遍|Check it yourself/ }).click()
        await page.waitForSelector('.verdict')
        await examine(page, 'agreement to sign')
        await sheet(page, '.bar .main', 'sign')
        await sheet(page, '.bar .stop', 'decline')
        await follow(page, `/agreements/${talked}/versions/2`, '.bar .main')
        for (const summary of await page.locator('summary:visible').all()) await summary.click()
        await examine(page, 'agreement that is talked over')
        await page.locator('.bar .main').click()
        await page.locator('.sheet:visible .choice').nth(1).click()
        await page.locator('.sheet:visible footer .btn').click()
        await examine(page, 'position')
        await follow(page, `/agreements/${talked}/versions/2/changes`, '.side')
        await page.locator('summary:visible').click()
        await examine(page, 'changes')
        assert.deepEqual(trouble, [])
        await leave()
      }
      {
        const { page, trouble, leave } = await at(browser, server, PARTIES.desk, '/desk', { ...look, expected: [422] })
        await page.waitForSelector(look.wide ? '.board' : '.gaps')
        await examine(page, 'today')
        await page.locator('.choice').nth(1).click()
        await page.locator('.day > .btn').last().click()
        await page.waitForSelector(look.wide ? '.board .booked' : '.lines .what')
        await examine(page, 'tomorrow')
        await follow(page, '/desk/agreements', '.one')
        await examine(page, 'agreements of a desk')
        await follow(page, `/agreements/${draft}`, '.obstacles')
        await examine(page, 'draft with an obstacle')
        await follow(page, `/agreements/${open}`, '.desk')
        await sheet(page, '.desk .btn:not(.stop)', 'signature on paper')
        await sheet(page, '.desk .stop', 'withdraw')
        await follow(page, `/agreements/${talked}/versions/2`, '.desk')
        await examine(page, 'round at the desk')
        await sheet(page, '.desk .btn.main', 'close a round')
        await sheet(page, '.round .btn.main', 'reply')
        await follow(page, `/agreements/${agreed}`, '#life')
        await page.locator('#life summary').click()
        await examine(page, 'agreement in force')
        await page.locator('#life .btn.stop').first().click()
        await page.locator('.sheet:visible .chip').first().click()
        await page.locator('.sheet:visible footer .btn').click()
        await examine(page, 'closing rooms')
        await follow(page, `/desk/agreements/${agreed}/next/1`, 'fieldset')
        await page.locator('fieldset input.short').first().fill('0')
        await page.locator('fieldset input.short').first().press('Tab')
        await page.locator('summary').first().click()
        await examine(page, 'next version')
        page.once('dialog', (dialog) => dialog.accept())
        await follow(page, '/desk/import', '#hub-file')
        await page.locator('#hub-file').fill(FAULTY)
        await page.locator('.btn.full').first().click()
        await page.waitForSelector('.fault')
        await examine(page, 'import with faults')
        await page.locator('#hub-file').fill(await annex('shiyou-north', '石油大院北院公益共建协议'))
        await page.locator('.btn.full').first().click()
        await page.waitForSelector('table')
        await examine(page, 'import without')
        assert.deepEqual(trouble, [])
        await leave()
      }
      assert.deepEqual(found, [])
    })
  }
})
