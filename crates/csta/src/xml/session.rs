//! ECMA-354: sessions of an application, with what Avaya adds to their start.

use super::{
    part::{Element, Part, Text},
    style::AVAYA,
    tree::Node,
    write::{Writer, escape},
};
use crate::{
    error::Unencodable,
    model::{AppSession, Secret},
};

/// Reads `StartApplicationSession`; what is missing in it is empty.
pub(super) fn read_start(root: Node<'_>) -> AppSession {
    let information = root.child("applicationInfo");
    let login = information.and_then(|node| node.path(&["applicationSpecificInfo", "SessionLoginInfo"]));
    let of = |name| login.and_then(|node| node.child(name)).map(|node: Node<'_>| node.text().to_owned());
    let versions = root.child("requestedProtocolVersions");
    AppSession {
        application: information
            .and_then(|node| node.child("applicationID"))
            .and_then(Text::get)
            .unwrap_or_default(),
        versions: versions
            .into_iter()
            .flat_map(Node::children)
            .filter(|child| child.is("protocolVersion"))
            .map(|child| child.text().to_owned())
            .collect(),
        duration_s: root
            .child("requestedSessionDuration")
            .and_then(|node| node.token().parse().ok())
            .unwrap_or_default(),
        user: of("userName"),
        password: of("password").map(|password| Secret::from(password.as_str())),
        // Avaya's clients send an empty one for a new session.
        recover: of("sessionID").filter(|id| !id.is_empty()),
        cleanup_s: of("sessionCleanupDelay").and_then(|delay| delay.trim_ascii().parse().ok()),
    }
}

/// Writes the content of `StartApplicationSession`.
pub(super) fn write_start(start: &AppSession, out: &mut Writer<'_>) -> Result<(), Unencodable> {
    out.open("applicationInfo");
    out.leaf("applicationID", &start.application)?;
    write_login(start, out)?;
    out.close("applicationInfo");
    out.open("requestedProtocolVersions");
    for version in &start.versions {
        out.leaf("protocolVersion", version)?;
    }
    out.close("requestedProtocolVersions");
    out.token("requestedSessionDuration", start.duration_s);
    Ok(())
}

/// Writes Avaya's login; nothing of it is nothing.
fn write_login(start: &AppSession, out: &mut Writer<'_>) -> Result<(), Unencodable> {
    let AppSession { user, password, recover, cleanup_s, .. } = start;
    if user.is_none() && password.is_none() && recover.is_none() && cleanup_s.is_none() {
        return Ok(());
    }
    let mut namespace = String::from(" xmlns=\"");
    escape(AVAYA, &mut namespace);
    namespace.push('"');
    out.open("applicationSpecificInfo");
    out.root("SessionLoginInfo", &namespace);
    if let Some(user) = user {
        out.leaf("userName", user)?;
    }
    if let Some(password) = password {
        out.leaf("password", password.reveal())?;
    }
    if let Some(delay) = cleanup_s {
        out.token("sessionCleanupDelay", delay);
    }
    out.leaf("sessionID", recover.as_deref().unwrap_or_default())?;
    out.close("SessionLoginInfo");
    out.close("applicationSpecificInfo");
    Ok(())
}

/// The session that is stopped, with the reason, which is always the same.
pub(super) struct Ended;

impl Element for Ended {
    type Value = String;

    fn get(node: Node<'_>) -> Option<String> {
        Text::get(node)
    }

    fn put(value: &String, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        Text::write(value, out, name)?;
        out.open("sessionEndReason");
        out.token("definedEndReason", "normal");
        out.close("sessionEndReason");
        Ok(())
    }
}

/// Why the server ended a session: a word of the standard or the server's own text.
pub(super) struct Terminated;

/// Reasons that ECMA-354 defines.
const DEFINED: [&str; 2] = ["resourceLimitation", "sessionTimerExpired"];

impl Element for Terminated {
    type Value = String;

    fn get(node: Node<'_>) -> Option<String> {
        Some(node.children().next().unwrap_or(node).text().to_owned())
    }

    fn put(value: &String, out: &mut Writer<'_>, name: &'static str) -> Result<(), Unencodable> {
        let element =
            if DEFINED.contains(&value.as_str()) { "definedTermReason" } else { "serverTermReason" };
        out.open(name);
        out.leaf(element, value)?;
        out.close(name);
        Ok(())
    }

    fn absent() -> Option<String> {
        Some(String::new())
    }
}
