// What this device remembers between visits. Only settings and public data; never anything about a person.
const PREFIX = 'shangliang.'

export const kept = <T>(key: string): T | null => {
  try {
    const text = localStorage.getItem(PREFIX + key)
    return text === null ? null : (JSON.parse(text) as T)
  } catch {
    return null
  }
}

export const keep = (key: string, value: unknown): void => {
  try {
    localStorage.setItem(PREFIX + key, JSON.stringify(value))
  } catch {
    // No room or no storage: nothing depends on it.
  }
}

/** A handful of public answers, the oldest thrown out first. */
export const remember = (shelf: string, key: string, value: unknown, most = 8): void => {
  const all = (kept<[string, unknown][]>(shelf) ?? []).filter(([name]) => name !== key)
  keep(shelf, [...all, [key, value]].slice(-most))
}
export const recall = <T>(shelf: string, key: string): T | null =>
  ((kept<[string, T][]>(shelf) ?? []).find(([name]) => name === key)?.[1] ?? null)
