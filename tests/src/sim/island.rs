//! A simulated switch by itself, for sites with several: a daemon of the test's own is linked to it.

use std::net::SocketAddr;

use switch_sim::run::{Ask, Start};
use switch_sim::script::{self, Line};
use switch_sim::traffic::Traffic;
use switch_sim::{Exchange, Plan, run};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

use crate::asterisk::HOUSE;
use crate::trouble::Context;
use crate::{Result, Trouble};

/// A simulated switch whose people act by words.
#[derive(Debug)]
pub struct Island {
    /// Where it listens.
    pub address: SocketAddr,
    switch: mpsc::Sender<Ask>,
}

impl Island {
    /// The site of `plan` behind a port that speaks this dialect of CSTA, or as an `asterisk` does.
    pub async fn start(plan: &str, dialect: &str) -> Result<Self> {
        let plan = Plan::parse(plan).context("the plan of an island")?;
        let speaks = csta::dialect::named(dialect);
        let now = run::wall();
        let listener = TcpListener::bind((HOUSE, 0)).await?;
        let address = listener.local_addr()?;
        let traffic = Traffic::new(plan.traffic.clone(), 0, 7, now);
        let switch =
            run::start(Start { exchange: Exchange::new(plan, 7, now), traffic, script: Vec::new(), seed: 7 });
        match speaks {
            Some(speaks) => drop(tokio::spawn(run::serve_csta(listener, switch.clone(), *speaks))),
            None if dialect == "asterisk" => drop(tokio::spawn(run::serve_manager(listener, switch.clone()))),
            None => return Err(Trouble::new(format!("no dialect {dialect}"))),
        }
        Ok(Self { address, switch })
    }

    /// Somebody does something, in the words of `switch_sim::script`.
    pub async fn does(&self, deed: &str) -> Result<()> {
        let line: Line = script::parse_line(deed).context(deed)?;
        let (answer, answered) = oneshot::channel();
        let ask = Ask::Control { line, answer };
        self.switch.send(ask).await.map_err(|_| Trouble::new("the switch is gone"))?;
        let answer = answered.await.context("the switch is gone")?;
        answer.map_err(|why| Trouble::new(format!("{deed}: {why}")))
    }
}
