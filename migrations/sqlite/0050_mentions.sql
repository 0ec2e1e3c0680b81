-- Whom messages mention. The text has the id of each, as <@id>.
CREATE TABLE message_mentions (
    channel_id BLOB NOT NULL REFERENCES channels (id),
    member_id BLOB NOT NULL REFERENCES members (id),
    message_id BLOB NOT NULL REFERENCES messages (id),
    PRIMARY KEY (channel_id, member_id, message_id)
);
CREATE INDEX message_mentions_message ON message_mentions (message_id);
