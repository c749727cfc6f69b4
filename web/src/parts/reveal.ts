import { nextTick, useTemplateRef } from 'vue'

/** The first field of a form that is wrong has the focus, with what is said about it in view; false where none is wrong. */
export const focusWrong = async (form: string): Promise<boolean> => {
  await nextTick()
  const wrong = document.getElementById(form)?.querySelector<HTMLElement>('[aria-invalid="true"]')
  if (!wrong) return false
  const field = wrong.matches('input, select, textarea') ? wrong : wrong.querySelector<HTMLElement>('input')
  field?.focus({ preventScroll: true })
  // Of several fields the first stands at the top, and what is said about them all is still seen.
  wrong.scrollIntoView({ block: field === wrong ? 'center' : 'start' })
  return true
}

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
