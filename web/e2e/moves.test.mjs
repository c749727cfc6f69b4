// A booking is moved: the difference is seen first, a lost race keeps the old one; and what happened is told.
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { asSomebody, dayAhead, examiner, looks, nameOf, PEOPLE, quietAhead, spacesOf, stage } from './harness.mjs'
import { at } from './parties.mjs'

let server, browser, close, ids, me, neighbour
const ahead = quietAhead(4)
const day = (time, date = dayAhead(ahead)) => `${date}T${time}:00+08:00`
const book = async (call, space, use, people, from, to) => {
  const made = await call('POST', '/bookings', { space_id: ids[space], use, attendees: people, starts_at: day(from), ends_at: day(to) })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  return made.body.id
}
before(async () => {
  ;({ server, browser, close } = await stage())
  ids = await spacesOf(server, 'yuxin-centre')
  me = await asSomebody(server, PEOPLE.resident)
  neighbour = await asSomebody(server, PEOPLE.neighbour)
})
after(() => close?.())

test('the difference first; somebody faster leaves the old one as it was', async () => {
  const id = await book(me, 'dong', 'dance', 20, '09:00', '10:00')
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/bookings/${id}`, { expected: [409] })
  await page.getByRole('button', { name: '换个时间或房间' }).click()
  const dialog = page.getByRole('dialog', { name: '换个时间或房间' })
  await dialog.getByLabel('几点开始').selectOption('10:30')
  await dialog.getByRole('button', { name: '看看行不行，差多少钱' }).click()
  await dialog.getByText(/不用补也不用退/).waitFor()
  // While they read, somebody takes it.
  await book(neighbour, 'dong', 'dance', 10, '10:30', '11:30')
  await dialog.getByRole('button', { name: '换过去' }).click()
  await dialog.getByText('这段时间有人了，原来的还是您的。').waitFor()
  assert.equal((await me('GET', `/bookings/${id}`)).body.state, 'confirmed')
  // What both sides signed is told with its clause; and only hours of the room are offered.
  assert.equal(await dialog.getByLabel('几点开始').locator('option').first().textContent(), '08:30')
  await dialog.getByLabel('几点开始').selectOption('20:30')
  await dialog.getByRole('button', { name: '看看行不行，差多少钱' }).click()
  await dialog.locator('.reason').first().getByText('条款怎么写的').waitFor()
  assert.equal(await dialog.getByText('这是场地自己的规矩。').count(), 0)
  await dialog.getByLabel('几点开始').selectOption('17:00')
  await dialog.getByRole('button', { name: '看看行不行，差多少钱' }).click()
  await dialog.getByRole('button', { name: '换过去' }).click()
  await page.getByText('17:00–18:00').waitFor()
  await page.getByText('一步一步怎么过来的').click()
  await page.getByText('从原来的时间或地方改过来').waitFor()
  assert.equal((await me('GET', `/bookings/${id}`)).body.state, 'moved')
  assert.deepEqual(trouble, [])
  await leave()
})

test('children nobody had to look after move to where somebody must', async () => {
  const there = await spacesOf(server, 'shiyou-hub')
  const made = await me('POST', '/bookings', { space_id: there['elder-space'], use: 'reading', attendees: 4, minors: 2, youngest: 5, starts_at: day('14:00'), ends_at: day('15:00') })
  assert.equal(made.status, 201, JSON.stringify(made.body))
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/bookings/${made.body.id}`, { expected: [409] })
  await page.getByText(/4 人 · 孩子 2 个 · 最小的 5 岁/).waitFor()
  await page.getByRole('button', { name: '换个时间或房间' }).click()
  const dialog = page.getByRole('dialog', { name: '换个时间或房间' })
  const guardian = dialog.getByRole('switch', { name: '有大人陪着照看孩子' })
  await dialog.waitFor()
  await guardian.waitFor({ state: 'detached' })
  await dialog.getByLabel('哪一间').selectOption({ label: '亲子空间' })
  await guardian.waitFor()
  await dialog.getByRole('button', { name: '看看行不行，差多少钱' }).click()
  await dialog.getByText(/最小的孩子 5 岁：不满 8 岁的要有监护人/).waitFor()
  await guardian.click()
  await dialog.getByRole('button', { name: '看看行不行，差多少钱' }).click()
  await dialog.getByRole('button', { name: '换过去' }).click()
  await page.getByRole('heading', { name: '亲子空间' }).waitFor()
  const { minors, youngest, guardian: said } = (await me('GET', `/bookings/${page.url().match(/bookings\/([^?]+)/)[1]}`)).body
  assert.deepEqual([minors, youngest, said], [2, 5, true])
  assert.deepEqual(trouble, [])
  await leave()
})

test('the new ticket is not the old one: where it cannot be had, that is said', async () => {
  const id = await book(me, 'xi', 'dance', 20, '10:30', '11:30')
  const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/bookings/${id}`, { expected: ['offline'] })
  await page.getByRole('button', { name: '换个时间或房间' }).click()
  const dialog = page.getByRole('dialog', { name: '换个时间或房间' })
  // Without a day nothing is looked at.
  await dialog.getByLabel('哪一天').fill('')
  assert.equal(await dialog.getByRole('button', { name: '看看行不行，差多少钱' }).isDisabled(), true)
  await dialog.getByLabel('哪一天').fill(dayAhead(ahead))
  await dialog.getByLabel('几点开始').selectOption('11:00')
  await dialog.getByRole('button', { name: '看看行不行，差多少钱' }).click()
  await dialog.getByText(/不用补也不用退/).waitFor()
  const ticket = /\/api\/v1\/bookings\/booking_[a-z0-9]+$/
  await page.route(ticket, (route) => route.abort('connectionfailed'))
  await dialog.getByRole('button', { name: '换过去' }).click()
  await page.locator('.message').getByText('网络断了').waitFor()
  assert.equal(await page.locator('.ticket').count(), 0)
  assert.equal(await page.getByRole('heading', { name: '订好了' }).count(), 0)
  await page.unroute(ticket)
  await page.getByRole('button', { name: '再试一次' }).click()
  await page.getByRole('heading', { name: '订好了' }).waitFor()
  await page.getByText('11:00–12:00').waitFor()
  assert.deepEqual(trouble, [])
  await leave()
})

describe('looks of moving', () => {
  let id
  before(async () => {
    id = await book(me, 'xi', 'dance', 20, '09:00', '10:00')
  })
  for (const look of looks) {
    test(nameOf(look), async () => {
      const { found, examine } = examiner(look)
      const { page, trouble, leave } = await at(browser, server, PEOPLE.resident, `/bookings/${id}`, look)
      await page.locator('.history > summary').click()
      await page.locator('.history li').first().waitFor()
      await examine(page, 'history')
      await page.getByRole('button', { name: /换个时间或房间|Another time or room/ }).click()
      await page.locator('#move select').first().selectOption('17:00')
      await page.locator('.sheet:visible footer .btn').click()
      await page.locator('.then').waitFor()
      await examine(page, 'moving')
      assert.deepEqual(found, [])
      assert.deepEqual(trouble, [])
      await leave()
    })
  }
})
