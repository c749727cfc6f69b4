CREATE TABLE notices (
  id TEXT NOT NULL PRIMARY KEY,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  -- The job that told it: telling twice changes nothing.
  job_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  text_zh TEXT NOT NULL,
  text_en TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT notices_account_id_job_id_key UNIQUE (account_id, job_id)
) STRICT;
CREATE INDEX notices_account_id_id_idx ON notices (account_id, id);
