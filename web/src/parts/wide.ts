import { onBeforeUnmount, ref, type Ref } from 'vue'

/** Whether there is room for two things side by side. */
export const useWide = (): Ref<boolean> => {
  const query = window.matchMedia('(min-width: 900px)')
  const wide = ref(query.matches)
  const hear = (event: MediaQueryListEvent): void => {
    wide.value = event.matches
  }
  query.addEventListener('change', hear)
  onBeforeUnmount(() => query.removeEventListener('change', hear))
  return wide
}

/** Somebody came back to the page: what it shows may be old. */
export const useReturn = (again: () => void): void => {
  const look = (): void => {
    if (!document.hidden) again()
  }
  document.addEventListener('visibilitychange', look)
  onBeforeUnmount(() => document.removeEventListener('visibilitychange', look))
}
