import { computed } from 'vue'
import { liesIn, runsFor } from '@/model/reach'
import { useContracts } from '@/stores/contracts'
import { useSession } from '@/stores/session'
import { useSites } from '@/stores/sites'
import { useWords } from './words'

/** Places of somebody's desk: those in its area, and those their organisation runs. */
export const useDeskSites = () => {
  const { t, name } = useWords()
  const session = useSession()
  const sites = useSites()
  const contracts = useContracts()
  const own = computed(() => {
    const runs = runsFor(session.me)
    return sites.list.filter((site) => liesIn(site.area_id, contracts.desks, contracts.areas) || (site.organisation_id != null && runs.includes(site.organisation_id)))
  })
  const options = computed(() => own.value.map((site) => ({ value: site.id, label: name(site) })))
  /** The one to begin with. */
  const first = (): string | null => own.value.find(({ id }) => id === sites.hubId)?.id ?? own.value[0]?.id ?? null
  /** Said where there is none. */
  const none = computed(() => t(contracts.desks.length ? 'common.desk.noSite' : 'common.desk.runsNone'))
  return { own, options, first, none }
}
