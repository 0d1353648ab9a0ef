//! `ctid serve`: the daemon in the foreground, until SIGTERM or Ctrl-C.

use std::path::Path;

use anyhow::Context;
use tokio::signal::unix::{SignalKind, signal};

use crate::config::Config;
use crate::telemetry::{self, LogFormat};
use crate::{Daemon, Handle};

pub(super) async fn run(file: &Path, format: LogFormat) -> anyhow::Result<()> {
    let config = Config::load(file)?;
    telemetry::start_logging(format);
    let mut terminate = signal(SignalKind::terminate()).context("wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("wait for SIGINT")?;
    let handle = Daemon::start(config).await?;
    tell(&handle);
    tokio::select! {
        _ = terminate.recv() => tracing::info!("SIGTERM: draining"),
        _ = interrupt.recv() => tracing::info!("interrupted: draining"),
    }
    handle.stop().await;
    Ok(())
}

/// The line that whoever started us waits for.
#[expect(clippy::print_stdout, reason = "part of the public contract of `ctid serve`")]
fn tell(handle: &Handle) {
    println!("listening on {}", handle.url());
}
