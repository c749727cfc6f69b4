DROP TABLE booking_cancellations;
DROP TABLE bookings;
DROP TABLE occupancy;
DROP TABLE tariffs;
