DROP TABLE closure_openings;
DROP TABLE closure_spaces;
DROP TABLE closures;
DROP TABLE booking_move_asks;
