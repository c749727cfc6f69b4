-- Minutes after the start at which a room nobody came to is released; 0: never. A column, since what is due is looked for by it.
ALTER TABLE sites ADD COLUMN no_show_minutes INTEGER NOT NULL DEFAULT 15;

-- Who waits for a time somebody else has. An entry ends once: it is promoted, its holder leaves, or its time has come.
CREATE TABLE waitlist_entries (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  use_code TEXT COLLATE "C" NOT NULL,
  attendees BIGINT NOT NULL,
  minors BIGINT NOT NULL,
  -- Natural codes with how many, as JSON.
  equipment TEXT COLLATE "C" NOT NULL,
  -- What was accepted when joining.
  usage_terms_sha256 TEXT COLLATE "C",
  starts_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  -- With set-up and clean-up, as pinned when joining.
  occupied_from BIGINT NOT NULL,
  occupied_to BIGINT NOT NULL,
  household_id TEXT COLLATE "C" REFERENCES households (id),
  organisation_id TEXT COLLATE "C" REFERENCES organisations (id),
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  -- The class of a priority clause it came in by, and that class's number; whoever no clause names comes after them.
  class TEXT COLLATE "C",
  class_no INTEGER NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  joined_at BIGINT NOT NULL,
  ended_at BIGINT,
  ended_by TEXT COLLATE "C",
  -- What it became.
  booking_id TEXT COLLATE "C" REFERENCES bookings (id),
  CONSTRAINT waitlist_entries_holder_check CHECK ((household_id IS NULL) <> (organisation_id IS NULL)),
  CONSTRAINT waitlist_entries_period_check CHECK (starts_at < ends_at AND occupied_from <= starts_at AND ends_at <= occupied_to),
  CONSTRAINT waitlist_entries_state_check CHECK (state IN ('waiting', 'promoted', 'left', 'lapsed')),
  CONSTRAINT waitlist_entries_end_check CHECK ((state = 'waiting') = (ended_at IS NULL) AND (state = 'promoted') = (booking_id IS NOT NULL))
);
CREATE INDEX waitlist_entries_site_id_idx ON waitlist_entries (site_id, state, occupied_to);
CREATE INDEX waitlist_entries_space_id_idx ON waitlist_entries (space_id);
CREATE INDEX waitlist_entries_household_id_idx ON waitlist_entries (household_id, state, starts_at);
CREATE INDEX waitlist_entries_organisation_id_idx ON waitlist_entries (organisation_id, state, starts_at);
CREATE INDEX waitlist_entries_account_id_idx ON waitlist_entries (account_id);
CREATE INDEX waitlist_entries_booking_id_idx ON waitlist_entries (booking_id);
-- Nobody stands twice in one line.
CREATE UNIQUE INDEX waitlist_entries_household_once_idx ON waitlist_entries (space_id, starts_at, ends_at, household_id) WHERE state = 'waiting';
CREATE UNIQUE INDEX waitlist_entries_organisation_once_idx ON waitlist_entries (space_id, starts_at, ends_at, organisation_id) WHERE state = 'waiting';

-- A space kept for whoever came up, until they answer.
CREATE TABLE booking_holds (
  booking_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES bookings (id),
  offered_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  outcome TEXT COLLATE "C",
  ended_at BIGINT,
  ended_by TEXT COLLATE "C",
  CONSTRAINT booking_holds_outcome_check CHECK (outcome IN ('accepted', 'declined', 'expired')),
  CONSTRAINT booking_holds_end_check CHECK ((outcome IS NULL) = (ended_at IS NULL))
);

-- What the codes at a door are made of.
CREATE TABLE door_secrets (
  space_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES spaces (id),
  secret TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL
);

-- Who came, and who did not.
CREATE TABLE attendances (
  booking_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES bookings (id),
  outcome TEXT COLLATE "C" NOT NULL,
  noticed TEXT COLLATE "C" NOT NULL,
  recorded_by TEXT COLLATE "C",
  recorded_at BIGINT NOT NULL,
  CONSTRAINT attendances_outcome_check CHECK (outcome IN ('came', 'missed')),
  CONSTRAINT attendances_noticed_check CHECK (noticed IN ('code', 'desk', 'timer') AND (noticed = 'timer') = (recorded_by IS NULL))
);
-- Finds, among all that lie ahead, the bookings that run or have ended …
CREATE INDEX bookings_standing_idx ON bookings (ends_at) WHERE state IN ('confirmed', 'checked_in');
-- … and what a holder missed.
CREATE INDEX bookings_missed_household_idx ON bookings (household_id, starts_at) WHERE state = 'no_show';
CREATE INDEX bookings_missed_organisation_idx ON bookings (organisation_id, starts_at) WHERE state = 'no_show';

-- What a holder says to not having come, and what the desk decided.
CREATE TABLE appeals (
  booking_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES bookings (id),
  text TEXT COLLATE "C",
  filed_by TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  filed_at BIGINT NOT NULL,
  outcome TEXT COLLATE "C",
  reply TEXT COLLATE "C",
  decided_by TEXT COLLATE "C",
  decided_at BIGINT,
  CONSTRAINT appeals_outcome_check CHECK (outcome IN ('upheld', 'cleared')),
  CONSTRAINT appeals_decided_check CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL) AND (outcome IS NULL) = (reply IS NULL))
);
CREATE INDEX appeals_filed_by_idx ON appeals (filed_by);
CREATE INDEX appeals_filed_at_idx ON appeals (filed_at, booking_id);

CREATE TABLE ratings (
  booking_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES bookings (id),
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  stars INTEGER NOT NULL,
  rated_by TEXT COLLATE "C" NOT NULL,
  rated_at BIGINT NOT NULL,
  CONSTRAINT ratings_stars_check CHECK (stars BETWEEN 1 AND 5)
);
CREATE INDEX ratings_space_id_idx ON ratings (space_id, stars);
CREATE INDEX ratings_rated_by_idx ON ratings (rated_by);

CREATE TABLE rating_tags (
  booking_id TEXT COLLATE "C" NOT NULL REFERENCES ratings (booking_id),
  tag TEXT COLLATE "C" NOT NULL,
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  PRIMARY KEY (booking_id, tag)
);
CREATE INDEX rating_tags_space_id_idx ON rating_tags (space_id, tag);

-- Who had the key of a room when.
CREATE TABLE key_notes (
  booking_id TEXT COLLATE "C" NOT NULL REFERENCES bookings (id),
  moved TEXT COLLATE "C" NOT NULL,
  noted_by TEXT COLLATE "C" NOT NULL,
  noted_at BIGINT NOT NULL,
  PRIMARY KEY (booking_id, moved),
  CONSTRAINT key_notes_moved_check CHECK (moved IN ('handed_out', 'returned'))
);
