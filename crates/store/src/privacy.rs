//! What is held of one person, and how it is taken out (SEC-13).
//!
//! A person is a contact with its numbers, or a number that no contact has. Erasure takes the person's data out of the
//! journal first, then out of the book, the audit and the contacts: who repeats one that was cut short still finds what
//! is left. Times, outcomes and counts stay, so figures of reports are the same before and after.

use std::collections::BTreeSet;

use cti_core::ids::{CallId, CommandId, ContactId, InteractionId};
use cti_core::number::{Number, NumberKind};
use cti_core::time::Timestamp;
use serde::Serialize;

use crate::contacts::Contact;
use crate::db::{Row, Statement, Tx, values};
use crate::error::StoreError;
use crate::{Store, timeline};

mod held;
mod redact;

pub(crate) use held::STATEMENTS as HELD_STATEMENTS;
pub use held::{HeldDelivery, HeldFiling, HeldWork};
pub(crate) use redact::STATEMENTS as JOURNAL_STATEMENTS;

/// Facts before the first one of a person's calls that are looked at, too: the command that made the call, what was
/// asked of directories.
const FACTS_BEFORE: u64 = 1_000;

/// Calls whose rows are changed in one transaction; keeps each far below 50 ms.
const CALLS_AT_ONCE: usize = 20;

/// Who is meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The contact, and those that were merged into it.
    pub contacts: Vec<ContactId>,
    /// Numbers by which calls are the person's: E.164. A number that another contact has, too, tells nobody from
    /// another and is not here.
    pub numbers: Vec<String>,
    /// Those that another contact has, too.
    pub shared: Vec<String>,
}

/// Where something of a person is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Traces {
    /// Calls of the person, in the order of their ids.
    pub calls: BTreeSet<CallId>,
    /// Callbacks and other work.
    pub interactions: BTreeSet<InteractionId>,
    /// Of those calls, how many are up.
    pub live_calls: u64,
    /// Of that work, how much is open.
    pub open_interactions: u64,
    commands: BTreeSet<CommandId>,
    writings: BTreeSet<String>,
    first: Option<u64>,
}

/// What an erasure changed, or would change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// Contacts removed.
    pub contacts: u64,
    /// Versions of notes on those contacts removed.
    pub notes: u64,
    /// Calls whose numbers, names, notes, data, timeline and evidence are gone.
    pub calls: u64,
    /// Callbacks and other work without number and words now.
    pub interactions: u64,
    /// Documents for records systems whose text and files are gone here.
    pub filings: u64,
    /// Facts of the journal that were written anew without the person.
    pub facts: u64,
    /// Entries of the audit without the values of then.
    pub audit_entries: u64,
}

impl Store {
    /// The person behind a contact.
    pub async fn person_of(&self, contact: &Contact) -> Result<Person, StoreError> {
        let mut person = Person { contacts: vec![contact.id], ..Person::default() };
        for row in self.main.rows(&MERGED, values![contact.id]).await? {
            person.contacts.push(row.id("gone")?);
        }
        let numbers = contact.kept.addresses.iter().filter_map(|one| one.as_number());
        for key in numbers.filter(|one| one.kind == NumberKind::External).map(Number::key) {
            let is_shared = self.main.row(&OTHER_OWNER, values![key, contact.id]).await?.is_some();
            let list = if is_shared { &mut person.shared } else { &mut person.numbers };
            if !list.iter().any(|known| known == key) {
                list.push(key.to_owned());
            }
        }
        Ok(person)
    }

    /// Everything of a person in the book.
    pub async fn traces(&self, person: &Person) -> Result<Traces, StoreError> {
        let mut traces = Traces::default();
        for key in &person.numbers {
            traces.writings.insert(key.clone());
            for row in self.main.rows(&CALLS_OF_NUMBER, values![key]).await? {
                traces.add_call(&row)?;
                for (key_column, raw_column) in
                    [("calling_key", "calling_raw"), ("dialled_key", "dialled_raw")]
                {
                    if row.maybe_text(key_column)?.as_deref() == Some(key) {
                        traces.writings.extend(row.maybe_text(raw_column)?);
                    }
                }
            }
            for row in self.main.rows(&PARTIES, values![key]).await? {
                traces.writings.extend(row.maybe_text("party_raw")?);
            }
            let writings = writings(key);
            for writing in &writings {
                for row in self.main.rows(&WORK_OF_NUMBER, values![writing]).await? {
                    traces.add_work(&row)?;
                    traces.writings.insert(writing.clone());
                }
            }
        }
        for contact in &person.contacts {
            for row in self.main.rows(&CALLS_OF_CONTACT, values![contact]).await? {
                traces.add_call(&row)?;
            }
        }
        Ok(traces)
    }

    /// What an erasure would change.
    pub async fn erasure_of(&self, person: &Person, traces: &Traces) -> Result<Erased, StoreError> {
        let mut erased = Erased {
            calls: count(traces.calls.len()),
            interactions: count(traces.interactions.len()),
            facts: self.redact_journal(traces, false).await?,
            ..Erased::default()
        };
        for contact in &person.contacts {
            erased.contacts += self.count(&CONTACTS, contact).await?;
            erased.notes += self.count(&NOTES, contact).await?;
        }
        for call in &traces.calls {
            erased.filings += self.count(&FILINGS, call).await?;
        }
        for subject in traces.subjects(person) {
            erased.audit_entries += self.count(&AUDITED, &subject).await?;
        }
        for writing in &traces.writings {
            erased.audit_entries += self.count(&AUDITED_NUMBER, writing).await?;
        }
        Ok(erased)
    }

    /// Takes a person out. Calls that are up and open work are left: end them first.
    pub async fn erase_person(
        &self,
        at: Timestamp,
        person: &Person,
        traces: &Traces,
    ) -> Result<Erased, StoreError> {
        let erased = self.erasure_of(person, traces).await?;
        self.redact_journal(traces, true).await?;
        // Calls lose here what they are found by, and the contact goes last: an erasure that was cut short is whole
        // when it is asked for again.
        let mut tx = self.main.begin().await?;
        for interaction in &traces.interactions {
            tx.execute(&EMPTY_WORK, values![interaction]).await?;
        }
        for command in &traces.commands {
            tx.execute(&EMPTY_COMMAND, values![command]).await?;
        }
        for subject in traces.subjects(person) {
            tx.execute(&EMPTY_AUDIT, values![subject]).await?;
        }
        for writing in &traces.writings {
            for row in tx.rows(&AUDIT_WITH, values![writing]).await? {
                let cut = |text: Option<String>| text.map(|text| redact::cut_out(text, writing));
                let (old, new) = (cut(row.maybe_text("old_value")?), cut(row.maybe_text("new_value")?));
                tx.execute(&CUT_AUDIT, values![row.count("entry")?, old, new]).await?;
            }
        }
        tx.commit().await?;
        let calls: Vec<_> = traces.calls.iter().collect();
        for calls in calls.chunks(CALLS_AT_ONCE) {
            let mut tx = self.main.begin().await?;
            for call in calls {
                erase_call(&mut tx, **call, at).await?;
            }
            tx.commit().await?;
        }
        let mut tx = self.main.begin().await?;
        for contact in &person.contacts {
            for statement in &REMOVE_CONTACT {
                tx.execute(statement, values![contact]).await?;
            }
        }
        tx.commit().await?;
        Ok(erased)
    }

    async fn count(&self, statement: &Statement, of: &impl crate::db::Bind) -> Result<u64, StoreError> {
        match self.main.row(statement, vec![of.value()]).await? {
            Some(row) => row.count("found"),
            None => Ok(0),
        }
    }
}

impl Traces {
    fn add_call(&mut self, row: &Row) -> Result<(), StoreError> {
        if self.calls.insert(row.id("call")?) && row.maybe_time("ended_at")?.is_none() {
            self.live_calls += 1;
        }
        self.commands.extend(row.maybe_id::<CommandId>("command")?);
        self.begins(row.count("sequence")?);
        Ok(())
    }

    fn add_work(&mut self, row: &Row) -> Result<(), StoreError> {
        if self.interactions.insert(row.id("interaction")?) && row.maybe_time("closed_at")?.is_none() {
            self.open_interactions += 1;
        }
        self.begins(row.count("sequence")?);
        Ok(())
    }

    fn begins(&mut self, sequence: u64) {
        self.first = Some(self.first.map_or(sequence, |first| first.min(sequence)));
    }

    /// What entries of the audit are about this person.
    fn subjects(&self, person: &Person) -> Vec<String> {
        let contacts = person.contacts.iter().map(ToString::to_string);
        let calls = self.calls.iter().map(ToString::to_string);
        contacts.chain(calls).chain(self.interactions.iter().map(ToString::to_string)).collect()
    }
}

/// The ways in which a valid number is ordered as a callback.
fn writings(key: &str) -> Vec<String> {
    let number = Number { raw: key.into(), kind: NumberKind::External, e164: Some(key.into()) };
    let digits = number.digits();
    let mut all = vec![key.to_owned(), format!("00{digits}"), digits];
    if let Some(national) = number.national() {
        all.extend([format!("0{national}"), national]);
    }
    all
}

/// A missed call whose caller is not known any more can neither be called back nor be found to be spoken to since.
async fn erase_call(tx: &mut Tx, call: CallId, at: Timestamp) -> Result<(), StoreError> {
    tx.execute(&SETTLE_MISSED, values![call, at]).await?;
    timeline::erase(tx, &call.to_string()).await?;
    tx.execute(&timeline::REMEMBER_ERASED, values![call, at]).await.map(drop)
}

fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

static MERGED: Statement =
    Statement::new("list merged contacts", "SELECT gone FROM contact_merges WHERE kept = $1");
static OTHER_OWNER: Statement = Statement::new(
    "ask whether a number is another contact's, too",
    "SELECT contact FROM contact_addresses WHERE whole = $1 AND contact <> $2 LIMIT 1",
);
static CALLS_OF_NUMBER: Statement = Statement::new(
    "find calls of a number",
    "SELECT call, sequence, ended_at, command, calling_key, calling_raw, dialled_key, dialled_raw FROM calls
     WHERE call IN (SELECT call FROM calls WHERE calling_key = $1 AND direction <> 'outbound'
                    UNION SELECT call FROM calls WHERE dialled_key = $1 AND direction = 'outbound'
                    UNION SELECT leg_calls.call FROM leg_calls JOIN legs ON legs.leg = leg_calls.leg
                          WHERE legs.party_key = $1)",
);
static PARTIES: Statement = Statement::new(
    "find writings of a number",
    "SELECT DISTINCT party_raw FROM legs WHERE party_key = $1 LIMIT 50",
);
static CALLS_OF_CONTACT: Statement = Statement::new(
    "find calls of a contact",
    "SELECT call, sequence, ended_at, command FROM calls WHERE contact = $1",
);
static WORK_OF_NUMBER: Statement = Statement::new(
    "find work for a number",
    "SELECT interaction, sequence, closed_at FROM interactions WHERE number = $1",
);
static CONTACTS: Statement = Statement::new(
    "count a contact",
    "SELECT CAST(COUNT(*) AS BIGINT) AS found FROM contacts WHERE contact = $1",
);
static NOTES: Statement = Statement::new(
    "count notes of a contact",
    "SELECT CAST(COUNT(*) AS BIGINT) AS found FROM contact_notes WHERE contact = $1",
);
static FILINGS: Statement = Statement::new(
    "count filings of a call",
    "SELECT CAST(COUNT(*) AS BIGINT) AS found FROM filings WHERE call = $1",
);
static AUDITED: Statement = Statement::new(
    "count what the audit keeps of a thing",
    "SELECT CAST(COUNT(*) AS BIGINT) AS found FROM audit
     WHERE subject = $1 AND (old_value IS NOT NULL OR new_value IS NOT NULL)",
);
static AUDITED_NUMBER: Statement = Statement::new(
    "count what the audit keeps of a number",
    "SELECT CAST(COUNT(*) AS BIGINT) AS found FROM audit
     WHERE subject <> 'blocks' AND (old_value LIKE '%' || CAST($1 AS TEXT) || '%'
                                    OR new_value LIKE '%' || CAST($1 AS TEXT) || '%')",
);
static SETTLE_MISSED: Statement = Statement::new(
    "settle an erased missed call",
    "INSERT INTO missed_work (call, claimed_by, claimed_at, resolved_by, resolved_at, note)
     VALUES ($1, NULL, NULL, NULL, $2, '')
     ON CONFLICT (call) DO UPDATE SET note = '',
         resolved_at = COALESCE(missed_work.resolved_at, excluded.resolved_at)",
);
static EMPTY_WORK: Statement = Statement::new(
    "erase work",
    "UPDATE interactions SET number = NULL, subject = '', note = NULL WHERE interaction = $1",
);
static EMPTY_COMMAND: Statement =
    Statement::new("erase a request", "UPDATE commands SET request = 'null' WHERE command = $1");
static EMPTY_AUDIT: Statement = Statement::new(
    "erase values of the audit",
    "UPDATE audit SET old_value = NULL, new_value = NULL WHERE subject = $1",
);
static CUT_AUDIT: Statement = Statement::new(
    "erase a number from the audit",
    "UPDATE audit SET old_value = $2, new_value = $3 WHERE entry = $1",
);
static AUDIT_WITH: Statement = Statement::new(
    "find entries of the audit with a number",
    "SELECT entry, old_value, new_value FROM audit
     WHERE subject <> 'blocks' AND (old_value LIKE '%' || CAST($1 AS TEXT) || '%'
                                    OR new_value LIKE '%' || CAST($1 AS TEXT) || '%')",
);
static REMOVE_CONTACT: [Statement; 5] = [
    Statement::new("erase notes of a contact", "DELETE FROM contact_notes WHERE contact = $1"),
    Statement::new("erase addresses", "DELETE FROM contact_addresses WHERE contact = $1"),
    Statement::new("erase external ids", "DELETE FROM contact_external_ids WHERE contact = $1"),
    Statement::new("erase merges", "DELETE FROM contact_merges WHERE gone = $1"),
    Statement::new("erase a contact", "DELETE FROM contacts WHERE contact = $1"),
];

/// All statements of this file, for the test that prepares them.
pub(crate) fn statements() -> impl Iterator<Item = &'static Statement> {
    let all: [&Statement; 15] = [
        &MERGED,
        &OTHER_OWNER,
        &CALLS_OF_NUMBER,
        &PARTIES,
        &CALLS_OF_CONTACT,
        &WORK_OF_NUMBER,
        &CONTACTS,
        &NOTES,
        &FILINGS,
        &AUDITED,
        &AUDITED_NUMBER,
        &SETTLE_MISSED,
        &EMPTY_WORK,
        &EMPTY_COMMAND,
        &EMPTY_AUDIT,
    ];
    all.into_iter().chain([&CUT_AUDIT]).chain(REMOVE_CONTACT.iter())
}
