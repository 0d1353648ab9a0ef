//! Pops: once per human and call, whatever happens; rules; preferences.

use cti_core::ids::{CallId, PopId};
use serde_json::json;
use store::{NewPop, PopFilter, PopMoment, PopRuleDraft, PopState, PopWindow, RuleDirection, RuleScope};

use crate::facts::{MORNING, user};
use crate::peer::Peer;

pub(crate) async fn a_pop_begins_and_opens_once_per_human_and_call(peer: &Peer) {
    let store = &peer.store;
    let new = |nth, whose| NewPop {
        id: PopId::derive(MORNING, 7, nth),
        user: user(whose),
        call: CallId::derive(MORNING, 7, 1),
        rule: None,
        moment: PopMoment::Alerting,
        at: MORNING,
        no_window: None,
    };
    assert!(store.begin_pop(&new(1, 1)).await.unwrap());
    assert!(store.begin_pop(&new(2, 2)).await.unwrap(), "another human has a pop of its own");
    assert!(!store.begin_pop(&new(3, 1)).await.unwrap());
    let (pop, other) = (new(1, 1).id, new(2, 2).id);
    let page = PopWindow::Open("https://crm.example/1".to_owned());
    assert!(store.settle_pop_window(pop, &page).await.unwrap());
    assert!(!store.settle_pop_window(pop, &page).await.unwrap(), "never again");
    assert!(!peer.open_again().await.settle_pop_window(pop, &page).await.unwrap(), "nor after a restart");
    let none = PopWindow::No { reason: "withheld" };
    assert!(!store.settle_pop_window(other, &none).await.unwrap());
    assert!(!store.settle_pop_window(other, &page).await.unwrap(), "what was decided stays");

    let painted = MORNING.plus_millis(120);
    assert_eq!(store.pop_painted(user(2), pop, painted).await.unwrap(), None, "nobody speaks for another");
    assert_eq!(store.pop_painted(user(1), pop, painted).await.unwrap(), Some(120));
    assert_eq!(store.pop_painted(user(1), pop, painted).await.unwrap(), None, "the first time counts");
    store.pop_opened(user(1), pop, false).await.unwrap();
    assert!(!store.dismiss_pop(user(2), pop).await.unwrap());
    assert!(store.dismiss_pop(user(1), pop).await.unwrap());
    store.settle_pop(other, PopState::Suppressed, Some("no_desk_open")).await.unwrap();
    store.settle_pop(other, PopState::Retracted, Some("caller_left")).await.unwrap();

    let rows = store.pops(&PopFilter { limit: 10, ..PopFilter::default() }).await.unwrap();
    let [second, first] = rows.as_slice() else { panic!("{rows:#?}") };
    assert_eq!((first.id, first.opened, first.dismissed, first.latency_ms), (pop, true, true, Some(120)));
    assert_eq!(first.no_window.as_deref(), Some("blocked_by_browser"));
    assert_eq!((second.state, second.reason.as_deref()), (PopState::Suppressed, Some("no_desk_open")));
    assert_eq!(second.no_window.as_deref(), Some("withheld"));
    let next = PopFilter { after: Some(second.id), limit: 10, ..PopFilter::default() };
    assert_eq!(store.pops(&next).await.unwrap(), std::slice::from_ref(first));
    for (whose, found) in
        [(vec![2], vec![other]), (vec![1, 2], vec![other, pop]), (vec![3], vec![]), (vec![], vec![])]
    {
        let users = whose.into_iter().map(user).collect();
        let filter = PopFilter { users: Some(users), limit: 2, ..PopFilter::default() };
        let rows = store.pops(&filter).await.unwrap();
        assert_eq!(rows.iter().map(|row| row.id).collect::<Vec<_>>(), found);
    }
    store.settle_pop(pop, PopState::Retracted, Some("no_answer")).await.unwrap();
    store.settle_pop(pop, PopState::Shown, None).await.unwrap();
    let mine = PopFilter { users: Some([user(1)].into()), limit: 1, ..PopFilter::default() };
    assert!(!store.pops(&mine).await.unwrap()[0].dismissed, "what is shown again is not put away");
    assert_eq!(
        store.pops_of_live_calls().await.unwrap().len(),
        2,
        "the book does not know the call to have ended"
    );
    assert_eq!(store.forget_pops(MORNING.plus_millis(1)).await.unwrap(), 2);
}

pub(crate) async fn rules_keep_their_order_and_versions(peer: &Peer) {
    let store = &peer.store;
    let draft = |name: &str| PopRuleDraft {
        name: name.to_owned(),
        active: true,
        queue: None,
        direction: RuleDirection::Inbound,
        scope: RuleScope::External,
        moment: PopMoment::Answered,
        url_template: "https://crm.example/".to_owned(),
        window: "crm".to_owned(),
    };
    let first = store.add_pop_rule(MORNING, &draft("first")).await.unwrap();
    let second = store.add_pop_rule(MORNING, &draft("second")).await.unwrap();
    assert_eq!(store.pop_rules().await.unwrap(), [first.clone(), second.clone()]);
    assert!(store.save_pop_rule(first.id, 1, &draft("changed")).await.unwrap());
    assert!(!store.save_pop_rule(first.id, 1, &draft("changed")).await.unwrap());
    assert!(!store.remove_pop_rule(first.id, 1).await.unwrap(), "it was changed meanwhile");
    assert!(store.remove_pop_rule(second.id, 1).await.unwrap());
    assert!(!store.remove_pop_rule(second.id, 1).await.unwrap());
    let left = store.pop_rules().await.unwrap();
    assert_eq!((left.len(), left[0].version, left[0].kept.name.as_str()), (1, 2, "changed"));

    assert_eq!(store.preferences(user(1)).await.unwrap(), None);
    for theme in ["dark", "light"] {
        store.save_preferences(MORNING, user(1), &json!({ "theme": theme })).await.unwrap();
    }
    assert_eq!(store.preferences(user(1)).await.unwrap(), Some(json!({ "theme": "light" })));
    assert_eq!(store.preferences(user(2)).await.unwrap(), None);
}
