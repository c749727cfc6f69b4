// The screens of the parties and the community as pictures, beside those of residents (run after screenshots.mjs).
import { mkdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { asSomebody, stage } from './harness.mjs'
import { agreementOf, annex, at, importFile, PARTIES, talkedOver } from './parties.mjs'

const folder = fileURLToPath(new URL('../screenshots/', import.meta.url))
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

try {
  await importFile(server, PARTIES.desk, await annex())
  const desk = await asSomebody(server, PARTIES.desk)
  const open = (await agreementOf(desk, 'shiyou-annex-partnership')).id
  const agreed = (await agreementOf(desk, 'shiyou-partnership')).id
  await desk('POST', `/agreements/${open}/versions/1/proposal`, {})
  const { sha256 } = (await desk('GET', `/agreements/${open}/versions/1`)).body
  for (const login of [...PARTIES.units.slice(1), PARTIES.leads[0]]) {
    const call = await asSomebody(server, login)
    const organisation_id = (await call('GET', '/me')).body.representations[0].organisation.id
    await call('POST', `/agreements/${open}/versions/1/signatures`, { organisation_id, sha256 })
  }
  const talked = await talkedOver(server, 'shiyou-south', '石油大院南院公益共建协议')
  for (const [name, look] of Object.entries(looks)) {
    if (only.length && !only.includes(name)) continue
    let n = 0
    const shooter = (page) => async (title, { full = true } = {}) => {
      await page.waitForTimeout(500)
      const size = page.viewportSize()
      if (full) await page.setViewportSize({ width: size.width, height: Math.min(6000, Math.max(size.height, await page.evaluate(() => document.scrollingElement.scrollHeight))) })
      await page.screenshot({ path: `${folder}${name}-parties-${String(++n).padStart(2, '0')}-${title}.png` })
      await page.setViewportSize(size)
    }
    const goer = (page) => async (path, until) => {
      await page.goto(server.url + path)
      await page.waitForSelector(until)
    }
    {
      const { page, leave } = await at(browser, server, PARTIES.units[0], '/unit', look)
      const [shoot, go] = [shooter(page), goer(page)]
      await page.waitForSelector('.item')
      await shoot('waiting')
      await go(`/agreements/${open}`, '.bar')
      await shoot('agreement-top', { full: false })
      await shoot('agreement')
      await page.locator('.bar .main').click()
      await shoot('sign', { full: false })
      await page.keyboard.press('Escape')
      await page.waitForTimeout(300)
      await page.locator('.bar .stop').click()
      await shoot('decline', { full: false })
      await go(`/agreements/${talked}/versions/2`, '.bar .main')
      await shoot('rounds')
      await page.locator('.bar .main').click()
      await page.locator('.sheet:visible .choice').nth(2).click()
      await shoot('position', { full: false })
      await go(`/agreements/${talked}/versions/2/changes`, '.side')
      await shoot('changes')
      await go('/unit/agreements', '.one')
      await shoot('unit-agreements')
      await go('/unit/spaces', 'article')
      await shoot('unit-spaces')
      await leave()
    }
    {
      const { page, leave } = await at(browser, server, PARTIES.yuxinDesk, '/desk', look)
      await page.waitForSelector(look.wide ? '.board' : '.gaps')
      await page.locator('.day > .btn').last().click()
      await page.waitForSelector(look.wide ? '.board .booked' : '.lines .what')
      await shooter(page)('today')
      await leave()
    }
    {
      const { page, leave } = await at(browser, server, PARTIES.desk, '/desk/agreements', look)
      const [shoot, go] = [shooter(page), goer(page)]
      await page.waitForSelector('.one')
      await shoot('desk-agreements')
      await go(`/agreements/${open}`, '.desk')
      await shoot('desk-open', { full: false })
      await page.locator('.desk .btn:not(.stop)').click()
      await shoot('paper', { full: false })
      await go(`/agreements/${talked}/versions/2`, '.desk')
      await shoot('desk-round', { full: false })
      await go(`/agreements/${agreed}`, '#life')
      await page.locator('#life .btn.stop').first().click()
      await shoot('suspend', { full: false })
      await go(`/desk/agreements/${agreed}/next/1`, 'fieldset')
      await page.locator('fieldset input.short').first().fill('50')
      await page.locator('fieldset input.short').first().press('Tab')
      await shoot('next-version')
      page.once('dialog', (dialog) => dialog.accept())
      await go('/desk/import', '#hub-file')
      await page.locator('#hub-file').fill((await annex('shiyou-north')).replace('area_m2: 180.00', 'area_m2: 980.00').replace('kind: station\n', 'kind: stationx\n'))
      await page.locator('.btn.full').first().click()
      await page.waitForSelector('.fault')
      await page.locator('.goto').first().click()
      await shoot('import-faults')
      await page.locator('#hub-file').fill(await annex('shiyou-north'))
      await page.locator('.btn.full').first().click()
      await page.waitForSelector('table')
      await shoot('import-fine')
      await leave()
    }
  }
} finally {
  await close()
}
