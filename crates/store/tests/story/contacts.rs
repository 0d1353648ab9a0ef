//! Contacts, how they are found, and earlier calls.

use cti_core::fact::{CallOutcome, ContactRef, Fact};
use cti_core::input::Actor;
use cti_core::number::NumberPlan;
use store::{
    AddressKind, AddressValue, BulkReport, BulkRow, ContactAddress, ContactChange, ContactDraft,
    ContactField, ContactFilter, ContactKind, ExchangePart, ExternalId, FieldType, LookupOutcome, Merged,
    Patch, RecordCursor, Same, StoreError, judge,
};

use crate::book::keep;
use crate::facts::{Log, MORNING, Stay, end, note, ring_in, site, stay, user};
use crate::peer::Peer;

fn number(kind: AddressKind, text: &str) -> ContactAddress {
    let value = AddressValue::Number(NumberPlan::default().typed(text));
    ContactAddress { kind, value, label: Some("work".to_owned()) }
}

fn external(system: &str, id: &str) -> ExternalId {
    ExternalId { system: system.to_owned(), id: id.to_owned() }
}

fn draft(name: &str, external_id: Option<&str>, numbers: &[&str]) -> ContactDraft {
    let mut addresses: Vec<_> = numbers.iter().map(|text| number(AddressKind::Phone, text)).collect();
    addresses.push(ContactAddress::email("info@example.com".to_owned()));
    ContactDraft {
        company: Some("Pekárna Dvořák".to_owned()),
        addresses,
        external_ids: external_id.iter().map(|id| external("default", id)).collect(),
        ..ContactDraft::new(ContactKind::Person, name)
    }
}

// covers: POP-02 POP-16
pub(crate) async fn contacts_are_found_by_number_and_by_name(peer: &Peer) {
    let store = &peer.store;
    let jan = store.add_contact(MORNING, &draft("Jan Novák", Some("C-1"), &["603 123 456"])).await.unwrap();
    let eva = store.add_contact(MORNING, &draft("Eva Malá", None, &["+48 603 123 456"])).await.unwrap();
    assert_eq!(store.contact(jan.id).await.unwrap(), Some(jan.clone()));
    let taken = store.add_contact(MORNING, &draft("Other", Some("C-1"), &[])).await.unwrap_err();
    assert!(matches!(taken, StoreError::Taken { .. }), "{taken:?}");

    let plan = NumberPlan::default();
    let found = async |text: &str| {
        let number = plan.incoming(text);
        let found = judge(&number, store.contacts_with(&number).await.unwrap());
        let names: Vec<_> = found.matches.iter().map(|one| one.contact.kept.name.clone()).collect();
        (found.outcome, names)
    };
    assert_eq!(found("603123456").await, (LookupOutcome::One, vec!["Jan Novák".to_owned()]));
    assert_eq!(found("0048603123456").await, (LookupOutcome::One, vec!["Eva Malá".to_owned()]));
    // The same end in a third country suggests both and chooses none.
    assert_eq!(found("0034603123456").await.0, LookupOutcome::None);
    assert_eq!(found("0034603123456").await.1.len(), 2);
    assert_eq!(found("604000111").await, (LookupOutcome::None, vec![]));

    let named = async |text: &str, after, limit| {
        let filter = ContactFilter { text: Some(text.to_owned()), after, limit };
        let listed = store.contacts(&filter).await.unwrap();
        listed.into_iter().map(|one| one.kept.name).collect::<Vec<_>>()
    };
    assert_eq!(named("dvorak pekar", None, 10).await, ["Eva Malá", "Jan Novák"]);
    assert_eq!(named("dvorak", Some(eva.id), 10).await, ["Jan Novák"]);
    assert_eq!(named("%", None, 1).await, ["Eva Malá"], "a pattern is a text like any other");
    assert_eq!(named("novak mala", None, 10).await, Vec::<String>::new());

    let later = MORNING.plus_millis(1_000);
    let changed = draft("Jan Novák ml.", Some("C-1"), &["604 000 111"]);
    assert!(store.save_contact(later, jan.id, 1, &changed).await.unwrap());
    assert!(!store.save_contact(later, jan.id, 1, &changed).await.unwrap(), "it is another version by now");
    assert_eq!(found("603123456").await.1, vec!["Eva Malá".to_owned()], "only its end is alike now");
    assert_eq!(found("604000111").await.0, LookupOutcome::One);
    assert!(!store.remove_contact(jan.id, 1).await.unwrap());
    assert!(store.remove_contact(jan.id, 2).await.unwrap());
    assert_eq!(found("604000111").await.0, LookupOutcome::None);
}

/// A row of a file or of another system.
fn bulk(row: u64, same: Same, change: ContactChange) -> BulkRow {
    BulkRow { row, same, change: Some(Box::new(change)) }
}

fn named(name: &str, numbers: &[&str], email: Option<&str>) -> ContactChange {
    ContactChange {
        name: Some(name.to_owned()),
        numbers: Some(numbers.iter().map(|text| number(AddressKind::Phone, text)).collect()),
        email: Patch::of(email.map(ToOwned::to_owned)),
        ..ContactChange::default()
    }
}

fn counts(report: &BulkReport) -> [u64; 4] {
    [report.added, report.changed, report.unchanged, report.removed]
}

// covers: INT-01
pub(crate) async fn a_file_changes_what_came_before(peer: &Peer) {
    let store = &peer.store;
    let of = |nth: u64| Same::External(external("icis", &format!("C-{nth}")));
    let mut file: Vec<_> =
        (0..300).map(|nth| bulk(nth, of(nth), named(&format!("Name {nth}"), &[], None))).collect();
    file.push(bulk(300, Same::Name, named("Without key", &["603 123 456"], Some("A@example.com"))));
    file.push(bulk(301, Same::Name, named("Neither key nor number", &[], Some("b@example.com"))));
    let write =
        async |file: &[BulkRow], dry| store.write_contacts(MORNING, file.to_vec(), &[], dry).await.unwrap();
    assert_eq!(counts(&write(&file, true).await), [302, 0, 0, 0]);
    assert_eq!(store.contacts(&ContactFilter { limit: 10, ..ContactFilter::default() }).await.unwrap(), []);
    assert_eq!(counts(&write(&file, false).await), [302, 0, 0, 0]);
    for dry in [true, false] {
        assert_eq!(counts(&write(&file, dry).await), [0, 0, 302, 0], "the same file changes nothing");
    }
    file[7].change.as_mut().unwrap().note = Patch::Set("changed".to_owned());
    file[300].change.as_mut().unwrap().email = Patch::Clear;
    file[301].change = None;
    file[301].same = of(8);
    for dry in [true, false] {
        assert_eq!(counts(&write(&file, dry).await), [0, 2, 299, 1]);
    }
    // Who is not named, or has a key that another one has, or misses a field, is refused and stops nobody.
    let stolen =
        ContactChange { external_ids: Some(vec![external("icis", "C-1")]), ..named("Thief", &[], None) };
    let rows = vec![
        bulk(0, of(900), ContactChange::default()),
        bulk(1, of(901), stolen),
        bulk(2, of(902), named("Complete", &[], None)),
        bulk(3, of(1), named("Renamed", &[], None)),
    ];
    let report = store.write_contacts(MORNING, rows.clone(), &[], false).await.unwrap();
    let refused: Vec<_> = report.refused.iter().map(|one| (one.row, one.pointer.as_str())).collect();
    assert_eq!(refused, [(0, "/name"), (1, "/external_ids")]);
    assert_eq!(counts(&report), [1, 1, 0, 0]);
    let report =
        store.write_contacts(MORNING, rows[..1].to_vec(), &["city".to_owned()], false).await.unwrap();
    assert_eq!(report.refused.len(), 1);
    let row = bulk(4, of(903), named("New", &[], None));
    let report = store.write_contacts(MORNING, vec![row], &["city".to_owned()], false).await.unwrap();
    assert_eq!(report.refused[0].pointer, "/fields/city");
}

// covers: POP-06 POP-18
pub(crate) async fn a_contact_has_fields_addresses_of_every_kind_and_keys_in_several_systems(peer: &Peer) {
    let store = &peer.store;
    let field = |key: &str, searchable| ContactField {
        key: key.to_owned(),
        labels: [("en".to_owned(), key.to_owned())].into(),
        kind: FieldType::Text,
        required: false,
        searchable,
        choices: vec![],
        active: true,
    };
    store.save_contact_fields(&[field("city", true), field("my_secret", false)]).await.unwrap();
    let mut kept = draft("Jan Novák", Some("C-1"), &[]);
    kept.status = Some("VIP".to_owned());
    kept.addresses.push(number(AddressKind::ContactCentre, "603 123 456"));
    kept.external_ids.push(external("icis", "77"));
    kept.fields = [("city".to_owned(), "Kroměříž".into()), ("my_secret".to_owned(), "Zzz".into())].into();
    let jan = store.add_contact(MORNING, &kept).await.unwrap();
    assert_eq!(store.contact(jan.id).await.unwrap(), Some(jan.clone()));
    let plan = NumberPlan::default();
    let number = plan.incoming("+420603123456");
    let found = judge(&number, store.contacts_with(&number).await.unwrap());
    assert_eq!((found.outcome, found.matches[0].contact.id), (LookupOutcome::One, jan.id));
    let found = async |text: &str| {
        let filter = ContactFilter { text: Some(text.to_owned()), after: None, limit: 10 };
        store.contacts(&filter).await.unwrap().len()
    };
    for (text, count) in
        [("kromeriz", 1), ("info@example", 1), ("603123", 1), ("77", 1), ("vip", 1), ("zzz", 0)]
    {
        assert_eq!(found(text).await, count, "{text}");
    }
    store.save_contact_fields(&[field("city", false), field("my_secret", true)]).await.unwrap();
    assert_eq!(store.reindex_contacts().await.unwrap(), 1);
    assert_eq!(store.reindex_contacts().await.unwrap(), 0);
    assert_eq!((found("kromeriz").await, found("zzz").await), (0, 1));
    assert!(store.is_field_used("my_secret").await.unwrap());
    assert!(!store.is_field_used("myxsecret").await.unwrap());
}

pub(crate) async fn every_version_of_a_note_is_kept(peer: &Peer) {
    let store = &peer.store;
    let jan = store.add_contact(MORNING, &draft("Jan", None, &[])).await.unwrap();
    let (anna, later) = (Actor::User(user(1)), MORNING.plus_millis(1_000));
    let note = store.add_contact_note(MORNING, jan.id, &Actor::System, "first").await.unwrap();
    let second =
        store.rewrite_contact_note(later, jan.id, (note.id, 1), &anna, "second").await.unwrap().unwrap();
    assert_eq!((second.version, &second.actor), (2, &anna));
    let stale = store.rewrite_contact_note(later, jan.id, (note.id, 1), &anna, "lost").await.unwrap();
    assert_eq!(stale, None, "it is another version by now");
    assert_eq!(store.contact_notes(jan.id).await.unwrap(), std::slice::from_ref(&second));
    assert_eq!(store.contact_note_versions(jan.id, note.id).await.unwrap(), [note, second]);
    assert!(store.remove_contact(jan.id, 1).await.unwrap());
    assert_eq!(store.contact_notes(jan.id).await.unwrap(), []);
}

pub(crate) async fn two_contacts_become_one_and_calls_follow(peer: &Peer) {
    let store = &peer.store;
    let old = store.add_contact(MORNING, &draft("Jan Novák", Some("C-1"), &["603 123 456"])).await.unwrap();
    let mut twin = draft("jan novak", None, &["603 123 456", "604 000 111"]);
    twin.external_ids.push(external("icis", "77"));
    let twin = store.add_contact(MORNING, &twin).await.unwrap();
    store.add_contact(MORNING, &draft("Petr Malý", None, &["603 123 456"])).await.unwrap();
    let pairs = store.duplicate_contacts(None, 10).await.unwrap();
    assert_eq!(
        pairs.iter().map(|pair| (pair.one.id, pair.other.id)).collect::<Vec<_>>(),
        [(old.id, twin.id)]
    );
    assert_eq!(store.duplicate_contacts(Some((old.id, twin.id)), 10).await.unwrap(), []);

    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let call = ring_in(&mut log, &site, "+420555000201");
    let shown = ContactRef { id: twin.id, name: "jan novak".into(), company: None, status: None };
    log.add(Fact::CallMatched { call: call.call, actor: Actor::System, contact: Some(shown) });
    end(&mut log, &call, CallOutcome::Missed, true);
    keep(store, &mut log).await;
    let note = store.add_contact_note(MORNING, twin.id, &Actor::System, "of the twin").await.unwrap();

    let merge = async |kept, gone| store.merge_contacts(MORNING, kept, gone).await.unwrap();
    assert_eq!(merge((old.id, 1), (twin.id, 2)).await, Merged::Stale);
    let Merged::Done(merged) = merge((old.id, 1), (twin.id, 1)).await else { panic!("they are not merged") };
    assert_eq!(store.contact(old.id).await.unwrap().as_ref(), Some(&*merged));
    assert_eq!(merged.kept.numbers().count(), 2);
    assert_eq!(merged.kept.external_ids, [external("default", "C-1"), external("icis", "77")]);
    assert_eq!(
        store.contact(twin.id).await.unwrap().map(|one| one.id),
        Some(old.id),
        "who asks for it finds it"
    );
    assert_eq!(store.contact_notes(old.id).await.unwrap(), [note]);
    let history = store.contact_history(&[], Some(old.id), 10).await.unwrap();
    assert_eq!(history.iter().map(|row| row.call).collect::<Vec<_>>(), [call.call]);
    let day = (MORNING, MORNING.plus_millis(86_400_000));
    let records = store.exchange_records(day.0, day.1, None, 10).await.unwrap();
    let ids = records[0].contact.clone().unwrap();
    assert_eq!((ids.0, ids.1.len()), (old.id, 2), "the record has the keys of the one that goes on");
    assert_eq!(store.duplicate_contacts(None, 10).await.unwrap(), []);
}

// covers: INT-02
pub(crate) async fn records_of_a_period_are_whole_and_paged(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let mut calls = Vec::new();
    for nth in 0..5 {
        let call = ring_in(&mut log, &site, &format!("+4205550002{nth:02}"));
        end(&mut log, &call, CallOutcome::Missed, true);
        calls.push(call.call);
        log.later(1_000);
    }
    let live = ring_in(&mut log, &site, "+420555000299");
    keep(store, &mut log).await;
    let all = store.exchange_records(MORNING, MORNING.plus_millis(86_400_000), None, 100).await.unwrap();
    assert_eq!(all.iter().map(|one| one.call.id).collect::<Vec<_>>(), calls, "a live call is none yet");
    let third = all[2].call.ended_at.unwrap();
    let page = async |from, to, after, limit| {
        let found = store.exchange_records(from, to, after, limit).await.unwrap();
        found.iter().map(|one| one.call.id).collect::<Vec<_>>()
    };
    let to = MORNING.plus_millis(86_400_000);
    assert_eq!(page(MORNING, third, None, 100).await, calls[..2], "the end of a period is of the next");
    assert_eq!(page(third, to, None, 100).await, calls[2..]);
    let first = store.exchange_records(MORNING, to, None, 2).await.unwrap();
    let cursor: RecordCursor = RecordCursor::of(&first[1]).unwrap().to_string().parse().unwrap();
    // What ends meanwhile comes behind.
    end(&mut log, &live, CallOutcome::Missed, true);
    keep(store, &mut log).await;
    let rest = page(MORNING, to, Some(cursor), 100).await;
    assert_eq!(rest[..3], calls[2..]);
    assert_eq!(rest[3..], [live.call]);

    let part = |part, at: cti_core::time::Timestamp| ExchangePart {
        part,
        digest: "d".to_owned(),
        answer: serde_json::json!({ "added": part }),
        taken_at: at,
    };
    for one in [part(1, MORNING), part(2, MORNING)] {
        store.keep_exchange_part("icis", "b", &one).await.unwrap();
    }
    assert_eq!(store.exchange_parts("icis", "b").await.unwrap(), [part(1, MORNING), part(2, MORNING)]);
    assert_eq!(store.exchange_parts("erp", "b").await.unwrap(), []);
    let much_later = MORNING.plus_millis(91 * 86_400_000);
    store.keep_exchange_part("icis", "c", &part(1, much_later)).await.unwrap();
    assert_eq!(store.exchange_parts("icis", "b").await.unwrap(), [], "old parts are forgotten");
}

// covers: POP-10 POP-11
pub(crate) async fn earlier_calls_are_told_newest_first(peer: &Peer) {
    let store = &peer.store;
    let mut log = Log::new();
    let site = site(&mut log, [user(1), user(2)]);
    let answered =
        Stay::Answered { agent: 1, missed: false, talk_ms: 60_000, hold_ms: 0, transferred: false };
    let mut first = ring_in(&mut log, &site, "+420555000201");
    stay(&mut log, &site, &mut first, 0, 20_000, answered);
    end(&mut log, &first, CallOutcome::Answered, true);
    note(&mut log, first.call, site.users[1], "Wants an offer.");
    let actor = Actor::User(site.users[1]);
    log.add(Fact::DispositionSet { call: first.call, actor, code: "follow_up".into(), remark: None });
    log.later(1_000);
    let second = ring_in(&mut log, &site, "+420555000201");
    end(&mut log, &second, CallOutcome::Missed, true);
    log.later(1_000);
    let other = ring_in(&mut log, &site, "+420555000999");
    let contact = store.add_contact(MORNING, &draft("Jan", None, &["555 000 201"])).await.unwrap();
    let shown = ContactRef { id: contact.id, name: "Jan".into(), company: None, status: None };
    log.add(Fact::CallMatched { call: other.call, actor: Actor::System, contact: Some(shown.clone()) });
    end(&mut log, &other, CallOutcome::Missed, true);
    keep(store, &mut log).await;
    let history = async |numbers: &[&str], contact, limit| {
        let numbers: Vec<_> = numbers.iter().map(|number| (*number).to_owned()).collect();
        store.contact_history(&numbers, contact, limit).await.unwrap()
    };
    let rows = history(&["+420555000201"], None, 10).await;
    assert_eq!(rows.iter().map(|row| row.call).collect::<Vec<_>>(), [second.call, first.call]);
    let told = &rows[1];
    assert_eq!(told.agent_name.as_deref(), Some("Boris"));
    assert_eq!((told.queue_name.as_deref(), told.wait_ms), (Some("sales"), Some(20_000)));
    assert_eq!(told.note.as_deref(), Some("Wants an offer."));
    let (code, labels) = told.disposition.clone().unwrap();
    assert_eq!((code.as_str(), labels["en"].as_str()), ("follow_up", "Follow-up needed"));
    let of_contact = history(&["+420555000201"], Some(contact.id), 2).await;
    assert_eq!(of_contact.iter().map(|row| row.call).collect::<Vec<_>>(), [other.call, second.call]);
    assert_eq!(store.call(other.call).await.unwrap().unwrap().call.contact, Some(shown));
}
