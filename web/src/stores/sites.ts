import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import * as api from '@/api/calls'
import { problemOf, type Problem } from '@/api/problem'
import { useSession } from './session'
import { useSettings } from './settings'
import { recall, remember } from './kept'
import { now } from './now'
import type { RemoteState } from './remote'

/** Availability is asked again after this long, and whenever somebody comes back to the page. */
const FRESH = 60_000
/** What is built and agreed changes seldom. */
const LASTING = 300_000
/** A slow network: what was known last is shown, with its time. */
const SLOW = 1_500

export type DaysShown = { days: api.SiteDays; date: string; old: boolean }

/** Asked for once, after a few minutes by whoever comes again, and at once where it failed. `keep` has what was asked for last. */
const lasting = <T>(ask: (id: string) => Promise<T>, keep: (id: string, found: T) => void = () => undefined) => {
  const all = new Map<string, { at: number; answer: Promise<T> }>()
  const get = (id: string): Promise<T> => {
    const known = all.get(id)
    if (known && Date.now() - known.at < LASTING) return known.answer
    const mine = { at: Date.now(), answer: ask(id) }
    all.set(id, mine)
    const latest = (): boolean => (all.get(id) ?? mine) === mine
    void mine.answer.then(
      (found) => {
        if (latest()) keep(id, found)
      },
      () => {
        if (latest()) all.delete(id)
      },
    )
    return mine.answer
  }
  return { get, clear: (): void => all.clear() }
}

/** Places, their days and their terms: public, and remembered on the device for slow networks. */
export const useSites = defineStore('sites', () => {
  const settings = useSettings()
  const session = useSession()
  const list = shallowRef<api.Site[]>(recall<api.Site[]>('public', 'sites') ?? [])
  const details = shallowRef<Record<string, api.SiteDetail>>({})
  const uses = shallowRef<api.UseInfo[]>([])
  const problem = shallowRef<Problem | null>(null)
  const state = ref<RemoteState>('idle')

  /** The chosen hub; until somebody chooses, one of the area they have to do with, or the first. */
  const hubId = computed(() => {
    const chosen = list.value.find(({ code }) => code === settings.hub)
    const near = new Set([
      ...(session.me?.representations.map(({ organisation }) => organisation.area_id) ?? []),
      ...(session.me?.roles.map(({ scope }) => scope.area) ?? []),
    ])
    return (chosen ?? list.value.find(({ area_id }) => near.has(area_id)) ?? list.value[0])?.id ?? null
  })
  const hub = computed(() => (hubId.value ? (details.value[hubId.value] ?? null) : null))
  const choose = (site: api.Site): void => {
    settings.hub = site.code
  }

  const put = (detail: api.SiteDetail): void => {
    details.value = { ...details.value, [detail.id]: detail }
  }
  const sites = lasting<api.SiteDetail>(
    (id) => api.getSite(id),
    (id, fresh) => {
      put(fresh)
      remember('public', `site ${id}`, fresh)
    },
  )
  /** A site with its floors: at once when this device has seen it, and newer when the server answers. */
  const detail = (id: string): Promise<api.SiteDetail> => {
    const kept = details.value[id] ?? recall<api.SiteDetail>('public', `site ${id}`)
    if (kept && !details.value[id]) put(kept)
    const fresh = sites.get(id)
    return kept ? Promise.resolve(kept) : fresh
  }
  // Whoever comes back after a while sees what is there now.
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) for (const id of Object.keys(details.value)) void detail(id)
  })

  let listing: Promise<void> | null = null
  /** Whoever asks while it is on its way waits for the same answer. */
  const loadList = (): Promise<void> => (listing ??= readList().finally(() => (listing = null)))
  const readList = async (): Promise<void> => {
    state.value = 'loading'
    problem.value = null
    const slow = setTimeout(() => (state.value = 'slow'), SLOW)
    try {
      list.value = (await api.getSites()).items
      remember('public', 'sites', list.value)
      state.value = 'ready'
    } catch (thrown) {
      problem.value = problemOf(thrown)
      state.value = 'failed'
    } finally {
      clearTimeout(slow)
    }
  }

  const loadUses = async (): Promise<void> => {
    if (uses.value.length) return
    uses.value = recall<api.UseInfo[]>('public', 'uses') ?? []
    uses.value = await api.getUses()
    remember('public', 'uses', uses.value)
  }

  const answers = new Map<string, { at: number; days: api.SiteDays }>()
  const underWay = new Map<string, Promise<api.SiteDays>>()
  const askDays = (key: string, site: string, date: string, view: api.View): Promise<api.SiteDays> => {
    let asked = underWay.get(key)
    if (!asked) {
      asked = api.getSiteDays(site, date, view).finally(() => underWay.delete(key))
      underWay.set(key, asked)
    }
    return asked
  }
  let turn = 0
  const termsOf = lasting<api.TermsAt>((space) => api.getTerms(space))
  /** Terms of a space now. */
  const terms = termsOf.get
  /** Throws away what is known of days, sites and terms, and what is on its way: somebody has just booked, agreed or imported. */
  const stale = (): void => {
    turn += 1
    answers.clear()
    underWay.clear()
    sites.clear()
    termsOf.clear()
  }

  /** The days of all spaces of a site. On a slow or broken network first what was known last, marked as old. */
  const days = async (site: string, date: string, view: api.View, show: (shown: DaysShown) => void): Promise<void> => {
    const key = `${site} ${date} ${view}`
    const known = answers.get(key)
    if (known && Date.now() - known.at < FRESH) {
      show({ days: known.days, date, old: false })
      return
    }
    const fallBack = (): boolean => {
      const old = recall<api.SiteDays>('days', key)
      if (old) show({ days: old, date, old: true })
      return old !== null
    }
    const slow = setTimeout(fallBack, SLOW)
    const mine = turn
    try {
      const fresh = await askDays(key, site, date, view)
      if (mine === turn) answers.set(key, { at: Date.now(), days: fresh })
      if (view === 'day') remember('days', key, fresh, 4)
      show({ days: fresh, date, old: false })
    } catch (thrown) {
      if (!fallBack() || !problemOf(thrown).silent) throw thrown
    } finally {
      clearTimeout(slow)
    }
  }

  /** The start page, asked for while its screen is still being put together. */
  const begin = async (): Promise<void> => {
    await loadList()
    const id = hubId.value
    if (!id) return
    void detail(id).catch(() => undefined)
    void askDays(`${id} ${now.value.date} day`, id, now.value.date, 'day').catch(() => undefined)
  }

  /** Where a space is, among the sites seen so far. */
  const locate = (space: string): { site: api.SiteDetail; floor: api.Floor; space: api.Space } | null => {
    for (const site of Object.values(details.value)) {
      for (const floor of site.floors) {
        const found = floor.spaces.find(({ id }) => id === space)
        if (found) return { site, floor, space: found }
      }
    }
    return null
  }
  /** The same, asking for every site that is not known yet. */
  const find = async (space: string) => {
    const known = locate(space)
    if (known) {
      void detail(known.site.id)
      return known
    }
    if (!list.value.length) await loadList()
    if (problem.value && !list.value.length) throw problem.value
    await Promise.all(list.value.map(({ id }) => detail(id)))
    // What this device remembers may be older than the space.
    if (!locate(space)) await Promise.all(list.value.map(({ id }) => sites.get(id)))
    return locate(space)
  }

  return { list, details, uses, problem, state, hubId, hub, choose, detail, begin, loadList, loadUses, days, stale, terms, locate, find }
})
