import { defineAsyncComponent, type Component } from 'vue'

/** A part fetched when somebody wants it; without a network as soon as there is one again, while all else stays as it is. */
export const later = (fetch: () => Promise<{ default: Component }>) =>
  defineAsyncComponent({
    loader: fetch,
    onError: (_error, retry, _fail, attempts) => {
      if (navigator.onLine) setTimeout(retry, Math.min(1000 * attempts, 10_000))
      else window.addEventListener('online', () => retry(), { once: true })
    },
  })
