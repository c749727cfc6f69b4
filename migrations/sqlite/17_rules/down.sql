DROP TABLE booking_consents;
DROP TABLE booking_overrides;
DROP TABLE booking_equipment;
DROP TABLE equipment;
