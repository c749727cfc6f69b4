-- Who waits for a time somebody else has. An entry ends once: it is promoted, its holder leaves, or its time has come.
CREATE TABLE waitlist_entries (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES sites (id),
  space_id TEXT NOT NULL REFERENCES spaces (id),
  use_code TEXT NOT NULL,
  attendees INTEGER NOT NULL,
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
