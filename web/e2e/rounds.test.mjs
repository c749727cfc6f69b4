// 反复式商量 on the screens: the desk puts a draft to its parties, they say what they think, every objection is answered, the next
// version is read beside the one before, and what was talked over last is what is signed.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { asSomebody, stage } from './harness.mjs'
import { agreementOf, annex, at, importFile, PARTIES } from './parties.mjs'

let server, browser, close, id
before(async () => {
  ;({ server, browser, close } = await stage())
  await importFile(server, PARTIES.desk, await annex())
  id = (await agreementOf(await asSomebody(server, PARTIES.desk), 'shiyou-annex-partnership')).id
})
after(() => close?.())

const path = (no) => `/agreements/${id}/versions/${no}`
/** Somebody's position without the screens. */
const speak = async (login, no, stand, text) => {
  const call = await asSomebody(server, login)
  const organisation_id = (await call('GET', '/me')).body.representations[0].organisation.id
  const { sha256 } = (await call('GET', path(no))).body
  const said = await call('POST', `${path(no)}/positions`, { organisation_id, sha256, stand, ...(text ? { text } : {}) })
  assert.equal(said.status, 201, JSON.stringify(said.body))
}
/** Somebody's position on the screens, from what waits for them. */
const speakOnScreen = async (login, no, say, look = {}) => {
  const { page, context, trouble, leave } = await at(browser, server, login, '/unit', look)
  await page.getByText('请您表态').waitFor()
  await page.getByRole('link', { name: `看第 ${no} 版，再表态` }).click()
  await page.getByRole('button', { name: '说说我们的意见' }).click()
  await say(page, page.getByRole('dialog', { name: '说说意见' }), context)
  assert.deepEqual(trouble, [])
  await leave()
}

test('the desk puts a draft to its parties', async () => {
  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, path(1))
  await page.getByRole('button', { name: '先请各方商量' }).click()
  await page.getByRole('dialog').getByText('每一条不同意和要改的，都要书面答复').waitFor()
  await page.getByRole('button', { name: '请各方说意见' }).click()
  await page.getByText('第 1 轮：一共 6 方，还没有人说。').waitFor()
  assert.equal(await page.getByRole('button', { name: '请各方签字' }).count(), 0, 'nothing follows an open round')
  assert.deepEqual(trouble, [])
  await leave()
})

test('the parties say what they think; a condition and an objection are written down', async () => {
  const [first, second, third, fourth] = PARTIES.units
  await speak(first, 1, 'support')
  await speakOnScreen(second, 1, async (page, dialog) => {
    await dialog.getByRole('button', { name: '送出意见' }).click()
    await dialog.getByText('先选一下您这边怎么看').waitFor()
    await dialog.getByText('就这样写，可以。').click()
    await dialog.getByRole('button', { name: '送出意见' }).click()
    await page.getByText('石油大院第二产权单位这一轮说的是：同意').waitFor()
    await page.getByText('第 1 轮：6 方里说了 2 方。').waitFor()
    // Nothing waits any more.
    await page.getByRole('link', { name: '待我处理' }).click()
    await page.getByText('现在没有等您办的事').waitFor()
  })
  // With the keyboard, and through a network that breaks.
  await speakOnScreen(third, 1, async (page, dialog, context) => {
    await dialog.getByRole('radio').first().focus()
    await page.keyboard.press('ArrowDown')
    await dialog.getByRole('button', { name: '送出意见' }).click()
    await dialog.getByText('请写一句，大家才知道怎么改').waitFor()
    await dialog.getByLabel('改成什么样，您就同意').fill('冬天提前一小时关门。')
    await context.setOffline(true)
    await dialog.getByRole('button', { name: '送出意见' }).click()
    await dialog.getByText('网络断了').waitFor()
    assert.equal(await dialog.getByLabel('改成什么样，您就同意').inputValue(), '冬天提前一小时关门。')
    await context.setOffline(false)
    await dialog.getByRole('button', { name: '送出意见' }).click()
    await page.getByText('这一轮说的是：改一点就同意').waitFor()
  }, { expected: ['offline'] })
  await speakOnScreen(fourth, 1, async (page, dialog) => {
    await dialog.getByText('这样不行，要重新商量。').click()
    await dialog.getByLabel('为什么不同意').fill('水电费谁出，没写清楚。')
    await dialog.getByRole('button', { name: '送出意见' }).click()
    await page.getByText('这一轮说的是：不同意').waitFor()
    await page.locator('blockquote').getByText('水电费谁出，没写清楚。').waitFor()
  })
  const call = await asSomebody(server, first)
  const [round] = (await call('GET', `/agreements/${id}/rounds`)).body
  assert.deepEqual(round.voices.flatMap(({ position }) => position?.stand ?? []).sort(), ['object', 'support', 'support', 'support_if'])
})

test('a round that closes while somebody speaks is said so, and their words are kept', async () => {
  const { page, trouble, leave } = await at(browser, server, PARTIES.leads[0], path(1), { expected: [409] })
  await page.getByRole('button', { name: '说说我们的意见' }).click()
  const dialog = page.getByRole('dialog', { name: '说说意见' })
  await dialog.getByText('不赞成也不反对，由大家定。').click()
  await dialog.getByLabel('还想说一句吗（不填也行）').fill('我们听大家的。')

  // The desk closes it through its screens, told who has not spoken.
  {
    const desk = await at(browser, server, PARTIES.desk, path(1))
    await desk.page.getByText('的意见还没有答复（共 2 条）').waitFor()
    await desk.page.getByRole('button', { name: '结束这一轮' }).click()
    await desk.page.getByRole('dialog').getByText('没有说的记为没有回音，不算同意').waitFor()
    await desk.page.getByRole('dialog').getByRole('button', { name: '结束这一轮' }).click()
    await desk.page.getByText('这一轮结束了').waitFor()
    assert.ok(await desk.page.getByRole('button', { name: '请各方签字' }).isDisabled(), 'unanswered positions block proposing')
    await desk.page.getByText('2 家没有回音').waitFor()
    assert.deepEqual(desk.trouble, [])
    await desk.leave()
  }
  await dialog.getByRole('button', { name: '送出意见' }).click()
  await page.getByText('您写的时候，这一轮结束了，意见没有送出').waitFor()
  await page.getByText('我们听大家的。').waitFor()
  await page.getByText('没有回音（不算同意）').first().waitFor()
  assert.equal(await page.getByRole('button', { name: '说说我们的意见' }).count(), 0)
  assert.deepEqual(trouble, [])
  await leave()
})

test('every objection and condition is answered in writing', async () => {
  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, path(1))
  await page.getByRole('button', { name: '去答复' }).click()
  for (const [name, answer] of [['石油大院第三产权单位', '好，改成晚上七点关门。'], ['石油大院第四产权单位', '水电费由产权单位承担，写进条款了。']]) {
    await page.getByRole('button', { name: `写答复给${name}` }).click()
    const dialog = page.getByRole('dialog', { name: `写答复给${name}` })
    await dialog.getByRole('button', { name: '送出答复' }).click()
    await dialog.getByText('请写一句答复').waitFor()
    await dialog.getByLabel('怎么答复').fill(answer)
    await dialog.getByRole('button', { name: '送出答复' }).click()
    await page.locator('.answer').getByText(answer).waitFor()
  }
  await page.getByText('内容齐了，可以请各方签字').waitFor()
  assert.ok(await page.getByRole('button', { name: '请各方签字' }).isEnabled())
  assert.deepEqual(trouble, [])
  await leave()
})

test('the next version is read beside the one before', async () => {
  const desk = await asSomebody(server, PARTIES.desk)
  {
    const { page, trouble, leave } = await at(browser, server, PARTIES.desk, path(1))
    await page.getByRole('link', { name: '起草下一版' }).click()
    const hours = page.getByRole('group', { name: /开放时间/ })
    await hours.getByLabel('几点关').selectOption('19:00')
    await page.getByRole('button', { name: '保存草稿' }).click()
    await page.getByText('存好了').waitFor()
    await page.getByRole('link', { name: '去请各方签字' }).click()
    await page.getByText('和第 1 版比：改了 1 条（开放时间）。').waitFor()
    await page.getByRole('link', { name: '两版对照着看' }).click()
    await page.getByText('改了 1 条；另外').waitFor()
    const [was, now] = [page.locator('.side.before'), page.locator('.side.after')]
    assert.deepEqual([await was.locator('del').allTextContents(), await now.locator('ins').allTextContents()], [['20'], ['19']])
    await was.getByText('所以：').waitFor()
    await now.getByText('08:00–19:00').waitFor()
    await page.getByText(/^没动的 \d+ 条$/).click()
    await page.getByText('最多多少人 · 党建空间').waitFor()
    assert.deepEqual(trouble, [])
    await leave()
  }
  // Round 2 and 3 without the screens, with a version of its own each.
  assert.equal((await desk('POST', `${path(2)}/round`, {})).status, 201)
  for (const login of PARTIES.units.slice(0, 3)) await speak(login, 2, 'support')
  assert.equal((await desk('POST', `${path(2)}/round/closing`, {})).status, 201)
  const { clauses } = (await desk('GET', path(2))).body
  const reworded = clauses.map((clause) => (clause.kind === 'open_hours' ? { ...clause, text_zh: `${clause.text_zh}（大家一起定的）` } : clause))
  assert.equal((await desk('POST', `/agreements/${id}/versions`, { clauses: reworded })).status, 201)
  assert.equal((await desk('POST', `${path(3)}/round`, {})).status, 201)
  for (const login of PARTIES.units) await speak(login, 3, 'support')
})

test('what was talked over last is what is signed, and every round stays readable', async () => {
  const desk = await asSomebody(server, PARTIES.desk)
  const { page, trouble, leave } = await at(browser, server, PARTIES.desk, path(3))
  await page.getByRole('button', { name: '结束这一轮' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '结束这一轮' }).click()
  await page.getByText('这一轮结束了').waitFor()
  const before = (await desk('GET', path(3))).body.sha256
  await page.getByRole('button', { name: '请各方签字' }).click()
  await page.getByRole('dialog').getByRole('button', { name: '请各方签字' }).click()
  await page.getByText('正在等各方签字').waitFor()
  assert.equal((await desk('GET', path(3))).body.sha256, before)
  const rounds = page.locator('.round')
  assert.equal(await rounds.count(), 3)
  await rounds.nth(0).getByText('4 家同意，2 家没有回音').waitFor()
  await rounds.nth(2).getByText('2 家同意，1 家改了就同意，1 家不同意，2 家没有回音').waitFor()
  await rounds.nth(2).locator('summary').click()
  await rounds.nth(2).getByText('水电费由产权单位承担，写进条款了。').waitFor()
  assert.deepEqual(trouble, [])
  await leave()

  // A reworded clause means the same, and says so once.
  const unit = await at(browser, server, PARTIES.units[3], `${path(3)}/changes?from=2`)
  await unit.page.getByText('1 条只换了说法').waitFor()
  await unit.page.getByText('意思没变：').waitFor()
  await unit.page.locator('ins').getByText('（大家一起定的）').waitFor()
  await unit.page.getByLabel('第 3 版，和哪一版比').selectOption('1')
  await unit.page.getByText('改了 1 条；另外').waitFor()
  assert.deepEqual(unit.trouble, [])
  await unit.leave()
})
