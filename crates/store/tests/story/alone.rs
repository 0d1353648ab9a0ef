//! One daemon per store.

use std::time::Duration;

use store::StoreError;

use crate::peer::Peer;

pub(crate) async fn a_second_daemon_is_refused_and_others_come_in(peer: &Peer) {
    let alone = peer.store.hold_alone().await.unwrap();
    let other = peer.open_again().await;
    other.ping().await.expect("whoever adds a user or a token is not kept off");
    if peer.url.starts_with("sqlite:") {
        // The daemon locks a file beside the store; there is no second lock to be refused by.
        other.hold_alone().await.unwrap().release().await;
    } else {
        let refused = other.hold_alone().await.unwrap_err();
        assert!(matches!(refused, StoreError::InUse { .. }), "{refused:?}");
        assert!(refused.to_string().starts_with("another ctid runs on postgres://"), "{refused}");
        assert!(!refused.is_transient());
        alone.release().await;
        let again = tokio::time::timeout(Duration::from_secs(20), async {
            // The server notices the end of a connection a moment after we do.
            loop {
                if let Ok(alone) = other.hold_alone().await {
                    return alone;
                }
            }
        });
        again.await.expect("the next daemon comes in").release().await;
    }
    other.close().await;
}
