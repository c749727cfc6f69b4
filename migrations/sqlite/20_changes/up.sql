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
