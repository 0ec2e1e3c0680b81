//! Access to the metrics.

use std::net::SocketAddr;

use anyhow::{Context, Result};
use clap::Args;

use super::values::set;

#[derive(Debug, Clone, Args)]
pub struct MetricsSettings {
    /// Token for `GET /metrics`, sent as `Authorization: Bearer`. Default: no such route.
    #[arg(long, env = "METRICS_TOKEN", hide_env_values = true)]
    metrics_token: Option<String>,
    /// Separate address for `GET /metrics` without a token, such as `127.0.0.1:9464`. Default: none.
    #[arg(long, env = "METRICS_ADDR")]
    metrics_addr: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct MetricsConfig {
    /// Opens `GET /metrics` of the app's own address.
    pub token: Option<MetricsToken>,
    /// A separate address that needs no token.
    pub address: Option<SocketAddr>,
}

#[derive(Clone, PartialEq, Eq)]
pub struct MetricsToken(pub String);

impl std::fmt::Debug for MetricsToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MetricsToken(…)")
    }
}

impl MetricsConfig {
    pub fn is_on(&self) -> bool {
        self.token.is_some() || self.address.is_some()
    }
}

impl MetricsSettings {
    pub(super) fn check(self) -> Result<MetricsConfig> {
        let token = set(self.metrics_token);
        let address = set(self.metrics_addr).map(|text| {
            let message = format!(
                "METRICS_ADDR={text:?} is not an address. Set it to an IP address and a port, such as 127.0.0.1:9464."
            );
            text.parse().context(message)
        });
        Ok(MetricsConfig { token: token.map(MetricsToken), address: address.transpose()? })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::platform::config::Cli;

    fn check(flags: &[&str]) -> Result<MetricsConfig> {
        Ok(Cli::parse_from(std::iter::once(&"attache").chain(flags)).settings.check()?.metrics)
    }

    #[test]
    fn nobody_reads_them_unless_it_is_set() {
        assert!(!check(&[]).unwrap().is_on());
        assert!(!check(&["--metrics-token=", "--metrics-addr= "]).unwrap().is_on());
        let config = check(&["--metrics-token=0123456789abcdef", "--metrics-addr=127.0.0.1:9464"]).unwrap();
        assert!(config.is_on());
        assert!(!format!("{config:?}").contains("0123456789abcdef"));
    }

    #[test]
    fn wrong_values_name_the_variable() {
        assert!(check(&["--metrics-addr=localhost"]).unwrap_err().to_string().contains("METRICS_ADDR="));
    }
}
