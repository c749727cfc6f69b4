import type { RouteRecordRaw } from 'vue-router'

export const routes: RouteRecordRaw[] = [
  { path: '/settings', name: 'settings', component: () => import('./SettingsScreen.vue'), meta: { title: 'common.settings.title' } },
  { path: '/verify', name: 'verify', component: () => import('./VerifyScreen.vue'), meta: { title: 'verify.title', words: ['verify'] } },
  { path: '/assist', name: 'assist', component: () => import('./AssistScreen.vue'), meta: { title: 'assist.title', words: ['resident', 'assist', 'booking', 'usage'], personal: true } },
]
