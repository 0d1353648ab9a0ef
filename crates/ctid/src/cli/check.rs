//! `ctid check`: configuration, store, then the whole way to each switch, each failure with its fix.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use store::Store;
use tokio::sync::mpsc;
use webapi::ports::{CheckOutcome, CheckStep};

use super::{Ended, open_store};
use crate::config::{Config, SwitchConfig};
use crate::seal::Key;
use crate::switches::{Defined, of_file, of_store, walk};

/// Steps that may wait to be printed.
const WAITING_STEPS: usize = 16;

pub(super) async fn run(file: &Path) -> anyhow::Result<Ended> {
    let config = Config::load(file)?;
    let mut report = Report::default();
    Report::begin(&format!("configuration {}", config.file.display()));
    report.step(&step("read", CheckOutcome::Passed, "every key is known and fits", None));
    report.step(&file_mode(&config.file));
    Report::begin("store");
    let (store, key) = open(&config, &mut report).await;
    let mut switches = Vec::new();
    for switch in &config.switches {
        match of_file(switch) {
            Ok(one) => switches.push(one),
            Err(error) => report.step(&step(
                "tls_ca",
                CheckOutcome::Failed,
                &format!("{:#}", anyhow::Error::from(error)),
                Some("name a PEM file that ctid's user can read in tls_ca"),
            )),
        }
    }
    if let (Some(store), Some(key)) = (&store, &key) {
        add_stored(store, key, &mut switches, &mut report).await;
    }
    for one in &switches {
        let config = &one.config;
        Report::begin(&format!("switch {} at {}:{}", config.id, config.address, config.port));
        check_routes(config, &switches, &mut report);
        check(one, &mut report).await;
    }
    if switches.is_empty() {
        Report::begin("switches");
        report.step(&step(
            "any",
            CheckOutcome::Warning,
            "no switch is defined",
            Some("add one on the set-up page, or a section [[switch]]"),
        ));
    }
    if let Some(store) = store {
        store.close().await;
    }
    Ok(report.end())
}

/// The switches of the store; one whose id the file has too is not linked.
async fn add_stored(store: &Store, key: &Key, switches: &mut Vec<Defined>, report: &mut Report) {
    let stored = match store.defined_switches().await {
        Ok(stored) => stored,
        Err(error) => {
            let detail = format!("{:#}", anyhow::Error::from(error));
            report.step(&step("switches", CheckOutcome::Failed, &detail, Some("check store.url")));
            return;
        }
    };
    for switch in stored {
        if switches.iter().any(|one| one.config.id == switch.id) {
            let detail =
                format!("{} stands in the file and in the store; that of the file is used", switch.id);
            let fix = "take the section out of the file, or out of it and then remove the switch by API";
            report.step(&step("switches", CheckOutcome::Warning, &detail, Some(fix)));
        } else {
            switches.push(of_store(&switch, key));
        }
    }
}

/// A route may stand before the switch that it leads to; until then it joins nothing.
fn check_routes(config: &SwitchConfig, switches: &[Defined], report: &mut Report) {
    let is_known = |to: &str| switches.iter().any(|one| one.config.id.as_str() == to);
    for route in config.routes.iter().filter(|route| !is_known(&route.to)) {
        let detail = format!(
            "prefix {} leads to \"{}\", which is no switch of ours: its calls are not joined",
            route.prefix, route.to
        );
        let fix = "name a switch that is defined, by its id, or define that one";
        report.step(&step("route", CheckOutcome::Warning, &detail, Some(fix)));
    }
}

/// Prints each step of a switch as it ends.
async fn check(one: &Defined, report: &mut Report) {
    if !one.enabled {
        report.step(&step("enabled", CheckOutcome::Skipped, "switched off", None));
        return;
    }
    let (tell, mut told) = mpsc::channel(WAITING_STEPS);
    let print = async {
        while let Some(one) = told.recv().await {
            report.step(&one);
        }
    };
    tokio::join!(walk(&one.wanted, tell), print);
}

fn step(name: &str, outcome: CheckOutcome, detail: &str, fix: Option<&str>) -> CheckStep {
    CheckStep {
        code: format!("site.{name}"),
        values: BTreeMap::new(),
        name: name.into(),
        outcome,
        detail: detail.into(),
        fix: fix.map(Into::into),
        took_ms: 0,
    }
}

fn file_mode(file: &Path) -> CheckStep {
    let open = std::fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    if open {
        let fix = format!("chmod 600 {}", file.display());
        return step("file_mode", CheckOutcome::Warning, "others can read the secrets in it", Some(&fix));
    }
    step("file_mode", CheckOutcome::Passed, "only its owner reads it", None)
}

async fn open(config: &Config, report: &mut Report) -> (Option<Store>, Option<Key>) {
    let store = match open_store(config).await {
        Ok(store) => {
            let end = store.journal_end().await.unwrap_or_default();
            let detail = format!("opened; the journal holds facts up to {end}");
            report.step(&step("open", CheckOutcome::Passed, &detail, None));
            Some(store)
        }
        Err(error) => {
            report.step(&step(
                "open",
                CheckOutcome::Failed,
                &format!("{error:#}"),
                Some("check store.url: that the folder or database is there and this user may write to it"),
            ));
            None
        }
    };
    let key = match Key::load(&config.store.secret_key_file) {
        Ok(key) => {
            let detail = "there, and only its owner reads it";
            report.step(&step("secret_key", CheckOutcome::Passed, detail, None));
            Some(key)
        }
        Err(error) => {
            report.step(&step(
                "secret_key",
                CheckOutcome::Failed,
                &format!("{:#}", anyhow::Error::from(error)),
                Some("make store.secret_key_file a file that only ctid's user can read and write"),
            ));
            None
        }
    };
    (store, key)
}

/// What was found so far, printed as it comes.
#[derive(Debug, Default)]
struct Report {
    failed: u32,
    warned: u32,
}

impl Report {
    #[expect(clippy::print_stdout, reason = "this command's purpose is what it prints")]
    fn begin(subject: &str) {
        println!("{subject}");
    }

    #[expect(clippy::print_stdout, reason = "this command's purpose is what it prints")]
    fn step(&mut self, step: &CheckStep) {
        let word = match step.outcome {
            CheckOutcome::Passed => "ok     ",
            CheckOutcome::Warning => "warning",
            CheckOutcome::Failed => "FAILED ",
            CheckOutcome::Skipped => "skipped",
        };
        self.failed += u32::from(step.outcome == CheckOutcome::Failed);
        self.warned += u32::from(step.outcome == CheckOutcome::Warning);
        println!("  {word}  {:<18} {}", step.name, step.detail);
        if let Some(fix) = &step.fix {
            println!("           {:<18} fix: {fix}", "");
        }
    }

    #[expect(clippy::print_stdout, reason = "this command's purpose is what it prints")]
    fn end(&self) -> Ended {
        println!("{} failed, {} warnings", self.failed, self.warned);
        if self.failed > 0 { Ended::WithFindings } else { Ended::Well }
    }
}
