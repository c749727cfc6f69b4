CREATE TABLE agreements (
  id TEXT NOT NULL PRIMARY KEY,
  code TEXT NOT NULL,
  area_id TEXT NOT NULL REFERENCES areas (id),
  title_zh TEXT NOT NULL,
  title_en TEXT,
  created_at INTEGER NOT NULL,
  created_by TEXT,
  CONSTRAINT agreements_code_key UNIQUE (code)
) STRICT;
CREATE INDEX agreements_area_id_idx ON agreements (area_id);

CREATE TABLE agreement_sites (
  agreement_id TEXT NOT NULL REFERENCES agreements (id),
  site_id TEXT NOT NULL REFERENCES sites (id),
  PRIMARY KEY (agreement_id, site_id)
) STRICT;
CREATE INDEX agreement_sites_site_id_idx ON agreement_sites (site_id);

CREATE TABLE agreement_versions (
  id TEXT NOT NULL PRIMARY KEY,
  agreement_id TEXT NOT NULL REFERENCES agreements (id),
  version_no INTEGER NOT NULL,
  state TEXT NOT NULL,
  clauses TEXT NOT NULL,
  -- RFC 8785 bytes and their SHA-256, from proposing on.
  canonical TEXT,
  sha256 TEXT,
  revision INTEGER NOT NULL DEFAULT 1,
  drafted_at INTEGER NOT NULL,
  drafted_by TEXT,
  CONSTRAINT agreement_versions_agreement_id_version_no_key UNIQUE (agreement_id, version_no),
  CONSTRAINT agreement_versions_state_check CHECK (state IN ('draft', 'in_round', 'discussed', 'proposed', 'partially_signed', 'agreed', 'declined', 'withdrawn', 'lapsed', 'annulled')),
  CONSTRAINT agreement_versions_hashed_check CHECK (state = 'draft' OR (canonical IS NOT NULL AND sha256 IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX agreement_versions_one_open_idx ON agreement_versions (agreement_id) WHERE state IN ('draft', 'in_round', 'proposed', 'partially_signed');

-- Every change of state with who and when.
CREATE TABLE version_events (
  id TEXT NOT NULL PRIMARY KEY,
  version_id TEXT NOT NULL REFERENCES agreement_versions (id),
  kind TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT,
  detail TEXT NOT NULL,
  CONSTRAINT version_events_kind_check CHECK (kind IN ('drafted', 'edited', 'round_opened', 'position_stated', 'replied', 'round_closed', 'proposed', 'extended', 'signed', 'confirmed', 'signed_outside_power', 'ratified', 'ratification_refused', 'ratification_lapsed', 'agency_consented', 'vote_recorded', 'vote_confirmed', 'declined', 'dissented', 'withdrawn', 'agreed', 'lapsed', 'annulled'))
) STRICT;
CREATE INDEX version_events_version_id_idx ON version_events (version_id);
CREATE UNIQUE INDEX version_events_agreed_once_idx ON version_events (version_id) WHERE kind = 'agreed';
CREATE TRIGGER version_events_append_only_update BEFORE UPDATE ON version_events
BEGIN
  SELECT RAISE(ABORT, 'version_events_append_only');
END;
CREATE TRIGGER version_events_append_only_delete BEFORE DELETE ON version_events
BEGIN
  SELECT RAISE(ABORT, 'version_events_append_only');
END;

CREATE TABLE version_parties (
  version_id TEXT NOT NULL REFERENCES agreement_versions (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  capacity TEXT NOT NULL,
  stage INTEGER NOT NULL,
  PRIMARY KEY (version_id, organisation_id)
) STRICT;
CREATE INDEX version_parties_organisation_id_idx ON version_parties (organisation_id);

CREATE TABLE signatures (
  id TEXT NOT NULL PRIMARY KEY,
  version_id TEXT NOT NULL REFERENCES agreement_versions (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  method TEXT NOT NULL,
  version_sha256 TEXT NOT NULL,
  evidence_sha256 TEXT,
  account_id TEXT NOT NULL,
  representative_id TEXT,
  signed_at INTEGER NOT NULL,
  -- A paper signature counts once its party has confirmed it.
  confirmed_at INTEGER,
  confirmed_by TEXT,
  confirmed_representative_id TEXT,
  CONSTRAINT signatures_version_id_organisation_id_key UNIQUE (version_id, organisation_id),
  CONSTRAINT signatures_method_check CHECK (method IN ('electronic', 'paper', 'ratified')),
  CONSTRAINT signatures_evidence_check CHECK (method <> 'paper' OR evidence_sha256 IS NOT NULL)
) STRICT;
CREATE INDEX signatures_organisation_id_idx ON signatures (organisation_id);

CREATE TABLE declines (
  version_id TEXT NOT NULL REFERENCES agreement_versions (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  account_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  declined_at INTEGER NOT NULL,
  PRIMARY KEY (version_id, organisation_id)
) STRICT;
CREATE INDEX declines_organisation_id_idx ON declines (organisation_id);

-- When an agreed version governs; to_at moves earlier when a successor takes over.
CREATE TABLE version_effects (
  version_id TEXT NOT NULL PRIMARY KEY REFERENCES agreement_versions (id),
  agreed_at INTEGER NOT NULL,
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL
) STRICT;

-- A frozen version is talked over. Silence is no row.
CREATE TABLE rounds (
  id TEXT NOT NULL PRIMARY KEY,
  agreement_id TEXT NOT NULL REFERENCES agreements (id),
  version_id TEXT NOT NULL REFERENCES agreement_versions (id),
  round_no INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  opened_by TEXT NOT NULL,
  closed_at INTEGER,
  closed_by TEXT,
  CONSTRAINT rounds_agreement_id_round_no_key UNIQUE (agreement_id, round_no),
  CONSTRAINT rounds_version_id_key UNIQUE (version_id)
) STRICT;

CREATE TABLE positions (
  id TEXT NOT NULL PRIMARY KEY,
  round_id TEXT NOT NULL REFERENCES rounds (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  stand TEXT NOT NULL,
  text TEXT,
  account_id TEXT NOT NULL,
  representative_id TEXT NOT NULL,
  stated_at INTEGER NOT NULL,
  CONSTRAINT positions_round_id_organisation_id_key UNIQUE (round_id, organisation_id),
  CONSTRAINT positions_stand_check CHECK (stand IN ('support', 'support_if', 'object', 'abstain')),
  CONSTRAINT positions_text_check CHECK (stand IN ('support', 'abstain') OR text IS NOT NULL)
) STRICT;
CREATE INDEX positions_organisation_id_idx ON positions (organisation_id);

CREATE TABLE position_replies (
  position_id TEXT NOT NULL PRIMARY KEY REFERENCES positions (id),
  text TEXT NOT NULL,
  account_id TEXT NOT NULL,
  replied_at INTEGER NOT NULL
) STRICT;
CREATE TRIGGER positions_append_only_update BEFORE UPDATE ON positions
BEGIN
  SELECT RAISE(ABORT, 'positions_append_only');
END;
CREATE TRIGGER positions_append_only_delete BEFORE DELETE ON positions
BEGIN
  SELECT RAISE(ABORT, 'positions_append_only');
END;
CREATE TRIGGER position_replies_append_only_update BEFORE UPDATE ON position_replies
BEGIN
  SELECT RAISE(ABORT, 'position_replies_append_only');
END;
CREATE TRIGGER position_replies_append_only_delete BEFORE DELETE ON position_replies
BEGIN
  SELECT RAISE(ABORT, 'position_replies_append_only');
END;
