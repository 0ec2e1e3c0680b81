//! Parsers of values: switches, sizes, durations, URLs. Errors name the variable.

use std::net::IpAddr;
use std::time::Duration;

use anyhow::{Result, bail};

pub(super) fn set(value: Option<String>) -> Option<String> {
    value.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

pub(super) fn parse_bool(name: &str, value: Option<String>) -> Result<bool> {
    match set(value).as_deref() {
        None | Some("false" | "0") => Ok(false),
        Some("true" | "1") => Ok(true),
        Some(other) => bail!("{name}={other:?} is not valid. Set it to true or false."),
    }
}

/// Parses the number of trusted proxies: `true` is one.
pub(super) fn parse_proxies(name: &str, value: Option<String>) -> Result<usize> {
    match set(value).as_deref() {
        None | Some("false") => Ok(0),
        Some("true") => Ok(1),
        Some(other) => match other.parse::<u8>() {
            Ok(number) => Ok(number.into()),
            Err(_) => bail!("{name}={other:?} is not valid. Set it to true, false or a number of proxies."),
        },
    }
}

/// Parses host names and addresses, separated by commas.
pub(super) fn parse_hosts(name: &str, value: Option<String>) -> Result<Vec<String>> {
    let Some(text) = set(value) else { return Ok(Vec::new()) };
    let hosts: Vec<_> = text.split(',').map(|host| host.trim().trim_matches(['[', ']']).to_ascii_lowercase()).collect();
    let is_name = |host: &str| !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
    match hosts.iter().find(|host| !is_name(host) && host.parse::<IpAddr>().is_err()) {
        Some(wrong) => bail!(
            "{name}: {wrong:?} is not a host. Set it to names or addresses separated by commas, without ports, such as \
             localhost,10.0.0.5."
        ),
        None => Ok(hosts),
    }
}

pub(super) fn check_url(name: &str, url: &str) -> Result<String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    match rest {
        Some(host) if !host.trim_matches('/').is_empty() && !host.contains(['?', '#', ' ', '@']) => {
            Ok(url.trim_end_matches('/').to_owned())
        }
        _ => bail!(
            "{name} is not a URL. Set it to a URL with http:// or https:// and a host, such as \
            https://files.example.com."
        ),
    }
}

/// Checks a URL without a path: the app is at the root of its host.
pub(super) fn check_origin(name: &str, url: &str) -> Result<String> {
    let url = check_url(name, url)?;
    match url.split("://").nth(1).and_then(|rest| rest.split_once('/')) {
        None => Ok(url),
        Some((_, path)) => bail!("{name} has the path /{path}. Attaché needs its own host. Remove the path."),
    }
}

/// Parses bytes, or a number with a decimal unit as the app shows sizes.
pub(super) fn parse_size(name: &str, value: Option<String>) -> Result<Option<u64>> {
    let Some(text) = set(value) else { return Ok(None) };
    let compact = text.replace([' ', '_'], "").to_ascii_lowercase();
    let digits = compact.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &compact[digits.len()..] {
        "" | "b" => Some(1_u64),
        "k" | "kb" => Some(1_000),
        "m" | "mb" => Some(1_000_000),
        "g" | "gb" => Some(1_000_000_000),
        "t" | "tb" => Some(1_000_000_000_000),
        _ => None,
    };
    match (digits.parse::<u64>().ok(), factor) {
        (Some(number), Some(factor))
            if number > 0 && number.checked_mul(factor).is_some_and(|n| i64::try_from(n).is_ok()) =>
        {
            Ok(Some(number * factor))
        }
        _ => bail!("{name}={text:?} is not a size. Set it to bytes or to a number with kB, MB, GB or TB, such as 2GB."),
    }
}

/// Parses a whole number; `None` for 0.
pub(super) fn parse_rate(name: &str, text: &str) -> Result<Option<u32>> {
    match text.trim().parse::<u32>() {
        Ok(number) => Ok(Some(number).filter(|number| *number > 0)),
        Err(_) => {
            bail!("{name}={text:?} is not a number. Set it to a whole number, such as 600, or to 0 for no limit.")
        }
    }
}

/// Parses a whole number of seconds, minutes, hours or days. A number without a unit is rejected as ambiguous.
pub(super) fn parse_duration(name: &str, text: &str) -> Result<Duration> {
    let compact = text.trim().to_ascii_lowercase();
    let digits = compact.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &compact[digits.len()..] {
        "s" => Some(1_u64),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(24 * 3600),
        _ => None,
    };
    let number = digits.parse::<u64>().ok().filter(|number| *number > 0);
    // At most ten years, so that times computed with it stay in range.
    match number.zip(factor).and_then(|(number, factor)| number.checked_mul(factor)) {
        Some(seconds) if seconds <= 3650 * 24 * 3600 => Ok(Duration::from_secs(seconds)),
        _ => bail!("{name}={text:?} is not a duration. Set it to a number with s, m, h or d, such as 30s or 7d."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        let seconds = |text: &str| parse_duration("REMOTE_FETCH_TIMEOUT", text).map(|time| time.as_secs());
        assert_eq!(seconds("30s").unwrap(), 30);
        assert_eq!(seconds(" 45s ").unwrap(), 45);
        assert_eq!(seconds("2h").unwrap(), 7200);
        assert_eq!(seconds("7D").unwrap(), 604_800);
        for wrong in ["0", "7", "0s", "-1s", "s", "1.5h", "1w", "", "99999d", "99999999999999999999"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hosts_are_names_or_addresses() {
        let hosts = |text: &str| parse_hosts("WEBHOOK_ALLOWED_HOSTS", Some(text.to_owned()));
        assert_eq!(hosts(" Localhost, 10.0.0.5,[::1]").unwrap(), ["localhost", "10.0.0.5", "::1"]);
        assert!(parse_hosts("WEBHOOK_ALLOWED_HOSTS", None).unwrap().is_empty());
        for wrong in ["localhost:3000", "http://localhost", "10.0.0.0/8", "a,,b", "a b", "*"] {
            assert!(hosts(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_decimal_units() {
        let size = |text: &str| parse_size("UPLOADS_MAX_FILE_SIZE", Some(text.to_owned()));
        assert_eq!(size("2GB").unwrap(), Some(2_000_000_000));
        assert_eq!(size("10 mb").unwrap(), Some(10_000_000));
        assert_eq!(size("123").unwrap(), Some(123));
        assert_eq!(size(" ").unwrap(), None);
        for wrong in ["0", "-1", "GB", "1.5GB", "99999999999TB"] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
