//! The table is whole.

use super::*;

#[test]
fn every_dialect_has_its_own_name_and_fits_itself() {
    for dialect in DIALECTS {
        assert_eq!(DIALECTS.iter().filter(|other| other.name == dialect.name).count(), 1, "{}", dialect.name);
        let is_xml = matches!(dialect.encoding, Encoding::Xml { .. });
        assert_eq!(is_xml, matches!(dialect.framing, Framing::Xml | Framing::NulXml), "{}", dialect.name);
        assert!(!(is_xml && dialect.start == Start::Acse), "{}: ACSE is of ASN.1", dialect.name);
        assert!(is_xml || dialect.start != Start::AppSession, "{}: ECMA-354 is of XML", dialect.name);
        for (service, why) in dialect.lacks {
            assert!(!why.is_empty(), "{} {service}", dialect.name);
        }
        let needs = |way: &Holding| match way {
            Holding::RouteLoop => "RouteRegister",
            Holding::DeflectFromDevice => "DeflectCall",
        };
        for way in dialect.holds {
            assert_eq!(dialect.lacks(needs(way)), None, "{}: {}", dialect.name, way.word());
        }
        let tells_agents = dialect.does_not_tell(Untold::AgentStates).is_none();
        assert_eq!(tells_agents, dialect.agents == Agents::Events, "{}", dialect.name);
    }
}

#[test]
fn a_lack_is_told_by_the_name_of_the_service() {
    let avaya = named("avaya-dmcc").unwrap();
    assert_eq!(avaya.lacks("ParkCall"), Some("DMCC has no parking; phones park by their button"));
    assert_eq!(avaya.lacks("MakeCall"), None);
    assert!(DIALECTS.iter().all(|one| one.lacks("IntrudeCall").is_some()), "asked of none");
    assert!(named("panasonic").is_none());
}

#[test]
fn what_is_configured_for_a_mivoice_5000_wins() {
    let usual = *named("mitel-mivoice5000").unwrap();
    let xml = usual.with(Framing::Xml, Encoding::Xml { namespace: ED5 }, Start::Implicit);
    assert_eq!((xml.name, xml.framing, xml.start), ("mitel-mivoice5000", Framing::Xml, Start::Implicit));
}
