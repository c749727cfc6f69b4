-- Double entry: a row moves an amount from one account of a space to another, so that no row can be out of balance.
CREATE TABLE postings (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  space_id TEXT COLLATE "C" NOT NULL REFERENCES spaces (id),
  booking_id TEXT COLLATE "C" NOT NULL REFERENCES bookings (id),
  kind TEXT COLLATE "C" NOT NULL,
  debit TEXT COLLATE "C" NOT NULL,
  credit TEXT COLLATE "C" NOT NULL,
  amount_fen BIGINT NOT NULL,
  reverses_id TEXT COLLATE "C" REFERENCES postings (id),
  reason TEXT COLLATE "C",
  posted_by TEXT COLLATE "C",
  posted_at BIGINT NOT NULL,
  CONSTRAINT postings_reverses_id_key UNIQUE (reverses_id),
  CONSTRAINT postings_kind_check CHECK (kind IN ('charge', 'refund', 'reversal')),
  CONSTRAINT postings_debit_check CHECK (debit IN ('holders', 'fee_income')),
  CONSTRAINT postings_credit_check CHECK (credit IN ('holders', 'fee_income') AND credit <> debit),
  CONSTRAINT postings_amount_check CHECK (amount_fen > 0),
  CONSTRAINT postings_reversal_check CHECK ((kind = 'reversal') = (reverses_id IS NOT NULL) AND (kind <> 'reversal' OR reason IS NOT NULL))
);
CREATE INDEX postings_booking_id_idx ON postings (booking_id);
CREATE INDEX postings_space_id_posted_at_idx ON postings (space_id, posted_at);
CREATE FUNCTION postings_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'check_violation', CONSTRAINT = 'postings_append_only', MESSAGE = 'postings_append_only';
END $$;
CREATE TRIGGER postings_append_only BEFORE UPDATE OR DELETE ON postings FOR EACH ROW EXECUTE FUNCTION postings_append_only();
