// The rest of an agreement's life on the screens: the street reviews a suspension, an agreed change is taken back by all, a unit
// leaves with its rooms.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { asSomebody, spacesOf, stage } from './harness.mjs'
import { agreementOf, annex, at, importFile, narrower, PARTIES, signAll } from './parties.mjs'

const STREET = '13900002013'
/** Runs the gym of the other neighbourhood, and is asked about bookings. */
const OPERATOR = '13900001003'
let server, browser, close, desk, id
const signed = async (code, text) => {
  await importFile(server, PARTIES.desk, text)
  const found = await agreementOf(desk, `${code}-partnership`)
  assert.equal((await desk('POST', `/agreements/${found.id}/versions/1/proposal`, {})).status, 201)
  await signAll(server, found.id, 1)
  return found.id
}
before(async () => {
  ;({ server, browser, close } = await stage())
  desk = await asSomebody(server, PARTIES.desk)
  id = await signed('shiyou-annex', await annex())
})
after(() => close?.())

test('the street reviews a suspension and says why it goes on', async () => {
  const { station } = await spacesOf(server, 'shiyou-annex')
  const closed = await desk('POST', `/agreements/${id}/suspensions`, { urgency: 'immediate', ground: 'safety', space_ids: [station], evidence: '巡查记录', text: '屋顶漏水。' })
  assert.equal(closed.status, 201)
  const { page, trouble, leave } = await at(browser, server, STREET, `/agreements/${id}`)
  await page.getByRole('button', { name: '复核' }).click()
  const dialog = page.getByRole('dialog', { name: '复核' })
  await dialog.getByRole('button', { name: '送出' }).click()
  await dialog.getByText('先选复核结果').waitFor()
  await dialog.getByText('继续停用').click()
  await dialog.getByLabel('怎么看的（大家都看得到）').fill('施工还没验收。')
  await dialog.getByRole('button', { name: '送出' }).click()
  await dialog.waitFor({ state: 'hidden' })
  await page.getByText('后来发生过什么').click()
  await page.getByText('街道复核：继续停用').waitFor()
  await page.getByText('施工还没验收。', { exact: true }).waitFor()
  // The order itself bears the mark, and what happened says which room.
  await page.getByText(/^街道 .+复核过，继续停用：施工还没验收。$/).waitFor()
  await page.getByText('社区暂停使用：街区工作站').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('the street and an operator have the desk their role may use', async () => {
  const tabs = (page) => page.getByRole('navigation', { name: '主要页面' }).getByRole('link').allInnerTexts()
  const street = await at(browser, server, STREET, '/desk')
  await street.page.waitForURL(/\/desk\/agreements$/)
  await street.page.getByText('有 1 处停用').waitFor()
  assert.deepEqual(await tabs(street.page), ['协议', '核对', '我的'])
  await street.page.goto(`${server.url}/agreements/${id}`)
  await street.page.getByRole('heading', { name: '街道', exact: true }).waitFor()
  await street.page.getByRole('button', { name: '暂停使用' }).click()
  await street.page.getByText('只为安全。现在就停').waitFor()
  assert.equal(await street.page.getByText('提前说', { exact: true }).count(), 0, 'it orders nothing with notice')
  assert.deepEqual(street.trouble, [])
  await street.leave()

  const operator = await at(browser, server, OPERATOR, '/desk/closures')
  await operator.page.getByRole('button', { name: '关闭房间' }).click()
  assert.deepEqual(await operator.page.getByRole('dialog').getByRole('checkbox').count(), 1, 'only what it runs')
  await operator.page.keyboard.press('Escape')
  assert.deepEqual((await tabs(operator.page)).slice(0, 4), ['今日', '审批', '临时关闭', '使用须知'])
  assert.deepEqual(operator.trouble, [])
  await operator.leave()
})

test('an agreed change that is not in force yet is taken back when all agree', async () => {
  const { clauses } = (await desk('GET', `/agreements/${id}/versions/1`)).body
  const next = await desk('POST', `/agreements/${id}/versions`, { clauses: clauses.map((clause) => (clause.kind === 'open_hours' ? narrower(clause, 19) : clause)) })
  assert.equal(next.status, 201)
  assert.equal((await desk('POST', `/agreements/${id}/versions/2/proposal`, {})).status, 201)
  await signAll(server, id, 2)
  const signers = [...PARTIES.units, ...PARTIES.leads]
  for (const [i, login] of signers.entries()) {
    const { page, trouble, leave } = await at(browser, server, login, `/agreements/${id}/versions/2`)
    await page.getByText(/^已签好，\d{4}年\d+月\d+日起生效$/).first().waitFor()
    // Who is asked reads who wants it and why.
    if (i) await page.getByText('石油大院第一产权单位：想再商量商量 0').waitFor()
    await page.getByRole('button', { name: '撤回已签的一版' }).click()
    const dialog = page.getByRole('dialog', { name: '撤回已签的一版' })
    await dialog.getByLabel('为什么撤回').fill(`想再商量商量 ${i}`)
    await dialog.getByRole('button', { name: '同意撤回' }).click()
    await dialog.waitFor({ state: 'hidden' })
    if (i === signers.length - 1) await page.getByText('签成后又撤回').first().waitFor()
    else {
      await page.getByText(/您已同意，还等.+。都同意了才撤回。/).waitFor()
      assert.equal(await page.getByRole('button', { name: '撤回已签的一版' }).count(), 0)
    }
    assert.deepEqual(trouble, [])
    await leave()
  }
})

test('a unit leaves with its rooms, after seeing the last day', async () => {
  const { page, trouble, leave } = await at(browser, server, PARTIES.units[3], `/agreements/${id}/versions/1`)
  // What a clause does says who does it.
  await page.getByText('水费、电费由石油大院第一产权单位付；来活动的人不用另付。').waitFor()
  await page.getByText('由石油大院第三产权单位、石油大院社区居民委员会各付一半').waitFor()
  await page.getByText('留给石油大院第一产权单位自用').waitFor()
  await page.getByRole('button', { name: '我们要退出' }).click()
  const dialog = page.getByRole('dialog', { name: '我们要退出' })
  await dialog.getByLabel('为什么退出').fill('底商另有安排。')
  await dialog.getByRole('button', { name: '先看看会怎样' }).click()
  await dialog.getByText(/最后一天是 \d{4}年\d+月\d+日。/).waitFor()
  await dialog.getByRole('button', { name: '确定退出' }).click()
  await page.getByRole('heading', { name: /石油大院第四产权单位要退出.*便民空间/ }).waitFor()
  await page.getByText('底商另有安排。').waitFor()
  assert.equal(await page.getByRole('button', { name: '我们要退出' }).count(), 0, 'nobody leaves twice')
  assert.deepEqual(trouble, [])
  await leave()
})
