import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/audit', name: 'audit', component: () => import('./AuditScreen.vue'), meta: { title: 'audit.title', words: ['audit', 'parties'], personal: true } },
]
