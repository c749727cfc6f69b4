import { defineStore } from 'pinia'
import { computed, shallowRef } from 'vue'
import * as api from '@/api/agreements'
import { getAgreement, getVersion, type AgreementDetail, type Version } from '@/api/calls'
import { isUnderWay } from '@/model/contract'
import { actsFor, desksOf, liesIn } from '@/model/reach'
import { useSession } from './session'
import { useSites } from './sites'

export type Named = { name_zh: string; name_en: string | null }
export type Contract = { agreement: AgreementDetail; version: Version; tag: string }

/** Agreements with what is needed to read them: the names of rooms and organisations, and what the reader may do here. */
export const useContracts = defineStore('contracts', () => {
  const session = useSession()
  const sites = useSites()
  const areas = shallowRef<api.Area[]>([])

  const desks = computed(() => desksOf(session.me))
  const signers = computed(() => actsFor(session.me, 'sign'))
  const speakers = computed(() => actsFor(session.me, 'position'))
  /** Somebody keeps the desk of an agreement's area. */
  const keepsDesk = (agreement: { area_id: string }): boolean => desks.value.length > 0 && liesIn(agreement.area_id, desks.value, areas.value)
  const loadAreas = async (): Promise<void> => {
    if (desks.value.length && !areas.value.length) areas.value = await api.getAreas()
  }

  /** Rooms by `site/space`, of the sites seen so far. */
  const rooms = computed(() => {
    const all = new Map<string, Named & { id: string }>()
    for (const site of Object.values(sites.details)) {
      for (const { id, code, name_zh, name_en = null } of site.floors.flatMap(({ spaces }) => spaces)) all.set(`${site.code}/${code}`, { id, name_zh, name_en })
    }
    return all
  })
  /** Organisations by code, as far as sites and one's own powers name them. */
  const organisations = computed(() => {
    const all = new Map<string, Named>()
    const put = ({ code, name_zh, name_en = null }: { code: string; name_zh: string; name_en?: string | null }): void => void all.set(code, { name_zh, name_en })
    for (const site of Object.values(sites.details)) site.organisations.forEach(put)
    session.me?.representations.forEach(({ organisation }) => put(organisation))
    return all
  })
  const nameRooms = async (agreement: { site_ids: readonly string[] }): Promise<void> => {
    await Promise.all(agreement.site_ids.map((id) => sites.detail(id).catch(() => undefined)))
  }
  /** Rooms of an agreement's sites; a hall's parts are rooms of their own. */
  const roomsOf = (agreement: { site_ids: readonly string[] }): (Named & { id: string; ref: string })[] => {
    const codes = agreement.site_ids.map((id) => sites.details[id]?.code)
    return [...rooms.value].filter(([ref]) => codes.includes(ref.split('/')[0])).map(([ref, room]) => ({ ref, ...room }))
  }

  const read = async (id: string, choose: (agreement: AgreementDetail) => number | null): Promise<Contract | null> => {
    const agreement = await getAgreement(id)
    const no = choose(agreement)
    const [found] = await Promise.all([no === null ? null : api.getVersionTagged(id, no), nameRooms(agreement), loadAreas().catch(() => undefined)])
    return found ? { agreement, version: found.body, tag: found.tag } : null
  }

  type Listed = { agreement: AgreementDetail; version: Version }
  /** Agreements with the version that matters most: the one under way, else the one in force, else the latest. */
  const list = async (wanted: (agreement: { id: string; area_id: string }) => boolean): Promise<Listed[]> => {
    await loadAreas().catch(() => undefined)
    const found: { id: string; area_id: string }[] = []
    let cursor: string | null = null
    do {
      const page = await api.getAgreements(cursor)
      found.push(...page.items.filter(wanted))
      cursor = page.next_cursor ?? null
    } while (cursor)
    const all = await Promise.all(
      found.map(async ({ id }): Promise<Listed | null> => {
        const agreement = await getAgreement(id)
        const { versions } = agreement
        const chosen = versions.find(isUnderWay) ?? versions.find(({ effect }) => effect === 'in_force') ?? versions[0]
        return chosen ? { agreement, version: await getVersion(id, chosen.version) } : null
      }),
    )
    return all.filter((one): one is Listed => one !== null)
  }

  return { areas, desks, signers, speakers, keepsDesk, loadAreas, rooms, organisations, nameRooms, roomsOf, read, list }
})
