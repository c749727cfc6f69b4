-- A request that, once approved, takes the place of a booking; until then that one stands.
CREATE TABLE booking_move_asks (
  booking_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES bookings (id),
  from_booking_id TEXT COLLATE "C" NOT NULL REFERENCES bookings (id),
  asked_at BIGINT NOT NULL
);
CREATE INDEX booking_move_asks_from_booking_id_idx ON booking_move_asks (from_booking_id);
CREATE FUNCTION booking_move_asks_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_move_asks_append_only', MESSAGE = 'booking_move_asks_append_only';
END $$;
CREATE TRIGGER booking_move_asks_append_only BEFORE UPDATE OR DELETE ON booking_move_asks FOR EACH ROW EXECUTE FUNCTION booking_move_asks_append_only();
