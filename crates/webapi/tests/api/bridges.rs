//! The way to customers, faked.

use std::sync::atomic::Ordering;

use cti_core::fact::Party;
use cti_core::ids::{PopId, UserId};
use store::{Lookup, LookupOutcome, Store};
use webapi::ports::bridges::{Bridges, PopCard, Preview, PreviewWish, SignIn};
use webapi::ports::{Later, Unavailable};

/// The way to customers reduced to its promises: it looks into the store, and keeps the cards it was given.
pub(crate) struct FakeBridges {
    store: Store,
    pub(crate) cards: std::sync::Mutex<Vec<PopCard>>,
    pub(crate) rule_changes: std::sync::atomic::AtomicUsize,
    /// What the directory of the house says of everybody; the password of a person there is `secret of LOGIN`.
    pub(crate) directory: std::sync::Mutex<SignIn>,
}

impl FakeBridges {
    pub(crate) fn over(store: Store) -> Self {
        Self {
            store,
            cards: std::sync::Mutex::default(),
            rule_changes: std::sync::atomic::AtomicUsize::new(0),
            directory: std::sync::Mutex::new(SignIn::NoDirectory),
        }
    }
}

impl Bridges for FakeBridges {
    fn look_up(&self, party: Party) -> Later<'_, Lookup> {
        Box::pin(async move {
            match party.number {
                _ if party.withheld => Lookup::empty(LookupOutcome::Withheld),
                None => Lookup::empty(LookupOutcome::None),
                Some(number) => store::judge(&number, self.store.contacts_with(&number).await.unwrap()),
            }
        })
    }

    fn check_template(&self, template: &str) -> Result<(), String> {
        if template.starts_with("https://") { Ok(()) } else { Err("at character 1: no page".to_owned()) }
    }

    fn preview(&self, wish: PreviewWish) -> Later<'_, Result<Result<Preview, String>, Unavailable>> {
        let number = wish.number.map_or_else(String::new, |number| number.key().to_owned());
        let checked = self.check_template(&wish.template);
        let missing = if wish.with_contact { vec![] } else { vec!["match.name".to_owned()] };
        Box::pin(std::future::ready(Ok(checked.map(|()| Preview {
            url: wish.template,
            used: vec![("number.e164".to_owned(), number)],
            missing,
        }))))
    }

    fn cards(&self, user: UserId) -> Later<'_, Vec<PopCard>> {
        let cards = self.cards.lock().unwrap();
        let mine = cards.iter().filter(|card| card.user == user).cloned().collect();
        Box::pin(std::future::ready(mine))
    }

    fn dismiss(&self, user: UserId, pop: PopId) -> Later<'_, bool> {
        let mut cards = self.cards.lock().unwrap();
        let before = cards.len();
        cards.retain(|card| card.user != user || card.id != pop);
        Box::pin(std::future::ready(cards.len() < before))
    }

    fn sign_in(&self, login: String, password: String) -> Later<'_, SignIn> {
        let said = self.directory.lock().unwrap().clone();
        let is_wrong = matches!(said, SignIn::Person(_)) && password != format!("secret of {login}");
        let said = if is_wrong { SignIn::Wrong } else { said };
        Box::pin(std::future::ready(said))
    }

    fn rules_changed(&self) -> Later<'_, ()> {
        self.rule_changes.fetch_add(1, Ordering::AcqRel);
        Box::pin(std::future::ready(()))
    }
}
