import type { RouteRecordRaw } from 'vue-router'

const words = ['resident'] as const

export const routes: RouteRecordRaw[] = [
  { path: '/', name: 'home', component: () => import('./HomeScreen.vue'), meta: { title: 'common.tabs.home', words } },
  { path: '/find', name: 'find', component: () => import('./FindScreen.vue'), meta: { title: 'common.tabs.find', words: ['resident', 'find'] } },
  { path: '/spaces/:id', name: 'space', component: () => import('./SpaceScreen.vue'), props: true, meta: { title: 'resident.space.title', words: ['resident', 'booking', 'waiting', 'series', 'quota', 'usage'] } },
  { path: '/spaces/:id/series', name: 'book-series', component: () => import('./SeriesScreen.vue'), props: true, meta: { title: 'series.title', words: ['resident', 'series', 'booking', 'usage'] } },
  { path: '/series/:id', name: 'series', component: () => import('./OneSeriesScreen.vue'), props: true, meta: { title: 'series.one', words: ['resident', 'series', 'booking', 'usage', 'ticket'], personal: true } },
  { path: '/me/calendars', name: 'calendars', component: () => import('./CalendarsScreen.vue'), meta: { title: 'calendars.title', words: ['resident', 'calendars'], personal: true } },
  { path: '/bookings/:id', name: 'booking', component: () => import('./BookingScreen.vue'), props: true, meta: { title: 'resident.ticket.title', words: ['resident', 'ticket', 'checkin', 'usage'], personal: true } },
  { path: '/me', name: 'me', component: () => import('./MeScreen.vue'), meta: { title: 'common.tabs.me', words: ['resident', 'waiting', 'series', 'usage'], personal: true } },
  { path: '/check-in/:space', name: 'check-in', component: () => import('./CheckInScreen.vue'), props: true, meta: { title: 'checkin.title', words: ['resident', 'checkin'], personal: true } },
  { path: '/me/password', name: 'password', component: () => import('./PasswordScreen.vue'), meta: { title: 'resident.password.title', words, personal: true } },
  { path: '/me/data', name: 'my-data', component: () => import('./DataScreen.vue'), meta: { title: 'resident.data.title', words, personal: true } },
  { path: '/notices', name: 'notices', component: () => import('./NoticesScreen.vue'), meta: { title: 'resident.notices.title', words: ['resident', 'notices'], personal: true } },
  { path: '/claim', name: 'claim', component: () => import('./ClaimScreen.vue'), meta: { title: 'resident.claim.title', words } },
]
