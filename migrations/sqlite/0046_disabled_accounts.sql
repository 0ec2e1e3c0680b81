-- An account that the operator disabled: nobody can log in with it, and its access tokens don't work.
ALTER TABLE users ADD COLUMN disabled_at INTEGER; -- null: enabled
