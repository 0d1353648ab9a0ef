//! What leads from a call to a customer and to other systems, as the web layer sees it: lookups, pages of pops, cards,
//! documents for records systems. `ctid` implements it over `crm-bridge`.

use std::sync::Arc;

use cti_core::fact::{Direction, Party};
use cti_core::ids::{CallId, DeviceId, PopId, QueueId, UserId};
use cti_core::number::Number;
use cti_core::time::Timestamp;
use store::{Contact, ContactLink, ExternalSystem, Filing, HistoryRow, Lookup};

use super::records::{FilingRefusal, FilingWish, RecordsSystem};
use super::relays::Relays;
use super::{Later, Unavailable};

/// Lookup, pages and cards.
pub trait Bridges: Send + Sync + 'static {
    /// Who is at the other side. It answers within the deadline of lookups, whatever the directory does.
    fn look_up(&self, party: Party) -> Later<'_, Lookup>;

    /// Checks a template of a page. The words say what is wrong, where, and how to mend it.
    fn check_template(&self, template: &str) -> Result<(), String>;

    /// Checks a template of the page of a contact in another system. The words say what is wrong, where, and how to
    /// mend it.
    fn check_link(&self, template: &str) -> Result<(), String>;

    /// The pages of a contact in these systems; none where it has no key.
    fn links(&self, contact: &Contact, systems: &[ExternalSystem]) -> Vec<ContactLink>;

    /// The page as it would be opened. An error is a template that is none.
    fn preview(&self, wish: PreviewWish) -> Later<'_, Result<Result<Preview, String>, Unavailable>>;

    /// Active cards of a human, oldest first.
    fn cards(&self, user: UserId) -> Later<'_, Vec<PopCard>>;

    /// The human put a card away; false when it has no such card.
    fn dismiss(&self, user: UserId, pop: PopId) -> Later<'_, bool>;

    /// Asks the directory of the house who signs in.
    fn sign_in(&self, login: String, password: String) -> Later<'_, SignIn>;

    /// The way of events to other systems.
    fn relays(&self) -> &dyn Relays;

    /// Rules were changed in the store; resolves when they count.
    fn rules_changed(&self) -> Later<'_, ()>;

    /// Records systems of the configuration.
    fn records_systems(&self) -> Vec<RecordsSystem>;

    /// Asks a records system whether it is there and knows us; none when there is no such one.
    fn test_records_system(&self, records: String) -> Later<'_, Option<RecordsSystem>>;

    /// Writes the document of a call and puts it into the outbox.
    fn file(&self, wish: FilingWish) -> Later<'_, Result<Result<Filing, FilingRefusal>, Unavailable>>;

    /// A person had a filing of this records system tried again or gave it up.
    fn filing_changed(&self, records: &str);
}

/// What the directory of the house says of a sign-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignIn {
    /// There is no directory: passwords are kept here alone.
    NoDirectory,
    /// It is this person.
    Person(DirectoryPerson),
    /// There is no such person, or the password is another one.
    Wrong,
    /// It is the person of this login, and none of its groups has a role here.
    NoRole(String),
    /// The directory cannot be asked at the moment.
    Unavailable,
}

/// A person as the directory of the house knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryPerson {
    /// The login as the directory has it, whatever was typed.
    pub login: String,
    /// Name shown to people.
    pub name: String,
    /// Language of the desk of somebody who signs in for the first time.
    pub language: String,
    /// Names of roles.
    pub roles: Vec<String>,
}

/// What a page is tried with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviewWish {
    /// The template.
    pub template: String,
    /// A live call, or one that has ended.
    pub call: Option<CallId>,
    /// Or a number that calls.
    pub number: Option<Number>,
    /// The queue it would wait in.
    pub queue: Option<QueueId>,
    /// For whom.
    pub user: Option<UserId>,
    /// False leaves out whom the directory knows at the other side.
    pub with_contact: bool,
}

/// A page as it would be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The page.
    pub url: String,
    /// What was put in, by name.
    pub used: Vec<(String, String)>,
    /// What there was nothing for.
    pub missing: Vec<String>,
}

/// What a desk is told about a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopAction {
    /// It appears, or comes back.
    Show,
    /// It is known better.
    Update,
    /// It goes away.
    Retract,
}

/// Where a card stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PopCardState {
    /// To be seen.
    Active,
    /// Put away by the human.
    Dismissed,
    /// Taken away.
    Retracted,
}

/// One call as one human is shown it.
#[derive(Debug, Clone, PartialEq)]
pub struct PopCard {
    /// Our id.
    pub id: PopId,
    /// Whose.
    pub user: UserId,
    /// Which call.
    pub call: CallId,
    /// The device it rings at.
    pub device: Option<DeviceId>,
    /// Which way the call goes.
    pub direction: Direction,
    /// Who calls.
    pub calling: Party,
    /// What was dialled.
    pub dialled: Option<Number>,
    /// The queue it waits in.
    pub queue: Option<QueueId>,
    /// Its name.
    pub queue_name: Option<Arc<str>>,
    /// Time of the switch's event that led to it.
    pub at: Timestamp,
    /// Since when the caller waits.
    pub waited_since: Timestamp,
    /// Who is at the other side; none until it is known.
    pub lookup: Option<Lookup>,
    /// Earlier calls, newest first.
    pub history: Vec<HistoryRow>,
    /// Where it stands.
    pub state: PopCardState,
    /// Why it was taken away.
    pub reason: Option<Arc<str>>,
    /// Who has the call instead.
    pub answered_by: Option<Arc<str>>,
}

/// A page to be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PopPage {
    /// The page.
    pub url: String,
    /// Name of the window.
    pub window: String,
}

/// What the desks of a human are told.
#[derive(Debug, Clone, PartialEq)]
pub struct PopNews {
    /// What happens.
    pub action: PopAction,
    /// The card as it is now.
    pub card: PopCard,
    /// The page, for the one desk that holds the lease.
    pub page: Option<PopPage>,
}
