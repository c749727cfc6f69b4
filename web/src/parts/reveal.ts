import { nextTick, ref } from 'vue'

/** What a long sheet answers stands below the fold: it is brought into view and has the focus. */
export const useReveal = () => {
  const answer = ref<HTMLElement | null>(null)
  const reveal = async (): Promise<void> => {
    await nextTick()
    if (!answer.value?.childElementCount) return
    answer.value.scrollIntoView({ block: 'start' })
    answer.value.focus({ preventScroll: true })
  }
  return { answer, reveal }
}
