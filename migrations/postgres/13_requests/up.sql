-- Who must say yes to a booking before it is one, by which clause; a row of an approver who has said so tells who and when.
CREATE TABLE booking_approvers (
  booking_id TEXT COLLATE "C" NOT NULL REFERENCES bookings (id),
  organisation_id TEXT COLLATE "C" NOT NULL REFERENCES organisations (id),
  capacity TEXT COLLATE "C" NOT NULL,
  agreement_code TEXT COLLATE "C" NOT NULL,
  version_no INTEGER NOT NULL,
  clause TEXT COLLATE "C" NOT NULL,
  -- The same for every approver of a request: the earliest of their clauses, and never after the start.
  deadline_at BIGINT NOT NULL,
  approved_by TEXT COLLATE "C",
  approved_at BIGINT,
  PRIMARY KEY (booking_id, organisation_id),
  CONSTRAINT booking_approvers_approved_check CHECK ((approved_by IS NULL) = (approved_at IS NULL))
);
CREATE INDEX booking_approvers_organisation_id_idx ON booking_approvers (organisation_id, booking_id);

-- How a request ended, unless its holder took it back.
CREATE TABLE request_ends (
  booking_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES bookings (id),
  outcome TEXT COLLATE "C" NOT NULL,
  account_id TEXT COLLATE "C",
  reason TEXT COLLATE "C",
  ended_at BIGINT NOT NULL,
  CONSTRAINT request_ends_outcome_check CHECK (outcome IN ('approved', 'refused', 'expired')),
  CONSTRAINT request_ends_who_check CHECK ((outcome <> 'approved' OR account_id IS NOT NULL) AND (outcome <> 'expired' OR account_id IS NULL) AND (outcome = 'refused') = (reason IS NOT NULL))
);
CREATE INDEX bookings_requested_idx ON bookings (site_id, starts_at) WHERE state = 'requested';
