import type { RouteRecordRaw } from 'vue-router'

const screen = () => import('./AgreementScreen.vue')
const meta = { title: 'agreement.title', words: ['agreement', 'parties'] }

export const routes: RouteRecordRaw[] = [
  { path: '/agreements/:id', name: 'agreement', component: screen, props: true, meta },
  { path: '/agreements/:id/versions/:no(\\d+)', name: 'agreement-version', component: screen, props: true, meta },
  { path: '/agreements/:id/versions/:no(\\d+)/changes', name: 'agreement-changes', component: () => import('./ChangesScreen.vue'), props: true, meta: { ...meta, title: 'agreement.changes.title' } },
]
