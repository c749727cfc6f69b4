import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { languageNow, loadAreas } from '@/i18n'
import { useSession } from '@/stores/session'

// Every folder of screens brings its own routes; each screen is a chunk of its own.
const areas = import.meta.glob<{ routes: RouteRecordRaw[] }>('../screens/*/routes.ts', { eager: true })
const routes: RouteRecordRaw[] = [
  ...Object.values(areas).flatMap((area) => area.routes),
  { path: '/:rest(.*)*', name: 'nowhere', component: () => import('@/screens/NowhereScreen.vue'), meta: { title: 'common.nowhere.title' } },
]

declare module 'vue-router' {
  interface RouteMeta {
    /** Key of the page's title. */
    title?: string
    /** Areas of words the screen needs besides `common`. */
    words?: readonly string[]
    /** Only for somebody signed in: asks first, over the page before. */
    personal?: boolean
  }
}

/** Where one was can be gone to once what is fetched is there again; nobody waits longer than a moment. */
const filled = async (top: number): Promise<void> => {
  const reached = (): boolean => !document.querySelector('main .bones') && document.documentElement.scrollHeight >= top + window.innerHeight
  for (let i = 0; i < 40 && !reached(); i += 1) await new Promise((go) => setTimeout(go, 50))
}

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: async (to, from, saved) => {
    if (!saved) return to.path === from.path ? false : { top: 0 }
    await filled(saved.top)
    return router.currentRoute.value.path === to.path ? saved : false
  },
})

router.beforeEach(async (to) => {
  await loadAreas(languageNow(), to.matched.flatMap(({ meta }) => [...(meta.words ?? [])]))
  if (to.meta.personal) {
    const session = useSession()
    if (!session.known) await session.begin()
  }
})
