-- An order that closes spaces; it is never changed, and ends by its own end or by its lifting.
CREATE TABLE suspensions (
  id TEXT NOT NULL PRIMARY KEY,
  agreement_id TEXT NOT NULL REFERENCES agreements (id),
  urgency TEXT NOT NULL,
  ground TEXT NOT NULL,
  text TEXT NOT NULL,
  -- What it rests on; for the parties.
  evidence TEXT,
  ordered_by TEXT NOT NULL,
  -- The property unit or operator it was ordered for.
  organisation_id TEXT REFERENCES organisations (id),
  account_id TEXT NOT NULL,
  from_at INTEGER NOT NULL,
  -- NULL: until it is lifted.
  until_at INTEGER,
  ordered_at INTEGER NOT NULL,
  CONSTRAINT suspensions_urgency_check CHECK (urgency IN ('immediate', 'planned')),
  CONSTRAINT suspensions_ordered_by_check CHECK (ordered_by IN ('community', 'street', 'property_unit', 'operator')),
  CONSTRAINT suspensions_period_check CHECK (until_at IS NULL OR from_at < until_at),
  CONSTRAINT suspensions_end_check CHECK (urgency = 'immediate' OR until_at IS NOT NULL)
) STRICT;
CREATE INDEX suspensions_agreement_id_idx ON suspensions (agreement_id);
CREATE INDEX suspensions_organisation_id_idx ON suspensions (organisation_id);

CREATE TABLE suspension_spaces (
  suspension_id TEXT NOT NULL REFERENCES suspensions (id),
  space_id TEXT NOT NULL REFERENCES spaces (id),
  PRIMARY KEY (suspension_id, space_id)
) STRICT;
CREATE INDEX suspension_spaces_space_id_idx ON suspension_spaces (space_id);

-- Notice that ends an agreement. Delivered when it is served: the inbox here is the system the parties use.
CREATE TABLE terminations (
  id TEXT NOT NULL PRIMARY KEY,
  agreement_id TEXT NOT NULL REFERENCES agreements (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  representative_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  text TEXT NOT NULL,
  served_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  CONSTRAINT terminations_period_check CHECK (served_at < ends_at)
) STRICT;
CREATE INDEX terminations_agreement_id_idx ON terminations (agreement_id);
CREATE INDEX terminations_organisation_id_idx ON terminations (organisation_id);

-- A property unit leaves, and its spaces with it; the rest stands.
CREATE TABLE withdrawals (
  id TEXT NOT NULL PRIMARY KEY,
  agreement_id TEXT NOT NULL REFERENCES agreements (id),
  organisation_id TEXT NOT NULL REFERENCES organisations (id),
  representative_id TEXT NOT NULL,
  account_id TEXT NOT NULL,
  text TEXT NOT NULL,
  served_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  CONSTRAINT withdrawals_period_check CHECK (served_at < ends_at)
) STRICT;
CREATE INDEX withdrawals_agreement_id_idx ON withdrawals (agreement_id);
CREATE INDEX withdrawals_organisation_id_idx ON withdrawals (organisation_id);

CREATE TABLE withdrawal_spaces (
  withdrawal_id TEXT NOT NULL REFERENCES withdrawals (id),
  space_id TEXT NOT NULL REFERENCES spaces (id),
  PRIMARY KEY (withdrawal_id, space_id)
) STRICT;
CREATE INDEX withdrawal_spaces_space_id_idx ON withdrawal_spaces (space_id);

-- What happened to an agreement beside its versions, with who, when and why.
CREATE TABLE agreement_events (
  id TEXT NOT NULL PRIMARY KEY,
  agreement_id TEXT NOT NULL REFERENCES agreements (id),
  kind TEXT NOT NULL,
  -- What it is about: a suspension, a notice, a version, the agreement itself.
  subject TEXT NOT NULL,
  organisation_id TEXT REFERENCES organisations (id),
  actor TEXT,
  at INTEGER NOT NULL,
  text TEXT,
  CONSTRAINT agreement_events_kind_check CHECK (kind IN ('suspension_ordered', 'suspension_lifted', 'suspension_upheld', 'suspension_escalated',
    'termination_served', 'termination_disputed', 'withdrawal_served', 'annulment_consented', 'annulled', 'expiring', 'settlement_opened', 'closed',
    'suspension_proposed', 'proposal_ordered', 'proposal_declined'))
) STRICT;
CREATE INDEX agreement_events_agreement_id_idx ON agreement_events (agreement_id, id);
CREATE INDEX agreement_events_organisation_id_idx ON agreement_events (organisation_id);
CREATE UNIQUE INDEX agreement_events_lifted_once_idx ON agreement_events (subject) WHERE kind = 'suspension_lifted';
CREATE UNIQUE INDEX agreement_events_once_a_party_idx ON agreement_events (subject, organisation_id) WHERE kind IN ('annulment_consented', 'termination_disputed');
CREATE UNIQUE INDEX agreement_events_settled_once_idx ON agreement_events (agreement_id) WHERE kind = 'settlement_opened';
CREATE UNIQUE INDEX agreement_events_answered_once_idx ON agreement_events (subject) WHERE kind IN ('proposal_ordered', 'proposal_declined');
CREATE UNIQUE INDEX agreement_events_closed_once_idx ON agreement_events (agreement_id) WHERE kind = 'closed';
CREATE TRIGGER suspensions_append_only_update BEFORE UPDATE ON suspensions
BEGIN
  SELECT RAISE(ABORT, 'suspensions_append_only');
END;
CREATE TRIGGER suspensions_append_only_delete BEFORE DELETE ON suspensions
BEGIN
  SELECT RAISE(ABORT, 'suspensions_append_only');
END;
CREATE TRIGGER terminations_append_only_update BEFORE UPDATE ON terminations
BEGIN
  SELECT RAISE(ABORT, 'terminations_append_only');
END;
CREATE TRIGGER terminations_append_only_delete BEFORE DELETE ON terminations
BEGIN
  SELECT RAISE(ABORT, 'terminations_append_only');
END;
CREATE TRIGGER withdrawals_append_only_update BEFORE UPDATE ON withdrawals
BEGIN
  SELECT RAISE(ABORT, 'withdrawals_append_only');
END;
CREATE TRIGGER withdrawals_append_only_delete BEFORE DELETE ON withdrawals
BEGIN
  SELECT RAISE(ABORT, 'withdrawals_append_only');
END;
CREATE TRIGGER agreement_events_append_only_update BEFORE UPDATE ON agreement_events
BEGIN
  SELECT RAISE(ABORT, 'agreement_events_append_only');
END;
CREATE TRIGGER agreement_events_append_only_delete BEFORE DELETE ON agreement_events
BEGIN
  SELECT RAISE(ABORT, 'agreement_events_append_only');
END;
