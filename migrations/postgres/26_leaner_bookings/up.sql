-- Most bookings are a household's. (On SQLite three tables become their own key too.)
DROP INDEX bookings_organisation_id_starts_at_idx;
CREATE INDEX bookings_organisation_id_starts_at_idx ON bookings (organisation_id, starts_at, id) WHERE organisation_id IS NOT NULL;

-- The lock of bookings on their spaces, in one order, against agreements that change beside them. A function, so that it goes along with
-- BEGIN and is still planned once per connection.
CREATE FUNCTION lock_spaces(spaces text[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM a.id FROM atoms a WHERE a.id IN (SELECT sa.atom_id FROM space_atoms sa WHERE sa.space_id = ANY(spaces)) ORDER BY a.id FOR KEY SHARE OF a;
END $$;
