//! Both sides against the schemas of the standard, by a validator that is not ours.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use crm_bridge::esss::client::{Access, Client, address};
use crm_bridge::esss::deliver::{PaperSubject, Papers, check, deliver};
use crm_bridge::esss::{Dialect, Parties, Tried};
use cti_core::ids::{CallId, FilingId};
use cti_core::input::Actor;
use cti_core::time::Timestamp;
use store::{Filing, FilingFile, FilingState};
use tests::essl::{Edition, Essl, Trick};
use tests::peers::{Peer, workspace};

const MORNING: Timestamp = Timestamp::from_micros(1_795_861_522_104_233);

fn schemas() -> PathBuf {
    let named = std::env::var_os("TIELINE_STANDARDS").map(PathBuf::from);
    let root = workspace();
    let above = root.ancestors().map(|folder| folder.join("shared/reference/standards"));
    let found =
        named.into_iter().chain(above).map(|folder| folder.join("nsesss")).find(|folder| folder.is_dir());
    found.unwrap_or_else(|| {
        panic!("the schemas are not here (TIELINE_STANDARDS); `cargo xtask test` leaves such cases out")
    })
}

fn filing(number: u64, subject: Option<PaperSubject>, within: bool) -> Filing {
    let papers = Papers {
        created_at: MORNING,
        description: "první řádek & <druhý>".to_owned(),
        subject,
        within: within.then(|| ("SP-17".to_owned(), "ESSL".to_owned())),
        acting: "novakova".to_owned(),
    };
    Filing {
        id: FilingId::derive(MORNING, 7, number),
        call: CallId::derive(MORNING, 7, 1),
        records: "essl".to_owned(),
        author: Actor::System,
        title: "Žádost ".repeat(30),
        papers: serde_json::to_value(papers).unwrap(),
        state: FilingState::Sending,
        unsure: false,
        handled: true,
        attempts: 1,
        created_at: MORNING,
        next_at: None,
        problem: None,
        reference: None,
        file_reference: None,
        settled_at: None,
    }
}

fn files() -> Vec<FilingFile> {
    let file = |name: &str, media_type: &str, role: &str, content: &[u8]| FilingFile {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        role: role.to_owned(),
        content: content.to_vec(),
    };
    vec![
        file("zaznam-hovoru.pdf", "application/pdf", "main", b"%PDF-1.7 ..."),
        file("zaznam-hovoru.json", "application/json", "meta", b"{}"),
        file("příloha 1 & 2.txt", "text/plain", "enclosure", b"\x00\xff"),
    ]
}

// covers: INT-05
#[tokio::test]
async fn every_message_and_every_answer_validates() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let essl = Essl::start(Edition::Of2023).await.unwrap();
    let url = essl
        .section("essl")
        .lines()
        .find_map(|line| line.strip_prefix("url = \"").map(|rest| rest.trim_end_matches('"').to_owned()));
    let url = address(&url.unwrap()).unwrap();
    let access = Access { url, timeout: Duration::from_secs(10), ca: None, identity: None, login: None };
    let client = Client::new(access).unwrap();
    let parties = Parties::new(Dialect::Of2023, "CTI", "ESSL", "TIELINE").unwrap();
    let subject = |name: Option<&str>, is_company| {
        Some(PaperSubject {
            contact: Some(cti_core::ids::ContactId::derive(MORNING, 7, 9).to_string()),
            name: name.map(str::to_owned),
            is_company,
            phone: Some("+420555111222".to_owned()),
            email: Some("jan@example.cz".to_owned()),
        })
    };
    let subjects = [
        None,
        subject(None, false),
        subject(Some("Jan Maria Novák"), false),
        subject(Some("Novák"), false),
        subject(Some("Obec <Lhota> & syn"), true),
    ];
    check(&client, &parties, "tieline", MORNING).await.unwrap();
    for (number, subject) in (1..).zip(subjects) {
        let mut filing = filing(number, subject, number % 2 == 0);
        let tried = deliver(&client, &parties, &filing, &files(), MORNING).await;
        let Tried::Kept(receipt) = tried else { panic!("{tried:?}") };
        filing.unsure = true;
        assert_eq!(
            deliver(&client, &parties, &filing, &files(), MORNING).await,
            Tried::Kept(receipt.clone())
        );
        filing.reference = receipt.reference;
        assert_eq!(deliver(&client, &parties, &filing, &[], MORNING).await, Tried::Handled);
    }
    let mut unknown = filing(99, None, false);
    unknown.reference = Some("x".to_owned());
    essl.play([Trick::Refuse("0002", "Dokument nebyl nalezen")]);
    deliver(&client, &parties, &unknown, &[], MORNING).await;
    deliver(&client, &parties, &unknown, &[], MORNING).await;
    assert_eq!(essl.objections(), Vec::<String>::new());

    let folder = tempfile::tempdir().unwrap();
    let mut documents = [Vec::new(), Vec::new()];
    for (number, heard) in (1..).zip(essl.heard()) {
        let texts = [Some(heard.body), heard.answer];
        for (side, text) in texts.into_iter().enumerate().filter_map(|(side, text)| Some((side, text?))) {
            let file = folder.path().join(format!("{number}-{side}-{}.xml", heard.operation));
            std::fs::write(&file, text).unwrap();
            documents[usize::from(heard.operation == "WsTest")].push(file);
        }
    }
    let peer = Peer::find("xmllint").unwrap();
    let line = peer.command_line("usr/bin/xmllint");
    for (schema, files) in ["ermsIFSyn.xsd", "ermsIFAsyn.xsd"].into_iter().zip(documents) {
        assert!(!files.is_empty(), "{schema}");
        let mut command = Command::new(&line[0]);
        command.args(&line[1..]).args(["--nonet", "--noout", "--schema"]).arg(schemas().join(schema));
        let said = command.args(&files).output().unwrap();
        let complaint = String::from_utf8_lossy(&said.stderr);
        assert!(said.status.success(), "{schema}: {complaint}");
        assert_eq!(complaint.matches(" validates").count(), files.len(), "{complaint}");
    }
}
