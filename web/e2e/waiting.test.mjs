// A full evening: somebody stands in line, the one who has it gives it up, and it is kept for whoever waited until they answer.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, axe, dayAhead, examiner, follow, looks, nameOf, PEOPLE, quietAhead, shape, spacesOf, stage } from './harness.mjs'
import { at } from './parties.mjs'

let server, browser, close, ids, taken, neighbour
const ahead = quietAhead(5)
const date = dayAhead(ahead)
before(async () => {
  ;({ server, browser, close } = await stage())
  ids = await spacesOf(server, 'yuxin-centre')
  neighbour = await asSomebody(server, PEOPLE.neighbour)
  const day = (time) => `${date}T${time}:00+08:00`
  const made = await neighbour('POST', '/bookings', { space_id: ids.dong, use: 'dance', attendees: 20, starts_at: day('09:00'), ends_at: day('11:00') })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  taken = made.body.id
})
after(() => close?.())

test('a taken hour of the day offers the line and what is free near it', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.grid, `/spaces/${ids.dong}?date=${date}`)
  await page.getByRole('button', { name: /^09:30 ?–10:00， *有人订/ }).click()
  const near = page.getByRole('group', { name: '前后还空着的' })
  const free = await near.getByRole('button').first().textContent()
  await near.getByRole('button').first().click()
  await page.getByRole('button', { name: new RegExp(`^订 .* ${free.trim()}$`) }).waitFor()
  await page.getByRole('button', { name: /^09:30 ?–10:00， *有人订/ }).click()
  assert.deepEqual(await axe(page), [])
  assert.deepEqual(await shape(page, 44), [])
  await page.getByRole('button', { name: /^排队等这段时间：0[89]:\d\d–11:/ }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('选好做什么，就能排队等。').waitFor()
  await dialog.locator('footer').getByRole('button', { name: '排队等这段时间' }).click()
  await dialog.getByText('先选一下做什么。').waitFor()
  assert.equal(await page.evaluate(() => document.activeElement?.closest('fieldset')?.querySelector('legend')?.textContent), '做什么')
  await dialog.getByText('会议', { exact: true }).click()
  await dialog.getByText('这段时间已经有邻居订了').waitFor()
  await dialog.getByRole('button', { name: '排队等这段时间' }).waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('the refusal sheet leads into the line, and the line to a place that is kept', async () => {
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/spaces/${ids.dong}?date=${date}&from=09:00&to=11:00&book=1&use=dance&people=10`)
  await page.getByText('这段时间已经有邻居订了').waitFor()
  await page.getByRole('button', { name: '排队等这段时间' }).click()
  await page.getByText('排上了，您是第一家。有人退了就告诉您。').waitFor()
  assert.deepEqual(await axe(page), [])
  assert.deepEqual(await shape(page, 44), [])
  await page.goto(`${server.url}/me`)
  await page.getByRole('heading', { name: '我在排队' }).waitFor()
  await page.getByText('您排在第一个').waitFor()

  // It is given up: kept at once for whoever stands first.
  assert.equal((await neighbour('POST', `/bookings/${taken}/cancellation`, {})).status, 201)
  await page.reload()
  await page.locator('.booking').getByText(/^给您留到 .*\d\d:\d\d，过时就让给后面的邻居。$/).waitFor()
  await page.locator('section[aria-labelledby=line-title]').getByText(/^给您留到/).waitFor()
  await page.getByRole('link', { name: '轮到您了，去看看' }).click()
  await page.getByRole('heading', { name: '轮到您了' }).waitFor()
  await page.getByText(/这段时间给您留到/).waitFor()
  assert.deepEqual(await axe(page), [])
  // One tap gives nothing away.
  await page.getByRole('button', { name: '不要了，让给别人' }).click()
  const sure = page.getByRole('dialog', { name: '真的不要了吗？' })
  await sure.getByRole('button', { name: '确定不要了' }).waitFor()
  await sure.getByRole('button', { name: '先不' }).click()
  await sure.waitFor({ state: 'hidden' })
  await page.getByRole('button', { name: '要，订下' }).click()
  await page.getByText('已订好').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

test('who does not want to wait any more leaves, and is asked once more', async () => {
  const other = await at(browser, server, PEOPLE.grid, `/spaces/${ids.dong}?date=${date}&from=09:00&to=11:00&book=1&use=dance&people=10`)
  await other.page.getByRole('button', { name: '排队等这段时间' }).click()
  await other.page.getByText('排上了').waitFor()
  await other.page.goto(`${server.url}/me`)
  await other.page.getByRole('button', { name: '不等了' }).click()
  await other.page.getByRole('button', { name: '确定不等了' }).click()
  await other.page.getByRole('heading', { name: '我在排队' }).waitFor({ state: 'detached' })
  assert.deepEqual(other.trouble, [])
  await other.leave()
})

describe('looks of waiting', () => {
  let kept
  before(async () => {
    const me = await asSomebody(server, PEOPLE.resident)
    const others = []
    // One in line behind a neighbour, and one that came free: in the room that has house rules.
    for (const [space, use, from, to] of [['xi', 'dance', '09:00', '10:00'], ['member-room', 'meeting', '10:00', '11:00']]) {
      const wish = { space_id: ids[space], use, attendees: 10, starts_at: `${date}T${from}:00+08:00`, ends_at: `${date}T${to}:00+08:00` }
      const first = await neighbour('POST', '/bookings', wish)
      const read = first.body.reasons?.find(({ code }) => code === 'usage-terms')?.figure
      if (read) wish.usage_terms_sha256 = read
      const { body } = read ? await neighbour('POST', '/bookings', wish) : first
      others.push(body.id)
      const joined = await me('POST', '/waitlist', wish)
      assert.equal(joined.status, 201, JSON.stringify(joined.body))
    }
    assert.equal((await neighbour('POST', `/bookings/${others[1]}/cancellation`, {})).status, 201)
    kept = (await me('GET', '/waitlist?limit=50')).body.items.find(({ state }) => state === 'promoted').booking_id
  })
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, '/me', look)
      await page.locator('#line-title').waitFor()
      await page.locator('section[aria-labelledby=line-title] button').first().click()
      await examine(page, 'in line')
      await page.locator('.sheet:visible footer .btn').last().click()
      await page.locator('.sheet').last().waitFor({ state: 'hidden' })
      await follow(page, `/bookings/${kept}`, '#hold-title')
      await examine(page, 'kept for somebody')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
