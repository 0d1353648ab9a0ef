//! Contacts, how they are found, and earlier calls.

use cti_core::fact::{CallOutcome, ContactRef, Fact};
use cti_core::input::Actor;
use cti_core::number::NumberPlan;
use store::{
    ContactDraft, ContactFilter, ContactKind, ContactNumber, Imported, LookupOutcome, StoreError, judge,
};

use crate::book::keep;
use crate::facts::{Log, MORNING, Stay, end, note, ring_in, site, stay, user};
use crate::peer::Peer;

fn draft(name: &str, external_id: Option<&str>, numbers: &[&str]) -> ContactDraft {
    let plan = NumberPlan::default();
    let number = |text: &&str| ContactNumber { number: plan.typed(text), label: Some("work".to_owned()) };
    ContactDraft {
        kind: ContactKind::Person,
        name: name.to_owned(),
        company: Some("Pekárna Dvořák".to_owned()),
        numbers: numbers.iter().map(number).collect(),
        email: Some("info@example.com".to_owned()),
        external_id: external_id.map(ToOwned::to_owned),
        note: None,
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

pub(crate) async fn a_file_changes_what_came_before(peer: &Peer) {
    let store = &peer.store;
    let mut file: Vec<_> =
        (0..300).map(|nth| draft(&format!("Name {nth}"), Some(&format!("C-{nth}")), &[])).collect();
    file.push(draft("Without key", None, &["603 123 456"]));
    let import = async |file: &[ContactDraft], dry| store.import_contacts(MORNING, file, dry).await.unwrap();
    file.push(draft("Neither key nor number", None, &[]));
    let all = Imported { added: 302, changed: 0 };
    assert_eq!(import(&file, true).await, all);
    assert_eq!(store.contacts(&ContactFilter { limit: 10, ..ContactFilter::default() }).await.unwrap(), []);
    assert_eq!(import(&file, false).await, all);
    assert_eq!(import(&file, false).await, Imported::default(), "the same file changes nothing");
    file[7].note = Some("changed".to_owned());
    file[300].email = None;
    for dry in [true, false] {
        assert_eq!(import(&file, dry).await, Imported { added: 0, changed: 2 });
    }
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
    let shown = ContactRef { id: contact.id, name: "Jan".into(), company: None };
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
