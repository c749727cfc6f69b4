import { shallowRef, watch, type Ref } from 'vue'
import { useRemote } from './remote'
import { useSites, type DaysShown } from './sites'

/** The day of all spaces of a site, whichever site and date are chosen; an old one is shown while a slow network works. */
export const useSiteDays = (site: Ref<string | null>, date: Ref<string>) => {
  const sites = useSites()
  const shown = shallowRef<DaysShown | null>(null)
  const remote = useRemote<void>(async () => {
    const [where, day] = [site.value, date.value]
    if (!where) return
    await sites.days(where, day, 'day', (found) => {
      if (where === site.value && day === date.value) shown.value = found
    })
  })
  watch(
    [site, date],
    () => {
      shown.value = null
      if (site.value) void remote.load()
    },
    { immediate: true },
  )
  return { shown, state: remote.state, problem: remote.problem, load: remote.load }
}
