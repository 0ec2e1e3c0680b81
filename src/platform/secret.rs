//! The installation's secret, created at the first start and stored in the database, so that all its servers share it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use super::clock::Clock;
use super::db::{Db, execute, fetch_optional, fetch_value};

#[derive(Clone)]
pub struct Secret([u8; 32]);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// Creates a random secret.
    pub fn random(clock: &Clock) -> Self {
        Self(clock.random_bytes())
    }

    pub async fn load_or_create(db: &Db, clock: &Clock) -> anyhow::Result<Self> {
        let fresh = Self::random(clock).0.to_vec();
        execute!(
            db,
            "INSERT INTO installation (id, secret, created_at) VALUES (1, $1, $2) ON CONFLICT (id) DO NOTHING",
            &fresh,
            clock.now()
        )?;
        let stored = fetch_value!(db, Vec<u8>, "SELECT secret FROM installation WHERE id = 1")?;
        Self::of(stored)
    }

    /// Returns the secret of an installation that has started at least once.
    pub async fn load(db: &Db) -> anyhow::Result<Option<Self>> {
        let stored = fetch_optional!(db, (Vec<u8>,), "SELECT secret FROM installation WHERE id = 1")?;
        stored.map(|(bytes,)| Self::of(bytes)).transpose()
    }

    fn of(bytes: Vec<u8>) -> anyhow::Result<Self> {
        let bytes = bytes.try_into().map_err(|_| anyhow::anyhow!("the server's secret in the database is damaged"))?;
        Ok(Self(bytes))
    }

    fn mac(&self, message: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(message.as_bytes());
        mac
    }

    /// Returns the HMAC-SHA256 of `message`, in URL-safe base64.
    pub fn sign(&self, message: &str) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(message).finalize().into_bytes())
    }

    /// Derives a key for one purpose, which `input` names.
    pub fn derive(&self, input: &str) -> [u8; 32] {
        self.mac(input).finalize().into_bytes().into()
    }

    /// Verifies a signature in constant time.
    pub fn verify(&self, message: &str, signature: &str) -> bool {
        URL_SAFE_NO_PAD.decode(signature).is_ok_and(|bytes| self.mac(message).verify_slice(&bytes).is_ok())
    }
}

/// A random token for a link or a cookie, and its hash, which is stored.
pub struct Token {
    pub text: String,
    pub hash: Vec<u8>,
}

impl Token {
    /// Generates 256 random bits: too many to guess, so a plain hash protects them.
    pub fn generate(clock: &Clock) -> Self {
        let text = URL_SAFE_NO_PAD.encode(clock.random_bytes::<32>());
        let hash = Self::hash_of(&text);
        Self { text, hash }
    }

    pub fn hash_of(text: &str) -> Vec<u8> {
        Sha256::digest(text.as_bytes()).to_vec()
    }
}
