-- The only tables with personal data.
CREATE TABLE households (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  code TEXT COLLATE "C" NOT NULL,
  door_id TEXT COLLATE "C" NOT NULL REFERENCES areas (id),
  label TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  CONSTRAINT households_code_key UNIQUE (code)
);
CREATE INDEX households_door_id_idx ON households (door_id);

CREATE TABLE accounts (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  code TEXT COLLATE "C",
  name TEXT COLLATE "C" NOT NULL,
  mobile TEXT COLLATE "C",
  email TEXT COLLATE "C",
  password_hash TEXT COLLATE "C",
  household_id TEXT COLLATE "C" REFERENCES households (id),
  -- Of an account without a household: the area whose desk made it.
  area_id TEXT COLLATE "C" REFERENCES areas (id),
  household_verified_at BIGINT,
  household_verified_by TEXT COLLATE "C",
  disabled_at BIGINT,
  disabled_by TEXT COLLATE "C",
  -- Nothing personal is left in the row.
  erased_at BIGINT,
  created_at BIGINT NOT NULL,
  created_by TEXT COLLATE "C",
  CONSTRAINT accounts_code_key UNIQUE (code),
  CONSTRAINT accounts_mobile_key UNIQUE (mobile),
  CONSTRAINT accounts_email_key UNIQUE (email),
  CONSTRAINT accounts_reachable_check CHECK (erased_at IS NOT NULL OR mobile IS NOT NULL OR email IS NOT NULL),
  CONSTRAINT accounts_erased_check CHECK (erased_at IS NULL OR (name = '' AND mobile IS NULL AND email IS NULL AND password_hash IS NULL AND household_id IS NULL))
);
CREATE INDEX accounts_household_id_idx ON accounts (household_id);
CREATE INDEX accounts_area_id_idx ON accounts (area_id);
CREATE INDEX accounts_erased_at_idx ON accounts (erased_at) WHERE erased_at IS NOT NULL;

CREATE TABLE organisations (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  code TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  name_zh TEXT COLLATE "C" NOT NULL,
  name_en TEXT COLLATE "C",
  area_id TEXT COLLATE "C" NOT NULL REFERENCES areas (id),
  created_at BIGINT NOT NULL,
  CONSTRAINT organisations_code_key UNIQUE (code)
);
CREATE INDEX organisations_area_id_idx ON organisations (area_id);

CREATE TABLE representatives (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
  powers TEXT COLLATE "C" NOT NULL,
  -- Natural codes of the only agreements it is about, as JSON; null = every agreement.
  agreements TEXT COLLATE "C",
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  evidence TEXT COLLATE "C" NOT NULL,
  revoked_at BIGINT,
  revoked_by TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  CONSTRAINT representatives_account_id_organisation_id_from_at_key UNIQUE (account_id, organisation_id, from_at)
);
CREATE INDEX representatives_organisation_id_idx ON representatives (organisation_id);

CREATE TABLE role_grants (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  role TEXT COLLATE "C" NOT NULL,
  area_id TEXT COLLATE "C" REFERENCES areas (id),
  organisation_id TEXT COLLATE "C" REFERENCES organisations (id),
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  revoked_at BIGINT,
  revoked_by TEXT COLLATE "C",
  granted_by TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  CONSTRAINT role_grants_one_scope_check CHECK (area_id IS NULL OR organisation_id IS NULL)
);
CREATE INDEX role_grants_account_id_idx ON role_grants (account_id);
CREATE INDEX role_grants_area_id_idx ON role_grants (area_id);
CREATE INDEX role_grants_organisation_id_idx ON role_grants (organisation_id);

CREATE TABLE claim_codes (
  account_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES accounts (id),
  code_hash TEXT COLLATE "C" NOT NULL,
  expires_at BIGINT NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  created_by TEXT COLLATE "C",
  created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  account_id TEXT COLLATE "C" NOT NULL REFERENCES accounts (id),
  created_at BIGINT NOT NULL,
  ends_at BIGINT NOT NULL,
  -- When the password was last given: signing and the like need it fresh.
  proved_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE INDEX sessions_account_id_idx ON sessions (account_id);

CREATE TABLE refresh_tokens (
  token_hash TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  session_id TEXT COLLATE "C" NOT NULL REFERENCES sessions (id),
  created_at BIGINT NOT NULL,
  idle_until BIGINT NOT NULL,
  spent_at BIGINT
);
CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

-- At most one row: the token that makes the first administrator.
CREATE TABLE first_admin_tokens (
  id INTEGER NOT NULL PRIMARY KEY,
  token_hash TEXT COLLATE "C" NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT,
  CONSTRAINT first_admin_tokens_one_check CHECK (id = 1)
);
