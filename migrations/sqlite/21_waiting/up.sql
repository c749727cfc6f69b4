-- Minutes after the start at which a room nobody came to is released; 0: never. A column, since what is due is looked for by it.
ALTER TABLE sites ADD COLUMN no_show_minutes INTEGER NOT NULL DEFAULT 15;

-- Who waits for a time somebody else has. An entry ends once: it is promoted, its holder leaves, or its time has come.
CREATE TABLE waitlist_entries (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES sites (id),
  space_id TEXT NOT NULL REFERENCES spaces (id),
  use_code TEXT NOT NULL,
  attendees INTEGER NOT NULL,
  minors INTEGER NOT NULL,
  -- Natural codes with how many, as JSON.
  equipment TEXT NOT NULL,
  -- What was accepted when joining.
  usage_terms_sha256 TEXT,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  -- With set-up and clean-up, as pinned when joining.
  occupied_from INTEGER NOT NULL,
  occupied_to INTEGER NOT NULL,
  household_id TEXT REFERENCES households (id),
  organisation_id TEXT REFERENCES organisations (id),
  account_id TEXT NOT NULL REFERENCES accounts (id),
  -- The class of a priority clause it came in by, and that class's number; whoever no clause names comes after them.
  class TEXT,
  class_no INTEGER NOT NULL,
  state TEXT NOT NULL,
  joined_at INTEGER NOT NULL,
  ended_at INTEGER,
  ended_by TEXT,
  -- What it became.
  booking_id TEXT REFERENCES bookings (id),
  CONSTRAINT waitlist_entries_holder_check CHECK ((household_id IS NULL) <> (organisation_id IS NULL)),
  CONSTRAINT waitlist_entries_period_check CHECK (starts_at < ends_at AND occupied_from <= starts_at AND ends_at <= occupied_to),
  CONSTRAINT waitlist_entries_state_check CHECK (state IN ('waiting', 'promoted', 'left', 'lapsed')),
  CONSTRAINT waitlist_entries_end_check CHECK ((state = 'waiting') = (ended_at IS NULL) AND (state = 'promoted') = (booking_id IS NOT NULL))
) STRICT;
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
  booking_id TEXT NOT NULL PRIMARY KEY REFERENCES bookings (id),
  offered_at INTEGER NOT NULL,
  until_at INTEGER NOT NULL,
  outcome TEXT,
  ended_at INTEGER,
  ended_by TEXT,
  CONSTRAINT booking_holds_outcome_check CHECK (outcome IN ('accepted', 'declined', 'expired')),
  CONSTRAINT booking_holds_end_check CHECK ((outcome IS NULL) = (ended_at IS NULL))
) STRICT;

-- What the codes at a door are made of.
CREATE TABLE door_secrets (
  space_id TEXT NOT NULL PRIMARY KEY REFERENCES spaces (id),
  secret TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;

-- Who came, and who did not.
CREATE TABLE attendances (
  booking_id TEXT NOT NULL PRIMARY KEY REFERENCES bookings (id),
  outcome TEXT NOT NULL,
  noticed TEXT NOT NULL,
  recorded_by TEXT,
  recorded_at INTEGER NOT NULL,
  CONSTRAINT attendances_outcome_check CHECK (outcome IN ('came', 'missed')),
  CONSTRAINT attendances_noticed_check CHECK (noticed IN ('code', 'desk', 'timer') AND (noticed = 'timer') = (recorded_by IS NULL))
) STRICT;
-- Finds, among all that lie ahead, the bookings that run or have ended …
CREATE INDEX bookings_standing_idx ON bookings (ends_at) WHERE state IN ('confirmed', 'checked_in');
-- … and what a holder missed.
CREATE INDEX bookings_missed_household_idx ON bookings (household_id, starts_at) WHERE state = 'no_show';
CREATE INDEX bookings_missed_organisation_idx ON bookings (organisation_id, starts_at) WHERE state = 'no_show';

-- What a holder says to not having come, and what the desk decided.
CREATE TABLE appeals (
  booking_id TEXT NOT NULL PRIMARY KEY REFERENCES bookings (id),
  text TEXT,
  filed_by TEXT NOT NULL REFERENCES accounts (id),
  filed_at INTEGER NOT NULL,
  outcome TEXT,
  reply TEXT,
  decided_by TEXT,
  decided_at INTEGER,
  CONSTRAINT appeals_outcome_check CHECK (outcome IN ('upheld', 'cleared')),
  CONSTRAINT appeals_decided_check CHECK ((outcome IS NULL) = (decided_at IS NULL) AND (outcome IS NULL) = (decided_by IS NULL) AND (outcome IS NULL) = (reply IS NULL))
) STRICT;
CREATE INDEX appeals_filed_by_idx ON appeals (filed_by);
CREATE INDEX appeals_filed_at_idx ON appeals (filed_at, booking_id);

CREATE TABLE ratings (
  booking_id TEXT NOT NULL PRIMARY KEY REFERENCES bookings (id),
  space_id TEXT NOT NULL REFERENCES spaces (id),
  stars INTEGER NOT NULL,
  rated_by TEXT NOT NULL,
  rated_at INTEGER NOT NULL,
  CONSTRAINT ratings_stars_check CHECK (stars BETWEEN 1 AND 5)
) STRICT;
CREATE INDEX ratings_space_id_idx ON ratings (space_id, stars);
CREATE INDEX ratings_rated_by_idx ON ratings (rated_by);

CREATE TABLE rating_tags (
  booking_id TEXT NOT NULL REFERENCES ratings (booking_id),
  tag TEXT NOT NULL,
  space_id TEXT NOT NULL REFERENCES spaces (id),
  PRIMARY KEY (booking_id, tag)
) STRICT;
CREATE INDEX rating_tags_space_id_idx ON rating_tags (space_id, tag);

-- Who had the key of a room when.
CREATE TABLE key_notes (
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  moved TEXT NOT NULL,
  noted_by TEXT NOT NULL,
  noted_at INTEGER NOT NULL,
  PRIMARY KEY (booking_id, moved),
  CONSTRAINT key_notes_moved_check CHECK (moved IN ('handed_out', 'returned'))
) STRICT;
