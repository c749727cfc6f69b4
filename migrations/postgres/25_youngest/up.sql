-- Full years of the youngest child that comes, where it was said, and whether a guardian or carer was said to come along.
ALTER TABLE bookings ADD COLUMN youngest BIGINT CONSTRAINT bookings_youngest_check CHECK (youngest IS NULL OR (minors > 0 AND youngest BETWEEN 0 AND 17));
ALTER TABLE bookings ADD COLUMN guardian BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE waitlist_entries ADD COLUMN youngest BIGINT CONSTRAINT waitlist_entries_youngest_check CHECK (youngest IS NULL OR (minors > 0 AND youngest BETWEEN 0 AND 17));
ALTER TABLE waitlist_entries ADD COLUMN guardian BOOLEAN NOT NULL DEFAULT FALSE;
-- So far whoever brought children was taken to have said so.
UPDATE bookings SET guardian = TRUE WHERE minors > 0;
UPDATE waitlist_entries SET guardian = TRUE WHERE minors > 0;
