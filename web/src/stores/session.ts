import { defineStore } from 'pinia'
import { computed, ref, shallowRef } from 'vue'
import * as api from '@/api/calls'
import { session } from '@/api/session'
import { bookersOf, firstHat, hatsOf, type Hat } from '@/model/hats'
import { useSettings } from './settings'

/** `signing-in`: the sheet is open because somebody wants to; `expired`: because the session ended under their hands; `fresh`: a deed wants the password again. */
export type Question = 'signing-in' | 'expired' | 'fresh'

export const useSession = defineStore('session', () => {
  const settings = useSettings()
  const me = shallowRef<api.Me | null>(null)
  /** Looked at once: until then nobody knows whether somebody is signed in. */
  const known = ref(!session.likely)
  const question = ref<Question | null>(null)
  let answer: ((done: boolean) => void) | null = null
  /** Who was asked, so that a change of person is noticed. */
  const lastLogin = ref('')

  const signedIn = computed(() => me.value !== null)
  const hats = computed(() => hatsOf(me.value))
  const hat = computed<Hat>(() => hats.value.find(({ key }) => key === settings.hat) ?? hats.value[0] ?? { key: 'resident', kind: 'resident' })
  const bookers = computed(() => bookersOf(me.value))
  /** Books for a household, or for an organisation. */
  const mayBook = computed(() => me.value === null || me.value.household_id != null || bookers.value.length > 0)

  /** Of several answers about who is here only the one asked for last counts, and none once they have gone. */
  let turn = 0
  const load = async (): Promise<void> => {
    const mine = ++turn
    const found = await api.getMe()
    if (mine === turn) me.value = found
  }
  const gone = (): void => {
    turn += 1
    me.value = null
  }

  /** Who was signed in last time still is, if the cookie says so: looked up at the start, and again after that failed. */
  let beginning: Promise<void> | null = null
  const begin = (): Promise<void> => (beginning ??= lookUp().finally(() => (beginning = null)))
  const lookUp = async (): Promise<void> => {
    try {
      if (me.value || !session.likely) return
      if (await session.renew()) await comeBack()
      else session.forget()
    } catch {
      // No network: stay as we are; the next call tries again.
    } finally {
      known.value = true
    }
  }
  /** Somebody is here without having been asked: a sheet that asks who it is has its answer. */
  const comeBack = async (): Promise<void> => {
    await load()
    if (me.value && question.value === 'signing-in') close(true)
  }

  const askFor = (why: Question): Promise<boolean> => {
    answer?.(false)
    question.value = why
    return new Promise((done) => {
      answer = done
    })
  }
  const close = (done: boolean): void => {
    question.value = null
    answer?.(done)
    answer = null
  }
  session.askWith(async () => {
    const before = session.account
    const done = await askFor('expired')
    if (!done) {
      session.forget()
      gone()
    }
    // Somebody else signed in: what the first one meant to do is not sent in the other's name.
    return done && (before === null || before === session.account)
  })
  session.confirmWith(() => askFor('fresh'))
  session.onElsewhere(() => {
    // Nothing of the one before stays here while it is looked up who came.
    if (session.account !== me.value?.id) left()
    if (session.likely) void comeBack().catch(() => undefined)
  })

  /** True once somebody is signed in; asks when nobody is, and the cookie does not say who. */
  const need = async (): Promise<boolean> => {
    if (!signedIn.value) await begin()
    return signedIn.value || askFor('signing-in')
  }

  const signIn = async (login: string, password: string): Promise<void> => {
    await api.signIn(login, password)
    lastLogin.value = login
    await load()
    known.value = true
    // Another person's hat is not ours; somebody who comes for their work wears theirs at once.
    if (settings.hat === 'resident' || !hats.value.some(({ key }) => key === settings.hat)) settings.hat = firstHat(me.value).key
    close(true)
  }
  const stepUp = async (password: string): Promise<void> => {
    await api.stepUp(password)
    close(true)
  }
  /** Whoever comes next does not see who was here. */
  const left = (): void => {
    gone()
    lastLogin.value = ''
  }
  /** The account is gone: nothing of it stays on this device's screens. */
  const leave = (): void => {
    session.forget()
    left()
    settings.hat = 'resident'
  }
  const signOut = async (): Promise<void> => {
    try {
      await api.signOut()
    } finally {
      leave()
    }
  }

  return { me, known, question, signedIn, hats, hat, bookers, mayBook, lastLogin, begin, load, need, close, signIn, stepUp, leave, signOut }
})
