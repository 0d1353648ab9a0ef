//! `ctid init`: from nothing to a configuration, a store and a first administrator.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use store::{NewUser, PasswordHash};

use super::{open_store, password_from_stdin};
use crate::cli::people::{check_password, hash};
use crate::clock::Clock;
use crate::config::Config;
use crate::secret::Secret;

/// The part of the dialplan that click-to-dial and consultation need.
const DIALPLAN: &str = include_str!("../../share/extensions_tieline.conf");
/// The two manager users.
const MANAGER: &str = include_str!("../../share/manager_tieline.conf");

#[derive(Debug, Args)]
pub(super) struct Init {
    /// Host name or address of the Asterisk
    #[arg(long, value_name = "HOST")]
    asterisk: String,
    /// Folder for configuration and data; made if it is not there
    #[arg(long, default_value = ".")]
    dir: PathBuf,
    /// Login of the first administrator
    #[arg(long, default_value = "admin")]
    login: String,
    /// Read the administrator's password from standard input instead of making one
    #[arg(long)]
    password_stdin: bool,
}

impl Init {
    pub(super) async fn run(self) -> anyhow::Result<()> {
        if !is_host(&self.asterisk) {
            bail!("`{}` is no host name or address: write it like pbx.example or 192.0.2.10", self.asterisk);
        }
        let (password, made) =
            if self.password_stdin { (password_from_stdin()?, false) } else { (Secret::random(20), true) };
        check_password(&password)?;
        std::fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.dir)
            .with_context(|| format!("make the folder {}", self.dir.display()))?;
        let dir = std::path::absolute(&self.dir).context("find the folder")?;
        let (events, actions) = (Secret::random(32), Secret::random(32));
        let file = dir.join("ctid.toml");
        write_new(&file, &configuration(&self.asterisk, &events, &actions), 0o600)?;
        let dialplan = dir.join("extensions_tieline.conf");
        write_new(&dialplan, DIALPLAN, 0o644)?;
        let config = Config::load(&file)?;
        add_administrator(&config, &self.login, &password).await?;
        let manager =
            MANAGER.replace("@EVENT_SECRET@", events.reveal()).replace("@ACTION_SECRET@", actions.reveal());
        let shown = made.then_some(&password);
        tell(&self.login, shown, &manager, &file, &dialplan);
        Ok(())
    }
}

fn is_host(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:_".contains(&byte))
}

fn configuration(host: &str, events: &Secret, actions: &Secret) -> String {
    format!(
        r#"# Tieline's daemon. All keys: docs/operations/running.md. Holds secrets: readable by its owner only.

[server]
listen = "127.0.0.1:8088"
# For desks on other machines listen on all addresses, with TLS:
# listen = "0.0.0.0:8443"
# tls = "self-signed"

[store]
url = "sqlite:tieline.db"
secret_key_file = "secret.key"

[[switch]]
id = "pbx"
name = "Asterisk"
kind = "asterisk"
address = "{host}"
port = 5038
user = "cti-ev"
password = "{}"
user_actions = "cti-act"
password_actions = "{}"
context = "from-internal"

[switch.numbers]
country = "CZ"
international_prefix = "00"
extension_pattern = "XXX|XXXX"
"#,
        events.reveal(),
        actions.reveal()
    )
}

/// Writes a file that must not be there yet.
fn write_new(file: &Path, text: &str, mode: u32) -> anyhow::Result<()> {
    std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(mode)
        .open(file)
        .and_then(|mut open| open.write_all(text.as_bytes()))
        .with_context(|| format!("write {} (move an earlier one away first)", file.display()))
}

async fn add_administrator(config: &Config, login: &str, password: &Secret) -> anyhow::Result<()> {
    let store = open_store(config).await?;
    crate::seal::Key::load(&config.store.secret_key_file)?;
    let user = NewUser {
        login: login.to_owned(),
        name: login.to_owned(),
        language: config.server.language.clone(),
        roles: vec!["admin".to_owned()],
        team: None,
        site: None,
        active: true,
        password_hash: Some(PasswordHash(hash(password).await?)),
    };
    let now = Clock::start(cti_core::time::Timestamp::default()).now();
    store.add_user(now, &user).await.context("add the administrator")?;
    store.close().await;
    Ok(())
}

#[expect(clippy::print_stdout, reason = "this command's purpose is what it prints")]
fn tell(login: &str, password: Option<&Secret>, manager: &str, file: &Path, dialplan: &Path) {
    println!("Wrote {}", file.display());
    match password {
        Some(password) => {
            println!("First administrator: {login}, password: {}   (shown this once)", password.reveal());
        }
        None => println!("First administrator: {login}, with the password given"),
    }
    println!("\n1. Add to /etc/asterisk/manager.conf on the Asterisk:\n\n{manager}");
    println!(
        "2. Copy {} to /etc/asterisk/ and add to extensions.conf:\n\n    #include \"extensions_tieline.conf\"\n",
        dialplan.display()
    );
    println!("3. On the Asterisk: asterisk -rx 'manager reload'; asterisk -rx 'dialplan reload'");
    println!("4. ctid check --config {0}\n5. ctid serve --config {0}", file.display());
}
