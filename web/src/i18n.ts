// Words live in locales/<language>/<area>.json and are used as `area.key`. An area is loaded with the screens that need it.
import { createI18n, type Composer } from 'vue-i18n'
import type { Lang } from './model/time'

type Words = { default: Record<string, unknown> }
const files = import.meta.glob<Words>('./locales/*/*.json')

export const i18n = createI18n({
  legacy: false,
  locale: 'zh',
  fallbackLocale: false,
  messages: {},
  missingWarn: import.meta.env.DEV,
  fallbackWarn: false,
})
const composer = i18n.global as unknown as Composer

export const languageNow = (): Lang => composer.locale.value as Lang
export const setLanguage = (lang: Lang): void => {
  composer.locale.value = lang
}

const wanted = new Set<string>(['common'])
const loaded = new Set<string>()

const load = async (lang: Lang, area: string): Promise<void> => {
  const name = `./locales/${lang}/${area}.json`
  if (loaded.has(name)) return
  const words = await files[name]?.()
  if (!words) throw new Error(`no words in ${name}`)
  composer.mergeLocaleMessage(lang, { [area]: words.default })
  loaded.add(name)
}

/** Loads the areas a screen needs, in the language in use. */
export const loadAreas = async (lang: Lang, areas: readonly string[]): Promise<void> => {
  for (const area of areas) wanted.add(area)
  await Promise.all([...wanted].map((area) => load(lang, area)))
}

/** Loads a language for all areas seen so far. */
export const loadLanguage = (lang: Lang): Promise<void> => loadAreas(lang, [])
