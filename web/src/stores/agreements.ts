import { defineStore } from 'pinia'
import * as api from '@/api/calls'

export type Agreed = { title_zh: string; title_en?: string | null; version: api.Version }

/** Agreements behind the terms, as far as everybody may read them; asked for once. */
export const useAgreements = defineStore('agreements', () => {
  const asked = new Map<string, Promise<Agreed>>()
  const agreed = (id: string, no: number): Promise<Agreed> => {
    const key = `${id} ${no}`
    let found = asked.get(key)
    if (!found) {
      found = Promise.all([api.getAgreement(id), api.getVersion(id, no)]).then(([{ title_zh, title_en = null }, version]) => ({ title_zh, title_en, version }))
      found.catch(() => asked.delete(key))
      asked.set(key, found)
    }
    return found
  }
  return { agreed }
})
