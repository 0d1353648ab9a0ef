//! What the daemon tells about itself: log lines on standard output and metrics in Prometheus text format.
//!
//! | metric | kind | labels |
//! |---|---|---|
//! | `tieline_link_up` | gauge, 0 or 1 | `switch` |
//! | `tieline_link_monitors` | gauge, CSTA only | `switch`, `kind`: `used`, `needed`, `refused` |
//! | `tieline_link_events_total` | counter of inputs from the switch | `switch` |
//! | `tieline_link_event_lag_seconds` | histogram, the switch's time stamp to arrival | `switch` |
//! | `tieline_journal_facts_total` | counter of durable facts | |
//! | `tieline_journal_seconds` | histogram, decision to durable | |
//! | `tieline_journal_up` | gauge, 0 while the journal fails | |
//! | `tieline_journal_unsaved_facts` | gauge, facts that wait for the journal | |
//! | `tieline_journal_lost_facts_total` | counter of facts beyond the bound of the waiting ring | |
//! | `tieline_domain_inputs_total` | counter | `kind` |
//! | `tieline_commands_total` | counter of finished commands | `outcome` |
//! | `tieline_book_up` | gauge, 0 while the book of calls stands still | |
//! | `tieline_projection_lag_facts` | gauge, durable but not yet in the history tables | |
//! | `http_server_request_duration_seconds` | histogram of answered requests | `method`, `path`, `status` |
//! | `tieline_evidence_dropped_total` | counter of raw messages beyond the bound of a call's ring | |
//!
//! Parts that know more add their own beside these.

use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Starts logging to standard output; `RUST_LOG` chooses levels, `info` without it. A second call does nothing.
pub fn start_logging(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info,sqlx=warn"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_target(true);
    // An error means that logging was started before, as by an earlier test; then those settings stay.
    let _started = match format {
        LogFormat::Text => lines.with_ansi(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
}

/// The metrics of this process; made at the first call. None when another recorder was installed by somebody else.
pub fn metrics() -> Option<&'static PrometheusHandle> {
    static HANDLE: OnceLock<Option<PrometheusHandle>> = OnceLock::new();
    HANDLE.get_or_init(install).as_ref()
}

fn install() -> Option<PrometheusHandle> {
    const LAG: [f64; 10] = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0];
    // Without buckets every series would keep sketches of its samples: up to a megabyte for each path and status.
    const OTHERS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];
    const JOURNAL: [f64; 9] = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.05, 0.1, 0.5, 2.0];
    let buckets = |builder: PrometheusBuilder, name: &str, values: &[f64]| {
        builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), values)
    };
    let builder = buckets(PrometheusBuilder::new(), "tieline_link_event_lag_seconds", &LAG)
        .and_then(|builder| buckets(builder, "tieline_journal_seconds", &JOURNAL))
        .and_then(|builder| builder.set_buckets(&OTHERS));
    match builder.map(PrometheusBuilder::install_recorder) {
        Ok(Ok(handle)) => Some(handle),
        Ok(Err(error)) => {
            tracing::warn!(%error, "metrics are not recorded");
            None
        }
        Err(error) => {
            tracing::warn!(%error, "metrics are not recorded");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_histogram_has_buckets_and_so_costs_the_same_for_any_samples() {
        let handle = metrics().unwrap();
        metrics::histogram!("http_server_request_duration_seconds", "path" => "/tested").record(0.003);
        let told = handle.render();
        assert!(
            told.contains(r#"http_server_request_duration_seconds_bucket{path="/tested",le="0.005"} 1"#),
            "{told}"
        );
        assert!(!told.contains("quantile="), "{told}");
    }
}
