// The main screens as pictures, in the looks they have to stand: light, dark, large type, English, a narrow and a wide screen.
import { mkdir, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { asSomebody, dayAhead, PEOPLE, quietAhead, signInSheet, spacesOf, stage, visit } from './harness.mjs'

const folder = fileURLToPath(new URL('../screenshots/', import.meta.url))
await rm(folder, { recursive: true, force: true })
await mkdir(folder, { recursive: true })
const { server, browser, close } = await stage()

const looks = {
  light: {},
  dark: { theme: 'dark' },
  large: { large: true },
  english: { lang: 'en' },
  'english-large-dark': { lang: 'en', large: true, theme: 'dark' },
  wide: { width: 1280, height: 800, wide: true },
}
const only = process.argv.slice(2)
const ids = await spacesOf(server, 'yuxin-centre')
const day = dayAhead(quietAhead(2))
// What the pictures show: a neighbour's booking, and one of our own.
const neighbour = await asSomebody(server, PEOPLE.neighbour)
const at = (time) => `${day}T${time}:00+08:00`
await neighbour('POST', '/bookings', { space_id: ids.hall, use: 'dance', attendees: 30, starts_at: at('14:30'), ends_at: at('16:00') })
const me = await asSomebody(server, PEOPLE.resident)
const mine = await me('POST', '/bookings', { space_id: ids.hall, use: 'performance', attendees: 80, starts_at: at('18:00'), ends_at: at('20:00') })

try {
  for (const [name, look] of Object.entries(looks)) {
    if (only.length && !only.includes(name)) continue
    const { page, context } = await visit(browser, server, '/', look)
    let n = 0
    const shoot = async (title, { full = true, settle = 500 } = {}) => {
      await page.waitForTimeout(settle)
      const size = page.viewportSize()
      // As tall as the page, so that what is fixed to the bottom is at the bottom.
      if (full) await page.setViewportSize({ width: size.width, height: Math.max(size.height, await page.evaluate(() => document.scrollingElement.scrollHeight)) })
      await page.screenshot({ path: `${folder}${name}-${String(++n).padStart(2, '0')}-${title}.png` })
      await page.setViewportSize(size)
    }
    const quiet = async () => page.waitForSelector('.bones', { state: 'detached' })
    const go = async (path) => {
      await page.goto(server.url + path)
      await page.waitForSelector('main h1')
      await quiet()
    }
    await page.waitForSelector('.plan .room')
    await quiet()
    await shoot('home')
    await go(`/find?date=${day}&from=10:00&length=120&people=35&use=study`)
    await page.locator('details summary').last().click()
    await shoot('find')
    await go(`/spaces/${ids.hall}?date=${day}`)
    await page.locator('.slot.free').nth(2).click()
    await shoot('space')
    await page.locator('.slot.taken').first().click()
    await page.locator('.edge').last().click()
    await shoot('space-why')
    await go(`/spaces/${ids.hall}?date=${day}&from=10:00&to=12:00&book=1`)
    await page.waitForSelector('.sheet')
    await page.locator('.sheet:visible footer .btn').waitFor()
    await page.locator('.choice').nth(2).click()
    await page.locator('.sheet:visible footer .btn').click()
    await page.locator('input[name=login]').waitFor()
    await shoot('sign-in', { full: false })
    await signInSheet(page, PEOPLE.resident)
    await page.locator('.total').waitFor()
    await shoot('sheet', { full: false })
    await page.locator('.sheet:visible .body').evaluate((body) => body.scrollTo(0, 9999))
    await shoot('sheet-below', { full: false })
    await page.goto(`${server.url}/spaces/${ids.shuyuan}?date=${day}&from=12:30&to=13:30&book=1&use=performance&people=70`)
    await page.waitForSelector('.reason')
    await shoot('refusal', { full: false, settle: 900 })
    await page.locator('.sheet:visible .body').evaluate((body) => body.scrollTo(0, 500))
    await shoot('refusal-below', { full: false })
    await page.goto(`${server.url}/spaces/${ids.hall}?date=${day}&from=14:30&to=15:30&book=1&use=dance&people=20`)
    await page.waitForSelector('.option')
    await shoot('lost', { full: false })
    await go(`/bookings/${mine.body.id}?new=1`)
    await shoot('ticket')
    await page.locator('.btn.stop').click()
    await shoot('cancel', { full: false })
    await go('/me')
    await page.waitForSelector('.booking')
    await shoot('me')
    await go('/notices')
    await shoot('notices')
    await go('/settings')
    await shoot('settings')
    await go('/claim')
    await shoot('claim')
    await context.close()
  }
} finally {
  await close()
}
