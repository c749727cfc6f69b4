ALTER TABLE waitlist_entries DROP COLUMN guardian;
ALTER TABLE waitlist_entries DROP COLUMN youngest;
ALTER TABLE bookings DROP COLUMN guardian;
ALTER TABLE bookings DROP COLUMN youngest;
