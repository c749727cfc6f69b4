DROP TABLE booking_move_asks;
DROP FUNCTION booking_move_asks_append_only();
