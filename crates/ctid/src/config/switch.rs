//! `[[switch]]`: one PBX, how to reach it and how numbers are written there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use cti_core::ids::SwitchId;
use cti_core::number::guard::{DialPolicy, Verdict};
use cti_core::number::{NumberPlan, OwnRange};
use store::{
    CstaSettings, SwitchProblem, SwitchRoute, switch_context_problem, switch_id_problem, switch_kind_problem,
    switch_password_problem, switch_route_problems,
};

use super::{Section, csta, place};
use crate::secret::Secret;

/// A PBX to link to.
#[derive(Debug, Clone)]
pub struct SwitchConfig {
    /// Its id in ours: stable, part of keys and addresses.
    pub id: SwitchId,
    /// Name shown to people.
    pub name: String,
    /// `asterisk`, `csta-xml`, `csta-asn1` or `avaya-dmcc`.
    pub kind: String,
    /// How it speaks CSTA; kinds of CSTA only.
    pub csta: Option<CstaSettings>,
    /// Host name or address of the manager port.
    pub address: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte.
    pub tls: bool,
    /// Authority of the switch's certificate, instead of the public ones.
    pub tls_ca: Option<Authority>,
    /// User of the session that listens to events.
    pub events: Login,
    /// User of the session that acts; the same one when the file names no other.
    pub actions: Login,
    /// Dialplan context whose numbers an agent may dial.
    pub context: String,
    /// How long an answer of the switch may take.
    pub timeout: Duration,
    /// Where recordings of this switch are fetched.
    pub recordings_url: Option<String>,
    /// One of several switches on one machine.
    pub virtual_pbx: bool,
    /// Which calls are kept.
    pub log_calls: LogCalls,
    /// Endpoints that are lines to the outside, by name or by a pattern that ends in `*`.
    pub trunks: Vec<String>,
    /// Phones that obey notifications.
    pub profiles: Vec<Profile>,
    /// What may be dialled.
    pub dial: DialPolicy,
    /// How numbers are written and dialled.
    pub numbers: NumberPlan,
    /// Numbers that lead to another switch of ours.
    pub routes: Vec<SwitchRoute>,
}

/// Authority of a certificate, PEM.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authority {
    /// In a file.
    File(PathBuf),
    /// The text itself.
    Pem(String),
}

/// A manager user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// Its name.
    pub user: String,
    /// Its secret.
    pub password: Secret,
}

/// Which calls are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogCalls {
    /// All of the switch.
    All,
    /// Those that touch a device with a user, an extension row or an agent.
    Mapped,
}

/// What a phone obeys when Asterisk notifies it (`[[switch.profile]]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Text that the phone's `User-Agent` contains.
    pub user_agent: String,
    /// `talk` answers a ringing call and retrieves a held one.
    pub talk: bool,
    /// `hold` holds.
    pub hold: bool,
}

/// Reads one `[[switch]]`; none when a key that must be there is wrong.
pub(super) fn read(section: &mut Section, folder: &Path) -> Option<SwitchConfig> {
    let id = section.required("id", "praha").filter(|id| good_id(section, id));
    let name = section.required("name", "Praha");
    let kind = kind(section);
    let csta_kind = kind.as_deref().filter(|kind| *kind != "asterisk");
    let is_csta = csta_kind.is_some();
    let address = section.required("address", "192.0.2.10");
    let tls = section.flag("tls", false);
    let csta = csta_kind.map(|kind| csta::read(section, kind));
    let port = port(section, csta_kind.zip(csta.as_ref().and_then(Option::as_ref)), tls);
    let tls_ca = section.text("tls_ca", "pbx-ca.pem").map(|name| Authority::File(place(folder, &name)));
    if tls_ca.is_some() && !tls {
        section.wrong("tls_ca", "stands without `tls = true`", "add `tls = true` or remove it");
    }
    let (events, actions) = if is_csta { csta_login(section, folder) } else { logins(section, folder) };
    let context = section.text("context", "from-internal").unwrap_or_else(|| "from-internal".to_owned());
    check_context(section, &context);
    let timeout = Duration::from_secs(section.number("timeout_s", 1, 120).unwrap_or(10));
    let recordings_url = section.text("recordings_url", "https://pbx.example/recordings");
    let virtual_pbx = section.flag("virtual_pbx", false);
    let log_calls = log_calls(section);
    let trunks = section.texts("trunks", "provider");
    let profiles = profiles(section);
    let dial = dial(section);
    let numbers = numbers(section);
    let routes = routes(section, id.as_deref().unwrap_or_default());
    refuse_csta_keys(section, is_csta);
    Some(SwitchConfig {
        id: SwitchId::from(id?),
        name: name?,
        kind: kind?,
        // Some without settings is a section whose problems are told.
        csta: csta.map_or(Some(None), |csta| csta.map(Some))?,
        address: address?,
        port: port?,
        tls,
        tls_ca,
        events: events?,
        actions: actions?,
        context,
        timeout,
        recordings_url,
        virtual_pbx,
        log_calls,
        trunks,
        profiles,
        dial,
        numbers,
        routes,
    })
}

/// Notes a problem of the rules that every definition of a switch keeps to; true when there is none.
fn keeps(section: &mut Section, key: &str, problem: Option<SwitchProblem>) -> bool {
    let Some(problem) = problem else {
        return true;
    };
    section.wrong(key, problem.problem, problem.fix);
    false
}

fn good_id(section: &mut Section, id: &str) -> bool {
    keeps(section, "id", switch_id_problem(id))
}

fn kind(section: &mut Section) -> Option<String> {
    let kind = section.required("kind", "asterisk")?;
    keeps(section, "kind", switch_kind_problem(&kind)).then_some(kind)
}

/// The port, or the usual one: of the manager interface, or of the dialect where it has one.
fn port(section: &mut Section, csta: Option<(&str, &CstaSettings)>, tls: bool) -> Option<u16> {
    let usual = match csta {
        None => Some(if tls { 5039 } else { 5038 }),
        Some((kind, settings)) => csta::port(kind, settings),
    };
    let port = section.number("port", 1, u16::MAX).or(usual);
    if port.is_none() && !section.has_problem_with("port") {
        section.wrong("port", "is missing", "add `port = …`: this dialect has no usual one");
    }
    port
}

/// The login of a CSTA switch, where it knows users. One session does both.
fn csta_login(section: &mut Section, folder: &Path) -> (Option<Login>, Option<Login>) {
    let user = section.text("user", "tieline").unwrap_or_default();
    let password = password(section, folder, "password", "password_file").unwrap_or_else(|| Secret::new(""));
    let login = Some(Login { user, password });
    (login.clone(), login)
}

/// The event login and the action login.
fn logins(section: &mut Section, folder: &Path) -> (Option<Login>, Option<Login>) {
    let user = section.required("user", "cti-ev");
    let password = password(section, folder, "password", "password_file");
    if password.is_none() && !section.has_problem_with("password") {
        section.wrong(
            "password",
            "is missing",
            "add `password = \"…\"` or `password_file = \"FILE\"`, the secret of this user in manager.conf",
        );
    }
    let events = user.zip(password).map(|(user, password)| Login { user, password });
    let user = section.text("user_actions", "cti-act");
    let password = self::password(section, folder, "password_actions", "password_actions_file");
    let actions = match (user, password) {
        (None, None) => events.clone(),
        (Some(user), Some(password)) => Some(Login { user, password }),
        (Some(_), None) => {
            section.wrong(
                "password_actions",
                "is missing beside user_actions",
                "add `password_actions = \"…\"` or `password_actions_file = \"FILE\"`",
            );
            None
        }
        (None, Some(_)) => {
            section.wrong(
                "user_actions",
                "is missing beside its password",
                "add `user_actions = \"cti-act\"`",
            );
            None
        }
    };
    (events, actions)
}

/// A secret that stands in the file or in a file of its own.
fn password(
    section: &mut Section,
    folder: &Path,
    key: &'static str,
    file_key: &'static str,
) -> Option<Secret> {
    let text = section.text(key, "…");
    let file = section.text(file_key, "pbx.secret");
    match (text, file) {
        (Some(_), Some(_)) => {
            section.wrong(file_key, format!("stands beside {key}"), "keep one of the two");
            None
        }
        (Some(text), None) => good_password(section, key, &text),
        (None, Some(name)) => {
            let file = place(folder, &name);
            match std::fs::read_to_string(&file) {
                Ok(text) => good_password(section, file_key, text.trim_end_matches(['\n', '\r'])),
                Err(error) => {
                    section.wrong(
                        file_key,
                        format!("cannot read {}: {error}", file.display()),
                        "put the secret alone into that file and let ctid's user read it",
                    );
                    None
                }
            }
        }
        (None, None) => None,
    }
}

fn good_password(section: &mut Section, key: &str, text: &str) -> Option<Secret> {
    keeps(section, key, switch_password_problem(key, text)).then(|| Secret::new(text))
}

fn check_context(section: &mut Section, context: &str) {
    keeps(section, "context", switch_context_problem(context));
}

fn log_calls(section: &mut Section) -> LogCalls {
    match section.text("log_calls", "all").as_deref() {
        None | Some("all") => LogCalls::All,
        Some("mapped") => LogCalls::Mapped,
        Some(other) => {
            section.wrong("log_calls", format!("is \"{other}\""), "write \"all\" or \"mapped\"");
            LogCalls::All
        }
    }
}

fn profiles(section: &mut Section) -> Vec<Profile> {
    let mut profiles = Vec::new();
    for mut below in section.sections("profile") {
        let user_agent = below.required("user_agent", "Yealink SIP-T4");
        let (talk, hold) = (below.flag("talk", false), below.flag("hold", false));
        profiles.extend(user_agent.map(|user_agent| Profile { user_agent, talk, hold }));
        section.absorb(below);
    }
    profiles
}

fn dial(section: &mut Section) -> DialPolicy {
    let mut below = section.section("dial");
    let policy = DialPolicy {
        allow: prefixes(&mut below, "allow"),
        deny: prefixes(&mut below, "deny"),
        emergency: verdict(&mut below, "emergency"),
        premium: verdict(&mut below, "premium"),
    };
    section.absorb(below);
    policy
}

fn prefixes(section: &mut Section, key: &'static str) -> Vec<String> {
    let prefixes = section.texts(key, "+420");
    for prefix in &prefixes {
        let good =
            !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit() || b"+*#".contains(&byte));
        if !good {
            section.wrong(
                key,
                format!("\"{prefix}\" is no prefix of a number"),
                "use digits, `+`, `*` and `#`, for example \"+420\"",
            );
        }
    }
    prefixes
}

fn verdict(section: &mut Section, key: &'static str) -> Verdict {
    match section.text(key, "refuse").as_deref() {
        None | Some("refuse") => Verdict::Refuse,
        Some("allow") => Verdict::Allow,
        Some(other) => {
            section.wrong(key, format!("is \"{other}\""), "write \"allow\" or \"refuse\"");
            Verdict::Refuse
        }
    }
}

fn numbers(section: &mut Section) -> NumberPlan {
    let mut below = section.section("numbers");
    let mut plan = NumberPlan::default();
    for (key, example, slot) in [
        ("country", "CZ", &mut plan.country),
        ("trunk_prefix", "0", &mut plan.trunk_prefix),
        ("international_prefix", "00", &mut plan.international_prefix),
        ("outside_prefix", "9", &mut plan.outside_prefix),
        ("extension_pattern", "1XXX|20XX", &mut plan.extension_pattern),
    ] {
        if let Some(text) = below.text(key, example) {
            *slot = text;
        }
    }
    plan.own_numbers = own_ranges(&mut below);
    if let Err(error) = plan.validate() {
        below.wrong(error.field, error.problem, error.fix);
    }
    section.absorb(below);
    plan
}

fn own_ranges(section: &mut Section) -> Vec<OwnRange> {
    let mut ranges = Vec::new();
    for mut below in section.sections("own_numbers") {
        let numbers = below.required("numbers", "+42055520XXXX");
        let extension_prefix = below.text("extension_prefix", "1").unwrap_or_default();
        let positions = below.text("positions", "8-11").and_then(|text| {
            let places = first_and_last(&text);
            if places.is_none() {
                below.wrong(
                    "positions",
                    format!("is \"{text}\""),
                    "write first and last place, for example \"8-11\"",
                );
            }
            places
        });
        ranges.extend(numbers.map(|numbers| OwnRange { numbers, extension_prefix, positions }));
        section.absorb(below);
    }
    ranges
}

fn first_and_last(text: &str) -> Option<[usize; 2]> {
    let (first, last) = text.split_once('-')?;
    Some([first.trim().parse().ok()?, last.trim().parse().ok()?])
}

/// Whether a target exists is not known here: it may be defined by API.
fn routes(section: &mut Section, own: &str) -> Vec<SwitchRoute> {
    let mut routes = Vec::new();
    for mut below in section.sections("route") {
        let (to, prefix) = (below.required("to", "mitel"), below.required("prefix", "8"));
        let caller_id = below.text("caller_id", "+420555000100");
        if let (Some(to), Some(prefix)) = (to, prefix) {
            routes.push(SwitchRoute { to, prefix, caller_id });
            let at = routes.len() - 1;
            for problem in switch_route_problems(&routes, own, |_| true) {
                let field = problem.field.strip_prefix(&format!("routes/{at}/"));
                if let Some(field) = field.or_else(|| (problem.field == "routes").then_some("to")) {
                    below.wrong(field, problem.problem, problem.fix);
                }
            }
        }
        section.absorb(below);
    }
    routes
}

/// What only CSTA has is nothing to an Asterisk.
fn refuse_csta_keys(section: &mut Section, is_csta: bool) {
    let foreign: &[&'static str] = if is_csta {
        &[]
    } else {
        &["dialect", "framing", "phase", "session", "switch_name", "stations", "queue", "route_point"]
    };
    for key in foreign {
        if section.has(key) {
            let _ignored = section.value(key);
            section.wrong(key, "is a key of CSTA switches", "remove it, or write another kind");
        }
    }
}
