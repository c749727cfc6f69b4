-- Whoever must say yes sees what waits in order of start, at whichever site: few among all there were.
CREATE INDEX bookings_open_requests_idx ON bookings (starts_at, id) WHERE state = 'requested';
