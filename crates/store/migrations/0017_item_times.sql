-- What every channel brought lately is counted from this index alone.
DROP INDEX items_channel;
CREATE INDEX items_channel ON items (channel, first_seen, published);
