DROP TABLE booking_holds;
DROP TABLE waitlist_entries;
