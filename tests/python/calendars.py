"""Reads iCalendar feeds with the PyPI package `icalendar`, strictly, and says what is in them.

    calendars.py < FEED

Prints one JSON object: the zones that are described, and every event with its times in UTC as that package understands them
by the VTIMEZONE of the feed. Ends in error for anything that does not read, for a line that is too long or ends otherwise
than in CRLF, and for a time in a zone that is not described.
"""

import json
import sys
from datetime import timezone

from icalendar import Calendar

raw = sys.stdin.buffer.read()
assert raw.endswith(b"\r\n"), "the last line has no end"
for line in raw[:-2].split(b"\r\n"):
    assert b"\n" not in line and b"\r" not in line, line
    assert len(line) <= 75, line
    line.decode("utf-8")

calendar = Calendar.from_ical(raw)
assert not calendar.errors, calendar.errors
assert str(calendar["VERSION"]) == "2.0" and "PRODID" in calendar

zones = {}
for zone in calendar.walk("VTIMEZONE"):
    assert not zone.errors and zone.subcomponents, zone
    zones[str(zone["TZID"])] = zone.to_tz(lookup_tzid=False)

events = []
seen = set()
for event in calendar.walk("VEVENT"):
    assert not event.errors, event.errors
    for needed in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "STATUS", "LAST-MODIFIED", "SUMMARY"):
        assert needed in event, (needed, event)
    uid = str(event["UID"])
    assert uid not in seen, uid
    seen.add(uid)

    def moment(name):
        value, named = event[name].dt, event[name].params.get("TZID")
        if named is not None:
            assert named in zones, named
            # By the feed's own description of the zone, not by what this machine knows.
            value = value.replace(tzinfo=None).replace(tzinfo=zones[named])
        return value.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

    events.append(
        {
            "uid": uid,
            "starts_at": moment("DTSTART"),
            "ends_at": moment("DTEND"),
            "sequence": int(event["SEQUENCE"]),
            "status": str(event["STATUS"]),
            "summary": str(event["SUMMARY"]),
            "location": str(event.get("LOCATION", "")),
            "description": str(event.get("DESCRIPTION", "")),
        }
    )

print(json.dumps({"name": str(calendar.get("NAME", "")), "zones": sorted(zones), "events": events}, ensure_ascii=False))
