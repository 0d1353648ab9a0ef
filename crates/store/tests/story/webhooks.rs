//! Endpoints that events are posted to: their secrets, how far they came, what became of each event.

use std::collections::BTreeMap;

use cti_core::ids::{EventId, QueueId};
use cti_core::time::Timestamp;
use store::{
    Delivery, DeliveryFilter, DeliveryState, ReplayRange, ReplayWish, SignatureKind, WebhookNote,
    WebhookSecret, WebhookSettings, WebhookState,
};

use crate::facts::MORNING;
use crate::peer::Peer;

fn settings(name: &str) -> WebhookSettings {
    WebhookSettings {
        name: name.to_owned(),
        url: "https://erp.example/hook?a=1&b=%2F".to_owned(),
        enabled: true,
        types: vec!["call.*".to_owned()],
        queues: vec![QueueId::derive(MORNING, 7, 1)],
        users: Vec::new(),
        data: BTreeMap::from([("order".to_owned(), String::new())]),
        mask: vec!["**.number".to_owned()],
    }
}

fn secret(number: u64, at: Timestamp) -> WebhookSecret {
    WebhookSecret {
        number,
        kind: SignatureKind::V1,
        sealed: vec![0, 255, u8::try_from(number).unwrap()],
        public_key: None,
        created_at: at,
        expires_at: None,
    }
}

fn delivery(sequence: u64, state: DeliveryState) -> Delivery {
    Delivery {
        sequence,
        event: EventId::derive(MORNING, 7, sequence),
        kind: "call.ended".to_owned(),
        subject: Some(format!("call {}", sequence % 2)),
        happened_at: later(sequence),
        state,
        replayed: false,
        attempts: 1,
        next_at: (state == DeliveryState::Pending).then(|| later(600)),
        status: Some(503),
        error: Some("status 503".to_owned()),
        took_ms: Some(12),
        noted_at: later(sequence),
    }
}

fn later(seconds: u64) -> Timestamp {
    MORNING.plus_millis(i64::try_from(seconds * 1_000).unwrap())
}

fn sequences(rows: &[Delivery]) -> Vec<u64> {
    rows.iter().map(|row| row.sequence).collect()
}

// covers: INT-09
pub(crate) async fn an_endpoint_keeps_its_secrets_and_its_place(peer: &Peer) {
    let store = &peer.store;
    let id = store.new_webhook_id(MORNING).await.unwrap();
    let mut first = secret(1, MORNING);
    first.public_key = Some("whpk_x".to_owned());
    store.add_webhook(MORNING, id, &settings("erp"), &first, 40).await.unwrap();
    let other = store.new_webhook_id(MORNING).await.unwrap();
    store.add_webhook(MORNING, other, &settings("crm"), &secret(1, MORNING), 40).await.unwrap();
    let found = store.webhook(id).await.unwrap().unwrap();
    assert_eq!((found.version, found.cursor, found.state), (1, 40, WebhookState::Working));
    assert_eq!((&found.settings, &found.secrets), (&settings("erp"), &vec![first.clone()]));
    assert!(!format!("{found:?}").contains("255"), "no secret in a log, though sealed");
    assert_eq!(store.webhooks().await.unwrap().len(), 2);

    assert!(store.save_webhook(id, 1, &settings("erp 2")).await.unwrap());
    assert!(!store.save_webhook(id, 1, &settings("late")).await.unwrap(), "it has another version by now");
    assert!(!store.rotate_webhook_secret(id, 1, &secret(2, MORNING), later(60)).await.unwrap());
    assert!(store.rotate_webhook_secret(id, 2, &secret(2, later(1)), later(60)).await.unwrap());
    assert!(store.rotate_webhook_secret(id, 3, &secret(3, later(70)), later(90)).await.unwrap());
    let found = store.webhook(id).await.unwrap().unwrap();
    let kept: Vec<_> = found.secrets.iter().map(|one| (one.number, one.expires_at)).collect();
    assert_eq!(kept, [(3, None), (2, Some(later(90)))], "the first one has expired");

    let note = WebhookNote {
        cursor: 44,
        state: Some((WebhookState::Gone, Some("status 410".to_owned()), later(5))),
        lost: 2,
        replay: None,
        deliveries: vec![delivery(43, DeliveryState::Pending)],
    };
    store.note_webhook(id, &note).await.unwrap();
    store.note_webhook(id, &WebhookNote { cursor: 42, ..WebhookNote::default() }).await.unwrap();
    let found = peer.open_again().await.webhook(id).await.unwrap().unwrap();
    assert_eq!(
        (found.cursor, found.state, found.lost),
        (44, WebhookState::Gone, 2),
        "a cursor never goes back"
    );
    assert_eq!((found.reason.as_deref(), found.since), (Some("status 410"), later(5)));
    assert!(store.revive_webhook(later(6), id, None).await.unwrap());
    let waits = store.pending_webhook_deliveries(id, false, 0, 10).await.unwrap();
    assert_eq!(waits[0].next_at, Some(later(6)), "what waits is due at once");
    assert!(store.revive_webhook(later(7), id, Some(50)).await.unwrap());
    let found = store.webhook(id).await.unwrap().unwrap();
    assert_eq!((found.cursor, found.state, found.reason), (50, WebhookState::Working, None));
    assert_eq!(store.webhook_counts(id).await.unwrap(), (0, 1), "what was skipped is dead");

    assert!(!store.remove_webhook(id, 3).await.unwrap());
    assert!(store.remove_webhook(id, 4).await.unwrap());
    store.note_webhook(id, &note).await.unwrap();
    assert_eq!(store.webhook_counts(id).await.unwrap(), (0, 0), "nothing is written of one that is gone");
    assert!(store.webhook(id).await.unwrap().is_none() && store.webhook(other).await.unwrap().is_some());
}

// covers: INT-09
pub(crate) async fn deliveries_are_listed_replayed_and_forgotten(peer: &Peer) {
    use DeliveryState::{Dead, Delivered, Pending};
    let store = &peer.store;
    let id = store.new_webhook_id(MORNING).await.unwrap();
    store.add_webhook(MORNING, id, &settings("erp"), &secret(1, MORNING), 0).await.unwrap();
    let states = [Delivered, Dead, Pending, Delivered, Dead, Pending];
    let deliveries: Vec<_> = (1..).zip(states).map(|(sequence, state)| delivery(sequence, state)).collect();
    let note = WebhookNote { cursor: 3, deliveries: deliveries.clone(), ..WebhookNote::default() };
    store.note_webhook(id, &note).await.unwrap();
    let list = async |filter: DeliveryFilter| {
        let filter = DeliveryFilter { limit: if filter.limit == 0 { 10 } else { filter.limit }, ..filter };
        sequences(&store.webhook_deliveries(id, &filter).await.unwrap())
    };
    let all = store.webhook_deliveries(id, &DeliveryFilter { limit: 10, ..DeliveryFilter::default() }).await;
    assert_eq!(all.unwrap().last(), deliveries.first(), "as they were written");
    let any = DeliveryFilter::default;
    assert_eq!(list(DeliveryFilter { limit: 2, ..any() }).await, [6, 5]);
    assert_eq!(list(DeliveryFilter { before: Some(5), ..any() }).await, [4, 3, 2, 1]);
    assert_eq!(list(DeliveryFilter { state: Some(Dead), ..any() }).await, [5, 2]);
    assert_eq!(list(DeliveryFilter { subject: Some("call 0".to_owned()), ..any() }).await, [6, 4, 2]);
    assert_eq!(list(DeliveryFilter { from: Some(later(2)), to: Some(later(4)), ..any() }).await, [3, 2]);
    assert_eq!(list(DeliveryFilter { event: Some(deliveries[3].event), ..any() }).await, [4]);
    assert_eq!(store.webhook_rows_after(id, 3).await.unwrap(), [4, 5, 6]);
    assert_eq!(store.webhook_counts(id).await.unwrap(), (2, 2));
    assert_eq!(sequences(&store.pending_webhook_deliveries(id, false, 3, 9).await.unwrap()), [6]);

    let dead = ReplayWish::Dead { from: Some(later(3)), to: None };
    assert_eq!(store.replay_webhook(later(9), id, &dead).await.unwrap(), 1);
    let named =
        ReplayWish::Events(vec![deliveries[0].event, deliveries[2].event, EventId::derive(MORNING, 1, 1)]);
    assert_eq!(
        store.replay_webhook(later(9), id, &named).await.unwrap(),
        1,
        "what waits is not asked for again"
    );
    let again = store.pending_webhook_deliveries(id, true, 0, 9).await.unwrap();
    assert_eq!(sequences(&again), [1, 5]);
    assert_eq!((again[0].attempts, again[0].next_at, again[0].replayed), (0, Some(later(9)), true));

    let range = ReplayRange { next: 2, last: 6 };
    assert!(store.replay_webhook_range(id, range).await.unwrap());
    assert!(!store.replay_webhook_range(id, range).await.unwrap(), "one is under way");
    let moved = Some(Some(ReplayRange { next: 4, last: 6 }));
    store
        .note_webhook(id, &WebhookNote { cursor: 3, replay: moved, ..WebhookNote::default() })
        .await
        .unwrap();
    assert_eq!(Some(store.webhook(id).await.unwrap().unwrap().replay), moved);
    store
        .note_webhook(id, &WebhookNote { cursor: 3, replay: Some(None), ..WebhookNote::default() })
        .await
        .unwrap();
    assert!(store.replay_webhook_range(id, range).await.unwrap());

    assert_eq!(store.forget_webhook_deliveries(later(5), later(3)).await.unwrap(), 2);
    assert_eq!(list(any()).await, [6, 5, 3, 1], "delivered ones go first");
}
