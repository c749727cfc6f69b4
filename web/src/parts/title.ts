import { watch } from 'vue'
import { useWords } from './words'

/** What the page is about, in the window's title instead of what kind of page it is; not before that is known. */
export const useTitle = (name: () => string | null | undefined): void => {
  const { t, lang } = useWords()
  // After `App`, which names the kind of page with every step and every language.
  watch([name, lang], ([known]) => {
    if (known) document.title = `${known} · ${t('common.name')}`
  }, { immediate: true, flush: 'post' })
}
