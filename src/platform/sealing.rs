//! Encryption of stored data, for those who show a key that is not stored. AES-256-GCM (NIST SP 800-38D).

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::error::Unspecified;

use super::secret::Secret;

/// A key that is derived when it is needed.
pub struct SealingKey(RandomizedNonceKey);

impl SealingKey {
    /// Derives a key from the installation's secret and `input`, which names the purpose (RFC 5869 §2.2: the secret is the
    /// salt). Who knows the database alone must guess `input`.
    pub fn derive(secret: &Secret, input: &str) -> Result<Self, Unspecified> {
        RandomizedNonceKey::new(&AES_256_GCM, &secret.derive(input)).map(Self)
    }

    /// Encrypts `plain`. The result can be opened with the same `context` only.
    pub fn seal(&self, context: &[u8], plain: &[u8]) -> Result<Vec<u8>, Unspecified> {
        let mut sealed = plain.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(context), &mut sealed)?;
        Ok([&nonce.as_ref()[..], &sealed].concat())
    }

    /// Decrypts what [`Self::seal`] returned. `None` if it was sealed with another key or context, or is damaged.
    pub fn open(&self, context: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut bytes = sealed.to_vec();
        let length = self.0.open_in_place(nonce, Aad::from(context), &mut bytes).ok()?.len();
        bytes.truncate(length);
        Some(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::platform::clock::Clock;

    #[test]
    fn only_the_same_key_and_context_open() {
        let (one, other) = (Secret::random(&Clock::default()), Secret::random(&Clock::default()));
        let key = |secret, input| SealingKey::derive(secret, input).unwrap();
        for plain in [&b""[..], b"{}", &vec![7; 100_000]] {
            let sealed = key(&one, "input").seal(b"context", plain).unwrap();
            assert_eq!(key(&one, "input").open(b"context", &sealed).as_deref(), Some(plain));
            assert_eq!(key(&other, "input").open(b"context", &sealed), None);
            assert_eq!(key(&one, "another").open(b"context", &sealed), None);
            assert_eq!(key(&one, "input").open(b"another", &sealed), None);
            assert_eq!(key(&one, "input").open(b"context", &sealed[..sealed.len() - 1]), None);
            assert_ne!(sealed, key(&one, "input").seal(b"context", plain).unwrap(), "nonces differ");
        }
        assert_eq!(key(&one, "input").open(b"context", b"short"), None);
    }
}
