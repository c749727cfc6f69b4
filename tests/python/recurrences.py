"""Recurrence rules made up by chance, and what python-dateutil expands them to.

    recurrences.py SEED COUNT

Prints one JSON object a line: the rule, the zone, the local start, and the occurrences as seconds since 1970. A rule that names no
day, or reaches further than a series may (366 occurrences, 400 days), has no occurrences but a word instead. Where the clock
jumps, Python's fold=0 is what RFC 5545 (3.3.5) says: the offset before a gap, the first of two.
"""

import json
import random
import sys
from datetime import datetime, timedelta, timezone
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil import rrule as library
from dateutil.rrule import rrulestr

# A rule that names no day is looked through to the end of the calendar: it ends soon after what a series may reach.
library.datetime.MAXYEAR = 2030

ZONES = ["Asia/Shanghai", "America/New_York", "Australia/Lord_Howe"]
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
MOST = 366
REACH = timedelta(days=400)


def some(chance, of, least, most):
    return sorted(chance.sample(of, chance.randint(least, most)), key=of.index)


def made_up(chance):
    """Parts of a rule without its end, and whether it begins near a change of clocks."""
    frequency = chance.choice(["DAILY", "WEEKLY", "MONTHLY", "MONTHLY"])
    parts = [("FREQ", frequency)]
    if chance.random() < 0.6:
        parts.append(("INTERVAL", str(chance.choice([1, 2, 2, 3, 4, 5, 6, 12, 13, 30, 200]))))
    # One kind of weekday in a rule: dateutil takes "MO,1TU" for both at once, RFC 5545 for either.
    by_day = []
    if chance.random() < 0.6:
        by_day = some(chance, DAYS, 1, 4)
        if frequency == "MONTHLY" and chance.random() < 0.5:
            by_day = [f"{chance.choice([-5, -2, -1, 1, 2, 3, 4, 5])}{day}" for day in by_day]
        parts.append(("BYDAY", ",".join(by_day)))
    by_month_day = []
    if frequency != "WEEKLY" and chance.random() < 0.4:
        by_month_day = some(chance, [n for n in range(-31, 32) if n], 1, 6)
        parts.append(("BYMONTHDAY", ",".join(map(str, by_month_day))))
    if (by_day or by_month_day) and chance.random() < 0.4:
        parts.append(("BYSETPOS", ",".join(map(str, some(chance, [-3, -2, -1, 1, 2, 3], 1, 2)))))
    if chance.random() < 0.3:
        parts.append(("WKST", chance.choice(DAYS)))
    return parts


def case(chance):
    zone = ZoneInfo(chance.choice(ZONES))
    # Half of them begin in the small hours, where clocks are changed.
    hour = chance.choice([0, 1, 2, 2, 3, 8, 10, 14, 19, 23])
    start = datetime(2026, 1, 1, hour, chance.choice([0, 15, 30, 45])) + timedelta(days=chance.randint(0, 500))
    dtstart = start.replace(tzinfo=zone)
    parts, until = made_up(chance), None
    kind = chance.random()
    if kind < 0.5:
        parts.append(("COUNT", str(chance.choice([1, 2, 5, 10, 24, 52, 100, 366]))))
    else:
        until = dtstart + timedelta(days=chance.randint(0, 420))
        if kind < 0.75:
            # A whole day of the place, which dateutil does not take for a zoned start.
            until = datetime(until.year, until.month, until.day, 23, 59, 59, tzinfo=zone)
            parts.append(("UNTIL", until.strftime("%Y%m%d")))
        else:
            until = until.astimezone(timezone.utc).replace(microsecond=0)
            parts.append(("UNTIL", until.strftime("%Y%m%dT%H%M%SZ")))
    shown = ";".join(f"{name}={value}" for name, value in parts)
    endless = ";".join(f"{name}={value}" for name, value in parts if name not in ("UNTIL", "COUNT"))
    if until is not None and until.astimezone(zone).date() - start.date() > REACH:
        return {"rule": shown, "zone": zone.key, "start": start.isoformat(), "word": "too-far"}
    rule = rrulestr(endless, dtstart=dtstart)
    wanted = int(dict(parts).get("COUNT", 0))
    bound = until or (dtstart + REACH).replace(hour=23, minute=59, second=59)
    days = list(islice(rule.replace(until=bound), MOST + 1))
    if wanted and wanted <= len(days):
        days = list(rrulestr(shown, dtstart=dtstart))
    all = [int(day.replace(fold=0).timestamp()) for day in days]
    word = None
    if not all:
        word = "never"
    elif wanted > len(all):
        word = "too-far"
    elif len(all) > MOST:
        word = "too-many"
    given = {"word": word} if word else {"expect": all}
    return {"rule": shown, "zone": zone.key, "start": start.isoformat(), **given}


def main():
    chance = random.Random(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        print(json.dumps(case(chance)))


main()
