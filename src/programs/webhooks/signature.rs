//! Signatures by the Standard Webhooks specification (<https://www.standardwebhooks.com>).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::model::SECRET_PREFIX;

/// Length of a secret, in bytes. The specification asks for 24 to 64.
pub const SECRET_BYTES: usize = 32;

/// Returns a secret as it is shown.
pub fn shown(secret: &[u8]) -> String {
    format!("{SECRET_PREFIX}{}", STANDARD.encode(secret))
}

/// Returns the header `webhook-signature`: a signature with each secret, separated by spaces. `seconds` is the time in
/// `webhook-timestamp`.
pub fn sign(secrets: &[impl AsRef<[u8]>], id: &str, seconds: i64, body: &str) -> String {
    let sign_with = |secret: &_| {
        let secret: &[u8] = AsRef::as_ref(secret);
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).expect("HMAC accepts keys of any length");
        mac.update(format!("{id}.{seconds}.{body}").as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    };
    secrets.iter().map(sign_with).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's libraries.
    const SECRET: &str = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_signature_is_that_of_the_specification() {
        let secret = STANDARD.decode(SECRET).unwrap();
        let body = r#"{"test": 2432232314}"#;
        let signed = sign(&[&secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        assert_eq!(shown(&secret), format!("whsec_{SECRET}"));
    }

    #[test]
    fn two_secrets_give_two_signatures() {
        let both = sign(&[b"new", b"old"], "id", 1, "{}");
        let parts: Vec<_> = both.split(' ').collect();
        assert_eq!(parts, [sign(&[b"new"], "id", 1, "{}"), sign(&[b"old"], "id", 1, "{}")]);
    }
}
