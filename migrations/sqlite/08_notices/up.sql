CREATE TABLE notices (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  -- For which party the account is told; none when it is told for itself or its household.
  organisation_id TEXT REFERENCES organisations (id),
  -- The job that told it: telling twice changes nothing.
  job_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  text_zh TEXT NOT NULL,
  text_en TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  read_at INTEGER,
  CONSTRAINT notices_account_id_job_id_organisation_id_key UNIQUE (account_id, job_id, organisation_id)
) STRICT;
-- A unique constraint takes two absent organisations for different ones.
CREATE UNIQUE INDEX notices_once_idx ON notices (account_id, job_id) WHERE organisation_id IS NULL;
CREATE INDEX notices_account_id_id_idx ON notices (account_id, id);
CREATE INDEX notices_unread_idx ON notices (account_id, organisation_id) WHERE read_at IS NULL;
CREATE INDEX notices_organisation_id_idx ON notices (organisation_id);
CREATE INDEX notices_created_at_idx ON notices (created_at);
