// Every screen in every look: nothing for axe, nothing too small for a thumb, nothing that scrolls sideways, no error in the console.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, everyLook, examiner, follow, nameOf, PEOPLE, signInSheet, spacesOf, stage, usualDay, visit } from './harness.mjs'
import { agreementOf, become } from './parties.mjs'

const AUDITOR = '13900001011'
let server, browser, close, ids, booking, signed
const date = usualDay(3)
before(async () => {
  ;({ server, browser, close } = await stage())
  ids = await spacesOf(server, 'yuxin-centre')
  const [me, neighbour] = [await asSomebody(server, PEOPLE.resident), await asSomebody(server, PEOPLE.neighbour)]
  const at = (time) => `${date}T${time}:00+08:00`
  booking = (await me('POST', '/bookings', { space_id: ids.hall, use: 'performance', attendees: 80, starts_at: at('18:00'), ends_at: at('20:00') })).body.id
  await neighbour('POST', '/bookings', { space_id: ids.xi, use: 'dance', attendees: 30, starts_at: at('09:00'), ends_at: at('11:00') })
  const { id } = await agreementOf(neighbour, 'yuxin-partnership')
  signed = Buffer.from(await (await fetch(`${server.api}/api/v1/agreements/${id}/versions/1/canonical`)).arrayBuffer())
})
after(() => close?.())

describe('looks', { concurrency: 2 }, () => {
  for (const look of everyLook) {
    test(nameOf(look), async () => {
      const { page, trouble, leave } = await visit(browser, server, '/', look)
      const { found, examine } = examiner(look)
      const go = async (path, until) => {
        await follow(page, path, until)
        await page.locator('.bones').first().waitFor({ state: 'detached' })
      }
      const details = async () => {
        for (const summary of await page.locator('summary:visible').all()) await summary.click()
      }
      await page.waitForSelector('.plan .room.free, .plan .room.closed, .plan .room.taken')
      await examine(page, 'home')
      await page.locator('.titled .btn').click()
      await page.waitForSelector('.pick')
      await examine(page, 'home, another hub')
      await go(`/find?date=${date}&from=10:00&length=60&people=55&use=study`, 'summary')
      await details()
      await examine(page, 'find')
      await go(`/spaces/${ids.hall}?date=${date}`, '.slot')
      await page.locator('.slot.free').nth(1).click()
      await page.locator('.edge').last().click()
      await page.waitForSelector('.answer .reason')
      await details()
      await examine(page, 'space, hours chosen and asked')
      await go(`/spaces/${ids.hall}?date=${date}&from=13:00&to=14:00&book=1`, '.sheet')
      await page.locator('.sheet:visible .more').click()
      await page.locator('.sheet:visible footer .btn').click()
      await examine(page, 'sheet, nothing chosen')
      await page.locator('.sheet:visible .choice').first().click()
      await page.locator('.sheet:visible footer .btn').click()
      await page.waitForSelector('input[name=password]')
      await examine(page, 'sign in, over the sheet')
      await signInSheet(page, PEOPLE.resident)
      await page.waitForSelector('.total')
      await details()
      await examine(page, 'sheet, price and terms')
      await go(`/spaces/${ids.shuyuan}?date=${date}&from=12:30&to=13:30&book=1&use=performance&people=70`, '.sheet .reason')
      await details()
      await examine(page, 'refusal')
      await go(`/spaces/${ids.xi}?date=${date}&from=09:30&to=10:30&book=1&use=dance&people=20`, '.sheet .notice')
      await examine(page, 'taken')
      await go(`/bookings/${booking}?new=1`, '.qr')
      await examine(page, 'ticket')
      await page.locator('.btn.stop').first().click()
      await page.waitForSelector('.sheet:visible')
      await examine(page, 'cancel')
      await go('/me', '.booking')
      await examine(page, 'mine')
      await go('/notices', '.item')
      await examine(page, 'notices')
      await go('/settings')
      await examine(page, 'settings')
      await go('/claim')
      await examine(page, 'first password')
      await go('/me/data', '.btn.stop')
      await examine(page, 'my data')
      await page.locator('.btn.stop').click()
      await page.locator('.sheet:visible').waitFor()
      await examine(page, 'erasing it')
      await go('/me/calendars', '.card .btn.main')
      await page.locator('.card .btn.main').click()
      await page.locator('input[readonly]').waitFor()
      await page.locator('li .btn.stop').first().click()
      await examine(page, 'calendars')
      await go('/verify', 'input[type=file]')
      for (const [name, buffer, verdict] of [['signed', signed, '.good'], ['unknown', Buffer.from('…'), '.bad']]) {
        await page.locator('input[type=file]').setInputFiles({ name: `${name}.json`, mimeType: 'application/json', buffer })
        await page.locator(verdict).waitFor()
        await examine(page, `file, ${name}`)
      }
      await go('/nowhere/at/all')
      await examine(page, 'nowhere')
      await become(page, server, AUDITOR, '/audit')
      await page.locator('.verdict').waitFor()
      await page.locator('summary').first().click()
      await examine(page, 'record')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
