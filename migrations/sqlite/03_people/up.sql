-- The only tables with personal data.
CREATE TABLE households (
  id TEXT NOT NULL PRIMARY KEY,
  code TEXT NOT NULL,
  door_id TEXT NOT NULL REFERENCES areas (id),
  label TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT households_code_key UNIQUE (code)
) STRICT;
CREATE INDEX households_door_id_idx ON households (door_id);

CREATE TABLE accounts (
  id TEXT NOT NULL PRIMARY KEY,
  code TEXT,
  name TEXT NOT NULL,
  mobile TEXT,
  email TEXT,
  password_hash TEXT,
  household_id TEXT REFERENCES households (id),
  -- Of an account without a household: the area whose desk made it.
  area_id TEXT REFERENCES areas (id),
  household_verified_at INTEGER,
  household_verified_by TEXT,
  disabled_at INTEGER,
  disabled_by TEXT,
  -- Nothing personal is left in the row.
  erased_at INTEGER,
  created_at INTEGER NOT NULL,
  created_by TEXT,
  CONSTRAINT accounts_code_key UNIQUE (code),
  CONSTRAINT accounts_mobile_key UNIQUE (mobile),
  CONSTRAINT accounts_email_key UNIQUE (email),
  CONSTRAINT accounts_reachable_check CHECK (erased_at IS NOT NULL OR mobile IS NOT NULL OR email IS NOT NULL),
  CONSTRAINT accounts_erased_check CHECK (erased_at IS NULL OR (name = '' AND mobile IS NULL AND email IS NULL AND password_hash IS NULL AND household_id IS NULL))
) STRICT;
CREATE INDEX accounts_household_id_idx ON accounts (household_id);
CREATE INDEX accounts_area_id_idx ON accounts (area_id);
CREATE INDEX accounts_erased_at_idx ON accounts (erased_at) WHERE erased_at IS NOT NULL;

CREATE TABLE organisations (
  id TEXT NOT NULL PRIMARY KEY,
  code TEXT NOT NULL,
  kind TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT,
  area_id TEXT NOT NULL REFERENCES areas (id),
  created_at INTEGER NOT NULL,
  CONSTRAINT organisations_code_key UNIQUE (code)
) STRICT;
CREATE INDEX organisations_area_id_idx ON organisations (area_id);

CREATE TABLE representatives (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  powers TEXT NOT NULL,
  -- Natural codes of the only agreements it is about, as JSON; null = every agreement.
  agreements TEXT,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  evidence TEXT NOT NULL,
  revoked_at INTEGER,
  revoked_by TEXT,
  created_at INTEGER NOT NULL,
  CONSTRAINT representatives_account_id_organisation_id_from_at_key UNIQUE (account_id, organisation_id, from_at)
) STRICT;
CREATE INDEX representatives_organisation_id_idx ON representatives (organisation_id);

CREATE TABLE role_grants (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  role TEXT NOT NULL,
  area_id TEXT REFERENCES areas (id),
  organisation_id TEXT REFERENCES organisations (id),
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  revoked_at INTEGER,
  revoked_by TEXT,
  granted_by TEXT,
  created_at INTEGER NOT NULL,
  CONSTRAINT role_grants_one_scope_check CHECK (area_id IS NULL OR organisation_id IS NULL)
) STRICT;
CREATE INDEX role_grants_account_id_idx ON role_grants (account_id);
CREATE INDEX role_grants_area_id_idx ON role_grants (area_id);
CREATE INDEX role_grants_organisation_id_idx ON role_grants (organisation_id);

CREATE TABLE claim_codes (
  account_id TEXT NOT NULL PRIMARY KEY REFERENCES accounts (id),
  code_hash TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  created_by TEXT,
  created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sessions (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  created_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  -- When the password was last given: signing and the like need it fresh.
  proved_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;
CREATE INDEX sessions_account_id_idx ON sessions (account_id);

CREATE TABLE refresh_tokens (
  token_hash TEXT NOT NULL PRIMARY KEY,
  session_id TEXT NOT NULL REFERENCES sessions (id),
  created_at INTEGER NOT NULL,
  idle_until INTEGER NOT NULL,
  spent_at INTEGER
) STRICT;
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

-- At most one row: the token that makes the first administrator.
CREATE TABLE first_admin_tokens (
  id INTEGER NOT NULL PRIMARY KEY,
  token_hash TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  used_at INTEGER,
  CONSTRAINT first_admin_tokens_one_check CHECK (id = 1)
) STRICT;
