-- How far a message has come on its way to its contact, as a gateway reports.
ALTER TABLE messages ADD COLUMN delivery_status TEXT; -- null: nothing is known
ALTER TABLE messages ADD COLUMN delivery_error TEXT; -- why it failed, for people; null: unknown, or not failed
-- The id of the message in the system of the gateway. The same one is never a second message.
ALTER TABLE messages ADD COLUMN external_id TEXT;
CREATE UNIQUE INDEX messages_external_id ON messages (organization_id, external_id) WHERE external_id IS NOT NULL;
-- The access token that received the message from its contact, or last reported its delivery.
ALTER TABLE messages ADD COLUMN gateway_token_id UUID REFERENCES access_tokens (id);
CREATE INDEX messages_gateway_token ON messages (gateway_token_id) WHERE gateway_token_id IS NOT NULL;
