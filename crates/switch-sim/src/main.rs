//! `switch-sim`: a telephone switch to demonstrate, train and test with, behind the manager port of an Asterisk.
#![expect(clippy::print_stdout, reason = "the ready lines are for who started it")]

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use switch_sim::run::{self, Start};
use switch_sim::traffic::Traffic;
use switch_sim::{Exchange, Plan, control, script};
use tokio::net::TcpListener;

/// How others see the switch.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Face {
    /// The manager interface of Asterisk 22.
    Ami,
}

/// A simulated telephone switch.
#[derive(Debug, Parser)]
#[command(version, after_help = after_help())]
struct Arguments {
    /// The site: phones, queues, numbers, manager users (TOML).
    #[arg(long)]
    plan: PathBuf,
    /// How it is talked to.
    #[arg(long, value_enum, default_value = "ami")]
    face: Face,
    /// Where it listens; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:5038")]
    listen: String,
    /// The same seed gives the same chances.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Calls per minute that come by themselves, for as long as it runs.
    #[arg(long, default_value_t = 0)]
    traffic: u32,
    /// What people do, a line each.
    #[arg(long)]
    script: Option<PathBuf>,
    /// Where it can be steered, a line each; answers `ok` or `error why`.
    #[arg(long)]
    control: Option<String>,
}

fn after_help() -> String {
    format!(
        "Lines of scripts and of the control port (example: call +420605550142 222):\n{}",
        script::GRAMMAR
    )
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let Face::Ami = arguments.face;
    let name = arguments.plan.display();
    let text = std::fs::read_to_string(&arguments.plan).with_context(|| format!("read {name}"))?;
    let plan = Plan::parse(&text).with_context(|| format!("{name}"))?;
    let orders = match &arguments.script {
        Some(path) => {
            let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
            script::parse(&text).with_context(|| format!("{}", path.display()))?
        }
        None => Vec::new(),
    };
    let now = run::wall();
    let traffic = Traffic::new(plan.traffic.clone(), arguments.traffic, arguments.seed, now);
    let listener = bind(&arguments.listen).await?;
    let control = match &arguments.control {
        Some(address) => Some(bind(address).await?),
        None => None,
    };
    let exchange = Exchange::new(plan, arguments.seed, now);
    let switch = run::start(Start { exchange, traffic, script: orders, seed: arguments.seed });
    if let Some(control) = control {
        println!("control on {}", control.local_addr()?);
        tokio::spawn(control::serve(control, switch.clone()));
    }
    println!("listening on {}", listener.local_addr()?);
    tokio::select! {
        () = run::serve_manager(listener, switch) => anyhow::bail!("the listener failed"),
        ended = tokio::signal::ctrl_c() => ended.context("wait for Ctrl-C"),
    }
}

async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))
}
