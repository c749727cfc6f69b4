import type { Cancelling } from '@/api/bookings'
import { showMoney } from '@/model/money'
import { civil, showDay, showMinute } from '@/model/time'
import { instantNow, now } from '@/stores/now'
import { useWords } from './words'

/** What cancelling comes to, in one sentence: until when it does not count, and what comes back. */
export const useCancelling = () => {
  const { t, lang } = useWords()
  /** A moment as people say it: `4月3日 周五 10:00`. */
  const moment = (instant: string, zone: string): string => {
    const at = civil(instant, zone)
    return `${showDay(at.date, lang.value, now.value.date)} ${showMinute(at.minute)}`
  }
  const late = (until: string | null | undefined): boolean => until != null && new Date(until).getTime() < instantNow()
  const sentence = ({ free_until, refund_fen }: Cancelling, zone: string): string => {
    const counts = free_until == null ? t('resident.cancelling.never') : late(free_until) ? t('resident.cancelling.late') : t('resident.cancelling.until', { until: moment(free_until, zone) })
    return `${counts}${refund_fen > 0 ? t('resident.cancelling.refund', { money: showMoney(refund_fen, lang.value) }) : t('resident.cancelling.free')}`
  }
  return { moment, late, sentence }
}
