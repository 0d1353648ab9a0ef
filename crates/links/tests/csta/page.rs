//! What each dialect can do, as `docs/switches.md` says it. `TIELINE_BLESS=1` writes it anew.

use std::fmt::Write as _;
use std::path::Path;

use csta::dialect::{DIALECTS, Dialect, Encoding, Start};
use csta::frame::Framing;
use cti_core::permit::{Capabilities, Support};
use links::asterisk::{Facilities, capabilities as asterisk};
use links::config::CstaLink;
use links::csta::{Services, capabilities};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/switches.md");
const BEGIN: &str =
    "<!-- dialects: written by `TIELINE_BLESS=1 cargo test -p links --all-features --test csta page` -->\n";
const END: &str = "<!-- dialects end -->\n";

/// Commands by what became of them; a missing one says why.
fn commands(out: &mut String, can: &Capabilities) {
    let mut named: [Vec<String>; 3] = Default::default();
    for (name, support) in can {
        let name = serde_json::to_value(name).unwrap();
        let name = format!("`{}`", name.as_str().unwrap());
        match support {
            Support::Supported => named[0].push(name),
            Support::Emulated => named[1].push(name),
            Support::Unsupported { reason } => named[2].push(format!("{name} ({reason})")),
        }
    }
    for (word, names) in ["supported", "emulated", "missing"].into_iter().zip(named) {
        if !names.is_empty() {
            writeln!(out, "- {word}: {}", names.join(", ")).unwrap();
        }
    }
}

/// How a dialect speaks, in one line.
fn speech(dialect: &Dialect) -> String {
    let encoding = match dialect.encoding {
        Encoding::Xml { namespace } => format!("XML, `{namespace}`"),
        Encoding::Ber { phase } => format!("ASN.1, Phase {phase:?}"),
    };
    let framing = match dialect.framing {
        Framing::Xml => "a header of eight octets",
        Framing::Length2 => "a length of two octets",
        Framing::HiPath => "a length behind `26`",
        Framing::Tpkt => "TPKT",
        Framing::NulXml => "a zero octet behind each document",
    };
    let start = match dialect.start {
        Start::Implicit => "the switch speaks first",
        Start::Bare => "no association",
        Start::Acse => "an association (ACSE)",
        Start::AppSession => "an application session (ECMA-354)",
    };
    let port = if dialect.port == 0 { String::new() } else { format!("; port {}", dialect.port) };
    format!("{encoding}; {framing}; {start}{port}")
}

/// Services it lacks, those with the same reason together.
fn lacks(dialect: &Dialect) -> String {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for (service, why) in dialect.lacks {
        let service = format!("`{service}`");
        match reasons.iter_mut().find(|(reason, _)| reason == why) {
            Some((_, services)) => services.push(service),
            None => reasons.push((why, vec![service])),
        }
    }
    let said: Vec<String> =
        reasons.iter().map(|(why, services)| format!("{} ({why})", services.join(", "))).collect();
    if said.is_empty() { "none that is known".to_owned() } else { said.join(", ") }
}

fn dialects() -> String {
    let mut out =
        "\n### Asterisk\n\nWith `extensions_tieline.conf`, for a phone without a profile.\n\n".to_owned();
    commands(
        &mut out,
        &asterisk(&Facilities {
            commands: None,
            has_include: true,
            is_recent: true,
            ..Facilities::default()
        }),
    );
    for dialect in DIALECTS {
        let link = CstaLink::new("lab", "", 0, *dialect);
        let can = capabilities(&Services::configured(&link.translator(dialect)), dialect.holds);
        writeln!(out, "\n### `{}`\n\n{}: {}.\n", dialect.name, dialect.switches, speech(dialect)).unwrap();
        commands(&mut out, &can);
        let holds: Vec<String> = dialect.holds.iter().map(|way| format!("`{}`", way.word())).collect();
        let holds = match holds.as_slice() {
            [] => "in no way".to_owned(),
            some => {
                format!("{}; one phone is rung at a time, with `ring_mode` `all` as well", some.join(", "))
            }
        };
        writeln!(out, "- callers can be held for queues of Tieline: {holds}").unwrap();
        writeln!(out, "- services it lacks: {}", lacks(dialect)).unwrap();
    }
    out.push('\n');
    out
}

// covers: DOC-15
#[test]
fn the_page_of_switches_says_what_each_dialect_can() {
    let page = std::fs::read_to_string(Path::new(PAGE)).unwrap();
    let (before, rest) = page.split_once(BEGIN).expect("the page has a place for the dialects");
    let (_, after) = rest.split_once(END).expect("that place has an end");
    let wanted = format!("{before}{BEGIN}{}{END}{after}", dialects());
    if std::env::var_os("TIELINE_BLESS").is_some() {
        std::fs::write(PAGE, &wanted).unwrap();
    }
    assert!(
        page == wanted || std::env::var_os("TIELINE_BLESS").is_some(),
        "stale; its first line says the mend"
    );
}
