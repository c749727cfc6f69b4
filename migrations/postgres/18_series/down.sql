DROP TABLE calendars;
DROP TABLE series;
