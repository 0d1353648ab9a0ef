//! `cargo xtask demo`: the product with callers that come by themselves, on the simulated switch, or with the word
//! `asterisk` on a real one. Ctrl-C ends everything.
#![expect(clippy::indexing_slicing, reason = "a key that a JSON value lacks is null")]
#![expect(clippy::print_stdout, reason = "a demonstration shows something")]

mod asterisk;
mod simulator;

use tests::{Result, Trouble};

#[tokio::main]
async fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let demo = async {
        match words.as_slice() {
            [] => simulator::show().await,
            ["asterisk"] => asterisk::show().await,
            _ => Err(Trouble::new("usage: cargo xtask demo [asterisk]")),
        }
    };
    tokio::select! {
        done = demo => done,
        () = told_to_end() => {
            println!("\nEnded. Nothing is left behind.");
            Ok(())
        }
    }
}

/// Ctrl-C, or a plain `kill`.
async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminated) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminated.recv() => {}
    }
}
