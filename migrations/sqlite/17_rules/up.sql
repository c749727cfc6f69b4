-- Portable equipment of a site, lent with any of its rooms.
CREATE TABLE equipment (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES sites (id),
  code TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT,
  -- How many there are; 0: not lent any more.
  stock INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT equipment_site_id_code_key UNIQUE (site_id, code),
  CONSTRAINT equipment_stock_check CHECK (stock >= 0)
) STRICT;

-- What a booking takes along. It is in use while its booking holds its room: whatever ends the booking gives it back.
CREATE TABLE booking_equipment (
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  equipment_id TEXT NOT NULL REFERENCES equipment (id),
  units INTEGER NOT NULL,
  -- As long as the booking occupies its room, set-up and clean-up included.
  from_at INTEGER NOT NULL,
  to_at INTEGER NOT NULL,
  PRIMARY KEY (booking_id, equipment_id),
  CONSTRAINT booking_equipment_units_check CHECK (units > 0),
  CONSTRAINT booking_equipment_period_check CHECK (from_at < to_at)
) STRICT;
CREATE INDEX booking_equipment_equipment_id_from_at_idx ON booking_equipment (equipment_id, from_at);

-- A rule of the site that was set aside for a booking: which, why, by whom. Counted in public.
CREATE TABLE booking_overrides (
  booking_id TEXT NOT NULL REFERENCES bookings (id),
  rule TEXT NOT NULL,
  site_id TEXT NOT NULL REFERENCES sites (id),
  reason TEXT NOT NULL,
  account_id TEXT NOT NULL REFERENCES accounts (id),
  set_aside_at INTEGER NOT NULL,
  PRIMARY KEY (booking_id, rule),
  CONSTRAINT booking_overrides_rule_check CHECK (rule IN ('lead_time', 'horizon', 'granularity', 'duration', 'quota'))
) STRICT;
CREATE INDEX booking_overrides_site_id_set_aside_at_idx ON booking_overrides (site_id, set_aside_at);
CREATE INDEX booking_overrides_account_id_idx ON booking_overrides (account_id);

-- What a neighbour said before somebody booked for them.
CREATE TABLE booking_consents (
  booking_id TEXT NOT NULL PRIMARY KEY REFERENCES bookings (id),
  -- Whose word it is …
  account_id TEXT NOT NULL REFERENCES accounts (id),
  how TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  -- … and who heard it, in which role.
  heard_by TEXT NOT NULL REFERENCES accounts (id),
  role TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  CONSTRAINT booking_consents_how_check CHECK (how IN ('in_person', 'by_phone')),
  CONSTRAINT booking_consents_two_check CHECK (account_id <> heard_by)
) STRICT;
CREATE INDEX booking_consents_account_id_idx ON booking_consents (account_id);
CREATE INDEX booking_consents_heard_by_idx ON booking_consents (heard_by, booking_id);
