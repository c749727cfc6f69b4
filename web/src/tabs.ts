// The tabs of each hat. A tab whose screen does not exist yet is not shown (App.vue asks the router).
import type { HatKind } from './model/hats'
import type { IconName } from './parts/icons'

export type Tab = { name: string; icon: IconName; label: string; also?: readonly string[] }

export const tabsOf: Record<HatKind, readonly Tab[]> = {
  resident: [
    { name: 'home', icon: 'home', label: 'common.tabs.home', also: ['space', 'book-series'] },
    { name: 'find', icon: 'search', label: 'common.tabs.find' },
  ],
  unit: [
    { name: 'unit-waiting', icon: 'inbox', label: 'common.tabs.waiting' },
    { name: 'unit-agreements', icon: 'agreement', label: 'common.tabs.agreements', also: ['agreement', 'agreement-version', 'agreement-changes'] },
    { name: 'unit-spaces', icon: 'rooms', label: 'common.tabs.spaces' },
  ],
  desk: [
    { name: 'desk-today', icon: 'desk', label: 'common.tabs.today', also: ['desk-door'] },
    { name: 'desk-requests', icon: 'inbox', label: 'common.tabs.requests' },
    { name: 'desk-closures', icon: 'no', label: 'common.tabs.closures' },
    { name: 'desk-agreements', icon: 'agreement', label: 'common.tabs.agreements', also: ['agreement', 'agreement-version', 'agreement-changes', 'desk-draft', 'desk-next', 'desk-import', 'desk-usage'] },
  ],
  audit: [
    { name: 'audit', icon: 'check', label: 'common.tabs.audit' },
    { name: 'verify', icon: 'agreement', label: 'common.tabs.verify' },
  ],
}
/** The last tab of everybody. */
export const myTab: Tab = { name: 'me', icon: 'person', label: 'common.tabs.me', also: ['booking', 'series', 'calendars', 'notices', 'assist', 'settings', 'claim', 'my-data'] }
