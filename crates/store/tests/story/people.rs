//! Users, roles, sessions, tokens, lists and the audit.

use std::collections::BTreeSet;

use cti_core::fact::{CallOutcome, QueueLeave};
use cti_core::input::Actor;
use serde_json::json;
use store::{
    ApiToken, AuditEntry, AuditFilter, CallFilter, Disposition, LockOut, NewUser, PasswordHash, Scope,
    Session, StoreError,
};

use crate::book::keep;
use crate::facts::{Log, MORNING, Stay, end, ring_in, site, stay, user};
use crate::peer::Peer;

fn new_user(login: &str) -> NewUser {
    NewUser {
        login: login.to_owned(),
        name: "Anna Nováková".to_owned(),
        language: "cs".to_owned(),
        roles: vec!["agent".to_owned()],
        team: Some("east".to_owned()),
        site: None,
        active: true,
        password_hash: Some(PasswordHash("$argon2id$…".to_owned())),
    }
}

// covers: ADM-01
pub(crate) async fn a_removed_user_stays_in_history(peer: &Peer) {
    let store = &peer.store;
    let anna = store.add_user(MORNING, &new_user(" Anna ")).await.unwrap();
    assert_eq!(store.user_by_login("ANNA").await.unwrap(), Some(anna.clone()));
    assert!(!format!("{anna:?}").contains("argon2"), "a hash is not shown in Debug");
    assert!(!serde_json::to_string(&anna).unwrap().contains("argon2"), "nor serialised");
    let error = store.add_user(MORNING, &new_user("anna")).await.unwrap_err();
    assert_eq!(error.to_string(), "login `anna` is already in use");
    let unknown = NewUser { roles: vec!["pilot".to_owned()], ..new_user("otto") };
    let error = store.add_user(MORNING, &unknown).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no role `pilot`");

    let mut log = Log::new();
    let site = site(&mut log, [anna.id, user(2)]);
    let mut caller = ring_in(&mut log, &site, "+420555000201");
    let answered = Stay::Answered { agent: 0, missed: false, talk_ms: 1_000, hold_ms: 0, transferred: false };
    stay(&mut log, &site, &mut caller, 0, 1_000, answered);
    end(&mut log, &caller, CallOutcome::Answered, true);
    let mut other = ring_in(&mut log, &site, "+420555000202");
    stay(&mut log, &site, &mut other, 0, 1_000, Stay::Left(QueueLeave::Abandoned));
    keep(store, &mut log).await;

    let later = MORNING.plus_millis(1_000);
    let mut changed = anna.clone();
    changed.name = "Anna Dvořáková".to_owned();
    assert!(store.save_user(later, &changed).await.unwrap());
    assert!(!store.save_user(later, &changed).await.unwrap(), "it is another version by now");
    assert!(store.remove_user(later, anna.id).await.unwrap());
    assert!(!store.remove_user(later, anna.id).await.unwrap());
    assert_eq!(store.user_by_login("anna").await.unwrap(), None);
    assert_eq!(store.users(false).await.unwrap(), []);
    let error = store.save_user(later, &changed).await.unwrap_err();
    assert!(matches!(error, StoreError::Missing { what: "user", .. }), "{error:?}");

    let own = CallFilter { scope: Scope::Own(anna.id), ..CallFilter::default() };
    let calls = store.calls(&own).await.unwrap().items;
    assert_eq!(calls.len(), 1, "the calls are still hers");
    let who = store.user(calls[0].user.unwrap()).await.unwrap().unwrap();
    assert_eq!((who.name.as_str(), who.removed_at), ("Anna Dvořáková", Some(later)));
    let again = store.add_user(later, &new_user("anna")).await.unwrap();
    assert_ne!(again.id, anna.id, "the login is free, the id is not");
}

fn session(user: cti_core::ids::UserId, token: &str) -> Session {
    Session {
        token_hash: token.to_owned(),
        user,
        created_at: MORNING,
        seen_at: MORNING,
        expires_at: MORNING.plus_millis(60_000),
        user_agent: "Firefox".to_owned(),
        address: "192.0.2.7".to_owned(),
    }
}

pub(crate) async fn sessions_and_tokens_end(peer: &Peer) {
    let store = &peer.store;
    let user = store.add_user(MORNING, &new_user("anna")).await.unwrap();
    for token in ["a1", "b2", "c3"] {
        store.open_session(&session(user.id, token)).await.unwrap();
    }
    let soon = MORNING.plus_millis(1_000);
    assert_eq!(store.session("a1", soon).await.unwrap(), Some(session(user.id, "a1")));
    assert_eq!(store.session("a1", MORNING.plus_millis(60_000)).await.unwrap(), None, "past its end");
    store.touch_session("a1", soon, MORNING.plus_millis(90_000)).await.unwrap();
    assert!(store.session("a1", MORNING.plus_millis(60_000)).await.unwrap().is_some());
    assert!(store.end_session("b2").await.unwrap());
    assert!(!store.end_session("b2").await.unwrap());
    assert_eq!(store.sessions_of(user.id, soon).await.unwrap().len(), 2);
    let hash = PasswordHash("other".to_owned());
    store.set_password(soon, user.id, Some(&hash), Some("a1")).await.unwrap();
    let left = store.sessions_of(user.id, soon).await.unwrap();
    assert_eq!(left.iter().map(|session| session.token_hash.as_str()).collect::<Vec<_>>(), ["a1"]);
    assert_eq!(store.user(user.id).await.unwrap().unwrap().password_hash, Some(hash));
    let mut locked = store.user(user.id).await.unwrap().unwrap();
    locked.active = false;
    assert!(store.save_user(soon, &locked).await.unwrap());
    assert_eq!(store.session("a1", soon).await.unwrap(), None, "deactivating signs out");

    let token = ApiToken {
        name: "erp".to_owned(),
        scopes: vec!["call.read.any".to_owned()],
        created_at: MORNING,
        created_by: Actor::User(user.id),
        last_used_at: None,
        revoked_at: None,
    };
    store.add_api_token(&token, "h1").await.unwrap();
    assert_eq!(store.api_token("h1").await.unwrap(), Some(token.clone()));
    store.touch_api_token("erp", soon).await.unwrap();
    assert_eq!(store.api_token("h1").await.unwrap().unwrap().last_used_at, Some(soon));
    assert!(store.revoke_api_token("erp", soon).await.unwrap());
    assert!(!store.revoke_api_token("erp", soon).await.unwrap());
    assert_eq!(store.api_token("h1").await.unwrap(), None);
    let error = store.add_api_token(&token, "h2").await.unwrap_err();
    assert_eq!(error.to_string(), "token `erp` is already in use");
    assert_eq!(store.api_tokens().await.unwrap()[0].revoked_at, Some(soon));
}

// covers: SEC-06
pub(crate) async fn too_many_failures_lock_account_and_address(peer: &Peer) {
    let store = &peer.store;
    let account = LockOut { failures: 3, window_ms: 60_000, lock_ms: 600_000 };
    let address = LockOut { failures: 4, window_ms: 60_000, lock_ms: 300_000 };
    let at = |seconds: i64| MORNING.plus_millis(seconds * 1_000);
    let fail = async |login: &str, seconds| {
        store.sign_in_failed(login, "192.0.2.7", at(seconds), account, address).await.unwrap()
    };
    assert_eq!(fail("anna", 0).await, None);
    assert_eq!(fail("Anna", 1).await, None, "case does not matter");
    assert_eq!(store.sign_in_locked("anna", "192.0.2.7", at(1)).await.unwrap(), None);
    assert_eq!(fail("anna", 2).await, Some(at(602)), "the third failure locks the account");
    assert_eq!(store.sign_in_locked("ANNA", "198.51.100.1", at(3)).await.unwrap(), Some(at(602)));
    assert_eq!(store.sign_in_locked("anna", "198.51.100.1", at(602)).await.unwrap(), None, "the lock ends");
    assert_eq!(store.sign_in_locked("boris", "192.0.2.7", at(3)).await.unwrap(), None);
    assert_eq!(fail("boris", 4).await, Some(at(304)), "the fourth from one address locks the address");
    assert_eq!(store.sign_in_locked("zuzana", "192.0.2.7", at(5)).await.unwrap(), Some(at(304)));
    store.clear_sign_in_failures("anna").await.unwrap();
    assert_eq!(store.sign_in_locked("anna", "198.51.100.1", at(5)).await.unwrap(), None);
    assert_eq!(store.sign_in_locked("anna", "192.0.2.7", at(5)).await.unwrap(), Some(at(304)));

    let other = "198.51.100.2";
    for seconds in [1_000, 1_001, 1_100] {
        let locked = store.sign_in_failed("cyril", other, at(seconds), account, address).await.unwrap();
        assert_eq!(locked, None, "failures outside the window do not add up");
    }
    assert!(store.forget_expired(at(5_000), account).await.unwrap() > 0);
}

pub(crate) async fn eight_roles_are_there_and_admin_stays(peer: &Peer) {
    let store = &peer.store;
    let roles = store.roles().await.unwrap();
    assert_eq!(
        roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(),
        [
            "admin",
            "agent",
            "callback",
            "queues",
            "recording_download",
            "recording_listen",
            "supervisor",
            "wallboard"
        ]
    );
    let admin = store.rights(&["admin".to_owned()]).await.unwrap();
    assert_eq!(admin.len(), store::SCOPED_RIGHTS.len() + store::RIGHTS.len());
    let agent = store.rights(&["agent".to_owned(), "no such role".to_owned()]).await.unwrap();
    assert!(agent.contains("call.read.own") && !agent.contains("call.read.team"));

    let one: BTreeSet<String> = ["audit.read".to_owned()].into();
    store.save_role("auditor", &one).await.unwrap();
    assert_eq!(store.rights(&["auditor".to_owned()]).await.unwrap(), one);
    store.save_role("admin", &one).await.unwrap();
    assert_eq!(store.rights(&["admin".to_owned()]).await.unwrap(), admin, "nobody locks everybody out");
    let error = store.save_role("x", &["fly.any".to_owned()].into()).await.unwrap_err();
    assert_eq!(error.to_string(), "there is no right `fly.any`");
    assert!(store.remove_role("auditor").await.unwrap());
    assert!(!store.remove_role("agent").await.unwrap(), "the eight stay");
    store.save_role("agent", &one).await.unwrap();
    let again = peer.open_again().await;
    assert_eq!(again.rights(&["agent".to_owned()]).await.unwrap(), one, "a changed role is not set back");
    assert_eq!(again.installation_seed(), store.installation_seed());
    again.close().await;
}

pub(crate) async fn lists_are_seeded_and_the_audit_is_kept(peer: &Peer) {
    let store = &peer.store;
    let reasons = store.reasons().await.unwrap();
    assert_eq!((reasons[0].code.as_str(), reasons[0].labels["cs"].as_str()), ("lunch", "Oběd"));
    assert_eq!(reasons.iter().filter(|reason| reason.by_system).count(), 3);
    let mut lunch = reasons[0].clone();
    lunch.max_minutes = Some(30);
    store.save_reasons(std::slice::from_ref(&lunch)).await.unwrap();
    assert_eq!(store.reasons().await.unwrap()[0], lunch);
    let mut dispositions = store.dispositions().await.unwrap();
    assert!(dispositions.iter().all(|disposition| disposition.labels.len() == 6));
    let mut retired: Disposition = dispositions.remove(0);
    retired.active = false;
    store.save_dispositions(std::slice::from_ref(&retired)).await.unwrap();
    let again = peer.open_again().await;
    assert_eq!(again.dispositions().await.unwrap()[0], retired, "not seeded again");
    again.close().await;

    let entry = |subject: &str, seconds: i64| AuditEntry {
        at: MORNING.plus_millis(seconds * 1_000),
        actor: Actor::Token("erp".into()),
        address: Some("192.0.2.7".to_owned()),
        action: "disposition.save".to_owned(),
        subject: subject.to_owned(),
        before: Some(json!({"active": true})),
        after: None,
    };
    for seconds in 0..5 {
        let subject = if seconds == 3 { "other" } else { "resolved" };
        let number = store.add_audit(&entry(subject, seconds)).await.unwrap();
        assert_eq!(number, u64::try_from(seconds).unwrap() + 1);
    }
    let numbers = async |filter: AuditFilter| {
        let rows = store.audit(&filter).await.unwrap();
        rows.iter().map(|row| row.entry).collect::<Vec<_>>()
    };
    let all = AuditFilter { limit: 3, ..AuditFilter::default() };
    assert_eq!(numbers(all.clone()).await, [5, 4, 3]);
    assert_eq!(numbers(AuditFilter { before_entry: Some(3), ..all.clone() }).await, [2, 1]);
    assert_eq!(numbers(AuditFilter { subject: Some("other".into()), ..all.clone() }).await, [4]);
    let span =
        AuditFilter { from: Some(MORNING.plus_millis(1_000)), to: Some(MORNING.plus_millis(3_000)), ..all };
    assert_eq!(numbers(span.clone()).await, [3, 2]);
    assert_eq!(store.audit(&span).await.unwrap()[1].change, entry("resolved", 1));
}
