// A real server with the demonstration in a folder of its own, and Chromium on its screens.
import { execFileSync, spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'

const web = fileURLToPath(new URL('../', import.meta.url))
export const PASSWORD = 'shangliang-2026'
/** The demonstration's people. */
export const PEOPLE = {
  resident: '13900001014',
  neighbour: '13900001013',
  grid: '13900001012',
  unit: '13900001001',
  desk: '13900001004',
  organisation: '13900001008',
}

/** SHANGLIANG_BIN serve --demo on a port of its own, from a copy of the demonstration in the folder SEEDED where there is one. */
export const startServer = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'shangliang-e2e-'))
  const seeded = process.env.SEEDED
  if (seeded) for (const part of ['e2e.db', 'keys']) await cp(join(seeded, part), join(folder, part), { recursive: true })
  const passing = (server) => ({
    ...server,
    stop: () => server.stop().then(() => rm(folder, { recursive: true, force: true })),
    again: async (change) => passing(await server.again(change)),
  })
  return passing(await serve(folder))
}

/** The server of a folder; resolves once it says its address. */
export const serve = async (folder) => {
  const bin = resolve(process.env.SHANGLIANG_BIN ?? join(web, '../target/debug/shangliang'))
  const args = ['serve', '--demo', '--listen', '127.0.0.1:0', '--admin-listen', '127.0.0.1:0', '--log', 'warn']
  const child = spawn(bin, [...args, '--database-url', `sqlite:${join(folder, 'e2e.db')}`, '--keys', join(folder, 'keys')], {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Only what the tests say: the server refuses settings it does not know, ours among them. SHANGLIANG_SCREENS=web/dist serves
    // screens newer than those in the program.
    env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(SHANGLIANG_(?!SCREENS$)|DATABASE_URL$)/.test(name))),
  })
  let said = ''
  const url = await new Promise((done, fail) => {
    const clock = setTimeout(() => fail(new Error(`the server did not start:\n${said}`)), 60_000)
    const hear = (data) => {
      said += data
      const found = /listens on (http:\/\/[\d.:]+)/.exec(said)
      // The sign-ins are printed last: by then everything is seeded.
      if (found && said.includes('demo sign-ins')) {
        clearTimeout(clock)
        done(found[1])
      }
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.on('error', fail)
    child.on('exit', (code) => fail(new Error(`the server ended with ${code}:\n${said}`)))
  })
  const end = async (signal = 'SIGTERM') => {
    child.removeAllListeners('exit')
    const gone = new Promise((done) => child.once('exit', done))
    child.kill(signal)
    const clock = setTimeout(() => child.kill('SIGKILL'), 5000)
    await gone
    clearTimeout(clock)
  }
  return {
    url,
    api: url,
    stop: () => end(),
    /** Time passes: the program is ended, something is done to its database, and it goes on, at another address. */
    again: async (change) => {
      // At once, as if the power failed: ended in order, it would first wait for connections that are kept open.
      await end('SIGKILL')
      await change(join(folder, 'e2e.db'))
      return serve(folder)
    },
  }
}

/** For `again`: as if things had been done at another time. Python with `db`, `now` in microseconds and `args` does it; what else never
 *  changes in these tables may for that moment. */
export const asIf = (tables, python, ...args) => (file) =>
  execFileSync('python3', ['-c', `
import sqlite3, sys, time
file, tables, *args = sys.argv[1:]
db, now = sqlite3.connect(file), int(time.time() * 1_000_000)
guards = [(name, sql) for name, table, sql in db.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall() if table in tables.split()]
for name, _ in guards: db.execute(f'DROP TRIGGER {name}')
${python}
for _, sql in guards: db.execute(sql)
db.commit()
`, file, tables, ...args])

export const startBrowser = (...more) =>
  chromium.launch({
    // The same engine without windows of its own: a quarter less work than the whole browser, which draws them unseen.
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium-headless-shell',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--font-render-hinting=none', ...more],
  })

const awaited = new WeakMap()
const listen = (page) => {
  const asked = new Set()
  awaited.set(page, asked)
  page.on('request', (request) => asked.add(request))
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => asked.delete(request))
}

/** Resolves once nothing is under way on a page: no answer is awaited, what was said is drawn, nothing moves that will end. */
export const still = async (page) => {
  const asked = awaited.get(page)
  const quiet = () => page.evaluate(async () => {
    const drawn = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))
    const moving = () => document.getAnimations().filter(({ playState, effect }) => playState === 'running' && effect.getComputedTiming().endTime !== Infinity)
    await drawn()
    for (let moves = moving(); moves.length; moves = moving()) {
      await Promise.allSettled(moves.map(({ finished }) => finished))
      await drawn()
    }
  })
  const begun = Date.now()
  do {
    while (asked.size && Date.now() - begun < 10_000) await new Promise((go) => setTimeout(go, 10))
    await quiet()
    if (Date.now() - begun > 10_000) throw new Error(`never still: ${[...asked].map((request) => request.url()).join(' ')}`)
  } while (asked.size)
}

/**
 * A person with a phone: a context and a page on the screens. Whatever goes wrong unseen (errors in the console, broken policy,
 * failed scripts) is kept in `trouble`; a story that expects a refusal names its status in `expected`.
 */
export const visit = async (browser, server, path = '/', look = {}) => {
  const { lang = 'zh', theme = 'light', large = false, width = 390, height = 844, hub = 'yuxin-centre', wide = false, expected = [], ...more } = look
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: 2,
    isMobile: !wide,
    hasTouch: !wide,
    locale: lang === 'zh' ? 'zh-CN' : 'en-GB',
    colorScheme: theme,
    // Another zone than the site's: times must not follow the phone.
    timezoneId: 'Europe/Berlin',
    ...more,
  })
  const trouble = []
  context.on('page', listen)
  await context.addInitScript((settings) => {
    if (!location.protocol.startsWith('http')) return
    if (!localStorage.getItem('shangliang.settings')) localStorage.setItem('shangliang.settings', JSON.stringify(settings))
    document.addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`))
  }, { theme, large, lang, hub, hat: 'resident' })
  context.on('page', (page) => {
    page.on('pageerror', (error) => trouble.push(`error: ${error.stack ?? error.message}`))
    page.on('console', (message) => {
      if (message.type() !== 'error' && message.type() !== 'warning') return
      const text = message.text()
      const status = /status of (\d+)/.exec(text)?.[1]
      if (status && expected.includes(Number(status))) return
      if (expected.includes('offline') && /ERR_(INTERNET_DISCONNECTED|FAILED|CONNECTION)/.test(text)) return
      trouble.push(`${message.type()}: ${text} ${message.location().url}`)
    })
  })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  await page.goto(server.url + path)
  await page.waitForSelector('main h1')
  return { context, page, trouble, expected, leave: () => context.close() }
}

/** Goes somewhere as a link inside the screens does: nothing is loaded anew. */
export const follow = async (page, path, until = 'main h1') => {
  await page.evaluate((path) => {
    const state = { ...history.state, current: path, position: (history.state?.position ?? 0) + 1 }
    history.pushState(state, '', path)
    dispatchEvent(new PopStateEvent('popstate', { state }))
  }, path)
  await still(page)
  await page.waitForSelector(until)
}

/** Opens the notices until one of them says this: what somebody is told of is written a moment after the deed. */
export const told = async (page, server, text) => {
  const said = page.getByText(text).first()
  for (let looks = 1; ; looks += 1) {
    await page.goto(`${server.url}/notices`)
    try {
      return await said.waitFor({ timeout: 2_000 })
    } catch (late) {
      if (looks === 8) throw late
    }
  }
}

/** Signs in through the screens, from wherever the sheet is opened. */
export const signInSheet = async (page, login, password = PASSWORD) => {
  await page.locator('input[name=login]').fill(login)
  await page.locator('input[name=password]').fill(password)
  await page.locator('form button[type=submit]').click()
  await page.locator('input[name=password]').waitFor({ state: 'hidden' })
}

/** The same without the screens, for what a story takes for granted. */
export const asSomebody = async (server, login) => {
  const answer = await fetch(`${server.api}/api/v1/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ login, password: PASSWORD }),
  })
  const { access_token } = await answer.json()
  return async (method, path, body) => {
    const headers = { authorization: `Bearer ${access_token}`, 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() }
    const answer = await fetch(`${server.api}/api/v1${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) })
    return { status: answer.status, body: await answer.json().catch(() => null) }
  }
}

const axeSource = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds, in a few lines. */
export const axe = async (page) => {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axeSource)
  const found = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }))
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary?.split('\n').slice(1, 3).join(' ') ?? ''}`).slice(0, 4).join(' | ')}`)
}

/** Ids of a site's spaces by their code. */
export const spacesOf = async (server, code) => {
  const get = async (path) => (await fetch(`${server.api}/api/v1${path}`)).json()
  const site = (await get('/sites')).items.find((one) => one.code === code)
  return Object.fromEntries((await get(`/sites/${site.id}`)).floors.flatMap(({ spaces }) => spaces).map(({ code, id }) => [code, id]))
}

/** Server and browser for the stories of one file. */
export const stage = async () => {
  const server = await startServer()
  const browser = await startBrowser().catch(async (error) => {
    await server.stop()
    throw error
  })
  return { server, browser, close: () => Promise.all([browser.close(), server.stop()]) }
}

/** Whatever can be tapped and is smaller than `least`, and whether the page scrolls sideways. */
export const shape = (page, least) =>
  page.evaluate((least) => {
    const wrong = []
    const all = document.querySelectorAll('a[href], button, input:not([type=radio]):not([type=checkbox]), select, textarea, summary, [role=button], [tabindex="0"], label > input ~ .chip')
    for (const element of all) {
      if (element.closest('[inert], .skip, [aria-hidden=true]') || element.matches('.skip')) continue
      const box = element.getBoundingClientRect()
      if (!box.width || !box.height || getComputedStyle(element).visibility === 'hidden') continue
      if (box.width < least - 0.5 || box.height < least - 0.5) {
        wrong.push(`${element.tagName.toLowerCase()}.${element.getAttribute('class') ?? ''} “${(element.getAttribute('aria-label') ?? element.textContent ?? '').trim().slice(0, 20)}” ${Math.round(box.width)}×${Math.round(box.height)}`)
      }
    }
    const page = document.scrollingElement
    if (page.scrollWidth > page.clientWidth) wrong.push(`scrolls sideways: ${page.scrollWidth} > ${page.clientWidth}`)
    return wrong
  }, least)

/** The looks every new screen is examined in: light, dark, large type, English, narrow and wide. */
export const looks = [
  { lang: 'zh', theme: 'light' },
  { lang: 'zh', theme: 'dark', large: true, width: 360 },
  { lang: 'en', theme: 'light', large: true, width: 360 },
  { lang: 'en', theme: 'dark', width: 1280, height: 800, wide: true },
]
/** The looks of the screens everybody uses: with these, any two of language, theme, type and width meet in one of them. */
export const everyLook = [...looks, { lang: 'zh', theme: 'light', large: true, width: 1024, height: 768, wide: true }]
export const nameOf = (look) => Object.values(look).map((value) => (value === true ? 'large' : value)).join(' ')

/** Looks at what is on the screen, and keeps what is wrong; with PICTURES=folder a picture of each as well. */
export const examiner = (look) => {
  const found = []
  const examine = async (page, screen) => {
    // Colours are judged once everything stands still.
    await still(page)
    for (const fault of [...(await axe(page)), ...(await shape(page, look.large ? 56 : 44))]) found.push(`${screen}: ${fault}`)
    const folder = process.env.PICTURES
    if (folder) await page.screenshot({ path: join(folder, `${nameOf(look)} ${screen}.png`.replace(/[ ,]+/g, '-')), fullPage: (await page.locator('.sheet:visible').count()) === 0 })
  }
  return { found, examine }
}

/** Tomorrow and later, as the site counts days. */
export const dayAhead = (days) => new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(new Date(Date.now() + days * 86_400_000))

/** Days of other hours in the agreement of the centre. */
const OTHERS = ['01-01', '02-06', '02-07', '02-08', '10-01', '10-02', '10-03']
const isUsual = (ahead) => !OTHERS.includes(dayAhead(ahead).slice(5))

/** The so manieth day from today with the usual hours. */
export const usualDay = (n) => {
  let ahead = 0
  for (let usual = 0; usual < n; ) {
    ahead += 1
    if (isUsual(ahead)) usual += 1
  }
  return dayAhead(ahead)
}

/** The first day from so many ahead on which nobody of the demonstration uses the halls or the reading room in the morning, and from
 *  which on five weeks keep to the usual hours: what a story does then must not depend on the day it is told. */
export const quietAhead = (days) => {
  const [MONDAY, WEDNESDAY, FRIDAY] = [1, 3, 5]
  const isQuiet = (ahead) =>
    [MONDAY, WEDNESDAY, FRIDAY].includes(new Date(`${dayAhead(ahead)}T12:00:00Z`).getUTCDay()) &&
    [0, 7, 14, 21, 28].every((more) => isUsual(ahead + more))
  let ahead = days
  while (!isQuiet(ahead)) ahead += 1
  return ahead
}
