-- Most bookings are a household's. (On SQLite three tables become their own key too.)
DROP INDEX bookings_organisation_id_starts_at_idx;
CREATE INDEX bookings_organisation_id_starts_at_idx ON bookings (organisation_id, starts_at, id) WHERE organisation_id IS NOT NULL;

-- The lock of a booking on its space, against agreements that change beside it; gives how many atoms. A function, so that it goes along
-- with BEGIN and is still planned once per connection.
CREATE FUNCTION lock_space(space text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  held integer;
BEGIN
  PERFORM a.id FROM atoms a WHERE a.id IN (SELECT sa.atom_id FROM space_atoms sa WHERE sa.space_id = space) ORDER BY a.id FOR KEY SHARE OF a;
  GET DIAGNOSTICS held = ROW_COUNT;
  RETURN held;
END $$;
