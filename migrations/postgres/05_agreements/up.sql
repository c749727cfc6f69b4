CREATE TABLE agreements (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  code TEXT COLLATE "C" NOT NULL,
  area_id TEXT COLLATE "C" NOT NULL REFERENCES areas (id),
  title_zh TEXT COLLATE "C" NOT NULL,
  title_en TEXT COLLATE "C",
  created_at BIGINT NOT NULL,
  created_by TEXT COLLATE "C",
  CONSTRAINT agreements_code_key UNIQUE (code)
);
CREATE INDEX agreements_area_id_idx ON agreements (area_id);

CREATE TABLE agreement_sites (
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
  site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
  PRIMARY KEY (agreement_id, site_id)
);
CREATE INDEX agreement_sites_site_id_idx ON agreement_sites (site_id);

CREATE TABLE agreement_versions (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
  version_no INTEGER NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  clauses TEXT COLLATE "C" NOT NULL,
  -- RFC 8785 bytes and their SHA-256, from proposing on.
  canonical TEXT COLLATE "C",
  sha256 TEXT COLLATE "C",
  revision INTEGER NOT NULL DEFAULT 1,
  drafted_at BIGINT NOT NULL,
  drafted_by TEXT COLLATE "C",
  CONSTRAINT agreement_versions_agreement_id_version_no_key UNIQUE (agreement_id, version_no),
  CONSTRAINT agreement_versions_state_check CHECK (state IN ('draft', 'in_round', 'discussed', 'proposed', 'partially_signed', 'agreed', 'declined', 'withdrawn', 'lapsed', 'annulled')),
  CONSTRAINT agreement_versions_hashed_check CHECK (state = 'draft' OR (canonical IS NOT NULL AND sha256 IS NOT NULL))
);
CREATE UNIQUE INDEX agreement_versions_one_open_idx ON agreement_versions (agreement_id) WHERE state IN ('draft', 'in_round', 'proposed', 'partially_signed');

-- Every change of state with who and when.
CREATE TABLE version_events (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  kind TEXT COLLATE "C" NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT COLLATE "C",
  detail TEXT COLLATE "C" NOT NULL,
  CONSTRAINT version_events_kind_check CHECK (kind IN ('drafted', 'edited', 'round_opened', 'position_stated', 'replied', 'round_closed', 'proposed', 'extended', 'signed', 'confirmed', 'signed_outside_power', 'ratified', 'ratification_refused', 'ratification_lapsed', 'agency_consented', 'vote_recorded', 'vote_confirmed', 'declined', 'dissented', 'withdrawn', 'agreed', 'lapsed', 'annulled'))
);
CREATE INDEX version_events_version_id_idx ON version_events (version_id);
CREATE UNIQUE INDEX version_events_agreed_once_idx ON version_events (version_id) WHERE kind = 'agreed';
CREATE FUNCTION version_events_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'version_events_append_only', MESSAGE = 'version_events_append_only';
END $$;
CREATE TRIGGER version_events_append_only BEFORE UPDATE OR DELETE ON version_events FOR EACH ROW EXECUTE FUNCTION version_events_append_only();

CREATE TABLE version_parties (
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
  capacity TEXT COLLATE "C" NOT NULL,
  stage INTEGER NOT NULL,
  PRIMARY KEY (version_id, organisation_id)
);
CREATE INDEX version_parties_organisation_id_idx ON version_parties (organisation_id);

CREATE TABLE signatures (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
  method TEXT COLLATE "C" NOT NULL,
  version_sha256 TEXT COLLATE "C" NOT NULL,
  evidence_sha256 TEXT COLLATE "C",
  account_id TEXT COLLATE "C" NOT NULL,
  representative_id TEXT COLLATE "C",
  signed_at BIGINT NOT NULL,
  -- A paper signature counts once its party has confirmed it.
  confirmed_at BIGINT,
  confirmed_by TEXT COLLATE "C",
  confirmed_representative_id TEXT COLLATE "C",
  CONSTRAINT signatures_version_id_organisation_id_key UNIQUE (version_id, organisation_id),
  CONSTRAINT signatures_method_check CHECK (method IN ('electronic', 'paper', 'ratified')),
  CONSTRAINT signatures_evidence_check CHECK (method <> 'paper' OR evidence_sha256 IS NOT NULL)
);
CREATE INDEX signatures_organisation_id_idx ON signatures (organisation_id);

CREATE TABLE declines (
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
  account_id TEXT COLLATE "C" NOT NULL,
  reason TEXT COLLATE "C" NOT NULL,
  declined_at BIGINT NOT NULL,
  PRIMARY KEY (version_id, organisation_id)
);
CREATE INDEX declines_organisation_id_idx ON declines (organisation_id);

-- When an agreed version governs; to_at moves earlier when a successor takes over.
CREATE TABLE version_effects (
  version_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES agreement_versions (id),
  agreed_at BIGINT NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL
);

-- A frozen version is talked over. Silence is no row.
CREATE TABLE rounds (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
  version_id TEXT COLLATE "C" NOT NULL REFERENCES agreement_versions (id),
  round_no INTEGER NOT NULL,
  opened_at BIGINT NOT NULL,
  opened_by TEXT COLLATE "C" NOT NULL,
  closed_at BIGINT,
  closed_by TEXT COLLATE "C",
  CONSTRAINT rounds_agreement_id_round_no_key UNIQUE (agreement_id, round_no),
  CONSTRAINT rounds_version_id_key UNIQUE (version_id)
);

CREATE TABLE positions (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  round_id TEXT COLLATE "C" NOT NULL REFERENCES rounds (id),
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
  stand TEXT COLLATE "C" NOT NULL,
  text TEXT COLLATE "C",
  account_id TEXT COLLATE "C" NOT NULL,
  representative_id TEXT COLLATE "C" NOT NULL,
  stated_at BIGINT NOT NULL,
  CONSTRAINT positions_round_id_organisation_id_key UNIQUE (round_id, organisation_id),
  CONSTRAINT positions_stand_check CHECK (stand IN ('support', 'support_if', 'object', 'abstain')),
  CONSTRAINT positions_text_check CHECK (stand IN ('support', 'abstain') OR text IS NOT NULL)
);
CREATE INDEX positions_organisation_id_idx ON positions (organisation_id);

CREATE TABLE position_replies (
  position_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES positions (id),
  text TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C" NOT NULL,
  replied_at BIGINT NOT NULL
);
CREATE FUNCTION positions_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'positions_append_only', MESSAGE = 'positions_append_only';
END $$;
CREATE TRIGGER positions_append_only BEFORE UPDATE OR DELETE ON positions FOR EACH ROW EXECUTE FUNCTION positions_append_only();
CREATE FUNCTION position_replies_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'position_replies_append_only', MESSAGE = 'position_replies_append_only';
END $$;
CREATE TRIGGER position_replies_append_only BEFORE UPDATE OR DELETE ON position_replies FOR EACH ROW EXECUTE FUNCTION position_replies_append_only();
