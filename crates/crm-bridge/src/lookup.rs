//! Who is at the other side of a call. Nothing is kept between two lookups: a contact that was saved a moment ago is
//! found by the next call.

use std::time::Duration;

use cti_core::fact::Party;
use cti_core::number::NumberKind;
use store::{Lookup, LookupOutcome, Store, StoreError, judge};

use crate::links::links;

/// A card is not worth waiting longer for.
pub const LOOKUP_DEADLINE: Duration = Duration::from_millis(800);

/// What can be said of a party without asking anybody: withheld is not unknown, and the house knows its own.
pub fn known_at_once(party: &Party) -> Option<Lookup> {
    let outcome = match &party.number {
        _ if party.withheld => LookupOutcome::Withheld,
        None => LookupOutcome::None,
        Some(number) if number.kind == NumberKind::Internal => LookupOutcome::Internal,
        Some(_) => return None,
    };
    Some(Lookup::empty(outcome))
}

/// Looks a party up. A directory that fails or is late never holds up a card: the outcome says `unavailable`.
pub async fn look_up(store: &Store, party: &Party) -> Lookup {
    if let Some(known) = known_at_once(party) {
        return known;
    }
    match tokio::time::timeout(LOOKUP_DEADLINE, find(store, party)).await {
        Ok(Ok(found)) => found,
        Ok(Err(error)) => {
            tracing::warn!(%error, "look a caller up");
            Lookup::empty(LookupOutcome::Unavailable)
        }
        Err(_) => Lookup::empty(LookupOutcome::Unavailable),
    }
}

async fn find(store: &Store, party: &Party) -> Result<Lookup, StoreError> {
    let Some(number) = &party.number else {
        return Ok(Lookup::empty(LookupOutcome::None));
    };
    let mut found = judge(number, store.contacts_with(number).await?);
    if !found.matches.is_empty() {
        let systems = store.external_systems().await?;
        for one in &mut found.matches {
            one.links = links(&one.contact, &systems);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cti_core::number::NumberPlan;

    #[test]
    fn withheld_unknown_and_the_house_are_told_apart() {
        let plan = NumberPlan::default();
        let with = |text: &str| Party { number: Some(plan.incoming(text)), ..Party::default() };
        let outcome = |party: &Party| known_at_once(party).map(|found| found.outcome);
        let withheld = Party { withheld: true, ..with("603123456") };
        assert_eq!(outcome(&withheld), Some(LookupOutcome::Withheld));
        assert_eq!(outcome(&Party::default()), Some(LookupOutcome::None));
        assert_eq!(outcome(&with("1001")), Some(LookupOutcome::Internal));
        assert_eq!(outcome(&with("603123456")), None);
    }
}
