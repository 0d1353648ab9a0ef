//! The link test: the whole path to a switch, beside a running link.

use std::collections::BTreeMap;

use cti_core::ids::SwitchId;
use links::driver;
use tokio::sync::mpsc;
use webapi::ports::{CheckOutcome, CheckStep, DraftSecret, SwitchDraft, TestRefusal, TestSubject};

use super::define::{PASSWORD, PASSWORD_ACTIONS, link_config, with_secrets};
use super::{Switches, Wanted};
use crate::seal::{Key, SealError};
use crate::secret::Secret;

impl Switches {
    /// Starts a test; its steps come as they end.
    pub(crate) fn test(&self, subject: TestSubject) -> Result<mpsc::Receiver<CheckStep>, TestRefusal> {
        let wanted = match subject {
            TestSubject::Defined(id) => self.wanted_of(&id).ok_or(TestRefusal::Unknown)?,
            TestSubject::Draft(draft) => wanted_of_draft(&draft, &self.links.key),
        };
        let tests = std::sync::Arc::clone(&self.links.tests);
        let place = tests.try_acquire_owned().map_err(|_| TestRefusal::Busy)?;
        let (tell, told) = mpsc::channel(driver::STEPS_MAX);
        tokio::spawn(async move {
            walk(&wanted, tell).await;
            drop(place);
        });
        Ok(told)
    }

    /// Also of a switch that is switched off: that is tested before it is switched on.
    fn wanted_of(&self, id: &SwitchId) -> Option<Wanted> {
        let drivers = self.links.drivers();
        let one = drivers.defined.get(id)?;
        if one.enabled {
            return Some(one.wanted.clone());
        }
        Some(match link_config(&one.config) {
            Ok(link) => Wanted::Link(Box::new(link)),
            Err(error) => Wanted::Not(error.to_string().into()),
        })
    }
}

fn wanted_of_draft(draft: &SwitchDraft, key: &Key) -> Wanted {
    let open = |field: &str, secret: &DraftSecret| match secret {
        DraftSecret::Given(text) => Ok(Secret::new(text)),
        // A CSTA switch need not know users.
        DraftSecret::Sealed(sealed) if sealed.is_empty() => Ok(Secret::new("")),
        DraftSecret::Sealed(sealed) => key.open(&draft.id, field, sealed),
    };
    let secrets = || -> Result<(Secret, Option<Secret>), SealError> {
        let acting = draft.password_actions.as_ref().map(|secret| open(PASSWORD_ACTIONS, secret));
        Ok((open(PASSWORD, &draft.password)?, acting.transpose()?))
    };
    match secrets() {
        Ok((password, acting)) => {
            match link_config(&with_secrets(&draft.id, &draft.settings, password, acting)) {
                Ok(link) => Wanted::Link(Box::new(link)),
                Err(error) => Wanted::Not(error.to_string().into()),
            }
        }
        Err(error) => Wanted::Not(format!("the kept password cannot be read: {error}").into()),
    }
}

/// Walks the whole path to a switch and tells each step as it ends.
pub(crate) async fn walk(wanted: &Wanted, tell: mpsc::Sender<CheckStep>) {
    let config = match wanted {
        Wanted::Link(config) => config,
        Wanted::Not(reason) => {
            let step = CheckStep {
                code: "definition.unusable".into(),
                values: BTreeMap::new(),
                name: "definition".into(),
                outcome: CheckOutcome::Failed,
                detail: reason.to_string(),
                fix: Some("mend the definition: give its passwords again, or switch it on".into()),
                took_ms: 0,
            };
            // Whoever asked may be gone.
            tell.send(step).await.ok();
            return;
        }
    };
    let (steps, mut ended) = mpsc::channel(driver::STEPS_MAX);
    let pass_on = async {
        while let Some(one) = ended.recv().await {
            if tell.send(step(one)).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(driver::check(config, steps), pass_on) } => {}
        // Nobody looks on any more.
        () = tell.closed() => {}
    }
}

/// What works and comes with advice is a warning.
fn step(step: driver::CheckStep) -> CheckStep {
    let outcome = match (step.ok, step.fix.is_empty()) {
        (true, true) => CheckOutcome::Passed,
        (true, false) => CheckOutcome::Warning,
        (false, _) => CheckOutcome::Failed,
    };
    CheckStep {
        code: step.code,
        values: step.values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        name: step.name,
        outcome,
        detail: step.detail,
        fix: (!step.fix.is_empty()).then_some(step.fix),
        took_ms: u64::try_from(step.took.as_millis()).unwrap_or(u64::MAX),
    }
}
