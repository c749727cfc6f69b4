// Layers, each using only those before it (a test holds them to it):
//   api      the server: typed calls, token, problems
//   model    pure functions: time, money, plan, timeline, words
//   stores   what the screens share
//   parts    components without a route
//   screens  one folder per kind of user, each with its routes and words
//   router   puts the screens together
import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { i18n, loadLanguage } from './i18n'
import { router } from './router'
import { watchFetching } from './router/fetching'
import { useSession } from './stores/session'
import { useSettings } from './stores/settings'
import { useSites } from './stores/sites'
import './styles/tokens.css'
import './styles/base.css'

const app = createApp(App)
app.use(createPinia())
app.use(i18n)
watchFetching(router)
const settings = useSettings()
// Asked for at once: the network is slower than the screen.
void (window.location.pathname === '/' ? useSites().begin() : useSites().loadList())
const session = useSession()
void session.begin()
// Where that failed: again once there is a network, and when somebody comes back to the page.
window.addEventListener('online', () => void session.begin())
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) void session.begin()
})
loadLanguage(settings.lang)
  .then(async () => {
    app.use(router)
    await router.isReady()
    app.mount('#app')
  })
  .catch(() => {
    // Not even our words arrived: all that is left is to say so, in both languages.
    const boot = document.querySelector('.boot')
    if (boot) boot.textContent = '网络断了，没有连上。请刷新再试。No connection: please reload.'
  })
