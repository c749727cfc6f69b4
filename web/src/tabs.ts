// The tabs of each hat. A tab whose screen does not exist yet is not shown (App.vue asks the router).
import type { Me } from './api/calls'
import { approves, type Desk, type Hat, type HatKind } from './model/hats'
import type { IconName } from './parts/icons'

export type Tab = { name: string; icon: IconName; label: string; also?: readonly string[] }

const tabs: Record<Exclude<HatKind, 'desk'>, readonly Tab[]> = {
  resident: [
    { name: 'home', icon: 'home', label: 'common.tabs.home', also: ['space', 'book-series'] },
    { name: 'find', icon: 'search', label: 'common.tabs.find' },
  ],
  unit: [
    { name: 'unit-waiting', icon: 'inbox', label: 'common.tabs.waiting' },
    { name: 'unit-agreements', icon: 'agreement', label: 'common.tabs.agreements', also: ['agreement', 'agreement-version', 'agreement-changes'] },
    { name: 'unit-spaces', icon: 'rooms', label: 'common.tabs.spaces' },
  ],
  audit: [
    { name: 'audit', icon: 'check', label: 'common.tabs.audit' },
    { name: 'verify', icon: 'agreement', label: 'common.tabs.verify' },
  ],
}
const today: Tab = { name: 'desk-today', icon: 'desk', label: 'common.tabs.today', also: ['desk-door'] }
const requests: Tab = { name: 'desk-requests', icon: 'inbox', label: 'common.tabs.requests' }
const closures: Tab = { name: 'desk-closures', icon: 'no', label: 'common.tabs.closures' }
const agreements: Tab = { name: 'desk-agreements', icon: 'agreement', label: 'common.tabs.agreements', also: ['agreement', 'agreement-version', 'agreement-changes', 'desk-draft', 'desk-next', 'desk-import', 'desk-usage'] }
const usage: Tab = { name: 'desk-usage', icon: 'agreement', label: 'common.tabs.usage' }
const audit: Tab = { name: 'audit', icon: 'check', label: 'common.tabs.audit' }
/** A community keeps the day of its places, the street what is agreed there, an operator what it runs. */
const desks: Record<Desk, readonly Tab[]> = {
  community: [today, requests, closures, agreements],
  street: [agreements, audit],
  operator: [today, requests, closures, usage],
}
export const tabsOf = (hat: Hat, me: Me | null): readonly Tab[] => {
  if (hat.kind !== 'desk') return tabs[hat.kind]
  return desks[hat.desk ?? 'community'].filter((tab) => tab !== requests || hat.desk !== 'operator' || approves(me))
}
/** The last tab of everybody. */
export const myTab: Tab = { name: 'me', icon: 'person', label: 'common.tabs.me', also: ['booking', 'series', 'calendars', 'notices', 'assist', 'settings', 'claim', 'my-data', 'password', 'desk-codes'] }
