// What a door shows: six digits, and a QR code that says a page of ours with the same six digits.
export const isCode = (text: string): boolean => /^\d{6}$/.test(text)
/** As somebody types them: with gaps, with full-width digits. */
export const tidyCode = (text: string): string => text.replace(/[０-９]/g, (digit) => String(digit.charCodeAt(0) - 0xff10)).replace(/\D/g, '').slice(0, 6)
/** The code and the space a scanned text names; null when it is none of our doors. */
export const readDoor = (text: string): { space: string | null; code: string } | null => {
  const bare = text.trim()
  if (isCode(bare)) return { space: null, code: bare }
  const found = /\/check-in\/([a-z0-9_]+)\?code=(\d{6})$/i.exec(bare)
  return found ? { space: found[1] ?? null, code: found[2] ?? '' } : null
}
