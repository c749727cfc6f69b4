// House rules: the community drafts them, the unit approves, a neighbour reads and accepts them with a booking.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, dayAhead, examiner, looks, nameOf, PEOPLE, quietAhead, spacesOf, stage } from './harness.mjs'
import { at } from './parties.mjs'

let server, browser, close, ids
const date = dayAhead(quietAhead(4))
before(async () => {
  ;({ server, browser, close } = await stage())
  ids = await spacesOf(server, 'yuxin-centre')
})
after(() => close?.())

test('drafted, submitted, sent back with a reason, drafted again, approved, accepted with a booking', async () => {
  const room = (await (await fetch(`${server.url}/api/v1/spaces/${ids.dong}`)).json()).name_zh
  const desk = await at(browser, server, PEOPLE.desk, '/desk/usage')
  const draft = async (text) => {
    await desk.page.getByRole('button', { name: '起草使用须知' }).click()
    const dialog = desk.page.getByRole('dialog', { name: '起草使用须知' })
    await dialog.getByRole('button', { name: '存草稿' }).click()
    await dialog.getByText('至少选一个空间').waitFor()
    await dialog.getByText(room, { exact: true }).click()
    await dialog.getByLabel('写些什么').fill(`${text}?`)
    await dialog.getByRole('button', { name: '存草稿' }).click()
    await dialog.waitFor({ state: 'hidden' })
    // Until it is submitted it can be put better.
    await desk.page.getByRole('button', { name: '改草稿' }).click()
    const better = desk.page.getByRole('dialog', { name: '改草稿' })
    assert.equal(await better.getByLabel('写些什么').inputValue(), `${text}?`)
    await better.getByLabel('写些什么').fill(text)
    await better.getByRole('button', { name: '存草稿' }).click()
    await better.waitFor({ state: 'hidden' })
    await desk.page.getByRole('button', { name: '提交给产权单位' }).click()
    await desk.page.locator('article', { hasText: text }).getByText('等产权单位审').waitFor()
  }
  // What is taken back by mistake would have to be drafted again.
  await draft('进门脱鞋。')
  const mistaken = desk.page.locator('article', { hasText: '进门脱鞋。' })
  await mistaken.getByRole('button', { name: '撤回' }).click()
  const sure = desk.page.getByRole('dialog', { name: '撤回这份使用须知？' })
  await sure.getByRole('button', { name: '先不' }).click()
  await sure.waitFor({ state: 'hidden' })
  await mistaken.getByRole('button', { name: '撤回' }).click()
  await sure.getByRole('button', { name: '确定撤回' }).click()
  await mistaken.waitFor({ state: 'detached' })
  await draft('进门换鞋。')
  const unit = await at(browser, server, PEOPLE.unit, '/unit')
  // The demonstration has left one of its own.
  await unit.page.getByText('请您审的使用须知（2）').waitFor()
  await unit.page.locator('article', { hasText: '进门换鞋。' }).getByRole('button', { name: '不同意' }).click()
  const no = unit.page.getByRole('dialog', { name: '不同意这份使用须知' })
  await no.getByRole('button', { name: '送出' }).click()
  await no.getByText('请写一句原因').waitFor()
  await no.getByLabel('哪里不合适').fill('还要写清楚几点锁门。')
  await no.getByRole('button', { name: '送出' }).click()
  await unit.page.getByText('已经退回去了。').waitFor()

  await desk.page.reload()
  await desk.page.getByText('有单位没同意').waitFor()
  await draft('进门换鞋，21:00 锁门。')
  await unit.page.reload()
  await unit.page.locator('article', { hasText: '进门换鞋，21:00 锁门。' }).getByRole('button', { name: '同意', exact: true }).click()
  await unit.page.getByRole('dialog').getByRole('button', { name: '同意', exact: true }).click()
  await unit.page.getByText('都同意了，使用须知定下来了。').waitFor()
  // What one is told about them leads to where they are answered, or kept.
  await unit.page.goto(`${server.url}/notices`)
  await unit.page.getByRole('link', { name: /的使用须知/ }).first().click()
  await unit.page.waitForURL(/\/unit$/)
  await desk.page.goto(`${server.url}/notices`)
  await desk.page.getByRole('link', { name: /的使用须知/ }).first().click()
  await desk.page.waitForURL(/\/desk\/usage$/)
  assert.deepEqual([desk.trouble, unit.trouble], [[], []])
  await desk.leave()
  await unit.leave()

  const me = await at(browser, server, PEOPLE.resident, `/spaces/${ids.dong}?date=${date}&from=09:00&to=10:00&book=1&use=dance&people=10`)
  await me.page.getByRole('heading', { name: '使用须知，请读一遍' }).waitFor()
  await me.page.locator('.sheet:visible').getByText('进门换鞋，21:00 锁门。').waitFor()
  await me.page.locator('.total').waitFor()
  await me.page.getByRole('button', { name: '同意，订下' }).click()
  await me.page.getByRole('heading', { name: '订好了' }).waitFor()
  const id = me.page.url().match(/booking_[a-z0-9]+/)[0]
  assert.match((await (await asSomebody(server, PEOPLE.resident))('GET', `/bookings/${id}`)).body.usage_terms.sha256, /^[0-9a-f]{64}$/)
  assert.deepEqual(me.trouble, [])
  await me.leave()
})

describe('looks of house rules', () => {
  before(async () => {
    const desk = await asSomebody(server, PEOPLE.desk)
    const site = (await desk('GET', '/sites')).body.items.find(({ code }) => code === 'yuxin-centre').id
    const made = await desk('POST', `/sites/${site}/usage-terms`, { space_ids: [ids.xi], text_zh: '请轻声。', text_en: 'Quiet please.', max_persons: 30 })
    await desk('POST', `/usage-terms/${made.body.usage_terms_id}/submission`, {})
  })
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const desk = await at(browser, server, PEOPLE.desk, '/desk/usage', look)
      await desk.page.locator('article').first().waitFor()
      await examine(desk.page, 'house rules at the desk')
      await desk.page.locator('main .btn.main').first().click()
      await desk.page.locator('.sheet:visible footer .btn').click()
      await examine(desk.page, 'drafting house rules')
      assert.deepEqual(desk.trouble, [])
      await desk.leave()
      const unit = await at(browser, server, PEOPLE.unit, '/unit', look)
      await unit.page.locator('.usage').first().waitFor()
      await examine(unit.page, 'house rules of a unit')
      assert.deepEqual(unit.trouble, [])
      await unit.leave()
      const me = await at(browser, server, PEOPLE.resident, `/spaces/${ids.dong}?date=${date}&from=17:00&to=18:00&book=1&use=dance&people=10`, look)
      await me.page.locator('.sheet:visible .usage').waitFor()
      // What it costs is asked a moment after the sheet stands still, and the button waits for it.
      await me.page.locator('.sheet:visible .total').waitFor()
      await examine(me.page, 'house rules in the sheet')
      assert.deepEqual(me.trouble, [])
      await me.leave()
      assert.deepEqual(found, [])
    })
  }
})
