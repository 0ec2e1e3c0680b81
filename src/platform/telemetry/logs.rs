//! Where log lines go and what they look like.

use std::io::IsTerminal;

use anyhow::{Result, bail};
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata};
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, fmt};

/// The default log levels, without `RUST_LOG`.
const DEFAULT_FILTER: &str = "info,sqlx=warn,dioxus_server=warn";
/// What the targets of this crate's own lines begin with.
const OWN: &str = env!("CARGO_CRATE_NAME");

/// `LOG_FORMAT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// One line for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

impl LogFormat {
    pub fn parse(text: &str) -> Result<Self> {
        match text.trim() {
            "text" | "" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            other => bail!("LOG_FORMAT={other:?} is not valid. Set it to text or json."),
        }
    }
}

/// Libraries log headers, statements and bodies below this level, with cookies, tokens and signatures in them.
fn holds_no_secrets(metadata: &Metadata<'_>) -> bool {
    let is_own = metadata.target().split("::").next() == Some(OWN);
    is_own || *metadata.level() <= Level::INFO
}

/// Sends all log lines to standard error from now on, panics too.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(DEFAULT_FILTER));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(true).boxed(),
        // Colors are for who looks on: journals and files get plain text.
        LogFormat::Text => {
            let colors =
                std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
            lines.with_ansi(colors).boxed()
        }
    };
    let lines = lines.with_filter(filter_fn(holds_no_secrets).with_max_level_hint(LevelFilter::TRACE));
    tracing_subscriber::registry().with(filter).with(lines).init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        tracing::error!(place, "panic: {}", panic.payload_as_str().unwrap_or("no message"));
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_formats_are_refused_by_name() {
        assert_eq!(LogFormat::parse(" json ").unwrap(), LogFormat::Json);
        assert_eq!(LogFormat::parse("").unwrap(), LogFormat::Text);
        assert!(LogFormat::parse("JSON").unwrap_err().to_string().contains("LOG_FORMAT=\"JSON\""));
    }
}
