//! `ctid check`: configuration, store, then the whole way to each switch, each failure with its fix.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use webapi::ports::{CheckOutcome, CheckStep};

use super::{Ended, open_store};
use crate::config::Config;
use crate::{seal, switches};

pub(super) async fn run(file: &Path) -> anyhow::Result<Ended> {
    let config = Config::load(file)?;
    let mut report = Report::default();
    Report::begin(&format!("configuration {}", config.file.display()));
    report.step(&step("read", CheckOutcome::Passed, "every key is known and fits", None));
    report.step(&file_mode(&config.file));
    Report::begin("store");
    for one in store(&config).await {
        report.step(&one);
    }
    for switch in &config.switches {
        Report::begin(&format!("switch {} at {}:{}", switch.id, switch.address, switch.port));
        for one in switches::check(switch).await {
            report.step(&one);
        }
    }
    if config.switches.is_empty() {
        Report::begin("switches");
        report.step(&step(
            "any",
            CheckOutcome::Warning,
            "the configuration names no switch",
            Some("add a section [[switch]]"),
        ));
    }
    Ok(report.end())
}

fn step(name: &str, outcome: CheckOutcome, detail: &str, fix: Option<&str>) -> CheckStep {
    CheckStep { name: name.into(), outcome, detail: detail.into(), fix: fix.map(Into::into), took_ms: 0 }
}

fn file_mode(file: &Path) -> CheckStep {
    let open = std::fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0);
    if open {
        let fix = format!("chmod 600 {}", file.display());
        return step("file_mode", CheckOutcome::Warning, "others can read the secrets in it", Some(&fix));
    }
    step("file_mode", CheckOutcome::Passed, "only its owner reads it", None)
}

async fn store(config: &Config) -> Vec<CheckStep> {
    let mut steps = Vec::new();
    match open_store(config).await {
        Ok(store) => {
            let end = store.journal_end().await.unwrap_or_default();
            let detail = format!("opened; the journal holds facts up to {end}");
            steps.push(step("open", CheckOutcome::Passed, &detail, None));
            store.close().await;
        }
        Err(error) => steps.push(step(
            "open",
            CheckOutcome::Failed,
            &format!("{error:#}"),
            Some("check store.url: that the folder or database is there and this user may write to it"),
        )),
    }
    match seal::key_file(&config.store.secret_key_file) {
        Ok(()) => {
            steps.push(step("secret_key", CheckOutcome::Passed, "there, and only its owner reads it", None));
        }
        Err(error) => steps.push(step(
            "secret_key",
            CheckOutcome::Failed,
            &format!("{:#}", anyhow::Error::from(error)),
            Some("make store.secret_key_file a file that only ctid's user can read and write"),
        )),
    }
    steps
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
