//! The way to customers, faked.

use std::sync::atomic::Ordering;

use cti_core::fact::Party;
use cti_core::ids::{PopId, UserId, WebhookId};
use store::{
    Contact, ContactLink, ExternalSystem, Lookup, LookupOutcome, SignatureKind, Store, WebhookSettings,
};
use webapi::ports::bridges::{Bridges, PopCard, Preview, PreviewWish};
use webapi::ports::relays::{MadeSecret, Relays, SettingProblem, WebhookTrial};
use webapi::ports::{Later, Unavailable};

/// The way to customers reduced to its promises: it looks into the store, and keeps the cards it was given.
pub(crate) struct FakeBridges {
    store: Store,
    pub(crate) cards: std::sync::Mutex<Vec<PopCard>>,
    pub(crate) rule_changes: std::sync::atomic::AtomicUsize,
    pub(crate) webhook_changes: std::sync::Mutex<Vec<WebhookId>>,
}

impl FakeBridges {
    pub(crate) fn over(store: Store) -> Self {
        Self {
            store,
            cards: std::sync::Mutex::default(),
            rule_changes: std::sync::atomic::AtomicUsize::new(0),
            webhook_changes: std::sync::Mutex::default(),
        }
    }
}

impl Bridges for FakeBridges {
    fn look_up(&self, party: Party) -> Later<'_, Lookup> {
        Box::pin(async move {
            match party.number {
                _ if party.withheld => Lookup::empty(LookupOutcome::Withheld),
                None => Lookup::empty(LookupOutcome::None),
                Some(number) => {
                    let mut found = store::judge(&number, self.store.contacts_with(&number).await.unwrap());
                    let systems = self.store.external_systems().await.unwrap();
                    for one in &mut found.matches {
                        one.links = self.links(&one.contact, &systems);
                    }
                    found
                }
            }
        })
    }

    fn check_template(&self, template: &str) -> Result<(), String> {
        if template.starts_with("https://") { Ok(()) } else { Err("at character 1: no page".to_owned()) }
    }

    fn check_link(&self, template: &str) -> Result<(), String> {
        let has_key = template.contains("{external_id}");
        self.check_template(template)?;
        if has_key { Ok(()) } else { Err("the key of the person is missing".to_owned()) }
    }

    fn links(&self, contact: &Contact, systems: &[ExternalSystem]) -> Vec<ContactLink> {
        let page = |system: &ExternalSystem| {
            let id = contact.kept.external_ids.iter().find(|id| id.system == system.key)?;
            let url = system.url_template.as_ref()?.replace("{external_id}", &id.id);
            Some(ContactLink { system: system.key.clone(), name: system.name.clone(), url })
        };
        systems.iter().filter_map(page).collect()
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

    fn relays(&self) -> &dyn Relays {
        self
    }

    fn rules_changed(&self) -> Later<'_, ()> {
        self.rule_changes.fetch_add(1, Ordering::AcqRel);
        Box::pin(std::future::ready(()))
    }
}

impl Relays for FakeBridges {
    fn check(&self, settings: &WebhookSettings) -> Result<(), SettingProblem> {
        if settings.url.starts_with("https://") && !settings.types.is_empty() {
            return Ok(());
        }
        Err(SettingProblem { pointer: "/url".to_owned(), detail: "begin it with https://".to_owned() })
    }

    fn make_secret(&self, endpoint: WebhookId, kind: SignatureKind) -> Result<MadeSecret, Unavailable> {
        let public_key = (kind == SignatureKind::V1a).then(|| "whpk_public".to_owned());
        Ok(MadeSecret {
            shown: public_key.is_none().then(|| "whsec_shown-once".to_owned()),
            public_key,
            sealed: format!("sealed for {endpoint}").into_bytes(),
        })
    }

    fn changed(&self, endpoint: WebhookId) -> Later<'_, ()> {
        self.webhook_changes.lock().unwrap().push(endpoint);
        Box::pin(std::future::ready(()))
    }

    fn test(&self, endpoint: WebhookId) -> Later<'_, Result<Option<WebhookTrial>, Unavailable>> {
        Box::pin(async move {
            let found = self.store.webhook(endpoint).await.unwrap();
            Ok(found.map(|_| WebhookTrial {
                event: "evt_test".to_owned(),
                delivered: false,
                status: Some(503),
                detail: "closed on Saturdays".to_owned(),
                took_ms: 7,
            }))
        })
    }
}
