//! What a definition of a switch must keep to, wherever it was written.

use super::SwitchSettings;

/// Something that is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchProblem {
    /// The setting, below `numbers` with its path: `numbers/country`.
    pub field: String,
    /// What is wrong.
    pub problem: String,
    /// How to mend it.
    pub fix: String,
}

impl SwitchProblem {
    pub(super) fn new(field: &str, problem: impl Into<String>, fix: &str) -> Self {
        Self { field: field.to_owned(), problem: problem.into(), fix: fix.to_owned() }
    }
}

/// Longest id of a switch.
const ID_MAX: usize = 32;
/// Longest single text of a definition, bytes.
const TEXT_MAX: usize = 200;
/// Longest authority of a certificate, bytes.
const PEM_MAX: usize = 48 * 1024;
/// Most endpoints that are named as lines to the outside.
const TRUNKS_MAX: usize = 100;
/// Longest wait for an answer of the switch, seconds.
const TIMEOUT_MAX_S: u64 = 120;

/// What is wrong with an id: it is part of keys and addresses.
pub fn switch_id_problem(id: &str) -> Option<SwitchProblem> {
    let fits = !id.is_empty()
        && id.len() <= ID_MAX
        && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if id == "test" {
        // `/v1/switches/test` is the link test.
        let fix = "choose another id, for example \"praha-test\"";
        return Some(SwitchProblem::new("id", "\"test\" is an address of its own", fix));
    }
    if fits {
        return None;
    }
    let shown: String = id.chars().take(40).collect();
    Some(SwitchProblem::new(
        "id",
        format!("\"{shown}\" cannot be part of an address"),
        "use up to 32 small letters, digits and hyphens, for example \"praha\"",
    ))
}

/// What is wrong with a kind of switch.
pub fn switch_kind_problem(kind: &str) -> Option<SwitchProblem> {
    let (problem, fix) = match kind {
        "asterisk" | "csta-xml" | "csta-asn1" | "avaya-dmcc" => return None,
        _ => (
            format!("\"{}\" is no kind of switch we know", kind.chars().take(40).collect::<String>()),
            "write \"asterisk\", \"csta-xml\", \"csta-asn1\" or \"avaya-dmcc\"",
        ),
    };
    Some(SwitchProblem::new("kind", problem, fix))
}

/// What is wrong with a secret.
pub fn switch_password_problem(field: &str, secret: &str) -> Option<SwitchProblem> {
    let fits = !secret.is_empty() && secret.len() <= TEXT_MAX && !secret.contains(['\r', '\n', '\0']);
    (!fits).then(|| {
        SwitchProblem::new(field, "is empty or has more than one line", "write the secret on one line")
    })
}

/// What is wrong with a dialplan context.
pub fn switch_context_problem(context: &str) -> Option<SwitchProblem> {
    let fits = !context.is_empty()
        && context.len() <= TEXT_MAX
        && context.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    (!fits).then(|| {
        let shown: String = context.chars().take(40).collect();
        SwitchProblem::new(
            "context",
            format!("\"{shown}\" is no dialplan context"),
            "use letters, digits, `-`, `_` and `.`, for example \"from-internal\"",
        )
    })
}

impl SwitchSettings {
    /// True for a switch that speaks CSTA.
    pub fn is_csta(&self) -> bool {
        matches!(self.kind.as_str(), "csta-xml" | "csta-asn1" | "avaya-dmcc")
    }

    /// Everything that is wrong with these settings.
    pub fn problems(&self) -> Vec<SwitchProblem> {
        let mut found = Vec::new();
        let texts = [
            ("name", Some(&self.name), "Praha"),
            ("address", Some(&self.address), "192.0.2.10"),
            // A CSTA switch need not know users.
            ("user", Some(&self.user).filter(|user| !self.is_csta() || !user.is_empty()), "cti-ev"),
            ("user_actions", self.user_actions.as_ref(), "cti-act"),
        ];
        for (field, text, example) in texts {
            found.extend(text.and_then(|text| text_problem(field, text, example)));
        }
        found.extend(switch_kind_problem(&self.kind));
        found.extend(switch_context_problem(&self.context));
        if !self.address.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-:_".contains(&byte)) {
            let fix = "write only the host, like pbx.example or 192.0.2.10";
            found.push(SwitchProblem::new("address", "is no host name or address", fix));
        }
        if self.port == 0 {
            found.push(SwitchProblem::new("port", "is 0", "choose a whole number from 1 to 65535"));
        }
        if !(1..=TIMEOUT_MAX_S).contains(&self.timeout_s) {
            let problem = format!("is {}", self.timeout_s);
            found.push(SwitchProblem::new("timeout_s", problem, "choose a whole number from 1 to 120"));
        }
        match &self.csta {
            Some(_) if !self.is_csta() => {
                let problem = format!("does not go with kind \"{}\"", self.kind);
                found.push(SwitchProblem::new("csta", problem, "leave it out, or choose a kind of CSTA"));
            }
            Some(csta) => found.extend(csta.problems()),
            None => {}
        }
        found.extend(self.tls_ca.as_deref().and_then(|pem| pem_problem(pem, self.tls)));
        found.extend(self.recordings_url.as_deref().and_then(url_problem));
        let good_trunk = |name: &String| text_problem("trunks", name, "provider").is_none();
        if self.trunks.len() > TRUNKS_MAX || !self.trunks.iter().all(good_trunk) {
            let fix = "name at most 100 endpoints, for example \"provider\"";
            found.push(SwitchProblem::new("trunks", "holds an empty or too long name, or too many", fix));
        }
        if let Err(error) = self.numbers.validate() {
            found.push(SwitchProblem::new(&format!("numbers/{}", error.field), error.problem, error.fix));
        }
        found
    }
}

fn text_problem(field: &str, text: &str, example: &str) -> Option<SwitchProblem> {
    let what = if text.trim().is_empty() {
        "is empty"
    } else if text.len() > TEXT_MAX {
        "is too long"
    } else if text.chars().any(char::is_control) {
        "holds control characters"
    } else {
        return None;
    };
    Some(SwitchProblem::new(field, what, &format!("write it like \"{example}\"")))
}

fn pem_problem(pem: &str, tls: bool) -> Option<SwitchProblem> {
    if !tls {
        return Some(SwitchProblem::new("tls_ca", "stands without `tls`", "set `tls` to true or remove it"));
    }
    let fits = pem.len() <= PEM_MAX && pem.contains("-----BEGIN CERTIFICATE-----");
    let fix = "paste the PEM text that begins with -----BEGIN CERTIFICATE-----";
    (!fits).then(|| SwitchProblem::new("tls_ca", "is no certificate in PEM", fix))
}

/// An address with a name and password in it would put a secret where everybody reads it.
fn url_problem(url: &str) -> Option<SwitchProblem> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let fits = !host.is_empty()
        && !host.contains('@')
        && url.len() <= TEXT_MAX
        && !url.chars().any(|one| one.is_control() || one.is_whitespace());
    let fix = "write it like https://pbx.example/recordings, without user and password";
    (!fits).then(|| SwitchProblem::new("recordings_url", "is no address of the web", fix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CstaSettings;
    use cti_core::number::NumberPlan;

    fn good() -> SwitchSettings {
        SwitchSettings {
            name: "Praha".into(),
            kind: "asterisk".into(),
            address: "192.0.2.10".into(),
            port: 5038,
            tls: false,
            tls_ca: None,
            user: "cti-ev".into(),
            user_actions: None,
            context: "from-internal".into(),
            timeout_s: 10,
            recordings_url: Some("https://pbx.example/rec".into()),
            virtual_pbx: false,
            log_all: true,
            trunks: vec!["provider".into()],
            numbers: NumberPlan::default(),
            enabled: true,
            csta: None,
            routes: Vec::new(),
        }
    }

    // covers: ADM-07
    #[test]
    fn every_wrong_setting_of_a_switch_is_named() {
        assert_eq!(good().problems(), []);
        let wrong = SwitchSettings {
            name: " ".into(),
            kind: "freeswitch".into(),
            address: "http://pbx".into(),
            port: 0,
            tls_ca: Some("x".into()),
            user: "a\nb".into(),
            user_actions: Some(String::new()),
            context: "a b".into(),
            timeout_s: 0,
            recordings_url: Some("https://me:secret@pbx.example/".into()),
            trunks: vec![String::new()],
            numbers: NumberPlan { country: "cze".into(), ..NumberPlan::default() },
            csta: Some(CstaSettings::default()),
            ..good()
        };
        let found = wrong.problems();
        let fields: Vec<&str> = found.iter().map(|one| one.field.as_str()).collect();
        let wanted = [
            "name",
            "user",
            "user_actions",
            "kind",
            "context",
            "address",
            "port",
            "timeout_s",
            "csta",
            "tls_ca",
            "recordings_url",
            "trunks",
            "numbers/country",
        ];
        assert_eq!(fields, wanted);
        assert!(found.iter().all(|one| !one.fix.is_empty()));
        assert_eq!(switch_id_problem("praha-2"), None);
        for id in ["", "test", "Praha", "a/b", "á", &"a".repeat(33)] {
            assert!(switch_id_problem(id).is_some(), "{id}");
        }
        assert!(switch_password_problem("password", "a\nb").is_some());
    }
}
