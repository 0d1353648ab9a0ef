//! The outbox of records systems: one worker, one id, whatever happens.

use cti_core::ids::CallId;
use cti_core::input::Actor;
use serde_json::json;
use store::{FilingFile, FilingProblem, FilingState, FilingStep, FilingTrouble, NewFiling};

use crate::facts::MORNING;
use crate::peer::Peer;

fn new(nth: u64, key: Option<&str>) -> NewFiling {
    let file = |name: &str| FilingFile {
        name: name.to_owned(),
        media_type: "text/plain".to_owned(),
        role: "main".to_owned(),
        content: vec![0, 255],
    };
    NewFiling {
        call: CallId::derive(MORNING, 7, nth),
        records: "essl".to_owned(),
        request_key: key.map(str::to_owned),
        author: Actor::System,
        title: format!("title {nth}"),
        papers: json!({ "acting": "anna" }),
        handled: false,
        files: vec![file("b"), file("a")],
    }
}

fn problem() -> FilingProblem {
    FilingProblem { kind: FilingTrouble::Refused, code: Some("0001".to_owned()), text: "ne".to_owned() }
}

pub(crate) async fn a_filing_is_claimed_once_and_keeps_its_id_on_every_try(peer: &Peer) {
    let store = &peer.store;
    let filing = store.add_filing(MORNING, &new(1, Some("k"))).await.unwrap();
    assert_eq!(
        store.add_filing(MORNING, &new(2, Some("k"))).await.unwrap().id,
        filing.id,
        "one key, one filing"
    );
    let second = store.add_filing(MORNING.plus_millis(1), &new(2, None)).await.unwrap();
    let (now, until) = (MORNING.plus_millis(10), MORNING.plus_millis(60_000));
    assert_eq!(store.claim_filing("other", now, until).await.unwrap(), None);
    let other = peer.open_again().await;
    let (one, two) =
        tokio::join!(store.claim_filing("essl", now, until), other.claim_filing("essl", now, until));
    // Who comes second gets the other one, or looks again.
    let claims: Vec<_> = [one.unwrap(), two.unwrap()].into_iter().flatten().collect();
    let mut first = claims.into_iter().filter(|(claimed, _)| claimed.id == filing.id);
    let (claimed, files) = first.next().unwrap();
    assert!(first.next().is_none(), "two workers never have the same");
    assert_eq!((claimed.id, claimed.attempts, claimed.state), (filing.id, 1, FilingState::Sending));
    assert!(!claimed.unsure);
    assert_eq!(files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
    assert_eq!(files[0].content, [0, 255]);

    let later = MORNING.plus_millis(5_000);
    let step = FilingStep::Later { at: later, problem: problem(), unsure: true };
    assert!(store.settle_filing(&claimed, now, &step).await.unwrap());
    assert!(!store.settle_filing(&claimed, now, &step).await.unwrap(), "nobody has it any more");
    store.cancel_filing(second.id, now).await.unwrap();
    let shown = store.filing(filing.id).await.unwrap().unwrap();
    assert_eq!((shown.state, shown.next_at, shown.unsure), (FilingState::Waiting, Some(later), true));
    assert_eq!(shown.problem, Some(problem()));

    // Whose claim ran out has it no more, and the next one knows that it may have arrived.
    let (claimed, _) = store.claim_filing("essl", later, until).await.unwrap().unwrap();
    let (again, _) = store.claim_filing("essl", until, until.plus_millis(1)).await.unwrap().unwrap();
    assert_eq!((again.id, again.attempts, again.unsure), (filing.id, 3, true));
    let kept = FilingStep::Kept { reference: "MUL/1".to_owned(), file_reference: None, whole: true };
    assert!(!store.settle_filing(&claimed, until, &kept).await.unwrap());
    // A start takes back what was being sent.
    assert!(store.release_filings(until).await.unwrap() >= 1);
    store.cancel_filing(second.id, until).await.unwrap();
    let (again, files) = store.claim_filing("essl", until, until.plus_millis(1)).await.unwrap().unwrap();
    assert_eq!((again.id, files.len()), (filing.id, 2));
    assert!(store.settle_filing(&again, until, &kept).await.unwrap());
    assert_eq!(store.claim_filing("essl", until.plus_millis(9_000), until).await.unwrap(), None);
    let shown = store.filings_of(filing.call).await.unwrap();
    assert_eq!((shown[0].state, shown[0].reference.as_deref()), (FilingState::Filed, Some("MUL/1")));
    assert!(
        !store.retry_filing(filing.id, until).await.unwrap()
            && !store.cancel_filing(filing.id, until).await.unwrap()
    );
}

pub(crate) async fn what_becomes_of_a_filing_is_told_once_and_a_person_may_act(peer: &Peer) {
    let store = &peer.store;
    let whole = NewFiling { handled: true, ..new(1, None) };
    let filing = store.add_filing(MORNING, &whole).await.unwrap();
    let until = MORNING.plus_millis(60_000);
    let (claimed, _) = store.claim_filing("essl", MORNING, until).await.unwrap().unwrap();
    assert!(!store.cancel_filing(filing.id, MORNING).await.unwrap(), "it is under way");
    store.settle_filing(&claimed, MORNING, &FilingStep::Refused(problem())).await.unwrap();
    let counts = store.filing_counts().await.unwrap();
    assert_eq!((counts[0].records.as_str(), counts[0].waiting, counts[0].refused), ("essl", 0, 1));
    assert_eq!(store.filings_in(FilingState::Refused, 10).await.unwrap()[0].id, filing.id);
    assert_eq!(store.next_filing_at("essl").await.unwrap(), None);
    let untold = store.untold_filings(10).await.unwrap();
    assert_eq!(untold.len(), 1);
    store.filing_told(untold[0].id).await.unwrap();
    assert!(store.retry_filing(filing.id, MORNING).await.unwrap());
    assert_eq!(store.next_filing_at("essl").await.unwrap(), Some(MORNING));

    // The document is there before it is handled; the log hears of it at once and once.
    let kept = |whole| FilingStep::Kept { reference: "MUL/1".to_owned(), file_reference: None, whole };
    let (claimed, _) = store.claim_filing("essl", MORNING, until).await.unwrap().unwrap();
    store.settle_filing(&claimed, MORNING, &kept(false)).await.unwrap();
    assert_eq!(store.untold_filings(10).await.unwrap()[0].reference.as_deref(), Some("MUL/1"));
    store.filing_told(filing.id).await.unwrap();
    let (claimed, files) = store.claim_filing("essl", MORNING, until).await.unwrap().unwrap();
    assert!(files.is_empty(), "what is kept elsewhere is thrown away here");
    store.settle_filing(&claimed, MORNING, &kept(true)).await.unwrap();
    assert_eq!(store.filing(filing.id).await.unwrap().unwrap().state, FilingState::Filed);
    assert!(store.untold_filings(10).await.unwrap().is_empty());
    assert!(store.filing_counts().await.unwrap().is_empty());
}
