-- What could be read from each outlet's pages, by day (days since 1970): pages, title, lead, authors, published, body-chars.
CREATE TABLE layouts (
    outlet TEXT NOT NULL,
    day BIGINT NOT NULL,
    field TEXT NOT NULL,
    n BIGINT NOT NULL,
    PRIMARY KEY (outlet, day, field)
);
CREATE INDEX layouts_day ON layouts (day);
