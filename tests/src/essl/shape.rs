//! What messages look like, in our own words: element by element, in order.

use std::collections::BTreeSet;

use roxmltree::{Document, Node};

/// Namespace of SOAP 1.1.
pub(super) const SOAP: &str = "http://schemas.xmlsoap.org/soap/envelope/";

/// An edition of the standard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edition {
    /// In force since 2023.
    Of2023,
    /// Of 2017.
    Of2017,
    /// The first one.
    Of2012,
}

impl Edition {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Of2023, Self::Of2017, Self::Of2012];

    /// Its word in a configuration.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Of2023 => "2023",
            Self::Of2017 => "v_02_00",
            Self::Of2012 => "v_01_00",
        }
    }

    /// Its namespace.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Of2023 => "http://www.mvcr.cz/nsesss/2023/api",
            Self::Of2017 => "http://nsess.public.cz/erms/v_02_00",
            Self::Of2012 => "http://nsess.public.cz/erms/v_01_00",
        }
    }

    /// Namespace of what identifiers are made of.
    pub(super) const fn of_identifiers(self) -> &'static str {
        match self {
            Self::Of2012 => "http://mvcr.cz/ess/v_1.0.0.0",
            Self::Of2023 | Self::Of2017 => self.namespace(),
        }
    }
}

/// Children of an element in order: `?` may be missing, `+` comes once or more; or what its text is, after a `#`: the most
/// characters, `int`, `time`, `base64`, or the words it may be.
const SHAPES: &[(&str, &str)] = &[
    ("DokumentZalozeniRequest", "UdalostiPredchazejici? ProfilDokumentu Autorizace"),
    ("ProfilDokumentuZadostRequest", "IdDokument Autorizace"),
    ("UdalostiRequest", "Udalosti"),
    ("WsTestRequest", "WsTestId Autorizace?"),
    ("WsTestId", "#200"),
    ("UdalostiPredchazejici", "SouborZalozeni+"),
    ("SouborZalozeni", "ZalozeniSouboru Autorizace"),
    ("ZalozeniSouboru", "Soubor"),
    ("Soubor", "dmEncodedContent Identifikator"),
    ("dmEncodedContent", "#base64"),
    ("Identifikator", "HodnotaID ZdrojID"),
    ("HodnotaID", "#40"),
    ("ZdrojID", "#10"),
    ("Autorizace", "provedlKdo provedlKdy"),
    ("provedlKdo", "#50"),
    ("provedlKdy", "#time"),
    (
        "ProfilDokumentu",
        "Identifikator DatumCasVytvoreni Forma Nazev Popis? SouvisejiciSubjekty? PocetListu PocetPriloh DruhPriloh \
         PocetListuPriloh VlozenVeSpisu? OdkazyNaSoubory?",
    ),
    ("DatumCasVytvoreni", "#time"),
    ("Forma", "#digitalni|analogova"),
    ("Nazev", "#100"),
    ("Popis", "#255"),
    ("SouvisejiciSubjekty", "SouvisejiciSubjekt+"),
    ("SouvisejiciSubjekt", "Subjekt Duvodvazby"),
    ("Duvodvazby", "#255"),
    ("Subjekt", "Identifikator? TypSubjektu ObchodniNazev? Jmeno? Prijmeni? Adresy?"),
    ("TypSubjektu", "#Neurceno|Fyzicka|Osvc|Pravnicka|Zamestnanec|Utvar"),
    ("ObchodniNazev", "#100"),
    ("Jmeno", "#100"),
    ("Prijmeni", "#100"),
    ("Adresy", "AdresaElektronicka+"),
    ("AdresaElektronicka", "Typ Kontakt"),
    ("Typ", "#tel|fax|mail"),
    ("Kontakt", "#254"),
    ("PocetListu", "#int"),
    ("PocetPriloh", "#int"),
    ("DruhPriloh", "#255"),
    ("PocetListuPriloh", "#int"),
    ("VlozenVeSpisu", "SpisId"),
    ("SpisId", "Identifikator"),
    ("IdDokument", "Identifikator"),
    ("OdkazyNaSoubory", "dmFileLink+"),
    ("dmFileLink", "Identifikator"),
    ("VlastniKdo", "#50"),
    ("StavDokumentu", "#nevyrizen"),
    ("Udalosti", "DokumentVyrizeni+"),
    ("DokumentVyrizeni", "IdDokument Vyrizeni Autorizace"),
    ("Vyrizeni", "ZpusobVyrizeni DatumCasVyrizeni"),
    ("ZpusobVyrizeni", "#dokumentem|postoupenim|vzetimNaVedomi|zaznamemNaDokumentu|jinyZpusob"),
    ("DatumCasVyrizeni", "#time"),
];

/// Attributes of an element: all of them, and no others.
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("SouborZalozeni", &["UdalostId"]),
    ("DokumentVyrizeni", &["UdalostId"]),
    ("Soubor", &["dmMimeType", "dmFileDescr", "dmFinalniVerze"]),
    ("dmFileLink", &["dmFileMetaType", "dmFileDescr", "dmFinalniVerze"]),
];

/// Everything that is wrong with a message.
pub(super) fn check(operation: &str, body: &str, edition: Edition) -> Vec<String> {
    let document = match Document::parse(body) {
        Ok(document) => document,
        Err(error) => return vec![error.to_string()],
    };
    let root = document.root_element();
    let mut wrong = Vec::new();
    let wanted = format!("{operation}Request");
    if root.tag_name().name() != wanted {
        wrong.push(format!("{} instead of {wanted}", root.tag_name().name()));
    }
    for (name, most) in [("Zdroj", 6), ("Cil", 6)] {
        let length = root.attribute(name).map_or(0, |value| value.chars().count());
        if !(1..=most).contains(&length) {
            wrong.push(format!("the attribute {name} has {length} characters"));
        }
    }
    walk(root, edition, &mut wrong);
    check_whole(root, &mut wrong);
    wrong
}

fn walk(node: Node<'_, '_>, edition: Edition, wrong: &mut Vec<String>) {
    let name = node.tag_name().name();
    let is_part = matches!(name, "HodnotaID" | "ZdrojID");
    let namespace = if is_part { edition.of_identifiers() } else { edition.namespace() };
    if node.tag_name().namespace() != Some(namespace) {
        wrong.push(format!("{name} is in the namespace {:?}", node.tag_name().namespace()));
    }
    let Some((_, shape)) = SHAPES.iter().find(|(known, _)| *known == name) else {
        wrong.push(format!("nobody knows {name}"));
        return;
    };
    if let Some((_, names)) = ATTRIBUTES.iter().find(|(known, _)| *known == name) {
        let found: BTreeSet<&str> = node.attributes().map(|one| one.name()).collect();
        if found != names.iter().copied().collect() {
            wrong.push(format!("{name} has the attributes {found:?}"));
        }
    }
    if let Some(rule) = shape.strip_prefix('#') {
        let text = node.text().unwrap_or_default();
        if node.children().any(|child| child.is_element()) || !fits(rule, text) {
            wrong.push(format!("{name} is `{}`", text.chars().take(80).collect::<String>()));
        }
        return;
    }
    let mut shape = (*shape).to_owned();
    if name == "ProfilDokumentu" && edition != Edition::Of2023 {
        shape.push_str(" VlastniKdo StavDokumentu");
    }
    let children: Vec<_> = node.children().filter(Node::is_element).collect();
    let mut rest = children.iter().map(|child| child.tag_name().name()).peekable();
    for part in shape.split_whitespace() {
        let wanted = part.trim_end_matches(['?', '+']);
        let mut times = 0;
        while rest.next_if(|found| *found == wanted).is_some() {
            times += 1;
        }
        let good = if part.ends_with('?') {
            times <= 1
        } else if part.ends_with('+') {
            times > 0
        } else {
            times == 1
        };
        if !good {
            wrong.push(format!("{name} has {times} of {wanted} there"));
        }
    }
    if let Some(extra) = rest.next() {
        wrong.push(format!("{name} has {extra} where it does not belong"));
    }
    for child in children {
        walk(child, edition, wrong);
    }
}

fn fits(rule: &str, text: &str) -> bool {
    match rule {
        "int" => text.parse::<u32>().is_ok(),
        "time" => text.parse::<jiff::Timestamp>().is_ok(),
        "base64" => decoded(text).is_some_and(|bytes| !bytes.is_empty()),
        _ => match rule.parse::<usize>() {
            Ok(most) => (1..=most).contains(&text.chars().count()),
            Err(_) => rule.split('|').any(|word| word == text),
        },
    }
}

/// What must hold over a whole message: ids differ, every file is there once, exactly one is the main one, and attachments
/// are counted.
fn check_whole(root: Node<'_, '_>, wrong: &mut Vec<String>) {
    let named = |name: &'static str| root.descendants().filter(move |node| node.tag_name().name() == name);
    let id = |node: Node<'_, '_>| {
        node.descendants()
            .find(|node| node.tag_name().name() == "HodnotaID")
            .and_then(|node| node.text())
            .map(str::to_owned)
    };
    let sent: Vec<_> = named("Soubor").filter_map(id).collect();
    let linked: Vec<_> = named("dmFileLink").filter_map(id).collect();
    if sent != linked || sent.iter().collect::<BTreeSet<_>>().len() != sent.len() {
        wrong.push(format!("files {sent:?} are sent, {linked:?} are named"));
    }
    let role =
        |wanted| named("dmFileLink").filter(|link| link.attribute("dmFileMetaType") == Some(wanted)).count();
    if !linked.is_empty() && role("main") != 1 {
        wrong.push(format!("{} files are the main one", role("main")));
    }
    if let Some(count) = named("PocetPriloh").next().and_then(|node| node.text())
        && count != role("enclosure").to_string()
    {
        wrong.push(format!("{count} attachments are told, {} are there", role("enclosure")));
    }
    let events: Vec<_> = root.descendants().filter_map(|node| node.attribute("UdalostId")).collect();
    if events.iter().collect::<BTreeSet<_>>().len() != events.len() {
        wrong.push(format!("events have the ids {events:?}"));
    }
    for name in named("dmFileLink").filter_map(|link| link.attribute("dmFileDescr")) {
        if name.is_empty() || name.chars().any(|one| one.is_control() || "<>:\"/\\|?*".contains(one)) {
            wrong.push(format!("no system takes a file named {name:?}"));
        }
    }
}

/// Base64 of RFC 4648 with padding.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let plain = text.trim_end_matches('=');
    if text.len() - plain.len() > 2 {
        return None;
    }
    let (mut bits, mut held, mut bytes) = (0_u32, 0_u32, Vec::with_capacity(text.len() / 4 * 3));
    for letter in plain.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits = (bits << 6 | u32::try_from(value).ok()?) & 0x00FF_FFFF;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from(bits >> held & 0xFF).ok()?);
        }
    }
    Some(bytes)
}
