-- What an event did to the bookings it met; one plan of each stage for whatever brought it about.
CREATE TABLE impact_plans (
  id TEXT NOT NULL PRIMARY KEY,
  stage TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  agreement_id TEXT NOT NULL REFERENCES agreements (id),
  actor TEXT,
  computed_at INTEGER NOT NULL,
  counts TEXT NOT NULL,
  CONSTRAINT impact_plans_stage_subject_key UNIQUE (stage, subject),
  CONSTRAINT impact_plans_stage_check CHECK (stage IN ('previewed', 'applied')),
  CONSTRAINT impact_plans_kind_check CHECK (kind IN ('amendment', 'suspension', 'lifting', 'ending', 'annulment', 'closure', 'reopening'))
) STRICT;
CREATE INDEX impact_plans_agreement_id_idx ON impact_plans (agreement_id);
CREATE TRIGGER impact_plans_append_only_update BEFORE UPDATE ON impact_plans
BEGIN
  SELECT RAISE(ABORT, 'impact_plans_append_only');
END;
CREATE TRIGGER impact_plans_append_only_delete BEFORE DELETE ON impact_plans
BEGIN
  SELECT RAISE(ABORT, 'impact_plans_append_only');
END;

CREATE TABLE impact_items (
  plan_id TEXT NOT NULL REFERENCES impact_plans (id),
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  space_id TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  disposition TEXT NOT NULL,
  reasons TEXT NOT NULL,
  refund_fen INTEGER NOT NULL,
  PRIMARY KEY (plan_id, booking_id),
  CONSTRAINT impact_items_disposition_check CHECK (disposition IN ('kept', 'better_terms_applied', 'rearrange_offered', 'reduce_required', 'cancelled', 'at_risk', 'interrupted', 'request_refused', 'requoted', 'looked_at_again')),
  CONSTRAINT impact_items_refund_check CHECK (refund_fen >= 0)
) STRICT;
CREATE INDEX impact_items_plan_id_starts_at_idx ON impact_items (plan_id, starts_at, booking_id);
CREATE INDEX impact_items_booking_id_idx ON impact_items (booking_id);
CREATE TRIGGER impact_items_append_only_update BEFORE UPDATE ON impact_items
BEGIN
  SELECT RAISE(ABORT, 'impact_items_append_only');
END;
CREATE TRIGGER impact_items_append_only_delete BEFORE DELETE ON impact_items
BEGIN
  SELECT RAISE(ABORT, 'impact_items_append_only');
END;

-- Something open about a booking that stands: an offer, a reduction, a risk. It is open until it has an end.
CREATE TABLE matters (
  id TEXT NOT NULL PRIMARY KEY,
  plan_id TEXT NOT NULL REFERENCES impact_plans (id),
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  kind TEXT NOT NULL,
  opened_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  most_people INTEGER,
  CONSTRAINT matters_kind_check CHECK (kind IN ('rearrange', 'reduce', 'at_risk'))
) STRICT;
CREATE INDEX matters_plan_id_due_at_idx ON matters (plan_id, due_at);
CREATE INDEX matters_booking_id_idx ON matters (booking_id);
CREATE TRIGGER matters_append_only_update BEFORE UPDATE ON matters
BEGIN
  SELECT RAISE(ABORT, 'matters_append_only');
END;
CREATE TRIGGER matters_append_only_delete BEFORE DELETE ON matters
BEGIN
  SELECT RAISE(ABORT, 'matters_append_only');
END;

-- What an offer names; the first of it is held by a claim of the booking.
CREATE TABLE matter_alternatives (
  matter_id TEXT NOT NULL REFERENCES matters (id),
  place INTEGER NOT NULL,
  space_id TEXT NOT NULL REFERENCES spaces (id),
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  occupied_from INTEGER NOT NULL,
  occupied_to INTEGER NOT NULL,
  price_fen INTEGER NOT NULL,
  PRIMARY KEY (matter_id, place),
  CONSTRAINT matter_alternatives_period_check CHECK (starts_at < ends_at AND occupied_from <= starts_at AND ends_at <= occupied_to)
) STRICT;
CREATE INDEX matter_alternatives_space_id_idx ON matter_alternatives (space_id);
CREATE TRIGGER matter_alternatives_append_only_update BEFORE UPDATE ON matter_alternatives
BEGIN
  SELECT RAISE(ABORT, 'matter_alternatives_append_only');
END;
CREATE TRIGGER matter_alternatives_append_only_delete BEFORE DELETE ON matter_alternatives
BEGIN
  SELECT RAISE(ABORT, 'matter_alternatives_append_only');
END;

CREATE TABLE matter_ends (
  matter_id TEXT NOT NULL PRIMARY KEY REFERENCES matters (id),
  how TEXT NOT NULL,
  ended_at INTEGER NOT NULL,
  ended_by TEXT,
  CONSTRAINT matter_ends_how_check CHECK (how IN ('accepted', 'declined', 'expired', 'restored', 'reduced', 'superseded'))
) STRICT;
CREATE TRIGGER matter_ends_append_only_update BEFORE UPDATE ON matter_ends
BEGIN
  SELECT RAISE(ABORT, 'matter_ends_append_only');
END;
CREATE TRIGGER matter_ends_append_only_delete BEFORE DELETE ON matter_ends
BEGIN
  SELECT RAISE(ABORT, 'matter_ends_append_only');
END;

-- The booking that follows one its holder had moved.
CREATE TABLE booking_moves (
  booking_id TEXT NOT NULL PRIMARY KEY REFERENCES bookings (id),
  to_booking_id TEXT NOT NULL REFERENCES bookings (id),
  moved_at INTEGER NOT NULL,
  moved_by TEXT NOT NULL,
  CONSTRAINT booking_moves_to_booking_id_key UNIQUE (to_booking_id)
) STRICT;
CREATE TRIGGER booking_moves_append_only_update BEFORE UPDATE ON booking_moves
BEGIN
  SELECT RAISE(ABORT, 'booking_moves_append_only');
END;
CREATE TRIGGER booking_moves_append_only_delete BEFORE DELETE ON booking_moves
BEGIN
  SELECT RAISE(ABORT, 'booking_moves_append_only');
END;
