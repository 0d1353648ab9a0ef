//! Switches defined by API.

use cti_core::ids::SwitchId;
use cti_core::number::NumberPlan;
use store::{SealedSecrets, SwitchRoute, SwitchSettings};

use crate::facts::MORNING;
use crate::peer::Peer;

fn settings(name: &str) -> SwitchSettings {
    SwitchSettings {
        name: name.to_owned(),
        kind: "asterisk".to_owned(),
        address: "192.0.2.10".to_owned(),
        port: 5038,
        tls: false,
        tls_ca: None,
        user: "cti-ev".to_owned(),
        user_actions: Some("cti-act".to_owned()),
        context: "from-internal".to_owned(),
        timeout_s: 10,
        recordings_url: None,
        virtual_pbx: false,
        log_all: true,
        trunks: vec!["provider".to_owned()],
        numbers: NumberPlan::default(),
        enabled: true,
        csta: None,
        routes: Vec::new(),
    }
}

// covers: ADM-07
pub(crate) async fn a_switch_is_kept_by_version_and_its_id_is_given_once(peer: &Peer) {
    let store = &peer.store;
    let id = SwitchId::from("brno");
    let sealed = SealedSecrets { password: vec![0, 255, 7], password_actions: Some(vec![9]) };
    let added = store.add_switch(MORNING, &id, &settings("Brno"), &sealed).await.unwrap();
    assert_eq!(store.defined_switch(&id).await.unwrap(), Some(added.clone()));
    let again = store.add_switch(MORNING, &id, &settings("Other"), &sealed).await.unwrap_err();
    assert_eq!(again.to_string(), "switch id `brno` is already in use");
    assert_eq!(format!("{:?}", added.secrets), "[sealed]");

    let mut changed = added.clone();
    changed.settings.name = "Brno 2".to_owned();
    let (to, prefix) = ("mitel".to_owned(), "8".to_owned());
    changed.settings.routes = vec![SwitchRoute { to, prefix, caller_id: None }];
    changed.secrets.password_actions = None;
    assert!(store.save_switch(MORNING, &mut changed).await.unwrap());
    assert!(changed.changed_at > added.changed_at, "a change at the same time is another version");
    assert_eq!(store.defined_switches().await.unwrap(), [changed.clone()]);
    let mut old = added.clone();
    assert!(!store.save_switch(MORNING, &mut old).await.unwrap(), "it is another version by now");
    assert!(!store.remove_switch(&added).await.unwrap());
    assert!(store.remove_switch(&changed).await.unwrap());
    assert_eq!(store.defined_switch(&id).await.unwrap(), None);
}
