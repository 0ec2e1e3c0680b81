//! Users and sessions, for both sides, and the rules for their input.

use serde::{Deserialize, Serialize};

use crate::ids::{SessionId, UserId};
use crate::platform::error::{AppError, Result};
use crate::platform::normal_form::composed;
use crate::platform::timestamp::Timestamp;
use crate::platform::visible::{is_invisible, trim_invisible};

/// Minimum length of a password, in characters. NIST SP 800-63B requires length and nothing else.
pub const PASSWORD_MIN: usize = 12;
/// Maximum length of a password, in bytes, because hashing takes time.
const PASSWORD_MAX: usize = 1024;
/// Maximum length of an email address (RFC 5321 §4.5.3.1.3).
const EMAIL_MAX: usize = 254;
/// Maximum length of the name of a person, a contact, an organization, or a channel; in characters.
pub const NAME_MAX: usize = 100;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct User {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub avatar_url: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogIn {
    pub email: String,
    pub password: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangePassword {
    pub current_password: String,
    pub new_password: String,
    /// Whether to revoke the person's access tokens.
    #[serde(default)]
    pub revoke_tokens: bool,
}

/// The number of other devices that a new password has logged out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PasswordChanged {
    pub ended_sessions: u64,
    pub revoked_tokens: u64,
}

/// A new password, with the token of a reset link.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResetPassword {
    pub token: String,
    pub password: String,
    /// Whether to revoke the person's access tokens.
    #[serde(default)]
    pub revoke_tokens: bool,
}

/// A device on which a person is logged in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Device {
    pub id: SessionId,
    pub user_agent: String,
    pub created_at: Timestamp,
    pub last_seen_at: Timestamp,
    /// Whether it is the one that sent the request.
    pub current: bool,
}

/// Returns whether a character changes the text direction, which can make `gpj.exe` look like `exe.jpg`. These
/// characters are invisible, and copied with a text.
pub fn is_bidi_control(c: char) -> bool {
    matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Checks a name for people: trimmed, with a visible character, at most [`NAME_MAX`] characters, no control characters,
/// and none that change the text direction.
pub fn check_name(field: &str, text: &str) -> Result<String> {
    let text = text.replace(is_bidi_control, "");
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let name = trim_invisible(&name).to_owned();
    if name.is_empty() {
        return Err(AppError::invalid(field, "This field is required."));
    }
    if text.chars().count() > NAME_MAX {
        return Err(AppError::invalid(field, format!("Use at most {NAME_MAX} characters.")));
    }
    if name.chars().any(char::is_control) {
        return Err(AppError::invalid(field, "Remove control characters."));
    }
    Ok(name)
}

/// Checks an address and returns it in lower case and composed form (NFC). Rejects what can't be an address; only an
/// email could show whether it exists.
pub fn check_email(text: &str) -> Result<String> {
    let email = composed(text.trim()).to_lowercase();
    let plausible = email.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && !domain.is_empty()
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains('@')
    });
    let is_deceptive = |c: char| c.is_whitespace() || c.is_control() || is_bidi_control(c) || is_invisible(c);
    if !plausible || email.chars().any(is_deceptive) || email.len() > EMAIL_MAX {
        return Err(AppError::invalid("email", "Enter a valid email address, such as you@example.com."));
    }
    Ok(email)
}

/// Checks that a password is long enough, and not so long that hashing it is an attack.
pub fn check_password(text: &str) -> Result<()> {
    let length = text.chars().count();
    if length < PASSWORD_MIN {
        return Err(AppError::invalid(
            "password",
            format!("Use at least {PASSWORD_MIN} characters. This one has {length}."),
        ));
    }
    if text.len() > PASSWORD_MAX {
        return Err(AppError::invalid("password", format!("Use at most {PASSWORD_MAX} bytes.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_trimmed_and_bounded() {
        assert_eq!(check_name("name", "  Jane \t Doe ").unwrap(), "Jane Doe");
        assert!(check_name("name", " \u{a0} ").is_err());
        assert!(check_name("name", &"é".repeat(NAME_MAX)).is_ok());
        assert!(check_name("name", &"é".repeat(NAME_MAX + 1)).is_err());
        assert!(check_name("name", "a\u{0}b").is_err());
        assert_eq!(check_name("name", "Mara\u{202e} \u{2067}Ellis").unwrap(), "Mara Ellis");
        assert!(check_name("name", "\u{202e}").is_err());
        assert_eq!(check_name("name", "\u{3164}Nora \u{200b}Ellis\u{2800}").unwrap(), "Nora \u{200b}Ellis");
        assert!(check_name("name", "\u{3164} \u{200b}").is_err());
    }

    #[test]
    fn emails_are_lower_case_and_plausible() {
        assert_eq!(check_email(" Jane@Example.COM ").unwrap(), "jane@example.com");
        assert_eq!(check_email("Jose\u{301}@example.com").unwrap(), "jos\u{e9}@example.com");
        for wrong in ["", "jane", "jane@", "@example.com", "a@b@c", "a b@c.d", "a@.c", "a@c."] {
            assert!(check_email(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn errors_of_short_passwords_have_their_length() {
        let error = check_password("harbour").unwrap_err();
        assert_eq!(error.message, "Use at least 12 characters. This one has 7.");
        assert!(check_password("twelve chars").is_ok());
        assert!(check_password(&"x".repeat(1025)).is_err());
    }
}
