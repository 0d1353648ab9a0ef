//! Associations: the octets that were seen, both ways, and every form of the user information.

use csta::ber::acse::{Apdu, Associate, Associated, CONTEXT, Functionality, Outcome, UserInformation};
use csta::ber::{Pdu, Phase, decode, encode};
use csta::model::{Octets, Secret};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

use crate::support::{frame, hex, tlv};

fn both_ways(frame: &[u8], apdu: Apdu) {
    let pdu = Pdu::Acse(apdu);
    assert_eq!(decode(frame, Phase::Three).as_ref(), Ok(&pdu));
    assert_eq!(encode(&pdu, Phase::Three).as_deref(), Ok(frame));
}

// Quirk 8: the application context of Phase II on a Phase III switch, and any other.
#[test]
fn quirk_8_an_association_is_asked_for_under_the_context_of_phase_two() {
    let user = UserInformation { versions: 1 << 3, ..UserInformation::default() };
    let ask = |context: &[u32]| Associate {
        context: context.to_vec(),
        login: Some(("AMHOST".to_owned(), Secret::from("77777"))),
        user: Some(user.clone()),
    };
    both_ways(&frame("phase3", "Associate"), Apdu::Associate(ask(&CONTEXT)));
    let other = Pdu::Acse(Apdu::Associate(ask(&[1, 3, 12, 0, 285])));
    let octets = encode(&other, Phase::Three).unwrap();
    assert_eq!(decode(&octets, Phase::Three), Ok(other));
}

#[test]
fn an_association_is_granted() {
    // Result and diagnostic as a switch sends them, the time and the release it tells, the version it grants.
    let answer = tlv(0xA2, &[&tlv(0xA0, &[&tlv(0xA0, &[&hex("0408 3230323631313237 0406 56312E302E30")])])]);
    let user = hex("BE0B 2809 A007 A005 0303001000");
    let granted = tlv(
        0x61,
        &[&hex("A107 06052B0C00815A A203 020100 A305 A103 020100 8802 0780"), &tlv(0xAA, &[&answer]), &user],
    );
    let associated = Associated {
        context: CONTEXT.to_vec(),
        result: Outcome::Accepted,
        diagnostic: Some((1, 0)),
        authentication: vec![Octets::from("20261127"), Octets::from("V1.0.0")],
        user: Some(UserInformation { versions: 1 << 3, ..UserInformation::default() }),
    };
    both_ways(&granted, Apdu::Associated(associated));
}

#[test]
fn an_association_ends() {
    both_ways(&frame("phase3", "Abort"), Apdu::Abort { source: 0, diagnostic: Some(1) });
    both_ways(&hex("6403 800101"), Apdu::Abort { source: 1, diagnostic: None });
    both_ways(&hex("6203 800100"), Apdu::Release { reason: Some(0) });
    both_ways(&hex("6300"), Apdu::Released { reason: None });
}

#[test]
fn the_old_form_has_no_tag_and_always_its_maps() {
    let maps = Functionality([0b1000_0000_0100, 1 << 37, 0, 0, 0b1, 0, 0]);
    let user = UserInformation {
        old: true,
        versions: 0b11,
        required: Some(maps),
        supplied: Some(Functionality::default()),
        private_versions: Vec::new(),
    };
    let pdu =
        Pdu::Acse(Apdu::Associate(Associate { context: CONTEXT.to_vec(), login: None, user: Some(user) }));
    let octets = encode(&pdu, Phase::Two).unwrap();
    assert!(
        octets.windows(6).any(|part| part == hex("A01C301A 0303")),
        "no tag before the SEQUENCE: {octets:02X?}"
    );
    assert_eq!(decode(&octets, Phase::Two), Ok(pdu));
}

#[test]
fn a_password_is_not_shown() {
    let pdu = decode(&frame("phase3", "Associate"), Phase::Three).unwrap();
    let shown = format!("{pdu:?}");
    assert!(shown.contains("AMHOST") && !shown.contains("77777"), "{shown}");
    // Nor where the octets are explained.
    let explained = csta::explain::explain(&frame("phase3", "Associate"));
    assert!(explained.contains("ACSE AARQ") && !explained.contains("77777"), "{explained}");
}

fn user() -> impl Strategy<Value = UserInformation> {
    let maps = || any::<[u64; 7]>().prop_map(Functionality);
    (any::<bool>(), any::<u32>(), of(maps()), of(maps()), vec(any::<i64>(), 0..3)).prop_map(
        |(old, versions, required, supplied, private_versions)| UserInformation {
            old,
            versions,
            required: if old { Some(required.unwrap_or_default()) } else { required },
            supplied: if old { Some(supplied.unwrap_or_default()) } else { supplied },
            private_versions: if old { Vec::new() } else { private_versions },
        },
    )
}

fn apdu() -> impl Strategy<Value = Apdu> {
    let context = || {
        (0_u32..40, vec(any::<u32>(), 0..4)).prop_map(|(second, more)| [vec![1, second % 39], more].concat())
    };
    let login =
        of(("\\PC{0,12}", "\\PC{0,12}").prop_map(|(user, password)| (user, Secret::from(password.as_str()))));
    let result = prop_oneof![
        Just(Outcome::Accepted),
        Just(Outcome::RejectedPermanent),
        Just(Outcome::RejectedTransient),
    ];
    prop_oneof![
        (context(), login, of(user())).prop_map(|(context, login, user)| Apdu::Associate(Associate {
            context,
            login,
            user
        })),
        (context(), result, of((1_u32..3, any::<i64>())), vec(vec(any::<u8>(), 0..9), 0..3), of(user()))
            .prop_map(|(context, result, diagnostic, authentication, user)| Apdu::Associated(Associated {
                context,
                result,
                diagnostic,
                authentication: authentication.into_iter().map(Octets::from).collect(),
                user,
            })),
        of(any::<i64>()).prop_map(|reason| Apdu::Release { reason }),
        of(any::<i64>()).prop_map(|reason| Apdu::Released { reason }),
        (any::<i64>(), of(any::<i64>())).prop_map(|(source, diagnostic)| Apdu::Abort { source, diagnostic }),
    ]
}

proptest! {
    #[test]
    fn messages_of_the_association_come_back(apdu in apdu()) {
        let pdu = Pdu::Acse(apdu);
        let octets = encode(&pdu, Phase::Three).unwrap();
        prop_assert_eq!(decode(&octets, Phase::Three), Ok(pdu));
    }
}
