//! `[[records]]`: a records service that calls are handed over to, and `[documents]`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crm_bridge::esss::client::address;
use crm_bridge::esss::{Dialect, Parties};

use url::Host;

use super::switch::password;
use super::{Section, place};
use crate::secret::Secret;

/// How long an answer may take when the file says nothing: documents are large and records services slow.
const TIMEOUT_S: u64 = 60;
/// How often a service is asked whether it is there when the file says nothing.
const TEST_EVERY_S: u64 = 15 * 60;

/// A records service.
#[derive(Debug, Clone)]
pub struct RecordsConfig {
    /// Its id in ours.
    pub id: String,
    /// Name shown to people.
    pub name: String,
    /// Address of the service.
    pub url: String,
    /// Who speaks to whom, and in which edition of the standard.
    pub parties: Parties,
    /// Name and password (HTTP basic).
    pub login: Option<(String, Secret)>,
    /// Authorities of its certificate instead of the public ones, PEM.
    pub ca: Option<PathBuf>,
    /// Our certificate with its chain, and its key, PEM.
    pub client: Option<(PathBuf, PathBuf)>,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How often it is asked whether it is there.
    pub test_every: Duration,
    /// As whom we act there; whoever hands a call over when none.
    pub acting_user: Option<String>,
}

/// Reads all `[[records]]`.
pub(super) fn read(root: &mut Section, folder: &Path) -> Vec<RecordsConfig> {
    let mut all: Vec<RecordsConfig> = Vec::new();
    for mut section in root.sections("records") {
        if let Some(read) = read_one(&mut section, folder) {
            if all.iter().any(|earlier| earlier.id == read.id) {
                section.wrong(
                    "id",
                    format!("\"{}\" is the id of an earlier records service too", read.id),
                    "give each records service an id of its own",
                );
            } else {
                all.push(read);
            }
        }
        root.absorb(section);
    }
    all
}

fn read_one(section: &mut Section, folder: &Path) -> Option<RecordsConfig> {
    let id = section.required("id", "essl").filter(|id| good_id(section, id));
    let name = section.text("name", "Spisová služba");
    let url = section.required("url", "https://essl.example/ermsAPI").filter(|url| good_url(section, url));
    let parties = parties(section);
    let login = login(section, folder);
    let file = |name: Option<String>| name.map(|name| place(folder, &name));
    let ca = file(section.text("ca", "essl-ca.pem"));
    let cert = file(section.text("client_cert", "tieline.pem"));
    let key = file(section.text("client_key", "tieline.key"));
    let client = match (cert, key) {
        (Some(cert), Some(key)) => Some((cert, key)),
        (None, None) => None,
        (Some(_), None) => {
            section.wrong("client_key", "is missing beside client_cert", "name the PEM file with the key");
            None
        }
        (None, Some(_)) => {
            section.wrong(
                "client_cert",
                "is missing beside client_key",
                "name the PEM file with the certificate",
            );
            None
        }
    };
    let timeout = Duration::from_secs(section.number("timeout_s", 1, 600).unwrap_or(TIMEOUT_S));
    let test_every = Duration::from_secs(section.number("test_every_s", 10, 86_400).unwrap_or(TEST_EVERY_S));
    let acting_user = section.text("acting_user", "tieline");
    if acting_user.as_ref().is_some_and(|user| user.is_empty() || user.chars().count() > 50) {
        section.wrong(
            "acting_user",
            "must have 1 to 50 characters",
            "write a user that the records service knows",
        );
    }
    let id = id?;
    Some(RecordsConfig {
        name: name.unwrap_or_else(|| id.clone()),
        id,
        url: url?,
        parties: parties?,
        login,
        ca,
        client,
        timeout,
        test_every,
        acting_user,
    })
}

fn good_id(section: &mut Section, id: &str) -> bool {
    let good = (1..=40).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if !good {
        section.wrong("id", format!("\"{id}\" is no id"), "use 1 to 40 letters a-z, digits and hyphens");
    }
    good
}

fn good_url(section: &mut Section, url: &str) -> bool {
    let Some(found) = address(url) else {
        section.wrong("url", "is no web address", "write it like \"https://essl.example/ermsAPI\"");
        return false;
    };
    let is_here = match found.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    };
    let is_safe = found.scheme() == "https" || is_here;
    if !is_safe {
        section.wrong("url", "would send documents and passwords in plain text", "begin it with https://");
    }
    is_safe
}

fn parties(section: &mut Section) -> Option<Parties> {
    let word = section.text("dialect", "2023").unwrap_or_else(|| Dialect::default().word().to_owned());
    let dialect = word.parse::<Dialect>();
    if dialect.is_err() {
        let known: Vec<&str> = Dialect::ALL.iter().map(|dialect| dialect.word()).collect();
        section.wrong(
            "dialect",
            format!("\"{word}\" is none we know"),
            format!("choose one of {}", known.join(", ")),
        );
    }
    let source = section.required("source", "CTI");
    let target = section.required("target", "ESSL");
    let id_source = section.text("id_source", "TIELINE").or_else(|| source.clone());
    let (dialect, source, target, id_source) = (dialect.ok()?, source?, target?, id_source?);
    match Parties::new(dialect, &source, &target, &id_source) {
        Ok(parties) => Some(parties),
        Err(error) => {
            let key = match error.what {
                "Zdroj" => "source",
                "Cil" => "target",
                _ => "id_source",
            };
            section.wrong(
                key,
                error.to_string(),
                "write the code that you agreed on with the records service",
            );
            None
        }
    }
}

fn login(section: &mut Section, folder: &Path) -> Option<(String, Secret)> {
    let user = section.text("user", "tieline");
    let password = password(section, folder, "password", "password_file");
    match (user, password) {
        (Some(user), Some(password)) => Some((user, password)),
        (None, None) => None,
        (Some(_), None) => {
            if !section.has_problem_with("password") {
                section.wrong("password", "is missing beside user", "add `password_file = \"FILE\"`");
            }
            None
        }
        (None, Some(_)) => {
            section.wrong("user", "is missing beside its password", "add `user = \"tieline\"`");
            None
        }
    }
}
