//! `GET /metrics`, for Prometheus: what each metric is, and those that are measured when somebody asks.

use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge};
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::atomic::Ordering;

use crate::admin::backup::runs;
use crate::channels::search_index;
use crate::files::attachments::serve::DOWNLOADED;
use crate::files::attachments::upload_failure::FAILED as UPLOADS_FAILED;
use crate::files::attachments::verify::UPLOADED;
use crate::files::previews::PREVIEWS;
use crate::platform::db::STATEMENT_DURATION;
use crate::platform::error::{AppError, Result};
use crate::platform::jobs::Job;
use crate::platform::sandbox::DEATHS;
use crate::platform::secret::Token;
use crate::platform::telemetry::http_metrics as http;
use crate::platform::timestamp::Timestamp;
use crate::platform::{Platform, job_metrics, storage};

const BACKUP_SUCCEEDED: &str = "attache_backup_last_success_timestamp_seconds";
const BACKUP_FAILED: &str = "attache_backup_last_failure_timestamp_seconds";
const CONNECTIONS: &str = "attache_database_connections";
const CONNECTIONS_MAX: &str = "attache_database_connections_max";
const EVENT_STREAMS: &str = "attache_event_streams";
const REQUESTS_RUNNING: &str = "attache_http_requests_running";
const QUEUE_ERRORS: &str = "attache_job_queue_errors_total";
const UNINDEXED: &str = "attache_search_unindexed_messages";
/// The text format of Prometheus.
const TEXT_FORMAT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Counters that are there before anything is counted, so that the first failure is a rise and no new line.
pub fn describe() {
    describe_counter!(http::REQUESTS, "Requests answered, by method, route and status.");
    describe_histogram!(http::DURATION, Unit::Seconds, "Time until an answer began, by method and route.");
    describe_counter!(http::RECEIVED, Unit::Bytes, "Bytes of request bodies, by route.");
    describe_counter!(http::SENT, Unit::Bytes, "Bytes of answers, by route.");
    describe_gauge!(REQUESTS_RUNNING, "Requests whose response is not complete yet.");
    describe_gauge!(EVENT_STREAMS, "Open event streams: browsers with an open page, and programs.");
    describe_counter!(UPLOADED, Unit::Bytes, "Bytes of files whose upload was completed.");
    describe_counter!(UPLOADS_FAILED, "Uploads that failed, by step and reason.");
    describe_counter!(
        DOWNLOADED,
        Unit::Bytes,
        "Bytes of files that were served, by this server or by a URL of the store."
    );
    describe_counter!(PREVIEWS, "Previews, by outcome: made or failed.");
    describe_counter!(DEATHS, "Media workers that died, by work.");
    describe_counter!(storage::ERRORS, "Calls of the storage that failed, by operation and the storage's code.");
    describe_gauge!(CONNECTIONS, "Connections to the database, by pool and state.");
    describe_gauge!(CONNECTIONS_MAX, "Most connections to the database, by pool.");
    describe_histogram!(STATEMENT_DURATION, Unit::Seconds, "Time of a statement once it has a connection.");
    describe_counter!(job_metrics::DONE, "Jobs done by this server, by kind and outcome.");
    describe_histogram!(job_metrics::DURATION, Unit::Seconds, "Time of a job, by kind.");
    describe_gauge!(job_metrics::WAITING, "Jobs of the installation, by kind and state.");
    describe_gauge!(job_metrics::OLDEST, Unit::Seconds, "Since when the oldest job could be done, by kind.");
    describe_counter!(QUEUE_ERRORS, "Times that the jobs could not be read for this page.");
    describe_gauge!(UNINDEXED, "Messages that searches do not find yet, because an upgrade is still indexing them.");
    describe_gauge!(BACKUP_SUCCEEDED, Unit::Seconds, "When the last back-up to BACKUP_TO was completed; 0: never.");
    describe_gauge!(BACKUP_FAILED, Unit::Seconds, "When a back-up to BACKUP_TO last failed; 0: never.");
    for kind in ["made", "failed"] {
        counter!(PREVIEWS, "outcome" => kind).increment(0);
    }
    for by in ["server", "store"] {
        counter!(DOWNLOADED, "by" => by).increment(0);
    }
    for name in [UPLOADED, QUEUE_ERRORS] {
        counter!(name).increment(0);
    }
}

/// The route of the app's own address: 404 without `METRICS_TOKEN`, 401 with another token.
pub async fn guarded(platform: Platform, headers: HeaderMap, jobs: &[Job]) -> Result<Response> {
    let Some(token) = &platform.config.metrics.token else { return Err(AppError::not_found("route")) };
    let shown = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    let shown = shown.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map_or("", |(_, token)| token.trim());
    // Compares hashes, so that the duration reveals nothing about the token.
    if Token::hash_of(shown) == Token::hash_of(&token.0) {
        return open(platform, jobs).await;
    }
    let refused =
        AppError::unauthenticated_by("Send METRICS_TOKEN in the Authorization header: Bearer, a space and the token.");
    Ok(([(WWW_AUTHENTICATE, "Bearer")], refused).into_response())
}

/// The route of an address of its own.
pub async fn open(platform: Platform, jobs: &[Job]) -> Result<Response> {
    let Some(recorder) = &platform.metrics else { return Err(AppError::not_found("route")) };
    Ok(([(CONTENT_TYPE, TEXT_FORMAT), (CACHE_CONTROL, "no-store")], measure(&platform, recorder, jobs).await)
        .into_response())
}

async fn measure(platform: &Platform, recorder: &PrometheusHandle, jobs: &[Job]) -> String {
    for pool in platform.db.pools() {
        let of = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        let open = usize::try_from(pool.open).unwrap_or(0);
        gauge!(CONNECTIONS, "pool" => pool.name, "state" => "idle").set(of(pool.idle));
        gauge!(CONNECTIONS, "pool" => pool.name, "state" => "in_use").set(of(open.saturating_sub(pool.idle)));
        gauge!(CONNECTIONS_MAX, "pool" => pool.name).set(f64::from(pool.max));
    }
    let running = platform.requests_running.load(Ordering::Relaxed);
    gauge!(REQUESTS_RUNNING).set(f64::from(u32::try_from(running).unwrap_or(u32::MAX)));
    let streams = platform.event_streams.total();
    gauge!(EVENT_STREAMS).set(f64::from(u32::try_from(streams).unwrap_or(u32::MAX)));
    // The other numbers are wanted most when the database does not answer.
    if let Err(error) = job_metrics::measure_queue(platform, jobs).await {
        tracing::warn!(%error, "failed to read the jobs for the metrics");
        counter!(QUEUE_ERRORS).increment(1);
    }
    match search_index::state(platform.db.on()).await {
        Ok(index) => {
            gauge!(UNINDEXED).set(f64::from(u32::try_from(index.total - index.indexed).unwrap_or(u32::MAX)));
        }
        Err(error) => tracing::warn!(%error, "failed to read the state of the search for the metrics"),
    }
    measure_backups(platform).await;
    recorder.run_upkeep();
    recorder.render()
}

/// Without `BACKUP_TO` there is nothing to measure.
async fn measure_backups(platform: &Platform) {
    let Some(to) = &platform.config.backup.to else { return };
    let Ok(target) = platform.config.backup.target("BACKUP_TO", to) else { return };
    match runs::last(platform.db.on(), &target.to_string()).await {
        Ok(last) => {
            // Whole seconds of a time fit.
            let seconds =
                |at: Option<Timestamp>| f64::from(u32::try_from(at.map_or(0, |at| at.0 / 1000)).unwrap_or(u32::MAX));
            gauge!(BACKUP_SUCCEEDED).set(seconds(last.succeeded_at));
            gauge!(BACKUP_FAILED).set(seconds(last.failed_at));
        }
        Err(error) => tracing::warn!(%error, "failed to read the last back-ups for the metrics"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> std::collections::BTreeSet<String> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let is_name = |word: &&str| word.starts_with("attache_") && *word != "attache_session";
        let words = text.split(|c| !is_part(c)).filter(is_name);
        let base = |word: &str| {
            let suffixes = ["_bucket", "_count", "_sum"].iter();
            let cut = suffixes.filter(|_| word.contains("_seconds_")).find_map(|suffix| word.strip_suffix(suffix));
            cut.unwrap_or(word).to_owned()
        };
        words.map(base).collect()
    }

    #[test]
    fn the_documentation_lists_every_metric_and_the_dashboard_shows_no_other() {
        let all = [
            http::REQUESTS,
            http::DURATION,
            http::RECEIVED,
            http::SENT,
            REQUESTS_RUNNING,
            EVENT_STREAMS,
            UPLOADED,
            UPLOADS_FAILED,
            DOWNLOADED,
            PREVIEWS,
            DEATHS,
            storage::ERRORS,
            CONNECTIONS,
            CONNECTIONS_MAX,
            STATEMENT_DURATION,
            job_metrics::DONE,
            job_metrics::DURATION,
            job_metrics::WAITING,
            job_metrics::OLDEST,
            QUEUE_ERRORS,
            UNINDEXED,
            BACKUP_SUCCEEDED,
            BACKUP_FAILED,
        ];
        let all = all.into_iter().map(str::to_owned).collect();
        assert_eq!(names(include_str!("../../docs/operating.md")), all, "docs/operating.md");
        let dashboard = names(include_str!("../../docs/grafana-dashboard.json"));
        assert!(dashboard.len() > 10 && dashboard.is_subset(&all), "{:?}", dashboard.difference(&all));
    }
}
