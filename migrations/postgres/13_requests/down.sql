DROP INDEX bookings_requested_idx;
DROP TABLE request_ends;
DROP TABLE booking_approvers;
