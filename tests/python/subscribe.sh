#!/bin/sh
# Subscribes to an iCalendar feed as a person would, without a screen: vdirsyncer fetches it, khal shows it (both Debian's).
#
#   subscribe.sh ADDRESS FOLDER FROM DAYS
#
# ADDRESS: http(s)://…/calendar.ics · FOLDER: an empty one to work in · FROM: first day, 2026-12-01 · DAYS: how many.
# Prints one line an event: start, end, title, status.
set -eu
address=$1 folder=$2 from=$3 days=$4
mkdir -p "$folder/calendar"
cat >"$folder/vdirsyncer" <<CONFIG
[general]
status_path = "$folder/status/"
[pair feed]
a = "here"
b = "there"
collections = null
conflict_resolution = "b wins"
[storage here]
type = "filesystem"
path = "$folder/calendar/"
fileext = ".ics"
[storage there]
type = "http"
url = "$address"
CONFIG
cat >"$folder/khal" <<CONFIG
[calendars]
[[feed]]
path = $folder/calendar
type = calendar
readonly = True
[locale]
local_timezone = Asia/Shanghai
default_timezone = Asia/Shanghai
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = $folder/khal.db
CONFIG
export LC_ALL=C.UTF-8 LANG=C.UTF-8
{ yes || true; } | vdirsyncer -v ERROR -c "$folder/vdirsyncer" discover >"$folder/said" 2>&1 || { cat "$folder/said" >&2; exit 1; }
vdirsyncer -v ERROR -c "$folder/vdirsyncer" sync >>"$folder/said" 2>&1 || { cat "$folder/said" >&2; exit 1; }
khal -c "$folder/khal" list --notstarted --day-format '' --format '{start-long} {end-long} {title} {status}' "$from" "${days}d"
