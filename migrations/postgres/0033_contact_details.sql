-- What else is known of a contact. Empty: nothing.
ALTER TABLE contacts ADD COLUMN email TEXT NOT NULL DEFAULT ''; -- lower case
ALTER TABLE contacts ADD COLUMN company TEXT NOT NULL DEFAULT '';
ALTER TABLE contacts ADD COLUMN note TEXT NOT NULL DEFAULT '';
CREATE INDEX contacts_email ON contacts (organization_id, email) WHERE email <> '';
