import type { RouteRecordRaw } from 'vue-router'

const words = ['resident'] as const

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('./HomeScreen.vue'), meta: { title: 'common.tabs.home', words } },
]
