DROP TABLE relocations;
DROP TABLE space_atoms;
DROP TABLE atoms;
DROP TABLE spaces;
DROP TABLE floors;
DROP TABLE sites;
