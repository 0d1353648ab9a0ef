//! `ctid`: a command line around the daemon of the library.

use std::process::ExitCode;

use clap::Parser;
use ctid::cli::{Cli, Ended};

/// The shipped program is static, and musl's own allocator has one lock for all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(cli.run()) {
        Ok(Ended::Well) => ExitCode::SUCCESS,
        Ok(Ended::WithFindings) => ExitCode::from(2),
        Err(error) => failed(&error),
    }
}

/// Tells the whole chain of causes.
#[expect(clippy::print_stderr, reason = "errors of a command line go to standard error")]
fn failed(error: &anyhow::Error) -> ExitCode {
    eprintln!("ctid: {error:#}");
    ExitCode::FAILURE
}
