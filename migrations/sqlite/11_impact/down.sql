DROP TABLE booking_moves;
DROP TABLE matter_ends;
DROP TABLE matter_alternatives;
DROP TABLE matters;
DROP TABLE impact_items;
DROP TABLE impact_plans;
