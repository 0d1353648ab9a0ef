//! Who may call what: every endpoint with the right it asks for. A path that is not in this table answers nobody.

use axum::http::{Method, StatusCode};

use crate::auth::Caller;
use crate::auth::rights::Right;
use crate::error::Problem;

/// What an endpoint asks for before its handler runs; the handler narrows by reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// Nothing: health, metrics, the API description, signing in.
    Nothing,
    /// The caller says who it is within the protocol (first frame of the WebSocket) or by cookie.
    InProtocol,
    /// Somebody must be signed in.
    SignedIn,
    /// One of these rights, of any reach.
    OneOf(&'static [Right]),
    /// The same, and no caller who is narrowed to an organisation unit or to queues: the whole house shares it.
    House(&'static [Right]),
}

/// One endpoint.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Endpoint {
    pub(crate) method: &'static str,
    pub(crate) path: &'static str,
    pub(crate) needs: Needs,
}

const fn endpoint(method: &'static str, path: &'static str, needs: Needs) -> Endpoint {
    Endpoint { method, path, needs }
}

use Needs::{House, InProtocol, Nothing, OneOf, SignedIn};
use Right::{
    AgentRead, AgentStateWrite, AuditRead, CallCommand, CallNote, CallRead, CallbackWork, ConfigAdmin,
    ContactRead, ContactWrite, DeviceAdmin, EntryScore, IcisExchange, MissedWork, MonitorListen, PopAdmin,
    PopPreview, PrivacyProcess, QueueAdmin, QueueMembershipWrite, QueueRead, ReportRead, SwitchAdmin,
    TokenAdmin, UserAdmin, WebhookAdmin,
};

/// Every endpoint, in the order of the router.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    endpoint("GET", "/livez", Nothing),
    endpoint("GET", "/readyz", Nothing),
    endpoint("GET", "/metrics", Nothing),
    endpoint("GET", "/openapi.json", Nothing),
    endpoint("GET", "/problems", Nothing),
    endpoint("POST", "/v1/auth/login", Nothing),
    endpoint("POST", "/v1/auth/logout", SignedIn),
    endpoint("GET", "/v1/auth/sessions", SignedIn),
    endpoint("DELETE", "/v1/auth/sessions/{id}", SignedIn),
    endpoint("POST", "/v1/auth/embed_sessions", SignedIn),
    endpoint("GET", "/v1/embed_hosts", House(&[ConfigAdmin])),
    endpoint("PUT", "/v1/embed_hosts", House(&[ConfigAdmin])),
    endpoint("GET", "/v1/me", SignedIn),
    endpoint("GET", "/v1/me/preferences", SignedIn),
    endpoint("PUT", "/v1/me/preferences", SignedIn),
    endpoint("GET", "/v1/calls", OneOf(&[CallRead])),
    endpoint("POST", "/v1/calls", OneOf(&[CallCommand])),
    endpoint("GET", "/v1/calls/{id}", OneOf(&[CallRead])),
    endpoint("GET", "/v1/calls/{id}/events", OneOf(&[CallRead])),
    endpoint("GET", "/v1/calls/{id}/notes", OneOf(&[CallRead])),
    endpoint("POST", "/v1/calls/{id}/notes", OneOf(&[CallNote])),
    endpoint("PUT", "/v1/calls/{id}/disposition", OneOf(&[CallNote])),
    endpoint("PUT", "/v1/calls/{id}/contact", OneOf(&[CallNote])),
    endpoint("PATCH", "/v1/calls/{id}/contact_fields", OneOf(&[CallNote])),
    endpoint("PATCH", "/v1/calls/{id}/data", OneOf(&[CallCommand])),
    endpoint("POST", "/v1/calls/{id}/commands", OneOf(&[CallCommand, MonitorListen])),
    endpoint("GET", "/v1/calls/{id}/filings", OneOf(&[CallRead])),
    endpoint("POST", "/v1/calls/{id}/filings", OneOf(&[CallNote])),
    endpoint("GET", "/v1/filings", House(&[SwitchAdmin])),
    endpoint("POST", "/v1/filings/{id}/actions", OneOf(&[CallNote])),
    endpoint("GET", "/v1/records_systems", OneOf(&[CallNote, SwitchAdmin])),
    endpoint("POST", "/v1/records_systems/{name}/test", OneOf(&[SwitchAdmin])),
    endpoint("GET", "/v1/commands/{id}", OneOf(&[CallCommand, AgentStateWrite, DeviceAdmin])),
    endpoint("GET", "/v1/journal", OneOf(&[CallRead])),
    endpoint("GET", "/v1/contacts", OneOf(&[ContactRead])),
    endpoint("POST", "/v1/contacts", OneOf(&[ContactWrite])),
    endpoint("POST", "/v1/contacts/import", OneOf(&[ContactWrite])),
    endpoint("GET", "/v1/contacts/lookup", OneOf(&[ContactRead])),
    endpoint("GET", "/v1/contacts/history", OneOf(&[ContactRead])),
    endpoint("GET", "/v1/contacts/duplicates", OneOf(&[ContactWrite])),
    endpoint("GET", "/v1/contacts/{id}", OneOf(&[ContactRead])),
    endpoint("PATCH", "/v1/contacts/{id}", OneOf(&[ContactWrite])),
    endpoint("DELETE", "/v1/contacts/{id}", OneOf(&[ContactWrite])),
    endpoint("POST", "/v1/contacts/{id}/merge", OneOf(&[ContactWrite])),
    endpoint("GET", "/v1/contacts/{id}/notes", OneOf(&[ContactRead])),
    endpoint("POST", "/v1/contacts/{id}/notes", OneOf(&[ContactWrite])),
    endpoint("PUT", "/v1/contacts/{id}/notes/{note}", OneOf(&[ContactWrite])),
    endpoint("GET", "/v1/contacts/{id}/notes/{note}/versions", OneOf(&[ContactRead])),
    endpoint("GET", "/v1/contact_fields", OneOf(&[ContactRead, ConfigAdmin])),
    endpoint("PUT", "/v1/contact_fields", House(&[ConfigAdmin])),
    endpoint("GET", "/v1/external_systems", OneOf(&[ContactRead, ConfigAdmin])),
    endpoint("PUT", "/v1/external_systems", House(&[ConfigAdmin])),
    endpoint("GET", "/v1/contact_import_mappings", OneOf(&[ContactWrite])),
    endpoint("PUT", "/v1/contact_import_mappings", OneOf(&[ContactWrite])),
    endpoint("GET", "/v1/icis/contacts", House(&[IcisExchange])),
    endpoint("PUT", "/v1/icis/contacts", House(&[IcisExchange])),
    endpoint("GET", "/v1/icis/records", House(&[IcisExchange])),
    endpoint("GET", "/v1/privacy/person", House(&[PrivacyProcess])),
    endpoint("POST", "/v1/privacy/erasures", House(&[PrivacyProcess])),
    endpoint("GET", "/v1/pop_rules", OneOf(&[PopAdmin, PopPreview])),
    endpoint("POST", "/v1/pop_rules", OneOf(&[PopAdmin])),
    endpoint("PUT", "/v1/pop_rules/{id}", OneOf(&[PopAdmin])),
    endpoint("DELETE", "/v1/pop_rules/{id}", OneOf(&[PopAdmin])),
    endpoint("POST", "/v1/pop_rules/preview", OneOf(&[PopPreview])),
    endpoint("GET", "/v1/pops", OneOf(&[CallRead])),
    endpoint("GET", "/v1/agents", OneOf(&[AgentRead])),
    endpoint("POST", "/v1/agents", House(&[QueueAdmin, UserAdmin])),
    endpoint("GET", "/v1/agents/activity", OneOf(&[ReportRead])),
    endpoint("GET", "/v1/agents/{id}", OneOf(&[AgentRead])),
    endpoint("PUT", "/v1/agents/{id}/profile", OneOf(&[QueueAdmin, UserAdmin])),
    endpoint("DELETE", "/v1/agents/{id}/pending_state", OneOf(&[AgentStateWrite])),
    endpoint("POST", "/v1/agents/{id}/wrap_up", OneOf(&[AgentStateWrite])),
    endpoint("GET", "/v1/agents/{id}/state", OneOf(&[AgentRead])),
    endpoint("PUT", "/v1/agents/{id}/state", OneOf(&[AgentStateWrite])),
    endpoint("PUT", "/v1/agents/{id}/user", OneOf(&[UserAdmin])),
    endpoint("GET", "/v1/people", OneOf(&[AgentRead])),
    endpoint("GET", "/v1/queues", OneOf(&[QueueRead])),
    endpoint("POST", "/v1/queues", OneOf(&[QueueAdmin])),
    endpoint("GET", "/v1/queues/{id}", OneOf(&[QueueRead])),
    endpoint("PUT", "/v1/queues/{id}", OneOf(&[QueueAdmin])),
    endpoint("DELETE", "/v1/queues/{id}", OneOf(&[QueueAdmin])),
    endpoint("PATCH", "/v1/queues/{id}", House(&[QueueAdmin])),
    endpoint("GET", "/v1/queues/{id}/live", OneOf(&[QueueRead])),
    endpoint("GET", "/v1/queues/{id}/limits", OneOf(&[QueueRead])),
    endpoint("PUT", "/v1/queues/{id}/limits", OneOf(&[QueueAdmin, QueueMembershipWrite])),
    endpoint("GET", "/v1/alerts", OneOf(&[QueueRead])),
    endpoint("GET", "/v1/queues/{id}/memberships", OneOf(&[QueueRead])),
    endpoint("PUT", "/v1/queues/{id}/memberships/{agent}", OneOf(&[QueueMembershipWrite])),
    endpoint("DELETE", "/v1/queues/{id}/memberships/{agent}", OneOf(&[QueueMembershipWrite])),
    endpoint("PUT", "/v1/entries/{id}/scores", OneOf(&[EntryScore])),
    endpoint("GET", "/v1/entry_rules", House(&[QueueAdmin])),
    endpoint("PUT", "/v1/entry_rules", House(&[QueueAdmin])),
    endpoint("POST", "/v1/entry_rules/preview", House(&[QueueAdmin])),
    endpoint("GET", "/v1/calendars", OneOf(&[QueueAdmin])),
    endpoint("PUT", "/v1/calendars", House(&[QueueAdmin])),
    endpoint("GET", "/v1/blocks", House(&[QueueAdmin])),
    endpoint("PUT", "/v1/blocks", House(&[QueueAdmin])),
    endpoint("GET", "/v1/interactions", OneOf(&[CallbackWork])),
    endpoint("POST", "/v1/interactions", OneOf(&[CallbackWork])),
    endpoint("GET", "/v1/interactions/{id}", OneOf(&[CallbackWork])),
    endpoint("POST", "/v1/interactions/{id}/actions", OneOf(&[CallbackWork])),
    endpoint("GET", "/v1/callbacks", OneOf(&[CallbackWork])),
    endpoint("POST", "/v1/callbacks", OneOf(&[CallbackWork])),
    endpoint("GET", "/v1/callback_forms", House(&[QueueAdmin])),
    endpoint("PUT", "/v1/callback_forms", House(&[QueueAdmin])),
    endpoint("GET", "/callback-form/{name}", Nothing),
    endpoint("POST", "/callback-form/{name}", Nothing),
    endpoint("GET", "/v1/missed", OneOf(&[MissedWork])),
    endpoint("POST", "/v1/missed/{id}/claim", OneOf(&[MissedWork])),
    endpoint("POST", "/v1/missed/{id}/release", OneOf(&[MissedWork])),
    endpoint("POST", "/v1/missed/{id}/resolve", OneOf(&[MissedWork])),
    endpoint("GET", "/v1/offers", OneOf(&[CallRead])),
    endpoint("GET", "/v1/devices", OneOf(&[AgentRead, DeviceAdmin])),
    endpoint("GET", "/v1/devices/{id}", OneOf(&[AgentRead, DeviceAdmin])),
    endpoint("POST", "/v1/devices/{id}/ring", OneOf(&[CallCommand, DeviceAdmin])),
    endpoint("GET", "/v1/setup", OneOf(&[DeviceAdmin, SwitchAdmin])),
    endpoint("GET", "/v1/extensions", OneOf(&[AgentRead, DeviceAdmin])),
    endpoint("POST", "/v1/extensions", OneOf(&[DeviceAdmin])),
    endpoint("POST", "/v1/extensions/import", OneOf(&[DeviceAdmin])),
    endpoint("GET", "/v1/extensions/{id}", OneOf(&[AgentRead, DeviceAdmin])),
    endpoint("PUT", "/v1/extensions/{id}", OneOf(&[DeviceAdmin])),
    endpoint("DELETE", "/v1/extensions/{id}", OneOf(&[DeviceAdmin])),
    endpoint("GET", "/v1/assignments", OneOf(&[AgentRead, DeviceAdmin])),
    endpoint("POST", "/v1/assignments", OneOf(&[AgentStateWrite, DeviceAdmin])),
    endpoint("DELETE", "/v1/assignments/{id}", OneOf(&[AgentStateWrite, DeviceAdmin])),
    endpoint("GET", "/v1/users", OneOf(&[UserAdmin])),
    endpoint("POST", "/v1/users", OneOf(&[UserAdmin])),
    endpoint("GET", "/v1/users/{id}", OneOf(&[UserAdmin])),
    endpoint("PATCH", "/v1/users/{id}", OneOf(&[UserAdmin])),
    endpoint("DELETE", "/v1/users/{id}", OneOf(&[UserAdmin])),
    endpoint("PUT", "/v1/users/{id}/password", SignedIn),
    endpoint("GET", "/v1/roles", OneOf(&[UserAdmin])),
    endpoint("PUT", "/v1/roles/{name}", OneOf(&[UserAdmin])),
    endpoint("DELETE", "/v1/roles/{name}", OneOf(&[UserAdmin])),
    endpoint("GET", "/v1/dispositions", SignedIn),
    endpoint("PUT", "/v1/dispositions", House(&[QueueAdmin])),
    endpoint("GET", "/v1/reasons", SignedIn),
    endpoint("PUT", "/v1/reasons", House(&[QueueAdmin])),
    endpoint("GET", "/v1/switches", OneOf(&[SwitchAdmin, DeviceAdmin])),
    endpoint("POST", "/v1/switches", OneOf(&[SwitchAdmin])),
    endpoint("POST", "/v1/switches/test", OneOf(&[SwitchAdmin])),
    endpoint("GET", "/v1/switches/{id}", OneOf(&[SwitchAdmin, DeviceAdmin])),
    endpoint("PUT", "/v1/switches/{id}", OneOf(&[SwitchAdmin])),
    endpoint("DELETE", "/v1/switches/{id}", OneOf(&[SwitchAdmin])),
    endpoint("POST", "/v1/switches/{id}/test", OneOf(&[SwitchAdmin])),
    endpoint("GET", "/v1/links", SignedIn),
    endpoint("POST", "/v1/numbers/normalize", SignedIn),
    endpoint("GET", "/v1/reports/queues", OneOf(&[ReportRead])),
    endpoint("GET", "/v1/reconciliation", OneOf(&[ReportRead])),
    endpoint("GET", "/v1/reports/entries", OneOf(&[ReportRead])),
    endpoint("GET", "/v1/reports/attempts", OneOf(&[ReportRead])),
    endpoint("GET", "/v1/reports/breaks", OneOf(&[ReportRead])),
    endpoint("GET", "/v1/reports/interactions", OneOf(&[ReportRead])),
    endpoint("GET", "/v1/audit", OneOf(&[AuditRead])),
    endpoint("GET", "/v1/api_tokens", OneOf(&[TokenAdmin])),
    endpoint("POST", "/v1/api_tokens", OneOf(&[TokenAdmin])),
    endpoint("DELETE", "/v1/api_tokens/{id}", OneOf(&[TokenAdmin])),
    endpoint("GET", "/v1/webhook_endpoints", House(&[WebhookAdmin])),
    endpoint("POST", "/v1/webhook_endpoints", House(&[WebhookAdmin])),
    endpoint("GET", "/v1/webhook_endpoints/{id}", House(&[WebhookAdmin])),
    endpoint("PUT", "/v1/webhook_endpoints/{id}", House(&[WebhookAdmin])),
    endpoint("DELETE", "/v1/webhook_endpoints/{id}", House(&[WebhookAdmin])),
    endpoint("POST", "/v1/webhook_endpoints/{id}/secret/rotate", House(&[WebhookAdmin])),
    endpoint("POST", "/v1/webhook_endpoints/{id}/test", House(&[WebhookAdmin])),
    endpoint("POST", "/v1/webhook_endpoints/{id}/enable", House(&[WebhookAdmin])),
    endpoint("GET", "/v1/webhook_endpoints/{id}/deliveries", House(&[WebhookAdmin])),
    endpoint("POST", "/v1/webhook_endpoints/{id}/replay", House(&[WebhookAdmin])),
    endpoint("GET", "/v1/events", OneOf(&[CallRead, AgentRead, QueueRead])),
    endpoint("GET", "/v1/stream", InProtocol),
];

/// Methods that some client may well use.
pub(crate) const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What the endpoint asks for; none when it is not in the table.
pub(crate) fn needs(method: &Method, path: &str) -> Option<Needs> {
    let method = if *method == Method::HEAD { "GET" } else { method.as_str() };
    ENDPOINTS.iter().find(|one| one.method == method && one.path == path).map(|one| one.needs)
}

/// Lets the caller through or says why not.
pub(crate) fn admit(needs: Needs, caller: Option<&Caller>) -> Result<(), Problem> {
    match (needs, caller) {
        (Nothing | InProtocol, _) | (SignedIn, Some(_)) => Ok(()),
        (SignedIn | OneOf(_) | House(_), None) => Err(Problem::unauthenticated()),
        (House(_), Some(caller)) if caller.rights.is_narrowed() => Err(Problem::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "the whole house shares this: who is narrowed to units or queues neither reads nor changes it",
        )),
        (OneOf(rights) | House(rights), Some(caller)) => {
            if rights.iter().any(|right| caller.rights.reach(*right).is_some()) {
                return Ok(());
            }
            let names: Vec<_> = rights.iter().map(|right| right.name()).collect();
            Err(Problem::forbidden(&names.join("` or `")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Who;
    use crate::auth::rights::Rights;

    // covers: INT-16 SEC-01
    #[test]
    fn what_the_whole_house_shares_is_for_nobody_who_sees_a_part_of_it() {
        let all: Vec<String> = Right::ALL
            .iter()
            .flat_map(|right| [right.name().to_owned(), format!("{}.any", right.name())])
            .collect();
        let caller = |narrowing: Option<&str>| Caller {
            rights: Rights::of(all.iter().map(String::as_str).chain(narrowing)),
            who: Who::Token { name: "machine".into(), hash: String::new() },
            address: None,
        };
        let house: Vec<_> = ENDPOINTS.iter().filter(|one| matches!(one.needs, House(_))).collect();
        assert!(house.len() > 10);
        for one in house {
            assert_eq!(
                admit(one.needs, Some(&caller(None))).map_err(|problem| problem.code),
                Ok(()),
                "{one:?}"
            );
            for narrowing in ["unit:north", "queue:que_0199f0c1-0000-8000-8000-000000000001"] {
                let refused = admit(one.needs, Some(&caller(Some(narrowing))));
                assert_eq!(refused.map_err(|problem| problem.status), Err(StatusCode::FORBIDDEN), "{one:?}");
            }
        }
    }
}
