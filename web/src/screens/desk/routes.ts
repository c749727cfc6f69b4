import type { RouteRecordRaw } from 'vue-router'

const words = ['desk', 'parties'] as const
const draft = () => import('./DraftScreen.vue')

export const routes: RouteRecordRaw[] = [
  { path: '/desk', name: 'desk-today', component: () => import('./TodayScreen.vue'), meta: { title: 'common.tabs.today', words: [...words, 'door'], personal: true } },
  { path: '/desk/door/:space', name: 'desk-door', component: () => import('./DoorScreen.vue'), props: true, meta: { title: 'door.title', words: [...words, 'door'], personal: true } },
  { path: '/desk/requests', name: 'desk-requests', component: () => import('./RequestsScreen.vue'), meta: { title: 'common.tabs.requests', words: [...words, 'requests', 'door'], personal: true } },
  { path: '/desk/closures', name: 'desk-closures', component: () => import('./ClosuresScreen.vue'), meta: { title: 'common.tabs.closures', words: [...words, 'closing'], personal: true } },
  { path: '/desk/agreements', name: 'desk-agreements', component: () => import('./AgreementsScreen.vue'), meta: { title: 'common.tabs.agreements', words, personal: true } },
  { path: '/desk/agreements/:id/draft/:no(\\d+)', name: 'desk-draft', component: draft, props: true, meta: { title: 'desk.draft.title', words, personal: true } },
  { path: '/desk/agreements/:id/next/:from(\\d+)', name: 'desk-next', component: draft, props: true, meta: { title: 'desk.draft.title', words, personal: true } },
  { path: '/desk/usage', name: 'desk-usage', component: () => import('./UsageScreen.vue'), meta: { title: 'usage.title', words: [...words, 'usage'], personal: true } },
  { path: '/desk/codes', name: 'desk-codes', component: () => import('./CodesScreen.vue'), meta: { title: 'desk.codes.title', words, personal: true } },
  { path: '/desk/import', name: 'desk-import', component: () => import('./ImportScreen.vue'), meta: { title: 'common.tabs.import', words, personal: true } },
]
