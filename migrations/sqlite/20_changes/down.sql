DROP TABLE booking_move_asks;
