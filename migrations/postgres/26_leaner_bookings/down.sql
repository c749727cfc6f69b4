DROP FUNCTION lock_spaces(text[]);

DROP INDEX bookings_organisation_id_starts_at_idx;
CREATE INDEX bookings_organisation_id_starts_at_idx ON bookings (organisation_id, starts_at, id);
