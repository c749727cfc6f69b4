// The community brings a hub in and puts its agreement to the parties; four property units and two communities sign; the rooms
// open. Then a next version: one unit declines it, two people edit the same draft, a version goes while somebody signs.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { asSomebody, signInSheet, stage, usualDay, visit } from './harness.mjs'
import { agreementOf, annex, at, PARTIES } from './parties.mjs'

let server, browser, close
before(async () => {
  ;({ server, browser, close } = await stage())
})
after(() => close?.())

const CODE = 'shiyou-annex-partnership'
const as = (login) => asSomebody(server, login)
const versionOf = async (call, no) => {
  const { id } = await agreementOf(call, CODE)
  const path = `/agreements/${id}/versions/${no}`
  return { ...(await call('GET', path)).body, id, path }
}
const freeToday = async () => {
  const sites = (await (await fetch(`${server.api}/api/v1/sites?limit=100`)).json()).items
  const site = sites.find(({ code }) => code === 'shiyou-annex')
  const days = await (await fetch(`${server.api}/api/v1/sites/${site.id}/availability?date=${usualDay(3)}&view=day`)).json()
  return days.spaces.filter(({ days: [day] }) => day.segments.some(({ state }) => state === 'free')).length
}

test('the community imports a hub file: faults by line, mended on the spot, then proposed', async () => {
  const good = await annex()
  const bad = good.replace('area_m2: 180.00', 'area_m2: 980.00').replace('kind: station\n', 'kind: stationx\n')
  const lineOf = (text) => bad.slice(0, bad.indexOf(text)).split('\n').length
  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, '/desk/import', { expected: [422] })
  await page.locator('input[type=file]').setInputFiles({ name: 'annex.yaml', mimeType: 'application/yaml', buffer: Buffer.from(bad) })
  await page.getByRole('heading', { name: '有 2 处要改' }).waitFor()
  await page.getByText('各空间共 980.00 平方米，超过本层的 320.00 平方米。').waitFor()
  // From the fault to its line.
  const line = lineOf('kind: stationx')
  await page.getByRole('button', { name: `第 ${line} 行` }).click()
  const selected = await page.locator('#hub-file').evaluate((box) => box.value.slice(box.selectionStart, box.selectionEnd))
  assert.equal(selected.trim(), 'kind: stationx')
  // Mended here, as far as one can: the first fault stays, by its line.
  await page.keyboard.type('            kind: station')
  await page.getByText('内容改过了').waitFor()
  await page.getByRole('button', { name: '检查一遍' }).click()
  await page.getByRole('heading', { name: '有 1 处要改' }).waitFor()
  await page.locator('#hub-file').fill(good)
  await page.getByRole('button', { name: '检查一遍' }).click()
  await page.getByRole('heading', { name: '没有错，可以导入' }).waitFor()
  assert.equal(await page.getByRole('row', { name: /空间/ }).locator('td').first().textContent(), '7')
  const known = (await (await fetch(`${server.api}/api/v1/sites?limit=100`)).json()).items
  assert.ok(!known.some(({ code }) => code === 'shiyou-annex'), 'a check changes nothing')
  await page.getByRole('button', { name: '导入', exact: true }).click()
  await page.getByRole('heading', { name: '导入好了' }).waitFor()

  await page.getByRole('link', { name: '去看协议草稿' }).click()
  await page.getByRole('heading', { name: '草稿' }).waitFor()
  await page.getByRole('link', { name: /石油大院东院公益共建协议/ }).click()
  await page.getByText('内容齐了').waitFor()
  // Whoever follows a link to it and is not signed in is told what may help.
  const outside = await visit(browser, server, new URL(page.url()).pathname, { expected: [404] })
  await outside.page.getByText('这一页可能要登录才看得到。').waitFor()
  await outside.page.getByRole('button', { name: '登录' }).click()
  await signInSheet(outside.page, PARTIES.desk)
  await outside.page.getByText('内容齐了').waitFor()
  assert.match(await outside.page.title(), /^石油大院东院公益共建协议 · /)
  // What the sheet was opened with is gone: the heading has the focus.
  await outside.page.waitForFunction(() => document.activeElement?.tagName === 'H1')
  assert.deepEqual(outside.trouble, [])
  await outside.leave()
  await page.getByRole('button', { name: '请各方签字' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '请各方签字' }).click()
  await page.getByText('正在等各方签字').waitFor()
  assert.equal((await versionOf(await as(PARTIES.desk), 1)).state, 'proposed')
  assert.deepEqual(trouble, [])
  await leave()
})

test('each property unit reads and signs; one signs on paper; with the last signature the rooms open', async () => {
  assert.equal(await freeToday(), 0, 'nothing is open before all have signed')
  const [first, second, third, fourth] = PARTIES.units
  const [lead, otherLead] = PARTIES.leads

  // The first through the sign-in sheet, by the keyboard.
  {
    const { page, trouble, leave } = await visit(browser, server, '/unit')
    await page.getByRole('main').getByRole('button', { name: '登录' }).click()
    await signInSheet(page, first)
    await page.getByText('您这边借出：党建空间、街区工作站。').waitFor()
    await page.getByText('一共 6 方，还没有人签。').waitFor()
    await page.getByRole('link', { name: '看第 1 版，再决定' }).click()
    await page.getByRole('heading', { name: '第一条', exact: true }).waitFor()
    await page.getByText('每天 08:00–20:00 可以订').waitFor()
    await page.getByRole('button', { name: '自己核对一遍' }).click()
    await page.getByText('一个字不差').waitFor()
    const button = page.getByRole('button', { name: '签字', exact: true })
    await button.focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog', { name: '确认签字' })
    await dialog.getByText('您签了以后，还差 5 方').waitFor()
    const { sha256 } = await versionOf(await as(first), 1)
    assert.equal((await dialog.locator('code').textContent()).replaceAll(' ', ''), sha256)
    const yes = dialog.getByRole('button', { name: '确认，我签字' })
    await yes.focus()
    await page.keyboard.press('Enter')
    await page.getByText('石油大院第一产权单位已经签了').waitFor()
    await page.getByText('6 方里签了 1 方。').first().waitFor()
    // Nothing waits any more.
    await page.getByRole('link', { name: '待我处理' }).click()
    await page.getByText('现在没有等您办的事').waitFor()
    assert.deepEqual(trouble, [])
    await leave()
  }

  const signs = async (login, done) => {
    const { page, trouble, leave } = await at(browser, server, login, '/unit')
    await page.getByRole('link', { name: '看第 1 版，再决定' }).click()
    await page.getByRole('button', { name: '签字', exact: true }).click()
    const sentence = await page.locator('.consequence:visible').textContent()
    await page.getByRole('button', { name: '确认，我签字' }).click()
    await done(page, sentence)
    assert.deepEqual(trouble, [])
    await leave()
  }
  for (const login of [second, lead]) await signs(login, (page) => page.getByText('已经签了').waitFor())
  {
    // The second community without the screens: the server does not show its representative what is not agreed yet.
    const call = await as(otherLead)
    const [waiting] = (await call('GET', '/me/waiting')).body.items
    const signed = await call('POST', `/agreements/${waiting.agreement.id}/versions/1/signatures`, { organisation_id: waiting.organisation_id, sha256: waiting.version.sha256 })
    assert.equal(signed.status, 201)
  }

  // The third signed on paper: the desk records the scan's fingerprint, the unit confirms it.
  {
    const { page, trouble, leave } = await at(browser, server, PARTIES.desk, (await versionOf(await as(PARTIES.desk), 1)).path)
    await page.getByRole('button', { name: '登记纸质签字' }).click()
    const dialog = page.getByRole('dialog', { name: '登记纸质签字' })
    await dialog.getByText('石油大院第三产权单位').click()
    await dialog.locator('input[type=file]').setInputFiles({ name: 'scan.pdf', mimeType: 'application/pdf', buffer: Buffer.from('scan') })
    await dialog.getByText('scan.pdf 的指纹').waitFor()
    await dialog.getByRole('button', { name: '登记', exact: true }).click()
    await page.getByText('登记了纸质签字，等这一方确认').waitFor()
    const recorded = (await versionOf(await as(PARTIES.desk), 1)).parties.find(({ code }) => code === 'shiyou-unit-3').signature
    assert.deepEqual([recorded.method, recorded.evidence_sha256], ['paper', createHash('sha256').update('scan').digest('hex')])
    assert.deepEqual(trouble, [])
    await leave()
  }
  {
    const { page, trouble, leave } = await at(browser, server, third, '/unit')
    await page.getByText('请您确认纸质签字').waitFor()
    await page.getByRole('link', { name: '看第 1 版，再决定' }).click()
    await page.getByRole('button', { name: '核对并确认' }).click()
    await page.locator('.consequence:visible').getByText('还差石油大院第四产权单位').waitFor()
    await page.getByRole('button', { name: '是我们签的，确认' }).click()
    await page.getByText('石油大院第三产权单位已经签了').waitFor()
    assert.deepEqual(trouble, [])
    await leave()
  }

  assert.equal(await freeToday(), 0)
  await signs(fourth, async (page, sentence) => {
    assert.match(sentence, /您是最后一方。您一签，这 7 个空间就开放了。/)
    await page.getByRole('heading', { name: '6 方都签好了' }).waitFor()
    await page.getByText('这 7 个空间从现在起开放').waitFor()
    assert.equal(await page.locator('.opened a').count(), 7)
  })
  assert.equal(await freeToday(), 7)

  // Anybody may read it now, and nobody is asked to sign.
  const { page, trouble, leave } = await visit(browser, server, `/agreements/${(await agreementOf(await as(first), CODE)).id}#clause-quiet`)
  await page.getByText('正在生效').first().waitFor()
  await page.locator('article.pointed').getByText('所以：').waitFor()
  assert.equal(await page.getByRole('button', { name: '签字', exact: true }).count(), 0)
  await page.getByText('石油大院第三产权单位确认了纸质签字').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('the next version is a copy with small changes; a lost race over the draft is told kindly', async () => {
  const { id } = await agreementOf(await as(PARTIES.desk), CODE)
  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, `/agreements/${id}`, { expected: [412] })
  await page.getByRole('link', { name: '起草下一版' }).click()
  const capacity = page.getByRole('group', { name: /最多多少人（党建空间）/ })
  await capacity.getByLabel('最多人数').fill('55')
  await capacity.getByLabel('最多人数').press('Tab')
  assert.match(await capacity.getByLabel('条文（有约束力）').inputValue(), /不超过55人/)
  const hours = page.getByRole('group', { name: /开放时间/ })
  await hours.getByLabel('几点关').selectOption('07:00')
  await hours.getByText('关门要晚于开门').waitFor()
  assert.ok(await page.getByRole('button', { name: '保存草稿' }).isDisabled())
  await hours.getByLabel('几点关').selectOption('21:00')
  assert.match(await hours.getByLabel('条文（有约束力）').inputValue(), /每日8时至21时开放/)
  await page.getByRole('button', { name: '保存草稿' }).click()
  await page.getByText('存好了，可以请各方签字').waitFor()
  await page.waitForURL(/\/draft\/2$/)

  // Meanwhile a colleague changes the same draft.
  const colleague = await as(PARTIES.leads[0])
  const theirs = await fetchTagged(PARTIES.leads[0], `/agreements/${id}/versions/2`)
  const clauses = theirs.body.clauses.map((clause) => (clause.id === 'cap-station' ? { ...clause, payload: { ...clause.payload, persons: 20 }, text_zh: '街区工作站同时不超过20人。' } : clause))
  await put(PARTIES.leads[0], `/agreements/${id}/versions/2`, { clauses }, theirs.tag)
  await capacity.getByLabel('最多人数').fill('50')
  await capacity.getByLabel('最多人数').press('Tab')
  await page.getByRole('button', { name: '保存草稿' }).click()
  await page.getByText('刚才别人也改了这份草稿，您改的还都在。').waitFor()
  assert.equal(await capacity.getByLabel('最多人数').inputValue(), '50')
  await page.getByRole('button', { name: '用我改的，再存一次' }).click()
  await page.getByText('存好了，可以请各方签字').waitFor()
  const stored = (await colleague('GET', `/agreements/${id}/versions/2`)).body
  assert.equal(stored.clauses.find((clause) => clause.id === 'cap-party-space').payload.persons, 50)

  await page.getByRole('link', { name: '去请各方签字' }).click()
  await page.getByRole('button', { name: '请各方签字' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '请各方签字' }).click()
  await page.getByText('正在等各方签字').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('a unit declines with its reason, which survives a broken network; what is in force stays', async () => {
  const { page, context, trouble, leave } = await at(browser, server, PARTIES.units[1], '/unit', { expected: ['offline'] })
  await page.getByRole('link', { name: '看第 2 版，再决定' }).click()
  await page.getByRole('button', { name: '不同意' }).click()
  const dialog = page.getByRole('dialog', { name: '不同意这一版' })
  await dialog.getByRole('button', { name: '送出，不同意这一版' }).click()
  await dialog.getByText('请写一句原因').waitFor()
  await dialog.getByLabel('不同意的原因').fill('九点以后楼上要休息，开到八点就好。')
  await context.setOffline(true)
  await dialog.getByRole('button', { name: '送出，不同意这一版' }).click()
  await dialog.getByText('网络断了').waitFor()
  assert.match(await dialog.getByLabel('不同意的原因').inputValue(), /楼上要休息/)
  await context.setOffline(false)
  await dialog.getByRole('button', { name: '送出，不同意这一版' }).click()
  await page.getByText('有一方没同意').first().waitFor()
  await page.locator('blockquote').getByText('楼上要休息').waitFor()
  await page.getByText('现在生效的是第 1 版').waitFor()
  assert.equal((await versionOf(await as(PARTIES.desk), 1)).effect, 'in_force')
  assert.deepEqual(trouble, [])
  await leave()
})

test('a version withdrawn while somebody signs it is said so', async () => {
  const desk = await as(PARTIES.desk)
  const { id, clauses } = await versionOf(desk, 2)
  assert.equal((await desk('POST', `/agreements/${id}/versions`, { clauses })).status, 201)
  assert.equal((await desk('POST', `/agreements/${id}/versions/3/proposal`, {})).status, 201)
  const { page, trouble, leave } = await at(browser, server, PARTIES.units[3], `/agreements/${id}/versions/3`, { expected: [409] })
  await page.getByRole('button', { name: '签字', exact: true }).click()
  await page.getByRole('dialog').waitFor()
  // The desk takes it back through its screens.
  {
    const other = await at(browser, server, PARTIES.desk, `/agreements/${id}/versions/3`)
    await other.page.getByRole('button', { name: '撤回这一版' }).click()
    await other.page.getByRole('dialog').getByText('还没有人签字').waitFor()
    await other.page.getByRole('button', { name: '确认撤回' }).click()
    await other.page.getByText('已撤回').first().waitFor()
    await other.page.getByRole('link', { name: '起草下一版' }).waitFor()
    assert.deepEqual(other.trouble, [])
    await other.leave()
  }
  await page.getByRole('button', { name: '确认，我签字' }).click()
  await page.getByText('您看的时候，这一版被撤回了').waitFor()
  assert.equal(await page.getByRole('button', { name: '签字', exact: true }).count(), 0)
  assert.deepEqual(trouble, [])
  await leave()
})

test('the board shows who comes; a resident sees no names', async () => {
  const names = async (visited) => visited.page.getByText(/林晓|王淑珍|刘宝山|欧阳海/).count()
  const desk = await at(browser, server, PARTIES.yuxinDesk, '/desk')
  await desk.page.getByRole('button', { name: '后一天' }).click()
  await desk.page.getByText('这一天有').waitFor()
  assert.ok((await names(desk)) > 0)
  await desk.page.getByRole('button', { name: '回到今天' }).click()
  await desk.page.getByText('今天', { exact: true }).waitFor()
  assert.deepEqual(desk.trouble, [])
  await desk.leave()

  const wide = await at(browser, server, PARTIES.yuxinDesk, '/desk', { wide: true, width: 1280, height: 900 })
  await wide.page.getByRole('button', { name: '后一天' }).click()
  await wide.page.getByRole('region', { name: /各个房间的一天/ }).getByText(/人$/).first().waitFor()
  assert.ok((await names(wide)) > 0)
  assert.deepEqual(wide.trouble, [])
  await wide.leave()

  const resident = await at(browser, server, PARTIES.resident, '/desk')
  await resident.page.getByText('这里是社区值班用的').waitFor()
  assert.equal(await names(resident), 0)
  assert.deepEqual(resident.trouble, [])
  await resident.leave()
  const call = await as(PARTIES.resident)
  const sites = (await call('GET', '/sites')).body.items
  const all = (await call('GET', `/sites/${sites.find(({ code }) => code === 'shiyou-hub').id}/bookings`)).body.items
  assert.ok(all.length > 0 && all.every(({ person, booking }) => person === undefined && booking === undefined))

  // The unit sees when its rooms are used and for what, not by whom.
  const unit = await at(browser, server, PARTIES.units[1], '/unit/spaces')
  await unit.page.getByRole('link', { name: '文化空间' }).first().waitFor()
  await unit.page.getByText(/民俗活动|曲艺戏剧/).first().waitFor()
  assert.equal(await unit.page.getByText(/杜桂香|司马楠楠/).count(), 0)
  assert.deepEqual(unit.trouble, [])
  await unit.leave()
})

const tokenOf = async (login) => {
  const answer = await fetch(`${server.api}/api/v1/sign-in`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login, password: 'shangliang-2026' }) })
  return (await answer.json()).access_token
}
const fetchTagged = async (login, path) => {
  const answer = await fetch(`${server.api}/api/v1${path}`, { headers: { authorization: `Bearer ${await tokenOf(login)}` } })
  return { body: await answer.json(), tag: answer.headers.get('etag') }
}
const put = async (login, path, body, tag) => {
  const answer = await fetch(`${server.api}/api/v1${path}`, { method: 'PUT', headers: { authorization: `Bearer ${await tokenOf(login)}`, 'content-type': 'application/json', 'if-match': tag }, body: JSON.stringify(body) })
  assert.equal(answer.status, 200)
}
