import { nextTick, useTemplateRef } from 'vue'

/** What a long sheet answers (`ref="answer"`) stands below the fold: it is brought into view and has the focus. */
export const useReveal = (): (() => Promise<void>) => {
  const answer = useTemplateRef<HTMLElement>('answer')
  return async () => {
    await nextTick()
    if (!answer.value?.childElementCount) return
    answer.value.scrollIntoView({ block: 'start' })
    answer.value.focus({ preventScroll: true })
  }
}
