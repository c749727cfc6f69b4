import { computed, reactive } from 'vue'

/** Words typed about one thing of many: each keeps its own, however often the sheet is closed, until they were sent. */
export const useTyped = (about: () => string) => {
  const all = reactive<Record<string, string>>({})
  const text = computed({ get: () => all[about()] ?? '', set: (next: string) => void (all[about()] = next) })
  const sent = (): void => {
    delete all[about()]
  }
  return { text, sent }
}
