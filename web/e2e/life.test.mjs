// A room is closed for safety and opened again; a unit gives notice, another objects: each seen first, then done, then told.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { asSomebody, dayAhead, spacesOf, stage, still } from './harness.mjs'
import { agreementOf, annex, at, importFile, PARTIES, signAll } from './parties.mjs'

const RESIDENT = '13900002018'
let server, browser, close, id, spaces, resident
/** An hour on the first open days from `day` on: holidays come and go. */
const book = async (day) => {
  for (let ahead = day; ahead < day + 9; ahead += 1) {
    const at = (time) => `${dayAhead(ahead)}T${time}:00+08:00`
    const answer = await resident('POST', '/bookings', { space_id: spaces.station, use: 'meeting', attendees: 8, starts_at: at('10:00'), ends_at: at('11:00') })
    if (answer.status === 201) return answer.body.id
  }
  return assert.fail('no open day')
}
before(async () => {
  ;({ server, browser, close } = await stage())
  await importFile(server, PARTIES.desk, await annex())
  const desk = await asSomebody(server, PARTIES.desk)
  id = (await agreementOf(desk, 'shiyou-annex-partnership')).id
  assert.equal((await desk('POST', `/agreements/${id}/versions/1/proposal`, {})).status, 201)
  await signAll(server, id, 1)
  spaces = await spacesOf(server, 'shiyou-annex')
  resident = await asSomebody(server, RESIDENT)
})
after(() => close?.())

let soon, far
test('the desk closes a room for safety, after seeing whom it meets', async () => {
  ;[soon, far] = [await book(2), await book(20)]
  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, `/agreements/${id}`)
  await page.getByRole('button', { name: '暂停使用' }).click()
  const dialog = page.getByRole('dialog', { name: '暂停使用' })
  await dialog.getByRole('button', { name: '先看看会怎样' }).click()
  await dialog.getByText('先选马上停还是提前说').waitFor()
  // Below the fold nobody would see it.
  const seen = (text) => still(page).then(() => dialog.getByText(text).evaluate((element) => { const { top, bottom } = element.getBoundingClientRect(); return top >= 0 && bottom <= innerHeight && element.closest('.body').getBoundingClientRect().bottom >= bottom }))
  assert.ok(await seen('先选马上停还是提前说'))
  await dialog.getByText('马上停', { exact: true }).click()
  await dialog.getByLabel('因为什么').selectOption('safety')
  await dialog.getByText('街区工作站').click()
  await dialog.getByLabel('依据（马上停用一定要写）').fill('物业巡查记录第 12 号')
  await dialog.getByLabel('为什么停用（大家都看得到）').fill('屋顶漏水，正在抢修。')
  await dialog.getByRole('button', { name: '先看看会怎样' }).click()
  await dialog.getByText(/停用以后，.*1 次要另作安排，1 次取消/).waitFor()
  assert.ok(await seen(/停用以后，.*1 次要另作安排，1 次取消/))
  assert.equal((await resident('GET', `/bookings/${soon}`)).body.state, 'confirmed', 'looking changes nothing')
  await dialog.getByRole('button', { name: '确定停用' }).click()
  await page.getByRole('heading', { name: '暂停使用：街区工作站' }).waitFor()
  await page.getByText('有安全隐患：屋顶漏水，正在抢修。').waitFor()
  assert.equal((await resident('GET', `/bookings/${soon}`)).body.state, 'cancelled')
  assert.deepEqual(trouble, [])
  await leave()

  // Its holder is told: one is gone, the other kept for now.
  const home = await at(browser, server, RESIDENT, '/me')
  await home.page.getByRole('heading', { name: '有 1 次预订有变化，请看一看' }).waitFor()
  await home.page.getByText('预订先给您留着').waitFor()
  await home.page.goto(`${server.url}/bookings/${soon}`)
  await home.page.getByText('场地暂停使用').waitFor()
  assert.deepEqual(home.trouble, [])
  await home.leave()
})

test('everybody reads why it is closed; whose order it was opens it again', async () => {
  const reader = await at(browser, server, PARTIES.resident, `/agreements/${id}`)
  await reader.page.getByRole('heading', { name: '暂停使用：街区工作站' }).waitFor()
  assert.equal(await reader.page.getByRole('button', { name: '恢复使用' }).count(), 0)
  assert.equal(await reader.page.getByText('物业巡查记录').count(), 0, 'what it rests on is for the parties')
  assert.deepEqual(reader.trouble, [])
  await reader.leave()

  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, `/agreements/${id}`)
  await page.getByRole('button', { name: '恢复使用' }).click()
  const dialog = page.getByRole('dialog', { name: '恢复使用' })
  await dialog.getByLabel('为什么可以恢复（大家都看得到）').fill('修好了。')
  await dialog.getByRole('button', { name: '先看看会怎样' }).click()
  await dialog.getByText(/恢复以后，1 次照旧/).waitFor()
  await dialog.getByRole('button', { name: '确定恢复' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByRole('heading', { name: '暂停使用：街区工作站' }).waitFor({ state: 'hidden' })
  await page.getByText('后来发生过什么').click()
  await page.getByText('修好了。').waitFor()
  assert.equal((await resident('GET', `/bookings/${far}`)).body.state, 'confirmed')
  assert.equal((await resident('GET', '/me/offers')).body.items.length, 0)
  assert.deepEqual(trouble, [])
  await leave()
})

test('a unit gives notice after seeing the last day; another objects, and both stay readable', async () => {
  const unit = await at(browser, server, PARTIES.units[0], `/agreements/${id}`)
  await unit.page.getByRole('button', { name: '通知提前结束' }).click()
  const dialog = unit.page.getByRole('dialog', { name: '通知提前结束' })
  await dialog.getByRole('button', { name: '先看看会怎样' }).click()
  await dialog.getByText('请写一句为什么').waitFor()
  await dialog.getByLabel('为什么提前结束').fill('房子要大修。')
  // A tap beside it loses nothing.
  await unit.page.keyboard.press('Escape')
  await dialog.waitFor({ state: 'hidden' })
  await unit.page.getByRole('button', { name: '通知提前结束' }).click()
  assert.equal(await dialog.getByLabel('为什么提前结束').inputValue(), '房子要大修。')
  await dialog.getByRole('button', { name: '先看看会怎样' }).click()
  await dialog.getByText(/最后一天是 \d{4}年\d+月\d+日。/).waitFor()
  await dialog.getByText('通知送出以后，没有一次预订受影响。').waitFor()
  await dialog.getByRole('button', { name: '确定通知结束' }).click()
  await unit.page.getByRole('heading', { name: /石油大院第一产权单位通知提前结束/ }).waitFor()
  await unit.page.getByText(/原定到 2028年12月31日，现在定了到 \d{4}年\d+月\d+日为止。/).waitFor()
  assert.deepEqual(unit.trouble, [])
  await unit.leave()

  const other = await at(browser, server, PARTIES.units[1], `/agreements/${id}`)
  await other.page.getByText('房子要大修。').waitFor()
  await other.page.getByRole('button', { name: '提出异议' }).click()
  await other.page.getByLabel('有什么不同意见').fill('可以一间一间修。')
  await other.page.getByRole('button', { name: '送出异议' }).click()
  await other.page.getByText('石油大院第二产权单位有异议').waitFor()
  assert.equal(await other.page.getByRole('button', { name: '提出异议' }).count(), 0)
  assert.deepEqual(other.trouble, [])
  await other.leave()
})
