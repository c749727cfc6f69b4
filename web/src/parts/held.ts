// From when to when a version holds, in a sentence: an agreement does not always last as long as was agreed.
import type { AgreementDetail, Version } from '@/api/calls'
import { beginsOn, heldOf } from '@/model/contract'
import { showDate } from '@/model/time'
import { now } from '@/stores/now'
import { useWords } from './words'

export const useHeld = () => {
  const { t, lang } = useWords()
  const date = (day: string): string => showDate(day, lang.value, '0')
  return ({ life }: Pick<AgreementDetail, 'life'>, version: Version): string[] => {
    const held = heldOf(version, life)
    const begins = version.effect === 'pending' ? beginsOn(version, now.value.date) : null
    return [
      held ? t(`parties.held.${held.how}`, { first: date(held.first), last: date(held.last), date: date(held.date) }) : '',
      begins && begins !== held?.first ? t('parties.held.begins', { date: date(begins) }) : '',
    ].filter(Boolean)
  }
}
