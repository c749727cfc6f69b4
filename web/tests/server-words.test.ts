// Words the server sends as codes have words of ours in both languages: a new kind of clause or state is noticed here.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { filesOf, root } from './files'

type Document = { components: { schemas: Record<string, { enum?: string[] }> } }
type Tree = { [key: string]: string | Tree }
const { components } = JSON.parse(readFileSync(join(root, '../openapi/openapi.json'), 'utf8')) as Document
const words = (lang: string, area: string): Tree => JSON.parse(readFileSync(join(root, `src/locales/${lang}/${area}.json`), 'utf8')) as Tree

/** An agreed version is told by its effect; amending is what the desk's own buttons do; usage terms are answered where they are shown. */
const elsewhere = new Set(['agreed', 'amend', 'usage_approval'])
/** Schema → where its words are. */
const said: Record<string, string> = {
  ClauseKind: 'parties.kind',
  PartyCapacity: 'parties.capacity',
  EventKind: 'agreement.event',
  Stand: 'agreement.rounds.said',
  Change: 'agreement.changes.tag',
  WaitingFor: 'parties.waiting',
  Effect: 'parties.effect',
  Disposition: 'resident.offer.disposition',
  ImpactEventKind: 'resident.offer.event',
  MatterEnd: 'resident.offer.ended',
  PlanStage: 'agreement.impact.stage',
  VersionState: 'parties.state',
  Phase: 'agreement.life.phase',
  EndedBy: 'agreement.life.ended',
  LifeKind: 'agreement.life.event',
  SuspensionGround: 'agreement.life.ground',
  Orderer: 'agreement.life.orderer',
  Verb: 'agreement.life.deed',
  RatingTag: 'checkin.tag',
  LimitKind: 'waiting.limit',
  KeyMove: 'door.key',
  AppealOutcome: 'checkin.outcome',
  ClosureAnswer: 'closing.answer',
  ClosureState: 'closing.state',
  ConsentHow: 'assist.consent',
  Who: 'ticket.history.who',
  UsageStanding: 'usage.state',
  BookingState: 'resident.ticket.state',
  Topic: 'notices.mail.topic',
  VoteMatter: 'agreement.vote.matter',
  AreaBasis: 'agreement.vote.basis',
  HolderKind: 'agreement.replay.holder',
  PostingKind: 'ticket.money',
  Differs: 'find.differs',
}

describe('words for what the server sends', () => {
  for (const [schema, place] of Object.entries(said)) {
    test.each(['zh', 'en'])(`${schema} in %s`, (lang) => {
      const [area = '', ...path] = place.split('.')
      const tree = path.reduce<Tree>((at, key) => at[key] as Tree, words(lang, area))
      const known = components.schemas[schema]?.enum ?? []
      expect(known.length).toBeGreaterThan(1)
      expect(known.filter((word) => !elsewhere.has(word) || schema === 'EventKind').filter((word) => typeof tree[word] !== 'string')).toEqual([])
    })
  }
})

test('whatever the server records has words for those who check, and nothing else has', () => {
  const written = /(?:action: |EventKind::\w+ => |LifeKind::\w+ => |\.record\(tx, )"([a-z_]+\.[a-z_]+)"/g
  // Where one of several is recorded: `let action = if … { "some.thing" } else { "other.thing" };`.
  const chosen = /let [^=;\n]*\baction\b[^\n]*(?:;|[\s\S]*?\n\s*\};)\n/g
  const recorded = filesOf('../src', /\.rs$/).flatMap(({ text }) => {
    const choices = [...text.matchAll(chosen)].flatMap(([line]) => [...line.matchAll(/"([a-z_]+\.[a-z_]+)"/g)])
    return [...text.matchAll(written), ...choices].map(([, action = '']) => action.replace('.', '_'))
  })
  const { action } = words('zh', 'audit') as { action: Tree }
  expect(Object.keys(action).sort()).toEqual([...new Set(recorded)].sort())
})
