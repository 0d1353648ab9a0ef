//! `ctid user …` and `ctid token …`: who may come in.

use anyhow::Context;
use clap::{Args, Subcommand};
use cti_core::ids::QueueId;
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use store::{ApiToken, AuditEntry, NewUser, PasswordHash, RIGHTS, SCOPED_RIGHTS, SCOPES, Store};

use super::{ConfigFile, open, password_from_stdin};
use crate::clock::Clock;
use crate::secret::Secret;

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Add a user
    Add(AddUser),
}

#[derive(Debug, Args)]
pub(super) struct AddUser {
    /// Name to sign in with
    login: String,
    /// Role; may be given more than once
    #[arg(long = "role", required = true, value_name = "ROLE")]
    roles: Vec<String>,
    /// Name shown to people; the login when absent
    #[arg(long)]
    name: Option<String>,
    /// Read the password from standard input
    #[arg(long, required = true)]
    password_stdin: bool,
    #[command(flatten)]
    config: ConfigFile,
}

#[derive(Debug, Subcommand)]
pub(super) enum TokenCommand {
    /// Make an API token and print it, once
    Add(AddToken),
}

#[derive(Debug, Args)]
pub(super) struct AddToken {
    /// Name of the machine or program that will use it
    name: String,
    /// Right it gives, for example call.read.any; may be given more than once
    #[arg(long = "scope", required = true, value_name = "RIGHT")]
    scopes: Vec<String>,
    #[command(flatten)]
    config: ConfigFile,
}

impl UserCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self::Add(add) = self;
        let password = password_from_stdin()?;
        check_password(&password)?;
        let (config, store) = open(&add.config.config).await?;
        let user = NewUser {
            name: add.name.unwrap_or_else(|| add.login.clone()),
            login: add.login,
            language: config.server.language,
            roles: add.roles,
            team: None,
            site: None,
            active: true,
            password_hash: Some(PasswordHash(hash(&password).await?)),
        };
        let now = now();
        let added = store.add_user(now, &user).await.context("add the user")?;
        audit(&store, now, "user.add", &added.id.to_string(), serde_json::to_value(&added).ok()).await?;
        store.close().await;
        say(&format!("{} {}", added.id, added.login));
        Ok(())
    }
}

impl TokenCommand {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        let Self::Add(add) = self;
        let (_config, store) = open(&add.config.config).await?;
        if let Some(unknown) = add.scopes.iter().find(|scope| !is_scope(scope)) {
            anyhow::bail!(
                "there is no scope `{unknown}`: name a right such as call.read.any or wallboard.read, or queue:QUEUE_ID"
            );
        }
        let (text, hash) = webapi::new_machine_token();
        let now = now();
        let kept = ApiToken {
            name: add.name,
            scopes: add.scopes,
            created_at: now,
            created_by: Actor::System,
            last_used_at: None,
            revoked_at: None,
        };
        store.add_api_token(&kept, &hash).await.context("add the token")?;
        audit(&store, now, "token.add", &kept.name, serde_json::to_value(&kept).ok()).await?;
        store.close().await;
        say(&text);
        Ok(())
    }
}

/// A right with its reach, a right without one, or a queue to narrow the view to.
fn is_scope(text: &str) -> bool {
    if let Some(queue) = text.strip_prefix("queue:") {
        return queue.parse::<QueueId>().is_ok();
    }
    let scoped = text
        .rsplit_once('.')
        .is_some_and(|(right, reach)| SCOPED_RIGHTS.contains(&right) && SCOPES.contains(&reach));
    scoped || RIGHTS.contains(&text)
}

/// Refuses passwords that the API would refuse as well.
pub(super) fn check_password(password: &Secret) -> anyhow::Result<()> {
    if let Some(why) = webapi::weakness(password.reveal()) {
        anyhow::bail!("{why}");
    }
    Ok(())
}

/// The hash that is stored; takes tens of milliseconds.
pub(super) async fn hash(password: &Secret) -> anyhow::Result<String> {
    let password = password.clone();
    let made = tokio::task::spawn_blocking(move || webapi::hash_blocking(password.reveal()));
    Ok(made.await.context("hash the password")??)
}

async fn audit(
    store: &Store,
    at: Timestamp,
    action: &str,
    subject: &str,
    after: Option<serde_json::Value>,
) -> anyhow::Result<()> {
    let entry = AuditEntry {
        at,
        actor: Actor::System,
        address: None,
        action: action.to_owned(),
        subject: subject.to_owned(),
        before: None,
        after,
    };
    store.add_audit(&entry).await.context("write the audit entry")?;
    Ok(())
}

/// Engine time of a command that runs beside the daemon.
fn now() -> Timestamp {
    Clock::start(Timestamp::default()).now()
}

#[expect(clippy::print_stdout, reason = "this command's purpose is what it prints")]
fn say(text: &str) {
    println!("{text}");
}

#[cfg(test)]
mod tests {
    use super::is_scope;

    #[test]
    fn scopes_are_rights_with_their_reach_or_queues() {
        for good in [
            "call.read.any",
            "agent.state.write.own",
            "wallboard.read",
            "queue:que_0199f0c1-0000-8000-8000-000000000000",
        ] {
            assert!(is_scope(good), "{good}");
        }
        for bad in ["", "call.read", "call.read.all", "wallboard.read.any", "queue:support", "everything"] {
            assert!(!is_scope(bad), "{bad}");
        }
    }
}
