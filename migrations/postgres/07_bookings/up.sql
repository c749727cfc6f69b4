CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE tariffs (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  -- '*': every use without a tariff of its own.
  use_code TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  components TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT tariffs_space_id_use_code_key UNIQUE (space_id, use_code),
  CONSTRAINT tariffs_kind_check CHECK (kind IN ('free', 'low_cost'))
);

-- Who has an atom when. Rows are never changed: a move is delete and insert.
CREATE TABLE occupancy (
  atom_id TEXT COLLATE "C" NOT NULL REFERENCES atoms (id),
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  claimant TEXT COLLATE "C" NOT NULL,
  CONSTRAINT occupancy_period_check CHECK (starts_at < ends_at),
  PRIMARY KEY (atom_id, starts_at, claimant),
  CONSTRAINT occupancy_no_overlap EXCLUDE USING gist (atom_id WITH =, int8range(starts_at, ends_at, '[)') WITH &&)
);
CREATE INDEX occupancy_claimant_idx ON occupancy (claimant);
CREATE FUNCTION occupancy_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'occupancy_immutable', MESSAGE = 'occupancy_immutable';
END $$;
CREATE TRIGGER occupancy_immutable BEFORE UPDATE ON occupancy FOR EACH ROW EXECUTE FUNCTION occupancy_immutable();

CREATE TABLE bookings (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  use_code TEXT COLLATE "C" NOT NULL,
  attendees BIGINT NOT NULL,
  -- How many of them are under 18.
  minors BIGINT NOT NULL DEFAULT 0,
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  -- With set-up and clean-up, as pinned at booking.
  occupied_from BIGINT NOT NULL,
  occupied_to BIGINT NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  household_id TEXT COLLATE "C" REFERENCES households (id),
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  organisation_id TEXT COLLATE "C" REFERENCES organisations (id),
  made_by TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  channel TEXT COLLATE "C" NOT NULL,
  series_id TEXT COLLATE "C",
  -- Civil day its series put it on: an occurrence keeps it wherever it moves.
  recurrence_id TEXT COLLATE "C",
  price_fen BIGINT NOT NULL,
  price TEXT COLLATE "C" NOT NULL,
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  clauses TEXT COLLATE "C" NOT NULL,
  made_at BIGINT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT bookings_holder_check CHECK (household_id IS NULL OR organisation_id IS NULL),
  CONSTRAINT bookings_period_check CHECK (starts_at < ends_at AND occupied_from <= starts_at AND ends_at <= occupied_to),
  CONSTRAINT bookings_state_check CHECK (state IN (
    'requested', 'held', 'confirmed', 'checked_in', 'completed', 'no_show', 'refused', 'expired', 'cancelled', 'moved', 'interrupted')),
  CONSTRAINT bookings_minors_check CHECK (minors >= 0),
  CONSTRAINT bookings_price_check CHECK (price_fen >= 0),
  CONSTRAINT bookings_series_check CHECK ((series_id IS NULL) = (recurrence_id IS NULL))
);
CREATE INDEX bookings_space_id_starts_at_idx ON bookings (space_id, starts_at, id);
CREATE INDEX bookings_account_id_starts_at_idx ON bookings (account_id, starts_at, id);
CREATE INDEX bookings_household_id_starts_at_idx ON bookings (household_id, starts_at, id);
CREATE INDEX bookings_organisation_id_starts_at_idx ON bookings (organisation_id, starts_at, id);
CREATE INDEX bookings_site_id_starts_at_idx ON bookings (site_id, starts_at, id);
CREATE INDEX bookings_series_id_idx ON bookings (series_id, recurrence_id) WHERE series_id IS NOT NULL;
CREATE INDEX bookings_made_by_idx ON bookings (made_by);
CREATE INDEX bookings_agreement_id_idx ON bookings (agreement_id);
CREATE INDEX bookings_version_id_idx ON bookings (version_id);

CREATE TABLE booking_cancellations (
  booking_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES bookings (id),
  cancelled_by TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C",
  reason TEXT COLLATE "C",
  cancelled_at BIGINT NOT NULL,
  CONSTRAINT booking_cancellations_by_check CHECK (cancelled_by IN ('holder', 'provider', 'system'))
);
