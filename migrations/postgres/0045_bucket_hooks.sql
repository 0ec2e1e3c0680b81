-- Incoming URLs of buckets. Each is an access token with the same id, which has its name, the hash of its secret, its use and its end.
CREATE TABLE bucket_hooks (
    id UUID PRIMARY KEY REFERENCES access_tokens (id),
    channel_id UUID NOT NULL REFERENCES channels (id),
    template_title TEXT, -- null: no template
    template_body TEXT,
    template_image TEXT,
    failed_at BIGINT, -- the latest request that was rejected
    failure TEXT, -- the response to it
    failed_body TEXT -- the start of its body
);
CREATE INDEX bucket_hooks_channel ON bucket_hooks (channel_id, id);
CREATE INDEX bucket_hooks_failed ON bucket_hooks (failed_at) WHERE failed_at IS NOT NULL;
