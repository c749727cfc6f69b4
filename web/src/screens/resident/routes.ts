import type { RouteRecordRaw } from 'vue-router'

const words = ['resident'] as const

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('./HomeScreen.vue'), meta: { title: 'common.tabs.home', words } },
  { path: '/find', name: 'find', component: () => import('./FindScreen.vue'), meta: { title: 'common.tabs.find', words: ['resident', 'find'] } },
  { path: '/spaces/:id', name: 'space', component: () => import('./SpaceScreen.vue'), props: true, meta: { title: 'resident.space.title', words: ['resident', 'booking'] } },
  { path: '/bookings/:id', name: 'booking', component: () => import('./BookingScreen.vue'), props: true, meta: { title: 'resident.ticket.title', words: ['resident', 'ticket'], personal: true } },
  { path: '/me', name: 'me', component: () => import('./MeScreen.vue'), meta: { title: 'common.tabs.me', words, personal: true } },
  { path: '/me/data', name: 'my-data', component: () => import('./DataScreen.vue'), meta: { title: 'resident.data.title', words, personal: true } },
  { path: '/notices', name: 'notices', component: () => import('./NoticesScreen.vue'), meta: { title: 'resident.notices.title', words: ['resident', 'notices'], personal: true } },
  { path: '/claim', name: 'claim', component: () => import('./ClaimScreen.vue'), meta: { title: 'resident.claim.title', words } },
]
