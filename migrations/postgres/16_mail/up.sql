-- Which mails an account does without; an account without a row gets them all.
CREATE TABLE notice_settings (
  account_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES accounts (id),
  mail_off TEXT COLLATE "C" NOT NULL,
  revision INTEGER NOT NULL,
  changed_at BIGINT NOT NULL
);
