-- Double entry: a row moves an amount from one account of a space to another, so that no row can be out of balance.
CREATE TABLE postings (
  id TEXT NOT NULL PRIMARY KEY,
  space_id TEXT NOT NULL REFERENCES spaces (id),
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  kind TEXT NOT NULL,
  debit TEXT NOT NULL,
  credit TEXT NOT NULL,
  amount_fen INTEGER NOT NULL,
  reverses_id TEXT REFERENCES postings (id),
  reason TEXT,
  posted_by TEXT,
  posted_at INTEGER NOT NULL,
  CONSTRAINT postings_reverses_id_key UNIQUE (reverses_id),
  CONSTRAINT postings_kind_check CHECK (kind IN ('charge', 'refund', 'reversal')),
  CONSTRAINT postings_debit_check CHECK (debit IN ('holders', 'fee_income')),
  CONSTRAINT postings_credit_check CHECK (credit IN ('holders', 'fee_income') AND credit <> debit),
  CONSTRAINT postings_amount_check CHECK (amount_fen > 0),
  CONSTRAINT postings_reversal_check CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL) AND (kind <> 'reversal' OR reason IS NOT NULL))
) STRICT;
CREATE INDEX postings_booking_id_idx ON postings (booking_id);
CREATE INDEX postings_space_id_posted_at_idx ON postings (space_id, posted_at);
CREATE TRIGGER postings_append_only_update BEFORE UPDATE ON postings
BEGIN
  SELECT RAISE(ABORT, 'postings_append_only');
END;
CREATE TRIGGER postings_append_only_delete BEFORE DELETE ON postings
BEGIN
  SELECT RAISE(ABORT, 'postings_append_only');
END;
