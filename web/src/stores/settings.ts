import { defineStore } from 'pinia'
import { computed, ref, watch } from 'vue'
import { session } from '@/api/session'
import { loadLanguage, setLanguage } from '@/i18n'
import type { Lang } from '@/model/time'
import { keep, kept } from './kept'

export type Theme = 'system' | 'light' | 'dark'
type Saved = { theme: Theme; large: boolean; lang: Lang; hub: string | null; hat: string }

const KEY = 'settings'
const first: Saved = { theme: 'system', large: false, lang: 'zh', hub: null, hat: 'resident' }

/** How somebody likes to look at it; kept on this device, for signed-in people and visitors alike. */
export const useSettings = defineStore('settings', () => {
  const saved = { ...first, ...kept<Partial<Saved>>(KEY) }
  const theme = ref<Theme>(saved.theme)
  const large = ref(saved.large)
  const lang = ref<Lang>(saved.lang)
  const hub = ref<string | null>(saved.hub)
  const hat = ref(saved.hat)

  const darkSystem = window.matchMedia('(prefers-color-scheme: dark)')
  const systemIsDark = ref(darkSystem.matches)
  // Safari 13 knows only the old name; 14 both.
  darkSystem.addEventListener?.('change', (event) => (systemIsDark.value = event.matches))
  const dark = computed(() => theme.value === 'dark' || (theme.value === 'system' && systemIsDark.value))

  watch(
    [dark, large],
    () => {
      const root = document.documentElement
      root.dataset['theme'] = dark.value ? 'dark' : 'light'
      root.dataset['type'] = large.value ? 'large' : 'normal'
      // The bar of the browser follows the choice, not only the system.
      for (const meta of Array.from(document.querySelectorAll('meta[name="theme-color"]'))) {
        meta.setAttribute('content', dark.value ? '#14191A' : '#FAF8F4')
      }
    },
    { immediate: true },
  )
  watch(
    lang,
    (now) => {
      session.speak(now === 'zh' ? 'zh-CN' : 'en')
      document.documentElement.lang = now === 'zh' ? 'zh-CN' : 'en'
      setLanguage(now)
    },
    { immediate: true },
  )
  watch([theme, large, lang, hub, hat], () =>
    keep(KEY, { theme: theme.value, large: large.value, lang: lang.value, hub: hub.value, hat: hat.value } satisfies Saved),
  )

  /** Changes the language once its words are here. */
  const speak = async (next: Lang): Promise<void> => {
    await loadLanguage(next)
    lang.value = next
  }

  return { theme, large, lang, hub, hat, dark, speak }
})
