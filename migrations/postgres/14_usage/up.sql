-- Usage terms 使用须知 of a space or several of one site. What they say is frozen with its hash when it is submitted; each affected unit
-- approves that hash; a material change of the clauses asks them again, in a new round.
CREATE TABLE usage_terms (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  site_id TEXT COLLATE "C" NOT NULL REFERENCES sites (id),
  version_no INTEGER NOT NULL,
  state TEXT COLLATE "C" NOT NULL,
  content TEXT COLLATE "C" NOT NULL,
  canonical TEXT COLLATE "C",
  sha256 TEXT COLLATE "C",
  round_no INTEGER NOT NULL DEFAULT 0,
  -- In force no earlier, whatever day it says: the effect of the change that asked again.
  not_before BIGINT NOT NULL DEFAULT 0,
  drafted_by TEXT COLLATE "C" NOT NULL,
  drafted_at BIGINT NOT NULL,
  revision INTEGER NOT NULL DEFAULT 1,
  CONSTRAINT usage_terms_site_id_version_no_key UNIQUE (site_id, version_no),
  CONSTRAINT usage_terms_state_check CHECK (state IN ('draft', 'submitted', 'approved', 'rejected', 'withdrawn')),
  CONSTRAINT usage_terms_frozen_check CHECK ((canonical IS NULL) = (sha256 IS NULL) AND (state IN ('draft', 'withdrawn') OR sha256 IS NOT NULL))
);

CREATE TABLE usage_terms_spaces (
  usage_terms_id TEXT COLLATE "C" NOT NULL REFERENCES usage_terms (id),
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  PRIMARY KEY (usage_terms_id, space_id)
);
CREATE INDEX usage_terms_spaces_space_id_idx ON usage_terms_spaces (space_id, usage_terms_id);

-- Who is asked, round by round; a row of somebody who has approved tells who, when and which hash.
CREATE TABLE usage_approvals (
  usage_terms_id TEXT COLLATE "C" NOT NULL REFERENCES usage_terms (id),
  round_no INTEGER NOT NULL,
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
  -- The community in charge answers: the organisation is no property unit.
  by_community BOOLEAN NOT NULL,
  sha256 TEXT COLLATE "C",
  approved_by TEXT COLLATE "C",
  representative_id TEXT COLLATE "C",
  approved_at BIGINT,
  PRIMARY KEY (usage_terms_id, round_no, organisation_id),
  CONSTRAINT usage_approvals_approved_check CHECK ((approved_by IS NULL) = (approved_at IS NULL) AND (sha256 IS NULL) = (approved_at IS NULL))
);
CREATE INDEX usage_approvals_organisation_id_idx ON usage_approvals (organisation_id, usage_terms_id);

CREATE TABLE usage_events (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  usage_terms_id TEXT COLLATE "C" NOT NULL REFERENCES usage_terms (id),
  kind TEXT COLLATE "C" NOT NULL,
  organisation_id TEXT COLLATE "C",
  actor TEXT COLLATE "C",
  at BIGINT NOT NULL,
  text TEXT COLLATE "C",
  CONSTRAINT usage_events_kind_check CHECK (kind IN ('drafted', 'edited', 'submitted', 'approved', 'taking_effect', 'rejected', 'withdrawn', 'sent_back', 'restored'))
);
CREATE INDEX usage_events_usage_terms_id_idx ON usage_events (usage_terms_id, at);

-- What binds whoever books a space, and when: read together with the terms. Of one space no two overlap.
CREATE TABLE usage_in_force (
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  usage_terms_id TEXT COLLATE "C" NOT NULL REFERENCES usage_terms (id),
  round_no INTEGER NOT NULL,
  version_no INTEGER NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT NOT NULL,
  PRIMARY KEY (space_id, usage_terms_id, round_no)
);
CREATE INDEX usage_in_force_space_id_idx ON usage_in_force (space_id, to_at, from_at);
CREATE INDEX usage_in_force_usage_terms_id_idx ON usage_in_force (usage_terms_id, to_at);

-- What was accepted with a booking, by whom.
CREATE TABLE usage_acceptances (
  booking_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES bookings (id),
  usage_terms_id TEXT COLLATE "C" NOT NULL REFERENCES usage_terms (id),
  version_no INTEGER NOT NULL,
  sha256 TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C" NOT NULL,
  accepted_at BIGINT NOT NULL
);
CREATE INDEX usage_acceptances_usage_terms_id_idx ON usage_acceptances (usage_terms_id);
CREATE FUNCTION usage_events_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'usage_events_append_only', MESSAGE = 'usage_events_append_only';
END $$;
CREATE TRIGGER usage_events_append_only BEFORE UPDATE OR DELETE ON usage_events FOR EACH ROW EXECUTE FUNCTION usage_events_append_only();
CREATE FUNCTION usage_acceptances_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'usage_acceptances_append_only', MESSAGE = 'usage_acceptances_append_only';
END $$;
CREATE TRIGGER usage_acceptances_append_only BEFORE UPDATE OR DELETE ON usage_acceptances FOR EACH ROW EXECUTE FUNCTION usage_acceptances_append_only();

-- A suspension asked for by somebody who may not order it; the community orders it or not.
CREATE TABLE suspension_proposals (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  agreement_id TEXT COLLATE "C" NOT NULL REFERENCES agreements (id),
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
  account_id TEXT COLLATE "C" NOT NULL,
  urgency TEXT COLLATE "C" NOT NULL,
  ground TEXT COLLATE "C" NOT NULL,
  text TEXT COLLATE "C" NOT NULL,
  evidence TEXT COLLATE "C",
  from_at BIGINT,
  until_at BIGINT,
  proposed_at BIGINT NOT NULL,
  CONSTRAINT suspension_proposals_urgency_check CHECK (urgency IN ('immediate', 'planned'))
);
CREATE INDEX suspension_proposals_agreement_id_idx ON suspension_proposals (agreement_id);
CREATE INDEX suspension_proposals_organisation_id_idx ON suspension_proposals (organisation_id);

CREATE TABLE suspension_proposal_spaces (
  proposal_id TEXT COLLATE "C" NOT NULL REFERENCES suspension_proposals (id),
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  PRIMARY KEY (proposal_id, space_id)
);
CREATE INDEX suspension_proposal_spaces_space_id_idx ON suspension_proposal_spaces (space_id);
CREATE FUNCTION suspension_proposals_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'suspension_proposals_append_only', MESSAGE = 'suspension_proposals_append_only';
END $$;
CREATE TRIGGER suspension_proposals_append_only BEFORE UPDATE OR DELETE ON suspension_proposals FOR EACH ROW EXECUTE FUNCTION suspension_proposals_append_only();
