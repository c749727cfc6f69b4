import { computed } from 'vue'
import { useI18n } from 'vue-i18n'
import type { Problem } from '@/api/problem'
import type { Lang } from '@/model/time'

type Named = { name_zh: string; name_en?: string | null }
type Titled = { title_zh: string; title_en?: string | null }
type Said = { zh: string; en?: string | null }

/** Words in the language in use: ours by key, and those the server sends in both. */
export const useWords = () => {
  const { t, locale } = useI18n()
  const lang = computed(() => locale.value as Lang)
  const either = (zh: string, en?: string | null): string => (lang.value === 'en' && en ? en : zh)
  const name = (thing: Named): string => either(thing.name_zh, thing.name_en)
  const title = (thing: Titled): string => either(thing.title_zh, thing.title_en)
  const say = (thing: Said): string => either(thing.zh, thing.en)
  /** Between the things of a list. */
  const comma = computed(() => (lang.value === 'zh' ? '、' : ', '))
  /** Between the parts of a sentence. */
  const pause = computed(() => (lang.value === 'zh' ? '，' : ', '))
  /** Between the sentences of one line. */
  const stop = computed(() => (lang.value === 'zh' ? '；' : '; '))
  /** What went wrong, for a person: the server's own words where it spoke. */
  const sorry = (problem: Problem): string => {
    if (problem.code === 'offline') return t('common.problem.offline')
    if (problem.code === 'no-answer') return t('common.problem.noAnswer')
    if (problem.code === 'outcome-unknown') return t('common.problem.unsure')
    return either(problem.zh, problem.en) || t('common.problem.unknown')
  }
  return { t, lang, either, name, title, say, comma, pause, stop, sorry }
}
