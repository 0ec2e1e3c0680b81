//! Keeps the metrics of this process and writes them as text for Prometheus.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use crate::platform::Platform;

/// Upper bounds of histograms, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];
/// How often the values of histograms are aggregated. Until then each value uses memory.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(5);

/// There is one for each process.
static RECORDER: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// Metrics are kept from now on. `None` if another recorder is installed.
pub fn install() -> Option<PrometheusHandle> {
    RECORDER
        .get_or_init(|| {
            let recorder = PrometheusBuilder::new()
                .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &BUCKETS)
                .expect("there are buckets")
                .build_recorder();
            let handle = recorder.handle();
            metrics::set_global_recorder(recorder).ok().map(|()| handle)
        })
        .clone()
}

/// Adds up until the server stops.
pub async fn upkeep(platform: Platform) {
    let Some(handle) = platform.metrics.clone() else { return };
    loop {
        tokio::select! {
            () = tokio::time::sleep(UPKEEP_INTERVAL) => handle.run_upkeep(),
            () = platform.stopping() => return,
        }
    }
}
