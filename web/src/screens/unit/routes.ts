import type { RouteRecordRaw } from 'vue-router'

const words = ['unit', 'parties'] as const

export const routes: RouteRecordRaw[] = [
  { path: '/unit', name: 'unit-waiting', component: () => import('./WaitingScreen.vue'), meta: { title: 'common.tabs.waiting', words: [...words, 'requests', 'usage'], personal: true } },
  { path: '/unit/agreements', name: 'unit-agreements', component: () => import('./AgreementsScreen.vue'), meta: { title: 'common.tabs.agreements', words, personal: true } },
  { path: '/unit/spaces', name: 'unit-spaces', component: () => import('./SpacesScreen.vue'), meta: { title: 'common.tabs.spaces', words, personal: true } },
]
