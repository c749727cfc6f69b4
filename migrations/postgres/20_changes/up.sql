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

-- Spaces of a site closed for a while. `closed_until` is where the last part that is not opened again ends; the rest never changes.
CREATE TABLE closures (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  closed_until BIGINT NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  closed_as TEXT COLLATE "C" NOT NULL,
  closed_by TEXT COLLATE "C" NOT NULL,
  closed_at BIGINT NOT NULL,
  CONSTRAINT closures_period_check CHECK (from_at < until_at AND closed_until <= until_at)
);
CREATE INDEX closures_site_id_from_at_idx ON closures (site_id, from_at, id);
CREATE INDEX closures_site_id_closed_until_idx ON closures (site_id, closed_until);

-- The spaces a closure names; whatever shares a part with one of them is closed too.
CREATE TABLE closure_spaces (
  closure_id TEXT COLLATE "C" NOT NULL REFERENCES closures (id),
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  PRIMARY KEY (closure_id, space_id)
);
CREATE INDEX closure_spaces_space_id_idx ON closure_spaces (space_id);

-- A part of a closure that was opened again.
CREATE TABLE closure_openings (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  closure_id TEXT COLLATE "C" NOT NULL REFERENCES closures (id),
  from_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  opened_by TEXT COLLATE "C" NOT NULL,
  opened_at BIGINT NOT NULL,
  CONSTRAINT closure_openings_period_check CHECK (from_at < until_at)
);
CREATE INDEX closure_openings_closure_id_idx ON closure_openings (closure_id);
CREATE FUNCTION closure_spaces_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'closure_spaces_append_only', MESSAGE = 'closure_spaces_append_only';
END $$;
CREATE TRIGGER closure_spaces_append_only BEFORE UPDATE OR DELETE ON closure_spaces FOR EACH ROW EXECUTE FUNCTION closure_spaces_append_only();
CREATE FUNCTION closure_openings_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'closure_openings_append_only', MESSAGE = 'closure_openings_append_only';
END $$;
CREATE TRIGGER closure_openings_append_only BEFORE UPDATE OR DELETE ON closure_openings FOR EACH ROW EXECUTE FUNCTION closure_openings_append_only();
