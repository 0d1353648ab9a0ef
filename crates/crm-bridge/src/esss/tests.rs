use cti_core::ids::{CallId, FilingId};
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use store::{Filing, FilingState, FilingStep, FilingTrouble};

use super::answer::{Receipt, Trouble, created, found, happened, tested};
use super::client::Unreached;
use super::*;

/// 28 November 2026, 15:25:22 UTC.
const AT: Timestamp = Timestamp::from_micros(1_795_879_522_104_233);

fn parties(dialect: Dialect) -> Parties {
    Parties::new(dialect, "CTI", "ESSL", "TIELINE").unwrap()
}

fn act() -> Act {
    Act::new("novakova", AT).unwrap()
}

fn document(parties: &Parties) -> NewDocument<'static> {
    NewDocument {
        id: parties.own("fil_0199f0c1-0000-8000-8000-000000000001").unwrap(),
        created_at: AT,
        title: "Žádost o <vrácení> & přeplatek",
        description: "",
        subject: Some(Subject {
            id: None,
            kind: Kind::Person("Jan Maria Novák".to_owned()),
            phone: Some("+420555111222".to_owned()),
            email: None,
        }),
        files: vec![
            Component { name: "a.pdf", media_type: "application/pdf", role: Role::Main, content: b"abc" },
            Component { name: "b.txt", media_type: "text/plain", role: Role::Enclosure, content: b"\xff" },
        ],
        within: Some(Identifier::new(parties.dialect(), "SP-17", "ESSL").unwrap()),
        act: act(),
    }
}

fn text(message: Message) -> String {
    String::from_utf8(message.body).unwrap()
}

const ENVELOPE: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
    <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>";

#[test]
fn a_document_is_written_as_the_standard_has_it() {
    let message = create_document(&parties(Dialect::Of2023), &document(&parties(Dialect::Of2023))).unwrap();
    assert_eq!(message.operation, Operation::DokumentZalozeni);
    let (at, act) = (
        "2026-11-28T15:25:22.104233Z",
        "<Autorizace><provedlKdo>novakova</provedlKdo><provedlKdy>2026-11-28T15:25:22.104233Z</provedlKdy></Autorizace>",
    );
    let id = |value: &str, source: &str| {
        format!("<Identifikator><HodnotaID>{value}</HodnotaID><ZdrojID>{source}</ZdrojID></Identifikator>")
    };
    let [first, second] =
        ["01", "02"].map(|nth| id(&format!("0199f0c1-0000-8000-8000-000000000001-{nth}"), "TIELINE"));
    let stored = |nth: u32, kind: &str, name: &str, content: &str, id: &str| {
        format!(
            "<SouborZalozeni UdalostId=\"{nth}\"><ZalozeniSouboru><Soubor dmMimeType=\"{kind}\" dmFileDescr=\"{name}\" \
             dmFinalniVerze=\"A\"><dmEncodedContent>{content}</dmEncodedContent>{id}</Soubor></ZalozeniSouboru>{act}\
             </SouborZalozeni>"
        )
    };
    let linked = |role: &str, name: &str, id: &str| {
        format!(
            "<dmFileLink dmFileMetaType=\"{role}\" dmFileDescr=\"{name}\" dmFinalniVerze=\"A\">{id}</dmFileLink>"
        )
    };
    let wanted = [
        ENVELOPE,
        "<DokumentZalozeniRequest xmlns=\"http://www.mvcr.cz/nsesss/2023/api\" Zdroj=\"CTI\" Cil=\"ESSL\">",
        "<UdalostiPredchazejici>",
        &stored(1, "application/pdf", "a.pdf", "YWJj", &first),
        &stored(2, "text/plain", "b.txt", "/w==", &second),
        "</UdalostiPredchazejici><ProfilDokumentu>",
        &id("fil_0199f0c1-0000-8000-8000-000000000001", "TIELINE"),
        &format!("<DatumCasVytvoreni>{at}</DatumCasVytvoreni><Forma>digitalni</Forma>"),
        "<Nazev>Žádost o &lt;vrácení&gt; &amp; přeplatek</Nazev>",
        "<SouvisejiciSubjekty><SouvisejiciSubjekt><Subjekt><TypSubjektu>Fyzicka</TypSubjektu>",
        "<Jmeno>Jan Maria</Jmeno><Prijmeni>Novák</Prijmeni><Adresy><AdresaElektronicka><Typ>tel</Typ>",
        "<Kontakt>+420555111222</Kontakt></AdresaElektronicka></Adresy></Subjekt>",
        "<Duvodvazby>účastník telefonního hovoru</Duvodvazby></SouvisejiciSubjekt></SouvisejiciSubjekty>",
        "<PocetListu>0</PocetListu><PocetPriloh>1</PocetPriloh><DruhPriloh>elektronické soubory</DruhPriloh>",
        "<PocetListuPriloh>0</PocetListuPriloh>",
        &format!("<VlozenVeSpisu><SpisId>{}</SpisId></VlozenVeSpisu>", id("SP-17", "ESSL")),
        "<OdkazyNaSoubory>",
        &linked("main", "a.pdf", &first),
        &linked("enclosure", "b.txt", &second),
        "</OdkazyNaSoubory></ProfilDokumentu>",
        act,
        "</DokumentZalozeniRequest></soap:Body></soap:Envelope>",
    ];
    assert_eq!(text(message), wanted.concat());
}

#[test]
fn older_editions_have_namespaces_of_their_own_and_the_whole_profile() {
    for dialect in [Dialect::Of2017, Dialect::Of2012] {
        let parties = parties(dialect);
        let text = text(create_document(&parties, &document(&parties)).unwrap());
        assert!(
            text.contains(&format!("<DokumentZalozeniRequest xmlns=\"{}\" ", dialect.namespace())),
            "{text}"
        );
        assert!(text.contains("<VlastniKdo>novakova</VlastniKdo><StavDokumentu>nevyrizen</StavDokumentu>"));
        let apart = "<HodnotaID xmlns=\"http://mvcr.cz/ess/v_1.0.0.0\">";
        assert_eq!(text.contains(apart), dialect == Dialect::Of2012, "{text}");
        assert_eq!(dialect.word().parse(), Ok(dialect));
    }
    assert_eq!("2024".parse::<Dialect>(), Err(()));
}

#[test]
fn the_other_messages_are_written_as_the_standard_has_them() {
    let parties = parties(Dialect::Of2023);
    let id = parties.own("fil_1").unwrap();
    let handled = text(handle_document(&parties, &id, &act()));
    assert!(handled.contains("<UdalostiRequest xmlns=\"http://www.mvcr.cz/nsesss/2023/api\" Zdroj=\"CTI\""));
    assert!(handled.contains(
        "<Udalosti><DokumentVyrizeni UdalostId=\"1\"><IdDokument><Identifikator><HodnotaID>fil_1</HodnotaID>"
    ));
    assert!(
        handled.contains("<Vyrizeni><ZpusobVyrizeni>zaznamemNaDokumentu</ZpusobVyrizeni><DatumCasVyrizeni>")
    );
    let asked = text(ask_document(&parties, &id, &act()));
    assert!(asked.contains("<ProfilDokumentuZadostRequest ") && asked.contains("</IdDokument><Autorizace>"));
    let test = text(test(&parties, "tieline-1", &act()));
    assert!(test.contains("<WsTestId>tieline-1</WsTestId><Autorizace>"), "{test}");
}

#[test]
fn what_the_standard_has_no_room_for_is_refused_by_name_and_texts_are_shortened() {
    let parties = parties(Dialect::Of2023);
    assert_eq!(Parties::new(Dialect::Of2023, "TIELINE", "ESSL", "T").unwrap_err().what, "Zdroj");
    assert_eq!(Parties::new(Dialect::Of2023, "CTI", "", "T").unwrap_err().what, "Cil");
    assert_eq!(Parties::new(Dialect::Of2023, "CTI", "E", "TIELINE-CTI").unwrap_err().what, "ZdrojID");
    assert!(parties.own(&"x".repeat(40)).is_ok());
    assert_eq!(parties.own(&"x".repeat(41)).unwrap_err().max, 40);
    assert!(Identifier::new(Dialect::Of2017, &"x".repeat(50), "T").is_ok());
    assert!(Act::new("", AT).is_err() && Act::new("a\nb", AT).is_err());
    // An id of ours and one of a contact fit, and what files are called by.
    let id = FilingId::derive(AT, 7, 1).to_string();
    assert_eq!(id.len(), 40);
    assert!(parties.own(&id).is_ok());
    let mut many = document(&parties);
    many.title = "ž";
    let file = many.files[1];
    many.files.resize(NewDocument::FILES_MAX, file);
    assert!(text(create_document(&parties, &many).unwrap()).contains("000000000001-99</HodnotaID>"));
    many.files.push(file);
    assert!(create_document(&parties, &many).is_err());
    many.files.truncate(1);
    many.files[0].role = Role::Meta;
    assert_eq!(create_document(&parties, &many).unwrap_err().what, "dmFileMetaType main");
    assert_eq!(shortened("žluťoučký", 5), "žluť…");
    let mut odd = document(&parties);
    odd.title = "a\0b\u{FFFE}";
    assert!(text(create_document(&parties, &odd).unwrap()).contains("<Nazev>a\u{FFFD}b\u{FFFD}</Nazev>"));
}

fn answer(content: &str) -> String {
    format!("{ENVELOPE}{content}</soap:Body></soap:Envelope>").replacen("utf-8", "UTF-8", 1)
}

fn created_with(profile: &str, status: &str) -> String {
    answer(&format!(
        "<a:DokumentZalozeniResponse xmlns:a=\"http://www.mvcr.cz/nsesss/2023/api\"><a:ProfilDokumentu>{profile}\
         </a:ProfilDokumentu><a:OperaceStatus>{status}</a:OperaceStatus></a:DokumentZalozeniResponse>"
    ))
}

const DONE: &str = "<a:Kod>0000</a:Kod>";

#[test]
fn the_reference_is_read_from_what_there_is() {
    let evidence = "<a:Evidence><a:EvidenceObdobiId>2026</a:EvidenceObdobiId><a:EvidencePoradi>17</a:EvidencePoradi></a:Evidence>";
    let number = "<a:CisloJednaci>\n MUL/1 &amp; <![CDATA[2]]>&#x2F;2026 </a:CisloJednaci><a:SpisovaZnacka>SZ 3</a:SpisovaZnacka>";
    for (profile, reference, file) in [
        (format!("{evidence}{number}"), Some("MUL/1 & 2/2026"), Some("SZ 3")),
        (evidence.to_owned(), Some("2026/17"), None),
        (String::new(), None, None),
    ] {
        let receipt = created(Dialect::Of2023, created_with(&profile, DONE).as_bytes()).unwrap();
        assert_eq!((receipt.reference.as_deref(), receipt.file_reference.as_deref()), (reference, file));
    }
}

#[test]
fn a_no_keeps_its_code_and_its_words() {
    let no = "<a:Kod>0001</a:Kod><a:Popis>Nedostatečná oprávnění</a:Popis>";
    let trouble = created(Dialect::Of2023, created_with("", no).as_bytes()).unwrap_err();
    let wanted = Trouble::Refused { code: "0001".to_owned(), text: "Nedostatečná oprávnění".to_owned() };
    assert_eq!(trouble, wanted);
    let namespace = Dialect::Of2017.namespace();
    let event = answer(&format!(
        "<UdalostiResponse xmlns=\"{namespace}\"><Zpravy><Zprava UdalostId=\"1\" Poradi=\"1\"><Kod>0001</Kod>\
         <Popis>Nedostatečná oprávnění</Popis></Zprava></Zpravy></UdalostiResponse>"
    ));
    assert_eq!(happened(Dialect::Of2017, event.as_bytes()), Err(wanted));
    let fault =
        answer("<soap:Fault><faultcode>soap:Server</faultcode><faultstring>stojí</faultstring></soap:Fault>");
    let wanted = Trouble::Fault { code: "Server".to_owned(), text: "stojí".to_owned() };
    assert_eq!(created(Dialect::Of2023, fault.as_bytes()), Err(wanted.clone()));
    assert_eq!(found(Dialect::Of2023, fault.as_bytes()), Err(wanted));
    let missing = answer(&format!(
        "<ProfilDokumentuZadostResponse xmlns=\"{namespace}\"><OperaceStatus><Kod>0002</Kod></OperaceStatus>\
         </ProfilDokumentuZadostResponse>"
    ));
    assert_eq!(found(Dialect::Of2017, missing.as_bytes()), Ok(None));
}

#[test]
fn a_lying_answer_is_never_taken_for_success() {
    let good = created_with("", DONE);
    let nested = "<x>".repeat(70) + &"</x>".repeat(70);
    let wide = "<x/>".repeat(20_001);
    let bomb = format!("<!DOCTYPE x [<!ENTITY a \"0000\">]>{}", good.split_once("?>").unwrap().1);
    for (lie, words) in [
        (good.replace("0000", "&a;"), "entity"),
        (bomb, "document type"),
        (good.replace("2023/api", "2024/api"), "no records service we know"),
        (good.replace(Dialect::Of2023.namespace(), Dialect::Of2012.namespace()), "dialect = \"v_01_00\""),
        (good.replace("DokumentZalozeniResponse", "SpisZalozeniResponse"), "instead of"),
        (good.replace(DONE, ""), "does not say"),
        (good.replace("schemas.xmlsoap.org", "example.com"), "no SOAP envelope"),
        (good.replace("</soap:Envelope>", ""), "in the middle"),
        (good.clone() + "<more/>", "more than one"),
        (String::new(), "empty"),
        ("<html/>".to_owned(), "`html`"),
        (answer(""), "empty envelope"),
        (created_with(&nested, DONE), "deeper"),
        (created_with(&wide, DONE), "more than"),
    ] {
        let trouble = created(Dialect::Of2023, lie.as_bytes()).unwrap_err();
        let Trouble::Unclear(said) = &trouble else { panic!("{trouble:?}") };
        assert!(said.contains(words), "{words}: {said}");
    }
    let bytes = [good.as_bytes(), b"\xff"].concat();
    assert_eq!(created(Dialect::Of2023, &bytes), Err(Trouble::Unclear("the answer is no UTF-8".to_owned())));
    let other = answer(&format!(
        "<WsTestResponse xmlns=\"{}\"><WsTestId>x</WsTestId><OperaceStatus><Kod>0000</Kod></OperaceStatus></WsTestResponse>",
        Dialect::Of2023.namespace()
    ));
    assert!(tested(Dialect::Of2023, other.as_bytes(), "x").is_ok());
    assert!(matches!(tested(Dialect::Of2023, other.as_bytes(), "y"), Err(Trouble::Unclear(_))));
}

fn filing(attempts: u64) -> Filing {
    Filing {
        id: FilingId::derive(AT, 7, 1),
        call: CallId::derive(AT, 7, 1),
        records: "essl".to_owned(),
        author: Actor::System,
        title: String::new(),
        papers: serde_json::Value::Null,
        state: FilingState::Sending,
        unsure: false,
        handled: false,
        attempts,
        created_at: AT,
        next_at: None,
        problem: None,
        reference: None,
        file_reference: None,
        settled_at: None,
    }
}

#[test]
fn what_may_pass_is_tried_again_ever_later_and_then_a_person_must_look() {
    let dead = Tried::Unreached(Unreached { unsure: false, text: "refused".to_owned() });
    let mut now = AT;
    let mut waits = Vec::new();
    for attempt in 1.. {
        match verdict(&filing(attempt), now, &dead) {
            FilingStep::Later { at, problem, unsure } => {
                assert_eq!((problem.kind, unsure), (FilingTrouble::Unreachable, false));
                waits.push(at.millis_since(now) / 1_000);
                now = at;
            }
            FilingStep::Refused(problem) => {
                assert_eq!(problem.text, "refused");
                break;
            }
            FilingStep::Kept { .. } => panic!("nothing was kept"),
        }
    }
    assert_eq!(waits[..8], [2, 10, 30, 120, 600, 1_800, 3_600, 3_600]);
    assert_eq!(waits.len(), 78, "three days of tries");
}

#[test]
fn who_may_have_it_is_asked_first_and_a_no_is_for_a_person() {
    let unclear = |status| Tried::Answered(status, Trouble::Unclear("?".to_owned()));
    let fault =
        |code: &str| Tried::Answered(500, Trouble::Fault { code: code.to_owned(), text: "?".to_owned() });
    let late = Tried::Unreached(Unreached { unsure: true, text: "no answer in time".to_owned() });
    for passing in [late, unclear(200), unclear(503), unclear(429), fault("Server")] {
        let step = verdict(&filing(1), AT, &passing);
        assert!(matches!(step, FilingStep::Later { unsure: true, .. }), "{passing:?}: {step:?}");
    }
    let before = Filing { unsure: true, ..filing(2) };
    let dead = Tried::Unreached(Unreached { unsure: false, text: String::new() });
    assert!(matches!(verdict(&before, AT, &dead), FilingStep::Later { unsure: true, .. }));
    let no = Tried::Answered(200, Trouble::Refused { code: "0001".to_owned(), text: "ne".to_owned() });
    for lasting in
        [no, unclear(302), unclear(401), unclear(413), fault("Client"), Tried::Unfit(String::new())]
    {
        assert!(matches!(verdict(&filing(1), AT, &lasting), FilingStep::Refused(_)), "{lasting:?}");
    }
    let kept = Tried::Kept(Receipt { reference: None, file_reference: Some("SZ 3".to_owned()) });
    let own = filing(1).id.to_string();
    let wanted = FilingStep::Kept { reference: own, file_reference: Some("SZ 3".to_owned()), whole: true };
    assert_eq!(verdict(&filing(1), AT, &kept), wanted);
    let to_handle = Filing { handled: true, ..filing(1) };
    assert!(matches!(verdict(&to_handle, AT, &kept), FilingStep::Kept { whole: false, .. }));
    let there = Filing { reference: Some("MUL/1".to_owned()), ..to_handle };
    let wanted = FilingStep::Kept { reference: "MUL/1".to_owned(), file_reference: None, whole: true };
    assert_eq!(verdict(&there, AT, &Tried::Handled), wanted);
}
