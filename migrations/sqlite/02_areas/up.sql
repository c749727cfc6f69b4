CREATE TABLE areas (
  id TEXT NOT NULL PRIMARY KEY,
  code TEXT NOT NULL,
  kind TEXT NOT NULL,
  parent_id TEXT REFERENCES areas (id),
  -- Ids from the root to this area, each followed by '/': a prefix test answers "lies in".
  path TEXT NOT NULL,
  name_zh TEXT NOT NULL,
  name_en TEXT,
  buildings INTEGER,
  households INTEGER,
  people INTEGER,
  created_at INTEGER NOT NULL,
  CONSTRAINT areas_code_key UNIQUE (code),
  CONSTRAINT areas_kind_check CHECK (kind IN ('district', 'street', 'community', 'grid', 'door'))
) STRICT;
CREATE INDEX areas_path_idx ON areas (path);
CREATE INDEX areas_parent_id_idx ON areas (parent_id);
