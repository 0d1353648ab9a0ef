//! What the service says.

use super::shape::SOAP;
use super::{Edition, KeptDocument, Trick};

fn envelope(body: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<s:Envelope xmlns:s=\"{SOAP}\"><s:Body>{body}</s:Body></s:Envelope>"
    )
}

fn response(edition: Edition, operation: &str, content: &str) -> String {
    envelope(&format!(
        "<{operation}Response xmlns=\"{}\">{content}</{operation}Response>",
        edition.namespace()
    ))
}

fn status(code: &str, words: &str) -> String {
    let words = if words.is_empty() { String::new() } else { format!("<Popis>{}</Popis>", escaped(words)) };
    format!("<OperaceStatus><Kod>{code}</Kod>{words}</OperaceStatus>")
}

fn escaped(text: &str) -> String {
    let short: String = text.chars().take(255).collect();
    short.replace('&', "&amp;").replace('<', "&lt;")
}

/// No, with a code and words.
pub(super) fn refused(edition: Edition, operation: &str, code: &str, words: &str) -> String {
    if operation == "Udalosti" {
        return event(edition, code, words);
    }
    response(edition, operation, &status(code, words))
}

/// What became of an event.
pub(super) fn event(edition: Edition, code: &str, words: &str) -> String {
    let words = if words.is_empty() { String::new() } else { format!("<Popis>{}</Popis>", escaped(words)) };
    let message = format!("<Zprava UdalostId=\"1\" Poradi=\"1\"><Kod>{code}</Kod>{words}</Zprava>");
    response(edition, "Udalosti", &format!("<Zpravy>{message}</Zpravy>"))
}

/// It is there.
pub(super) fn tested(edition: Edition, id: &str) -> String {
    let batch = "<Cislo>1</Cislo><Stav>PotvrzenaBezChyb</Stav>";
    let content = format!(
        "<WsTestId>{}</WsTestId><PosledniPrijataDavka>{batch}</PosledniPrijataDavka>\
         <PosledniOdeslanaDavka>{batch}</PosledniOdeslanaDavka>{}",
        escaped(id),
        status("0000", "OK")
    );
    response(edition, "WsTest", &content)
}

/// A document as it is kept.
pub(super) fn profile(edition: Edition, operation: &str, id: &str, kept: &KeptDocument) -> String {
    let parts = if edition.of_identifiers() == edition.namespace() {
        String::new()
    } else {
        format!(" xmlns=\"{}\"", edition.of_identifiers())
    };
    let number = kept.reference.rsplit('/').next().unwrap_or_default();
    let attached = kept.files.iter().filter(|(role, ..)| role == "enclosure").count();
    let state = if kept.handled { "vyrizen" } else { "nevyrizen" };
    let content = format!(
        "<ProfilDokumentu><Identifikator><HodnotaID{parts}>{id}</HodnotaID><ZdrojID{parts}>TIELINE</ZdrojID>\
         </Identifikator><DatumCasVytvoreni>2026-11-28T10:00:00Z</DatumCasVytvoreni><Forma>digitalni</Forma>\
         <Evidence><EvidenceObdobiId>2026</EvidenceObdobiId><EvidencePoradi>{number}</EvidencePoradi></Evidence>\
         <Nazev>{}</Nazev><CisloJednaci>{}</CisloJednaci><PocetListu>0</PocetListu>\
         <PocetPriloh>{attached}</PocetPriloh><DruhPriloh>x</DruhPriloh><PocetListuPriloh>0</PocetListuPriloh>\
         <VlastniKdo>{}</VlastniKdo><StavDokumentu>{state}</StavDokumentu></ProfilDokumentu>{}",
        escaped(&kept.title),
        kept.reference,
        escaped(&kept.by),
        status("0000", "")
    );
    response(edition, operation, &content)
}

/// Anything but a good answer, with its HTTP status.
pub(super) fn trick(trick: &Trick, edition: Edition, operation: &str) -> (u16, String) {
    match trick {
        Trick::Refuse(code, words) => (200, refused(edition, operation, code, words)),
        Trick::Fault(code, words) => {
            let fault =
                format!("<faultcode>s:{code}</faultcode><faultstring>{}</faultstring>", escaped(words));
            (500, envelope(&format!("<s:Fault>{fault}</s:Fault>")))
        }
        Trick::Status(status) => (*status, "<html><body>proxy</body></html>".to_owned()),
        Trick::Entities => {
            let good = refused(edition, operation, "0000", "");
            let bomb =
                "<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;\">]>";
            (200, good.replacen("?>\n", &format!("?>\n{bomb}"), 1).replace("0000", "&b;"))
        }
        Trick::Huge => (200, refused(edition, operation, "0000", "") + &" ".repeat(4 * 1024 * 1024)),
        Trick::NoXml => (200, "Sorry, we are closed.".to_owned()),
        // These are played before anything is answered.
        Trick::Deaf | Trick::HangUp | Trick::Silent | Trick::OtherNamespace => (500, String::new()),
    }
}
