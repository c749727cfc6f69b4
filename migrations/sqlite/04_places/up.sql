CREATE TABLE sites (
  id TEXT NOT NULL PRIMARY KEY,
  code TEXT NOT NULL,
  area_id TEXT NOT NULL REFERENCES areas (id),
  organisation_id TEXT REFERENCES organisations (id),
  name_zh TEXT NOT NULL,
  name_en TEXT,
  zone TEXT NOT NULL,
  address_zh TEXT,
  facts TEXT NOT NULL,
  granularity_minutes INTEGER NOT NULL,
  min_minutes INTEGER NOT NULL,
  max_minutes INTEGER NOT NULL,
  lead_minutes INTEGER NOT NULL,
  horizon_days INTEGER NOT NULL,
  -- 0: nobody is released.
  no_show_minutes INTEGER NOT NULL DEFAULT 15,
  revision INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  CONSTRAINT sites_code_key UNIQUE (code)
) STRICT;
CREATE INDEX sites_area_id_idx ON sites (area_id);
CREATE INDEX sites_organisation_id_idx ON sites (organisation_id);

CREATE TABLE floors (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES sites (id),
  code TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  area INTEGER NOT NULL,
  -- NULL: common part of the owners (共有部分).
  title_organisation_id TEXT REFERENCES organisations (id),
  created_at INTEGER NOT NULL,
  CONSTRAINT floors_site_id_code_key UNIQUE (site_id, code),
  CONSTRAINT floors_area_check CHECK (area > 0)
) STRICT;
CREATE INDEX floors_title_organisation_id_idx ON floors (title_organisation_id);

CREATE TABLE spaces (
  id TEXT NOT NULL PRIMARY KEY,
  site_id TEXT NOT NULL REFERENCES sites (id),
  floor_id TEXT NOT NULL REFERENCES floors (id),
  code TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT,
  kind TEXT NOT NULL,
  area INTEGER NOT NULL,
  zone_zh TEXT,
  setup_minutes INTEGER NOT NULL,
  cleanup_minutes INTEGER NOT NULL,
  equipment TEXT NOT NULL,
  assumed TEXT NOT NULL,
  note_zh TEXT,
  -- NULL: as the floor.
  title_organisation_id TEXT REFERENCES organisations (id),
  created_at INTEGER NOT NULL,
  CONSTRAINT spaces_site_id_code_key UNIQUE (site_id, code),
  CONSTRAINT spaces_area_check CHECK (area > 0)
) STRICT;
CREATE INDEX spaces_floor_id_idx ON spaces (floor_id);
CREATE INDEX spaces_title_organisation_id_idx ON spaces (title_organisation_id);

-- The smallest part of a floor that can be taken; overlap is kept per atom.
CREATE TABLE atoms (
  id TEXT NOT NULL PRIMARY KEY,
  floor_id TEXT NOT NULL REFERENCES floors (id),
  code TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  CONSTRAINT atoms_floor_id_code_key UNIQUE (floor_id, code)
) STRICT;

CREATE TABLE space_atoms (
  space_id TEXT NOT NULL REFERENCES spaces (id),
  atom_id TEXT NOT NULL REFERENCES atoms (id),
  PRIMARY KEY (space_id, atom_id)
) STRICT;
CREATE INDEX space_atoms_atom_id_idx ON space_atoms (atom_id);

CREATE TABLE relocations (
  site_id TEXT NOT NULL REFERENCES sites (id),
  use_code TEXT NOT NULL,
  to_space_id TEXT NOT NULL REFERENCES spaces (id),
  note_zh TEXT NOT NULL,
  PRIMARY KEY (site_id, use_code)
) STRICT;
CREATE INDEX relocations_to_space_id_idx ON relocations (to_space_id);
