import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { axe, shape, stage, visit } from './harness.mjs'

let server, browser, close
before(async () => {
  ;({ server, browser, close } = await stage())
})
after(() => close?.())

test('settings change the look at once and stay', async () => {
  const { page, trouble, leave } = await visit(browser, server, '/settings')
  const root = (name) => page.evaluate((name) => document.documentElement.getAttribute(name), name)
  await page.getByRole('switch').click()
  assert.equal(await root('data-type'), 'large')
  await page.getByText('深色').click()
  assert.equal(await root('data-theme'), 'dark')
  await page.getByText('English').click()
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  assert.equal(await root('lang'), 'en')
  await page.reload()
  await page.getByRole('heading', { name: 'Settings' }).waitFor()
  assert.deepEqual([await root('data-type'), await root('data-theme'), await root('lang')], ['large', 'dark', 'en'])
  assert.deepEqual(await axe(page), [])
  assert.deepEqual(await shape(page, 56), [])
  assert.deepEqual(trouble, [])
  await leave()
})

test('an unknown address says so and leads home', async () => {
  const { page, trouble, leave } = await visit(browser, server, '/no/such/page')
  await page.getByRole('link', { name: '回首页' }).click()
  await page.waitForURL(`${server.url}/`)
  assert.deepEqual(trouble, [])
  await leave()
})
