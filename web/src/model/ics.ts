// A booking for the phone's calendar (RFC 5545): times in UTC, so that no time zone has to be described.
export type Event = { uid: string; start: string; end: string; title: string; place: string; text: string; url: string }

const stamp = (instant: string | Date): string => new Date(instant).toISOString().replace(/[-:]|\.\d{3}/g, '')
const escape = (text: string): string => text.replace(/[\\;,]/g, (mark) => `\\${mark}`).replace(/\r?\n/g, '\\n')

/** Lines are at most 75 bytes; longer ones go on after a space, and no letter is cut. */
const fold = (line: string): string => {
  const out: string[] = []
  let part = ''
  let bytes = 0
  for (const letter of line) {
    const size = new TextEncoder().encode(letter).length
    if (bytes + size > 74) {
      out.push(part)
      part = ''
      bytes = 0
    }
    part += letter
    bytes += size
  }
  return [...out, part].join('\r\n ')
}

export const icsOf = (event: Event, now: Date): string =>
  [
    'BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//Shangliang//ZH', 'METHOD:PUBLISH', 'BEGIN:VEVENT',
    `UID:${event.uid}@shangliang`, `DTSTAMP:${stamp(now)}`, `DTSTART:${stamp(event.start)}`, `DTEND:${stamp(event.end)}`,
    `SUMMARY:${escape(event.title)}`, `LOCATION:${escape(event.place)}`, `DESCRIPTION:${escape(event.text)}`, `URL:${event.url}`,
    'END:VEVENT', 'END:VCALENDAR', '',
  ].map(fold).join('\r\n')
