DROP TABLE closure_openings;
DROP TABLE closure_spaces;
DROP TABLE closures;
DROP TABLE booking_move_asks;
DROP FUNCTION closure_openings_append_only();
DROP FUNCTION closure_spaces_append_only();
DROP FUNCTION booking_move_asks_append_only();
