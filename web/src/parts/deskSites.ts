import { computed, ref, shallowRef } from 'vue'
import { problemOf, type Problem } from '@/api/problem'
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
  const known = ref(false)
  const problem = shallowRef<Problem | null>(null)
  /** The areas and the places; false where they did not come. */
  const load = async (): Promise<boolean> => {
    problem.value = null
    try {
      await Promise.all([contracts.loadAreas(), sites.list.length ? undefined : sites.loadList()])
      if (sites.problem && !sites.list.length) throw sites.problem
      known.value = true
      return true
    } catch (thrown) {
      problem.value = problemOf(thrown)
      return false
    }
  }
  return { own, options, first, none, known, problem, load }
}
