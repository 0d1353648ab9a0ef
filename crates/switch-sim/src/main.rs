//! `switch-sim`: a telephone switch to demonstrate, train and test with, behind the manager port of an
//! Asterisk or a CSTA port.
#![expect(clippy::print_stdout, reason = "the ready lines are for who started it")]

use std::path::PathBuf;

use anyhow::Context;
use clap::{Parser, ValueEnum};
use csta::dialect::{self, Dialect, Encoding};
use switch_sim::run::{self, Start};
use switch_sim::traffic::Traffic;
use switch_sim::{Exchange, Plan, control, script};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// How others see the switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Face {
    /// The manager interface of Asterisk 22.
    Ami,
    /// CSTA in XML (ECMA-323).
    CstaXml,
    /// CSTA in ASN.1 (ECMA-285, or an older phase by its dialect).
    CstaAsn1,
    /// Avaya AES, DMCC service.
    AvayaDmcc,
}

impl Face {
    /// The dialect of this name, or the one that the face speaks by itself; none for the manager interface.
    fn dialect(self, name: Option<&str>) -> anyhow::Result<Option<Dialect>> {
        let name = match (self, name) {
            (Self::Ami, _) => return Ok(None),
            (Self::AvayaDmcc, None) => "avaya-dmcc",
            (Self::CstaXml, None) => "ecma-323",
            (Self::CstaAsn1, None) => "ecma-285",
            (Self::CstaXml | Self::CstaAsn1 | Self::AvayaDmcc, Some(name)) => name,
        };
        let known = dialect::named(name).with_context(|| {
            let all: Vec<&str> = dialect::DIALECTS.iter().map(|dialect| dialect.name).collect();
            format!("{name:?} is no dialect; there are {}", all.join(", "))
        })?;
        let is_xml = matches!(known.encoding, Encoding::Xml { .. });
        anyhow::ensure!(
            is_xml == (self != Self::CstaAsn1),
            "dialect {name:?} is spoken in {}: take that face",
            if is_xml { "XML" } else { "ASN.1" }
        );
        Ok(Some(*known))
    }
}

/// A simulated telephone switch.
#[derive(Debug, Parser)]
#[command(version, after_help = after_help())]
struct Arguments {
    /// The site: phones, queues, numbers, manager users (TOML).
    #[arg(long)]
    plan: PathBuf,
    /// How it is talked to; may be given several times, each with its --listen.
    #[arg(long, value_enum, default_value = "ami")]
    face: Vec<Face>,
    /// Where it listens, in the order of --face; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:5038")]
    listen: Vec<String>,
    /// How a CSTA face speaks, in the order of the CSTA faces: ecma-323, openscape, avaya-dmcc, hipath, alcatel-oxe and
    /// so on.
    #[arg(long)]
    dialect: Vec<String>,
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
    let faces = faces(&arguments)?;
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
    let mut listeners = Vec::new();
    for (address, dialect) in faces {
        listeners.push((bind(&address).await?, dialect));
    }
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
    let mut served = JoinSet::new();
    for (listener, dialect) in listeners {
        println!("listening on {}", listener.local_addr()?);
        let switch = switch.clone();
        match dialect {
            None => served.spawn(run::serve_manager(listener, switch)),
            Some(dialect) => served.spawn(run::serve_csta(listener, switch, dialect)),
        };
    }
    drop(switch);
    tokio::select! {
        _ = served.join_next() => anyhow::bail!("the listener failed"),
        ended = tokio::signal::ctrl_c() => ended.context("wait for Ctrl-C"),
    }
}

/// Where each face listens, and how it speaks.
fn faces(arguments: &Arguments) -> anyhow::Result<Vec<(String, Option<Dialect>)>> {
    let (faces, places) = (&arguments.face, &arguments.listen);
    anyhow::ensure!(
        faces.len() == places.len(),
        "{} --face need as many --listen; there are {}",
        faces.len(),
        places.len()
    );
    let mut names = arguments.dialect.iter().map(String::as_str);
    let mut all = Vec::new();
    for (face, place) in faces.iter().zip(places) {
        let name = if *face == Face::Ami { None } else { names.next() };
        all.push((place.clone(), face.dialect(name)?));
    }
    anyhow::ensure!(names.next().is_none(), "there are more --dialect than CSTA faces");
    Ok(all)
}

async fn bind(address: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("listen on {address}"))
}
