-- How long a proposed version may be signed. Every move of the end is an event of the version.
CREATE TABLE signing_windows (
  version_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES agreement_versions (id),
  opened_at BIGINT NOT NULL,
  closes_at BIGINT NOT NULL,
  CONSTRAINT signing_windows_order_check CHECK (opened_at < closes_at)
);

-- The reminders sent: each once, however often its timer runs.
CREATE TABLE signing_reminders (
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  reminder_no INTEGER NOT NULL,
  sent_at BIGINT NOT NULL,
  PRIMARY KEY (version_id, reminder_no)
);

-- A party agrees that its representative signs for another party too.
CREATE TABLE agency_consents (
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
  account_id TEXT COLLATE "C" NOT NULL,
  representative_id TEXT COLLATE "C" NOT NULL,
  evidence_sha256 TEXT COLLATE "C",
  recorded_by TEXT COLLATE "C" NOT NULL,
  recorded_at BIGINT NOT NULL,
  PRIMARY KEY (version_id, organisation_id, account_id)
);
CREATE INDEX agency_consents_organisation_id_idx ON agency_consents (organisation_id);

-- Signed outside the power: counts once the party ratifies it in time. Silence is refusal.
CREATE TABLE pending_signatures (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
  version_sha256 TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C" NOT NULL,
  signed_at BIGINT NOT NULL,
  until_at BIGINT NOT NULL,
  decision TEXT COLLATE "C",
  decided_at BIGINT,
  decided_by TEXT COLLATE "C",
  CONSTRAINT pending_signatures_decision_check CHECK (decision IN ('ratified', 'refused'))
);
CREATE INDEX pending_signatures_version_id_idx ON pending_signatures (version_id);
CREATE INDEX pending_signatures_organisation_id_idx ON pending_signatures (organisation_id);

-- The owners' vote, held outside and imported with its evidence; counts once a second person has confirmed it.
CREATE TABLE owners_votes (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  version_sha256 TEXT COLLATE "C" NOT NULL,
  matter TEXT COLLATE "C" NOT NULL,
  heads_all BIGINT NOT NULL,
  heads_took_part BIGINT NOT NULL,
  heads_yes BIGINT NOT NULL,
  area_all BIGINT NOT NULL,
  area_took_part BIGINT NOT NULL,
  area_yes BIGINT NOT NULL,
  area_basis TEXT COLLATE "C" NOT NULL,
  notice_on TEXT COLLATE "C" NOT NULL,
  voted_on TEXT COLLATE "C" NOT NULL,
  posted_on TEXT COLLATE "C" NOT NULL,
  evidence_sha256 TEXT COLLATE "C" NOT NULL,
  recorded_by TEXT COLLATE "C" NOT NULL,
  recorded_at BIGINT NOT NULL,
  confirmed_by TEXT COLLATE "C",
  confirmed_at BIGINT,
  CONSTRAINT owners_votes_matter_check CHECK (matter IN ('ordinary', 'special')),
  CONSTRAINT owners_votes_area_basis_check CHECK (area_basis IN ('register', 'measured', 'contract')),
  CONSTRAINT owners_votes_second_person_check CHECK (confirmed_by <> recorded_by)
);
CREATE INDEX owners_votes_version_id_idx ON owners_votes (version_id);
CREATE INDEX owners_votes_unconfirmed_idx ON owners_votes (version_id) WHERE confirmed_at IS NULL;
