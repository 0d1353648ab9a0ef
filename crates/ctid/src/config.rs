//! The configuration file: TOML, read once at start, refused as a whole when anything in it is wrong. Each
//! problem names the file, the dotted key, what is wrong and how to mend it; unknown keys are problems.
//!
//! Relative file names count from the folder of the configuration file.

pub(crate) mod csta;
mod directory;
mod records;
mod section;
mod switch;

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

pub use directory::Directory;
pub use records::RecordsConfig;
pub use section::Problem;
use section::Section;
pub use switch::{Authority, LogCalls, Login, Profile, SwitchConfig};

use crate::secret::Secret;
use crate::web::{Network, Proxies};

/// Everything the file says.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where it was read from.
    pub file: PathBuf,
    /// `[server]`.
    pub server: Server,
    /// `[store]`.
    pub store: Store,
    /// `[directory]`; none when passwords are kept here alone.
    pub directory: Option<Directory>,
    /// `[relay]`.
    pub relay: Relay,
    /// `[[switch]]`, in the order of the file.
    pub switches: Vec<SwitchConfig>,
    /// `[[records]]`, in the order of the file.
    pub records: Vec<RecordsConfig>,
    /// `documents.font`: the font that documents are written in, where it is not found by itself.
    pub font: Option<PathBuf>,
}

/// `[server]`: what browsers and programs connect to.
#[derive(Debug, Clone)]
pub struct Server {
    /// Address and port; port 0 takes a free one.
    pub listen: SocketAddr,
    /// How others write our address, where it differs from `listen`.
    pub public_url: Option<String>,
    /// TLS.
    pub tls: Tls,
    /// IANA name of the time zone of reports.
    pub timezone: String,
    /// Language of texts that no user's own choice decides.
    pub language: String,
    /// Origins of other web pages that may call the API.
    pub cors_origins: Vec<String>,
    /// Reverse proxies that are believed whom they speak for.
    pub trusted_proxies: Proxies,
}

/// How the server is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tls {
    /// Plain HTTP: on the machine itself, or behind a proxy that ends TLS.
    Off,
    /// A certificate made at first start and kept beside the store.
    SelfSigned,
    /// A certificate chain and its key, both PEM.
    Files {
        /// The chain.
        cert: PathBuf,
        /// The key.
        key: PathBuf,
    },
}

/// `[store]`: where facts are kept.
#[derive(Clone)]
pub struct Store {
    /// `sqlite:FILE` with an absolute file, or `postgres://…`.
    pub url: Secret,
    /// Survives a power cut without losing the last facts, at the price of speed.
    pub power_safe: bool,
    /// The key that seals secrets in the store.
    pub secret_key_file: PathBuf,
    /// Folder for files of our own: certificate, key.
    pub folder: PathBuf,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store")
            .field("url", &self.url)
            .field("power_safe", &self.power_safe)
            .field("folder", &self.folder)
            .finish_non_exhaustive()
    }
}

/// `[relay]`: the way of events to other systems.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Relay {
    /// Inner networks that events may be posted to, also without TLS; no other inner address is ever connected to.
    pub allow_networks: Vec<Network>,
    /// Authorities whose certificates count beside the public ones, PEM.
    pub tls_ca: Option<PathBuf>,
}

/// Why a configuration was refused.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("read configuration {}", file.display())]
    Read {
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is no TOML.
    #[error("{}: is no TOML\n  {what}\n    fix: mend the line shown; texts stand in \"quotes\", sections in [brackets]", file.display())]
    Syntax {
        /// Which file.
        file: PathBuf,
        /// Line, column and reason.
        what: String,
    },
    /// Keys are wrong.
    #[error("{}: {} problem(s)\n{}", file.display(), problems.len(), list(problems))]
    Problems {
        /// Which file.
        file: PathBuf,
        /// All of them.
        problems: Vec<Problem>,
    },
}

fn list(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(|problem| format!("  {problem}")).collect();
    lines.join("\n")
}

impl Config {
    /// Reads and checks a file.
    pub fn load(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| ConfigError::Read { file: file.to_owned(), source })?;
        Self::parse(file, &text)
    }

    /// Checks the text of a file; `file` gives the folder for relative names.
    pub fn parse(file: &Path, text: &str) -> Result<Self, ConfigError> {
        let table = text.parse::<toml::Table>().map_err(|error| ConfigError::Syntax {
            file: file.to_owned(),
            what: error.to_string().trim_end().replace('\n', "\n  "),
        })?;
        let file = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
        let folder = file.parent().unwrap_or_else(|| Path::new("/")).to_owned();
        let mut root = Section::root(table);
        let mut section = root.section("server");
        let server = server(&mut section, &folder);
        root.absorb(section);
        let mut section = root.section("store");
        let store = store(&mut section, &folder);
        root.absorb(section);
        let mut section = root.section("relay");
        let relay = relay(&mut section, &folder);
        root.absorb(section);
        let mut section = root.section("directory");
        let directory = directory::read(&mut section, &folder);
        root.absorb(section);
        let switches = switches(&mut root, &folder);
        let records = records::read(&mut root, &folder);
        let mut section = root.section("documents");
        let font = section.text("font", "DejaVuSans.ttf").map(|name| place(&folder, &name));
        root.absorb(section);
        let problems = root.finish();
        match (server, store) {
            (Some(server), Some(store)) if problems.is_empty() => {
                Ok(Self { file, server, store, directory, relay, switches, records, font })
            }
            _ => Err(ConfigError::Problems { file, problems }),
        }
    }
}

/// A file name of the configuration, counted from the configuration's folder.
fn place(folder: &Path, name: &str) -> PathBuf {
    folder.join(name)
}

fn server(section: &mut Section, folder: &Path) -> Option<Server> {
    const LISTEN: &str = "127.0.0.1:8088";
    let text = section.text("listen", LISTEN);
    let listen = text.as_deref().unwrap_or(LISTEN).parse().ok();
    if listen.is_none() {
        section.wrong(
            "listen",
            "is no address and port",
            "write it like \"127.0.0.1:8088\", or \"0.0.0.0:443\" for all addresses of the machine",
        );
    }
    let public_url = section.text("public_url", "https://tieline.example");
    if let Some(url) = &public_url
        && !(url.starts_with("https://") || url.starts_with("http://"))
    {
        section.wrong("public_url", "is no web address", "begin it with https://");
    }
    Some(Server {
        tls: tls(section, folder),
        timezone: timezone(section),
        language: language(section),
        cors_origins: cors_origins(section),
        trusted_proxies: trusted_proxies(section),
        public_url,
        listen: listen?,
    })
}

fn tls(section: &mut Section, folder: &Path) -> Tls {
    let cert = section.text("tls_cert", "cert.pem");
    let key = section.text("tls_key", "key.pem");
    let mode = section.text("tls", "self-signed");
    match (mode.as_deref(), cert, key) {
        (None, None, None) => Tls::Off,
        (None, Some(cert), Some(key)) => Tls::Files { cert: place(folder, &cert), key: place(folder, &key) },
        (Some("self-signed"), None, None) => Tls::SelfSigned,
        (Some("self-signed"), _, _) => {
            section.wrong(
                "tls",
                "stands beside tls_cert or tls_key",
                "keep either `tls = \"self-signed\"` or both files",
            );
            Tls::Off
        }
        (Some(other), _, _) => {
            section.wrong(
                "tls",
                format!("is \"{other}\""),
                "write \"self-signed\", or name tls_cert and tls_key instead",
            );
            Tls::Off
        }
        (None, Some(_), None) => {
            section.wrong("tls_key", "is missing beside tls_cert", "name the PEM file with the key");
            Tls::Off
        }
        (None, None, Some(_)) => {
            section.wrong(
                "tls_cert",
                "is missing beside tls_key",
                "name the PEM file with the certificate chain",
            );
            Tls::Off
        }
    }
}

fn timezone(section: &mut Section) -> String {
    let zone = section.text("timezone", "Europe/Prague").unwrap_or_else(|| "UTC".to_owned());
    if jiff::tz::TimeZone::get(&zone).is_err() {
        section.wrong(
            "timezone",
            format!("\"{zone}\" is no time zone we know"),
            "write an IANA name, for example \"Europe/Prague\"",
        );
    }
    zone
}

fn language(section: &mut Section) -> String {
    const LANGUAGES: [&str; 6] = ["en", "cs", "sk", "pl", "it", "de"];
    let language = section.text("language", "en").unwrap_or_else(|| "en".to_owned());
    if !LANGUAGES.contains(&language.as_str()) {
        section.wrong(
            "language",
            format!("\"{language}\" is none of ours"),
            format!("choose one of {}", LANGUAGES.join(", ")),
        );
    }
    language
}

fn cors_origins(section: &mut Section) -> Vec<String> {
    let origins = section.texts("cors_origins", "https://crm.example");
    for origin in &origins {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['/', '*', ' '])) {
            section.wrong(
                "cors_origins",
                format!("\"{origin}\" is no origin"),
                "write scheme, host and port only, for example \"https://crm.example\"",
            );
        }
    }
    origins
}

fn trusted_proxies(section: &mut Section) -> Proxies {
    Proxies(networks(
        section,
        "trusted_proxies",
        "write the address of the proxy, for example \"127.0.0.1\", or a network like \"10.0.0.0/8\"",
    ))
}

fn networks(section: &mut Section, key: &'static str, fix: &str) -> Vec<Network> {
    let mut networks = Vec::new();
    for text in section.texts(key, "127.0.0.1") {
        match text.parse() {
            Ok(network) => networks.push(network),
            Err(()) => section.wrong(key, format!("\"{text}\" is no address and no network"), fix),
        }
    }
    networks
}

fn relay(section: &mut Section, folder: &Path) -> Relay {
    let fix = "write the network of the system that takes events, for example \"10.20.0.0/16\"";
    Relay {
        allow_networks: networks(section, "allow_networks", fix),
        tls_ca: section.text("tls_ca", "company-ca.pem").map(|name| place(folder, &name)),
    }
}

fn store(section: &mut Section, folder: &Path) -> Option<Store> {
    let url = section.text("url", "sqlite:tieline.db").unwrap_or_else(|| "sqlite:tieline.db".to_owned());
    let power_safe = section.flag("power_safe", false);
    let key = section.text("secret_key_file", "secret.key");
    let (url, data) = if let Some(name) = url.strip_prefix("sqlite:") {
        let file = place(folder, name.trim_start_matches("//"));
        let data = file.parent().unwrap_or(folder).to_owned();
        if name.is_empty() || name.contains(":memory:") {
            section.wrong("url", "names no file", "write it like \"sqlite:tieline.db\"");
            return None;
        }
        (format!("sqlite:{}", file.display()), data)
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        (url, folder.to_owned())
    } else {
        section.wrong(
            "url",
            "names no database we know",
            "write \"sqlite:FILE\" or \"postgres://USER:PASSWORD@HOST/DATABASE\"",
        );
        return None;
    };
    Some(Store {
        url: Secret::new(url),
        power_safe,
        secret_key_file: place(folder, key.as_deref().unwrap_or("secret.key")),
        folder: data,
    })
}

fn switches(root: &mut Section, folder: &Path) -> Vec<SwitchConfig> {
    let mut switches: Vec<SwitchConfig> = Vec::new();
    for mut section in root.sections("switch") {
        if let Some(read) = switch::read(&mut section, folder) {
            if switches.iter().any(|earlier| earlier.id == read.id) {
                section.wrong(
                    "id",
                    format!("\"{}\" is the id of an earlier switch too", read.id),
                    "give each switch an id of its own",
                );
            } else {
                switches.push(read);
            }
        }
        root.absorb(section);
    }
    switches
}

#[cfg(test)]
mod tests;
