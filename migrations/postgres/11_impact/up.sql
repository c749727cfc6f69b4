-- What an event did to the bookings it met; one plan of each stage for whatever brought it about.
CREATE TABLE impact_plans (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  stage TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  subject TEXT COLLATE "C" NOT NULL,
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
  actor TEXT COLLATE "C",
  computed_at BIGINT NOT NULL,
  counts TEXT COLLATE "C" NOT NULL,
  CONSTRAINT impact_plans_stage_subject_key UNIQUE (stage, subject),
  CONSTRAINT impact_plans_stage_check CHECK (stage IN ('previewed', 'applied')),
  CONSTRAINT impact_plans_kind_check CHECK (kind IN ('amendment', 'suspension', 'lifting', 'ending', 'annulment', 'closure', 'reopening'))
);
CREATE INDEX impact_plans_agreement_id_idx ON impact_plans (agreement_id);
CREATE FUNCTION impact_plans_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'impact_plans_append_only', MESSAGE = 'impact_plans_append_only';
END $$;
CREATE TRIGGER impact_plans_append_only BEFORE UPDATE OR DELETE ON impact_plans FOR EACH ROW EXECUTE FUNCTION impact_plans_append_only();

CREATE TABLE impact_items (
  plan_id TEXT COLLATE "C" NOT NULL REFERENCES impact_plans (id),
  booking_id TEXT COLLATE "C" NOT NULL REFERENCES bookings (id),
  space_id TEXT COLLATE "C" NOT NULL,
  starts_at BIGINT NOT NULL,
  disposition TEXT COLLATE "C" NOT NULL,
  reasons TEXT COLLATE "C" NOT NULL,
  refund_fen BIGINT NOT NULL,
  PRIMARY KEY (plan_id, booking_id),
  CONSTRAINT impact_items_disposition_check CHECK (disposition IN ('kept', 'better_terms_applied', 'rearrange_offered', 'reduce_required', 'cancelled', 'at_risk', 'interrupted', 'request_refused', 'requoted', 'looked_at_again')),
  CONSTRAINT impact_items_refund_check CHECK (refund_fen >= 0)
);
CREATE INDEX impact_items_plan_id_starts_at_idx ON impact_items (plan_id, starts_at, booking_id);
CREATE INDEX impact_items_booking_id_idx ON impact_items (booking_id);
CREATE FUNCTION impact_items_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'impact_items_append_only', MESSAGE = 'impact_items_append_only';
END $$;
CREATE TRIGGER impact_items_append_only BEFORE UPDATE OR DELETE ON impact_items FOR EACH ROW EXECUTE FUNCTION impact_items_append_only();

-- Something open about a booking that stands: an offer, a reduction, a risk. It is open until it has an end.
CREATE TABLE matters (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  plan_id TEXT COLLATE "C" NOT NULL REFERENCES impact_plans (id),
  booking_id TEXT COLLATE "C" NOT NULL REFERENCES bookings (id),
  kind TEXT COLLATE "C" NOT NULL,
  opened_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  most_people BIGINT,
  CONSTRAINT matters_kind_check CHECK (kind IN ('rearrange', 'reduce', 'at_risk'))
);
CREATE INDEX matters_plan_id_due_at_idx ON matters (plan_id, due_at);
CREATE INDEX matters_booking_id_idx ON matters (booking_id);
CREATE FUNCTION matters_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'matters_append_only', MESSAGE = 'matters_append_only';
END $$;
CREATE TRIGGER matters_append_only BEFORE UPDATE OR DELETE ON matters FOR EACH ROW EXECUTE FUNCTION matters_append_only();

-- What an offer names; the first of it is held by a claim of the booking.
CREATE TABLE matter_alternatives (
  matter_id TEXT COLLATE "C" NOT NULL REFERENCES matters (id),
  place INTEGER NOT NULL,
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  occupied_from BIGINT NOT NULL,
  occupied_to BIGINT NOT NULL,
  price_fen BIGINT NOT NULL,
  PRIMARY KEY (matter_id, place),
  CONSTRAINT matter_alternatives_period_check CHECK (starts_at < ends_at AND occupied_from <= starts_at AND ends_at <= occupied_to)
);
CREATE INDEX matter_alternatives_space_id_idx ON matter_alternatives (space_id);
CREATE FUNCTION matter_alternatives_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'matter_alternatives_append_only', MESSAGE = 'matter_alternatives_append_only';
END $$;
CREATE TRIGGER matter_alternatives_append_only BEFORE UPDATE OR DELETE ON matter_alternatives FOR EACH ROW EXECUTE FUNCTION matter_alternatives_append_only();

CREATE TABLE matter_ends (
  matter_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES matters (id),
  how TEXT COLLATE "C" NOT NULL,
  ended_at BIGINT NOT NULL,
  ended_by TEXT COLLATE "C",
  CONSTRAINT matter_ends_how_check CHECK (how IN ('accepted', 'declined', 'expired', 'restored', 'reduced', 'superseded'))
);
CREATE FUNCTION matter_ends_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'matter_ends_append_only', MESSAGE = 'matter_ends_append_only';
END $$;
CREATE TRIGGER matter_ends_append_only BEFORE UPDATE OR DELETE ON matter_ends FOR EACH ROW EXECUTE FUNCTION matter_ends_append_only();

-- The booking that follows one its holder had moved.
CREATE TABLE booking_moves (
  booking_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES bookings (id),
  to_booking_id TEXT COLLATE "C" NOT NULL REFERENCES bookings (id),
  moved_at BIGINT NOT NULL,
  moved_by TEXT COLLATE "C" NOT NULL,
  CONSTRAINT booking_moves_to_booking_id_key UNIQUE (to_booking_id)
);
CREATE FUNCTION booking_moves_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'booking_moves_append_only', MESSAGE = 'booking_moves_append_only';
END $$;
CREATE TRIGGER booking_moves_append_only BEFORE UPDATE OR DELETE ON booking_moves FOR EACH ROW EXECUTE FUNCTION booking_moves_append_only();
