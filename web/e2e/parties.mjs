// What the stories of the parties share: a hub of their own, and people at their screens.
import { readFile } from 'node:fs/promises'
import { asSomebody, PASSWORD, visit } from './harness.mjs'

export const PARTIES = {
  units: ['13900002001', '13900002002', '13900002003', '13900002004'],
  leads: ['13900002005', '13900002006'],
  desk: '13900002007',
  yuxinDesk: '13900001004',
  resident: '13900001014',
}

/** 石油大院 once more, with sites and an agreement of another code, between the organisations that are there. */
export const annex = async (code = 'shiyou-annex', title = '石油大院东院公益共建协议') => {
  const text = await readFile(new URL('../../hubs/shiyou.yaml', import.meta.url), 'utf8')
  return `hub: ${code}\ntitle_zh: 石油大院东院\n\n${text.slice(text.indexOf('\nsites:\n') + 1)}`
    .replaceAll('shiyou-hub', code)
    .replace('name_zh: 石油大院六空间一站\n    name_en: Petroleum Courtyard hub', `name_zh: ${title.replace('公益共建协议', '')}\n    name_en: ${code}`)
    .replace('code: shiyou-partnership', `code: ${code}-partnership`)
    .replace('title_zh: 石油大院六空间一站公益共建协议', `title_zh: ${title}`)
    .replace(/title_en: Public-benefit partnership of the Petroleum Courtyard hub\n/, 'title_en: Partnership of the east courtyard\n')
}

/** Somebody else signs in where the screens are open, without using them, and goes to a page of theirs. */
export const become = async (page, server, login, path) => {
  await page.evaluate(async ([login, password]) => {
    const answer = await fetch('/api/v1/sign-in', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login, password }) })
    localStorage.setItem('shangliang.account', (await answer.json()).account_id)
  }, [login, PASSWORD])
  await page.goto(server.url + path)
  await page.waitForSelector('main h1')
}

/** Somebody signed in, at a page of theirs. */
export const at = async (browser, server, login, path, look = {}) => {
  const visited = await visit(browser, server, '/settings', look)
  await become(visited.page, server, login, path)
  return visited
}

/** A hub file imported without the screens. */
export const importFile = async (server, login, text) => {
  const signedIn = await fetch(`${server.api}/api/v1/sign-in`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ login, password: PASSWORD }) })
  const { access_token } = await signedIn.json()
  const answer = await fetch(`${server.api}/api/v1/hub-imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/yaml', 'idempotency-key': crypto.randomUUID() },
    body: text,
  })
  if (answer.status !== 201) throw new Error(`import: ${answer.status} ${await answer.text()}`)
}

/** An agreement by its code, as `call` may see it. */
export const agreementOf = async (call, code) => (await call('GET', '/agreements?limit=100')).body.items.find((one) => one.code === code)

/** Every party signs, without the screens. */
export const signAll = async (server, id, no) => {
  const path = `/agreements/${id}/versions/${no}`
  for (const login of [...PARTIES.units, ...PARTIES.leads]) {
    const call = await asSomebody(server, login)
    const [{ organisation }] = (await call('GET', '/me')).body.representations
    const waits = (await call('GET', '/me/waiting?waiting_for=signature&limit=100')).body.items.find(({ agreement, version }) => agreement.id === id && version.version === no)
    if (!waits) continue
    const signed = await call('POST', `${path}/signatures`, { organisation_id: organisation.id, sha256: waits.version.sha256 })
    if (signed.status !== 201) throw new Error(`signing: ${signed.status} ${JSON.stringify(signed.body)}`)
  }
}

/** What the units say of a version, in their order; gives the version. */
const talk = async (server, path, said) => {
  let version
  for (const [i, one] of said.entries()) {
    const call = await asSomebody(server, PARTIES.units[i])
    version = (await call('GET', path)).body
    const [{ organisation }] = (await call('GET', '/me')).body.representations
    const [stand, text] = one ?? []
    if (stand) await call('POST', `${path}/positions`, { organisation_id: organisation.id, sha256: version.sha256, stand, ...(text ? { text } : {}) })
  }
  return version
}

/** A hub whose agreement is in its second round: hours narrowed and a clause gone since the first; gives the agreement's id. */
export const talkedOver = async (server, code, title) => {
  await importFile(server, PARTIES.desk, await annex(code, title))
  const desk = await asSomebody(server, PARTIES.desk)
  const { id } = await agreementOf(desk, `${code}-partnership`)
  const path = (no) => `/agreements/${id}/versions/${no}`
  await desk('POST', `${path(1)}/round`, {})
  const { clauses } = await talk(server, path(1), [['support'], ['support_if', '冬天提前一小时关门。'], ['abstain'], ['object', '水电费谁出，没写清楚。']])
  await desk('POST', `${path(1)}/round/closing`, {})
  const [{ voices }] = (await desk('GET', `/agreements/${id}/rounds`)).body
  for (const { position } of voices.filter(({ position }) => position?.text)) await desk('POST', `${path(1)}/positions/${position.id}/reply`, { text: '好，写进新的一版了。' })
  const narrowed = clauses.filter(({ id }) => id !== 'quiet').map((clause) => (clause.kind === 'open_hours' ? narrower(clause, 19) : clause))
  await desk('POST', `/agreements/${id}/versions`, { clauses: narrowed })
  await desk('POST', `${path(2)}/round`, {})
  await talk(server, path(2), [null, ['support', '这样好。'], ['object', '人数太多了。']])
  return id
}

/** Opening hours that end at another full hour. */
export const narrower = (clause, hour) => ({
  ...clause,
  text_zh: clause.text_zh.replace('20时', `${hour}时`),
  payload: { ...clause.payload, weekly: clause.payload.weekly.map((window) => ({ ...window, to: `${hour}:00` })) },
})
