-- What several workers share of a host beside its next turn: until when it wants to be left alone, and the requests
-- that are open; a slot whose time is over is free.
ALTER TABLE host_turns ADD COLUMN held_until BIGINT;
CREATE TABLE host_slots (
    host TEXT NOT NULL,
    slot BIGINT NOT NULL,
    ticket TEXT NOT NULL,
    held_until BIGINT NOT NULL,
    PRIMARY KEY (host, slot)
);
