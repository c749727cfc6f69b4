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

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? false : { top: 0 }),
})

router.beforeEach(async (to) => {
  await loadAreas(languageNow(), to.matched.flatMap(({ meta }) => [...(meta.words ?? [])]))
  if (to.meta.personal) {
    const session = useSession()
    if (!session.known) await session.begin()
  }
})
