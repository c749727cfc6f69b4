// Parts of the program that cannot be fetched: without a network that is said and everything stays as it is; where the program was
// renewed while this page was open, what it wants has another name now and the page is loaded anew, once.
import type { Router } from 'vue-router'
import { lost } from '@/stores/network'

const MARK = 'shangliang.reloaded'

/** The start page as the server has it now; null when it cannot be had. */
const pageNow = (): Promise<string | null> =>
  fetch('/', { cache: 'no-store' }).then((answer) => (answer.ok ? answer.text() : null), () => null)
const own = (): string => document.querySelector('script[type="module"][src]')?.getAttribute('src') ?? ''

export const watchFetching = (router: Router): void => {
  const failed = new Set<string>()
  const styles = new Set<string>()
  const told = new WeakSet<Error>()
  /** A style sheet is asked for only once: whoever comes for it again gets it here. */
  const mend = (): void => {
    for (const href of styles) {
      const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href, onload: () => styles.delete(href) })
      document.head.appendChild(link)
    }
  }
  window.addEventListener('vite:preloadError', ({ payload }) => {
    told.add(payload)
    const style = /Unable to preload CSS for (\S+)/.exec(payload.message)?.[1]
    if (style) styles.add(style)
    const again = failed.has(payload.message)
    failed.add(payload.message)
    void pageNow().then((page) => {
      // Some browsers never fetch again what failed once: then only a new page helps.
      const helps = page !== null && (again || !page.includes(own()))
      if (!helps || sessionStorage.getItem(MARK) === location.href) {
        lost.value = true
        return
      }
      sessionStorage.setItem(MARK, location.href)
      location.reload()
    })
  })
  window.addEventListener('online', () => {
    lost.value = false
    mend()
  })
  router.beforeEach(mend)
  router.afterEach(() => (lost.value = false))
  router.onError((error: unknown) => {
    // Said already, on the screen.
    if (!(error instanceof Error && told.has(error))) console.error(error)
  })
}
