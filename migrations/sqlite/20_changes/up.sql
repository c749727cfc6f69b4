-- A request that, once approved, takes the place of a booking; until then that one stands.
CREATE TABLE booking_move_asks (
  booking_id TEXT NOT NULL PRIMARY KEY REFERENCES bookings (id),
  from_booking_id TEXT NOT NULL REFERENCES bookings (id),
  asked_at INTEGER NOT NULL
) STRICT;
CREATE INDEX booking_move_asks_from_booking_id_idx ON booking_move_asks (from_booking_id);
CREATE TRIGGER booking_move_asks_append_only_update BEFORE UPDATE ON booking_move_asks
BEGIN
  SELECT RAISE(ABORT, 'booking_move_asks_append_only');
END;
CREATE TRIGGER booking_move_asks_append_only_delete BEFORE DELETE ON booking_move_asks
BEGIN
  SELECT RAISE(ABORT, 'booking_move_asks_append_only');
END;

-- Spaces of a site closed for a while. `closed_until` is where the last part that is not opened again ends; the rest never changes.
CREATE TABLE closures (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES sites (id),
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  closed_until INTEGER NOT NULL,
  reason TEXT NOT NULL,
  closed_as TEXT NOT NULL,
  closed_by TEXT NOT NULL,
  closed_at INTEGER NOT NULL,
  CONSTRAINT closures_period_check CHECK (from_at < until_at AND closed_until <= until_at)
) STRICT;
CREATE INDEX closures_site_id_from_at_idx ON closures (site_id, from_at, id);
CREATE INDEX closures_site_id_closed_until_idx ON closures (site_id, closed_until);

-- The spaces a closure names; whatever shares a part with one of them is closed too.
CREATE TABLE closure_spaces (
  closure_id TEXT NOT NULL REFERENCES closures (id),
  space_id TEXT NOT NULL REFERENCES spaces (id),
  PRIMARY KEY (closure_id, space_id)
) STRICT;
CREATE INDEX closure_spaces_space_id_idx ON closure_spaces (space_id);

-- A part of a closure that was opened again.
CREATE TABLE closure_openings (
  id TEXT NOT NULL PRIMARY KEY,
  closure_id TEXT NOT NULL REFERENCES closures (id),
  from_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  reason TEXT NOT NULL,
  opened_by TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  CONSTRAINT closure_openings_period_check CHECK (from_at < until_at)
) STRICT;
CREATE INDEX closure_openings_closure_id_idx ON closure_openings (closure_id);
CREATE TRIGGER closure_spaces_append_only_update BEFORE UPDATE ON closure_spaces
BEGIN
  SELECT RAISE(ABORT, 'closure_spaces_append_only');
END;
CREATE TRIGGER closure_spaces_append_only_delete BEFORE DELETE ON closure_spaces
BEGIN
  SELECT RAISE(ABORT, 'closure_spaces_append_only');
END;
CREATE TRIGGER closure_openings_append_only_update BEFORE UPDATE ON closure_openings
BEGIN
  SELECT RAISE(ABORT, 'closure_openings_append_only');
END;
CREATE TRIGGER closure_openings_append_only_delete BEFORE DELETE ON closure_openings
BEGIN
  SELECT RAISE(ABORT, 'closure_openings_append_only');
END;
