// A password is changed, and one that was forgotten is set anew with a code from the desk.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, examiner, looks, nameOf, PASSWORD, PEOPLE, stage, told, visit } from './harness.mjs'
import { at } from './parties.mjs'

let server, browser, close
before(async () => {
  ;({ server, browser, close } = await stage())
})
after(() => close?.())
/** Residents without any office. */
const [FORGOT, ALSO] = ['13900001015', '13900001016']
const OTHER = '另外一个密码-2026'
const signIn = async (login, password) =>
  (await fetch(`${server.api}/api/v1/sign-in`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login, password }) })).status

test('with the present one: what is wrong is said where it is, and elsewhere one signs in anew', async () => {
  const elsewhere = await asSomebody(server, PEOPLE.neighbour)
  const { page, trouble, leave } = await at(browser, server, PEOPLE.neighbour, '/me', { expected: [403, 422] })
  await page.getByRole('link', { name: '改密码' }).click()
  await page.getByLabel('现在的密码').fill('不是这个密码')
  await page.getByLabel('新密码').fill(OTHER)
  await page.getByRole('button', { name: '改密码' }).click()
  await page.getByText('密码不对。').waitFor()
  assert.equal(await page.getByLabel('现在的密码').getAttribute('aria-invalid'), 'true')
  await page.getByLabel('现在的密码').fill(PASSWORD)
  await page.getByLabel('新密码').fill(PASSWORD)
  await page.getByRole('button', { name: '改密码' }).click()
  await page.getByText('和现在的密码一样，请换一个。').waitFor()
  await page.getByLabel('新密码').fill(OTHER)
  await page.getByRole('button', { name: '改密码' }).click()
  await page.getByText(/^密码改好了。别处还登录着的 \d+ 处，要重新登录。$/).waitFor()
  assert.equal((await elsewhere('GET', '/me')).status, 401)
  assert.deepEqual([await signIn(PEOPLE.neighbour, PASSWORD), await signIn(PEOPLE.neighbour, OTHER)], [401, 200])
  // This session goes on.
  await told(page, server, /您的密码改好了/)
  assert.deepEqual(trouble, [])
  await leave()
})

test('forgotten: the desk hands out a code, and the sign-in leads to where it is used', async () => {
  const desk = await at(browser, server, PEOPLE.desk, '/me', { expected: [403, 409] })
  await desk.page.getByRole('link', { name: '给居民发领取码' }).click()
  await desk.page.getByLabel('手机号或邮箱').fill(FORGOT)
  await desk.page.getByRole('button', { name: '发领取码' }).click()
  await desk.page.getByText(/这个账号已经领取过了/).waitFor()
  await desk.page.getByText('忘了密码', { exact: true }).click()
  // Somebody with an office does not get it here.
  await desk.page.getByLabel('手机号或邮箱').fill(PEOPLE.unit)
  await desk.page.getByRole('button', { name: '发领取码' }).click()
  await desk.page.getByText(/由平台管理员发放/).waitFor()
  await desk.page.getByLabel('手机号或邮箱').fill(FORGOT)
  await desk.page.getByRole('button', { name: '发领取码' }).click()
  const code = (await desk.page.locator('.code').textContent()).trim()
  assert.match(code, /^[2-9A-Z]{5}-[2-9A-Z]{5}$/)
  assert.equal(await signIn(FORGOT, PASSWORD), 200)
  assert.deepEqual(desk.trouble, [])
  await desk.leave()

  const { page, trouble, leave } = await visit(browser, server, '/me', { expected: [401, 'offline'] })
  await page.getByRole('main').getByRole('button', { name: '登录' }).click()
  await page.getByText('忘了密码？带上证件和手机号到社区服务台，工作人员给您一个领取码。').waitFor()
  await page.getByRole('dialog').getByRole('link', { name: /领取码/ }).click()
  await page.getByRole('heading', { name: '用领取码设密码' }).waitFor()
  const form = page.getByRole('main')
  await form.getByLabel('手机号或邮箱').fill(FORGOT)
  await form.getByLabel('领取码').fill('23456-789AB')
  await form.getByLabel('想一个密码').fill(OTHER)
  await form.getByRole('button', { name: '设好并登录' }).click()
  const no = form.getByRole('alert')
  await no.waitFor()
  assert.equal((await no.textContent()).trim(), '领取码不对、用过了或者过期了。')
  await form.getByLabel('领取码').fill(code.toLowerCase())
  // The code is taken, but the answer is lost on the way: pressed once more, it was that try.
  let lost = true
  await page.route('**/api/v1/claims', async (route) => {
    if (!lost) return route.continue()
    lost = false
    await route.fetch()
    return route.abort('connectionfailed')
  })
  await form.getByRole('button', { name: '设好并登录' }).click()
  await form.getByText('网络断了').waitFor()
  await form.getByRole('button', { name: '设好并登录' }).click()
  await page.getByRole('heading', { name: '我的预订' }).waitFor()
  await told(page, server, /您的密码用领取码重新设好了/)
  await page.getByText(/育新花园社区的服务台给您发了重设密码的领取码/).waitFor()
  assert.equal(await signIn(FORGOT, PASSWORD), 401)
  assert.deepEqual(trouble, [])
  await leave()
})

describe('looks of passwords', () => {
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await at(browser, server, PEOPLE.desk, '/me/password', { ...look, expected: [403] })
      await page.locator('input[name=password]').fill('不是这个密码')
      await page.locator('input[name=new-password]').fill(OTHER)
      await page.locator('form button[type=submit]').click()
      await page.locator('.wrong').first().waitFor()
      await examine(page, 'password')
      await page.goto(`${server.url}/desk/codes`)
      await page.getByText(/^(忘了密码|Forgot the password)$/).click()
      await page.locator('input[name=login]').fill(ALSO)
      await page.locator('form button[type=submit]').click()
      await page.locator('.code').waitFor()
      await examine(page, 'code')
      await page.goto(`${server.url}/claim`)
      await page.locator('input[name=code]').waitFor()
      await examine(page, 'claim')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
