CREATE TABLE areas (
  id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  code TEXT COLLATE "C" NOT NULL,
  kind TEXT COLLATE "C" NOT NULL,
  parent_id TEXT COLLATE "C" REFERENCES areas (id),
  -- Ids from the root to this area, each followed by '/': a prefix test answers "lies in".
  path TEXT COLLATE "C" NOT NULL,
  name_zh TEXT COLLATE "C" NOT NULL,
  name_en TEXT COLLATE "C",
  buildings BIGINT,
  households BIGINT,
  people BIGINT,
  created_at BIGINT NOT NULL,
  CONSTRAINT areas_code_key UNIQUE (code),
  CONSTRAINT areas_kind_check CHECK (kind IN ('district', 'street', 'community', 'grid', 'door'))
);
CREATE INDEX areas_path_idx ON areas (path);
CREATE INDEX areas_parent_id_idx ON areas (parent_id);
