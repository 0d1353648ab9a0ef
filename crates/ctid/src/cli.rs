//! The command line.

mod check;
mod init;
mod people;
mod serve;
mod trace;

use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use store::{Store, StoreOptions};

use crate::config::Config;
use crate::secret::Secret;
use crate::telemetry::LogFormat;

/// Tieline's daemon: links a PBX, keeps the truth about its calls, serves desks and programs.
#[derive(Debug, Parser)]
#[command(name = "ctid", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Write a configuration, create the store and the first administrator
    Init(init::Init),
    /// Run the daemon
    Serve {
        #[command(flatten)]
        config: ConfigFile,
        /// How log lines look
        #[arg(long, value_enum, default_value = "text")]
        log_format: LogFormat,
    },
    /// Try the configuration, the store and the whole way to each switch
    Check(ConfigFile),
    /// Manage users
    #[command(subcommand)]
    User(people::UserCommand),
    /// Manage API tokens of machines
    #[command(subcommand)]
    Token(people::TokenCommand),
    /// Take the evidence of a call out, or replay it
    #[command(subcommand)]
    Trace(trace::TraceCommand),
}

/// Which configuration.
#[derive(Debug, Args)]
struct ConfigFile {
    /// The configuration file
    #[arg(long, env = "CTID_CONFIG", default_value = "ctid.toml")]
    config: PathBuf,
}

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As it should.
    Well,
    /// It did its work and found something wrong.
    WithFindings,
}

impl Cli {
    /// Does what was asked.
    pub async fn run(self) -> anyhow::Result<Ended> {
        match self.command {
            Command::Init(init) => init.run().await?,
            Command::Serve { config, log_format } => serve::run(&config.config, log_format).await?,
            Command::Check(config) => return check::run(&config.config).await,
            Command::User(command) => command.run().await?,
            Command::Token(command) => command.run().await?,
            Command::Trace(command) => return command.run().await,
        }
        Ok(Ended::Well)
    }
}

/// The configuration and its store, opened.
async fn open(file: &Path) -> anyhow::Result<(Config, Store)> {
    let config = Config::load(file)?;
    let store = open_store(&config).await?;
    Ok((config, store))
}

async fn open_store(config: &Config) -> anyhow::Result<Store> {
    let options =
        StoreOptions { url: config.store.url.reveal().to_owned(), power_safe: config.store.power_safe };
    Store::open(&options).await.context("open the store (store.url)")
}

/// A password from standard input: one line, or all of it without its line end.
fn password_from_stdin() -> anyhow::Result<Secret> {
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).context("read the password from standard input")?;
    let password = text.trim_end_matches(['\n', '\r']);
    anyhow::ensure!(
        !password.is_empty() && !password.contains(['\n', '\r', '\0']),
        "give the password on standard input, on one line"
    );
    Ok(Secret::new(password))
}
