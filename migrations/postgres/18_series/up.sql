-- A rule by which bookings are made; what was booked by it are bookings, each with the civil day the rule put it on.
CREATE TABLE series (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  use_code TEXT COLLATE "C" NOT NULL,
  attendees BIGINT NOT NULL,
  -- The rule counts from it.
  first_day TEXT COLLATE "C" NOT NULL,
  -- Its own first day: what lies before is of the series it was split from.
  begins_day TEXT COLLATE "C" NOT NULL,
  -- Of the day, in the zone of the site.
  start_minute INTEGER NOT NULL,
  minutes INTEGER NOT NULL,
  -- RFC 5545.
  rule TEXT COLLATE "C" NOT NULL,
  -- Civil days left out, a JSON list.
  exdates TEXT COLLATE "C" NOT NULL,
  holidays TEXT COLLATE "C" NOT NULL,
  makeup_workdays TEXT COLLATE "C" NOT NULL,
  household_id TEXT COLLATE "C" REFERENCES households (id),
  organisation_id TEXT COLLATE "C" REFERENCES organisations (id),
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  made_by TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  -- The series it was split from.
  follows_id TEXT COLLATE "C" REFERENCES series (id),
  made_at BIGINT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT series_holder_check CHECK (household_id IS NULL OR organisation_id IS NULL),
  CONSTRAINT series_time_check CHECK (start_minute BETWEEN 0 AND 1439 AND minutes BETWEEN 1 AND 1440),
  CONSTRAINT series_holidays_check CHECK (holidays IN ('keep', 'skip', 'move')),
  CONSTRAINT series_makeup_workdays_check CHECK (makeup_workdays IN ('keep', 'skip', 'move'))
);
CREATE INDEX series_site_id_idx ON series (site_id);
CREATE INDEX series_space_id_idx ON series (space_id);
CREATE INDEX series_made_by_idx ON series (made_by);
CREATE INDEX series_household_id_idx ON series (household_id, id);
CREATE INDEX series_organisation_id_idx ON series (organisation_id, id);
CREATE INDEX series_account_id_idx ON series (account_id);
CREATE INDEX series_follows_id_idx ON series (follows_id);

-- Secret addresses of calendars. The secret itself is nowhere.
CREATE TABLE calendars (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  token_hash TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  -- None: the household of the account.
  organisation_id TEXT COLLATE "C" REFERENCES organisations (id),
  created_at BIGINT NOT NULL,
  revoked_at BIGINT,
  CONSTRAINT calendars_token_hash_key UNIQUE (token_hash)
);
CREATE INDEX calendars_account_id_idx ON calendars (account_id, id);
CREATE INDEX calendars_organisation_id_idx ON calendars (organisation_id);
