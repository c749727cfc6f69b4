// The start page on a slow phone and network: Chromium with 4 × slower CPU and slow 4G (1.6 Mbit/s down, 750 kbit/s up, 150 ms round
// trip), nothing cached, median of five. Usable means: the plan shows which rooms are free, and the free times can be tapped.
import { stage, visit } from './harness.mjs'

const LIMIT = { size: 200 * 1024, ms: 2000 }
const ROUNDS = 5
const { server, browser, close } = await stage()
const rounds = []
try {
  for (let round = 0; round <= ROUNDS; round++) {
    const { page, context } = await visit(browser, server, '/settings', {})
    await page.goto('about:blank')
    const cdp = await context.newCDPSession(page)
    await cdp.send('Network.enable')
    await cdp.send('Network.clearBrowserCache')
    await cdp.send('Network.setCacheDisabled', { cacheDisabled: true })
    const sizes = new Map()
    const kinds = new Map()
    cdp.on('Network.responseReceived', ({ requestId, response, type }) => kinds.set(requestId, { type, url: response.url, encoding: response.headers['content-encoding'] ?? '' }))
    cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => sizes.set(requestId, encodedDataLength))
    await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 })
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: 4 })
    // A first visit: nothing known of the public data either.
    await context.addInitScript(() => {
      if (!location.protocol.startsWith('http')) return
      for (const key of Object.keys(localStorage)) if (key !== 'shangliang.settings') localStorage.removeItem(key)
      const look = () => {
        if (document.querySelector('.plan .room.free, .plan .room.taken, .plan .room.closed') && document.querySelector('.offer .chip, .message')) performance.mark('usable')
        else requestAnimationFrame(look)
      }
      addEventListener('DOMContentLoaded', look)
    })
    await page.goto(`${server.url}/`, { waitUntil: 'commit' })
    await page.waitForFunction(() => performance.getEntriesByName('usable').length > 0, undefined, { timeout: 30_000 })
    const [usable, paint] = await page.evaluate(() => [performance.getEntriesByName('usable')[0].startTime, performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0])
    const loaded = [...kinds].map(([id, kind]) => ({ ...kind, size: sizes.get(id) ?? 0 }))
    if (round > 0) rounds.push({ usable, paint, loaded })
    await context.close()
  }
} finally {
  await close()
}

rounds.sort((a, b) => a.usable - b.usable)
const middle = rounds[Math.floor(rounds.length / 2)]
const code = middle.loaded.filter(({ type }) => type === 'Script' || type === 'Stylesheet')
const size = code.reduce((sum, one) => sum + one.size, 0)
for (const one of middle.loaded) console.log(`${String(one.size).padStart(8)} B  ${one.encoding.padEnd(5)} ${new URL(one.url).pathname}`)
console.log(`script and style of the start page, as sent: ${(size / 1024).toFixed(1)} KiB (limit ${LIMIT.size / 1024} KiB)`)
console.log(`first paint, median: ${Math.round(middle.paint)} ms`)
console.log(`usable, median of ${ROUNDS}: ${Math.round(middle.usable)} ms (limit ${LIMIT.ms} ms; all: ${rounds.map(({ usable }) => Math.round(usable)).join(', ')})`)
if (size > LIMIT.size || middle.usable > LIMIT.ms) process.exitCode = 1
