//! Lists people choose from: dispositions of calls and reasons of pauses. Nothing is ever deleted from them,
//! because history names the codes; what is no longer wanted is made inactive.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Store;
use crate::db::{Row, Statement, json, values};
use crate::error::StoreError;

/// Words by language code (`en`, `cs`, `sk`, `pl`, `it`, `de`).
pub type Labels = BTreeMap<String, String>;

/// An outcome of a call that a person chooses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disposition {
    /// Stable code.
    pub code: String,
    /// Words.
    pub labels: Labels,
    /// The disposition above it in the tree.
    pub parent: Option<String>,
    /// Place in the list.
    pub position: u32,
    /// False = no longer offered.
    pub active: bool,
}

/// A reason of a pause.
#[expect(clippy::struct_excessive_bools, reason = "independent properties, each a tick box")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code.
    pub code: String,
    /// Words.
    pub labels: Labels,
    /// Paid time.
    pub paid: bool,
    /// Counts as work on the board.
    pub productive: bool,
    /// Longer than this is shown as too long.
    pub max_minutes: Option<u32>,
    /// Set by Tieline or the switch, never chosen by a person.
    pub by_system: bool,
    /// Place in the list.
    pub position: u32,
    /// False = no longer offered.
    pub active: bool,
}

impl Store {
    /// All dispositions in their order, inactive ones too.
    pub async fn dispositions(&self) -> Result<Vec<Disposition>, StoreError> {
        let rows = self.main.rows(&DISPOSITIONS, values![]).await?;
        rows.iter().map(read_disposition).collect()
    }

    /// Adds or changes these dispositions, all or none of them.
    pub async fn save_dispositions(&self, dispositions: &[Disposition]) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        for disposition in dispositions {
            tx.execute(&SAVE_DISPOSITION, disposition_values(disposition)).await?;
        }
        tx.commit().await
    }

    /// All reasons in their order, inactive ones too.
    pub async fn reasons(&self) -> Result<Vec<Reason>, StoreError> {
        let rows = self.main.rows(&REASONS, values![]).await?;
        rows.iter().map(read_reason).collect()
    }

    /// Adds or changes these reasons, all or none of them.
    pub async fn save_reasons(&self, reasons: &[Reason]) -> Result<(), StoreError> {
        let mut tx = self.main.begin().await?;
        for reason in reasons {
            tx.execute(&SAVE_REASON, reason_values(reason)).await?;
        }
        tx.commit().await
    }

    /// Fills lists that are still empty.
    pub(crate) async fn seed_choices(&self) -> Result<(), StoreError> {
        if self.main.row(&DISPOSITIONS, values![]).await?.is_none() {
            for (position, (code, words)) in (1_u32..).zip(SEEDED_DISPOSITIONS) {
                let seeded = Disposition {
                    code: code.to_owned(),
                    labels: labels(words),
                    parent: None,
                    position,
                    active: true,
                };
                let values = disposition_values(&seeded);
                self.main.execute(&SEED_DISPOSITION, values).await?;
            }
        }
        if self.main.row(&REASONS, values![]).await?.is_none() {
            for (position, (code, kind, words)) in (1_u32..).zip(SEEDED_REASONS) {
                let seeded = Reason {
                    code: code.to_owned(),
                    labels: labels(words),
                    paid: !matches!(kind, Pause::Unpaid),
                    productive: matches!(kind, Pause::Work),
                    max_minutes: None,
                    by_system: matches!(kind, Pause::System),
                    position,
                    active: true,
                };
                self.main.execute(&SEED_REASON, reason_values(&seeded)).await?;
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, Copy)]
enum Pause {
    Unpaid,
    Paid,
    Work,
    System,
}

fn labels(words: [&str; 6]) -> Labels {
    LANGUAGES.iter().zip(words).map(|(language, word)| ((*language).to_owned(), word.to_owned())).collect()
}

fn disposition_values(disposition: &Disposition) -> Vec<crate::db::Value> {
    values![
        disposition.code,
        json(&disposition.labels),
        disposition.parent,
        disposition.position,
        disposition.active
    ]
}

fn reason_values(reason: &Reason) -> Vec<crate::db::Value> {
    values![
        reason.code,
        json(&reason.labels),
        reason.paid,
        reason.productive,
        reason.max_minutes,
        reason.by_system,
        reason.position,
        reason.active
    ]
}

fn read_disposition(row: &Row) -> Result<Disposition, StoreError> {
    Ok(Disposition {
        code: row.text("code")?,
        labels: row.json("labels")?,
        parent: row.maybe_text("parent")?,
        position: small(row.count("position")?),
        active: row.flag("active")?,
    })
}

fn read_reason(row: &Row) -> Result<Reason, StoreError> {
    Ok(Reason {
        code: row.text("code")?,
        labels: row.json("labels")?,
        paid: row.flag("paid")?,
        productive: row.flag("productive")?,
        max_minutes: row.maybe_count("max_minutes")?.map(small),
        by_system: row.flag("by_system")?,
        position: small(row.count("position")?),
        active: row.flag("active")?,
    })
}

fn small(count: u64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

const LANGUAGES: [&str; 6] = ["en", "cs", "sk", "pl", "it", "de"];

const SEEDED_DISPOSITIONS: [(&str, [&str; 6]); 6] = [
    ("resolved", ["Resolved", "Vyřešeno", "Vyriešené", "Załatwione", "Risolto", "Erledigt"]),
    (
        "follow_up",
        [
            "Follow-up needed",
            "Nutné pokračovat",
            "Treba pokračovať",
            "Do kontynuacji",
            "Da seguire",
            "Wiedervorlage",
        ],
    ),
    ("passed_on", ["Passed on", "Předáno", "Odovzdané", "Przekazane", "Inoltrato", "Weitergegeben"]),
    ("call_back", ["Call back", "Zavolat zpět", "Zavolať späť", "Oddzwonić", "Richiamare", "Zurückrufen"]),
    ("wrong_number", ["Wrong number", "Omyl", "Omyl", "Pomyłka", "Numero sbagliato", "Falsch verbunden"]),
    (
        "unwanted",
        [
            "Unwanted call",
            "Obtěžující hovor",
            "Obťažujúci hovor",
            "Niechciane",
            "Indesiderata",
            "Unerwünscht",
        ],
    ),
];

const SEEDED_REASONS: [(&str, Pause, [&str; 6]); 11] = [
    ("lunch", Pause::Unpaid, ["Lunch", "Oběd", "Obed", "Obiad", "Pranzo", "Mittagspause"]),
    ("break", Pause::Paid, ["Break", "Přestávka", "Prestávka", "Przerwa", "Pausa", "Pause"]),
    ("toilet", Pause::Paid, ["Toilet", "WC", "WC", "WC", "Bagno", "WC"]),
    ("training", Pause::Work, ["Training", "Školení", "Školenie", "Szkolenie", "Formazione", "Schulung"]),
    ("meeting", Pause::Work, ["Meeting", "Porada", "Porada", "Zebranie", "Riunione", "Besprechung"]),
    (
        "paperwork",
        Pause::Work,
        ["Paperwork", "Administrativa", "Administratíva", "Administracja", "Pratiche", "Verwaltung"],
    ),
    ("e_mails", Pause::Work, ["E-mails", "E-maily", "E-maily", "E-maile", "E-mail", "E-Mails"]),
    (
        "technical",
        Pause::Paid,
        [
            "Technical problem",
            "Technický problém",
            "Technický problém",
            "Problem techniczny",
            "Problema tecnico",
            "Technisches Problem",
        ],
    ),
    (
        "no_answer",
        Pause::System,
        ["Not answering", "Nebere", "Neberie", "Nie odbiera", "Non risponde", "Nimmt nicht ab"],
    ),
    (
        "unreachable",
        Pause::System,
        [
            "Phone not registered",
            "Neregistrováno",
            "Neregistrované",
            "Niezarejestrowany",
            "Non registrato",
            "Nicht angemeldet",
        ],
    ),
    (
        "forced",
        Pause::System,
        [
            "Forced pause",
            "Nucená pauza",
            "Nútená pauza",
            "Przerwa wymuszona",
            "Pausa forzata",
            "Erzwungene Pause",
        ],
    ),
];

static DISPOSITIONS: Statement =
    Statement::new("list dispositions", "SELECT * FROM dispositions ORDER BY position, code");
static SAVE_DISPOSITION: Statement = Statement::new(
    "save a disposition",
    "INSERT INTO dispositions (code, labels, parent, position, active) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (code) DO UPDATE SET labels = excluded.labels, parent = excluded.parent,
         position = excluded.position, active = excluded.active",
);
static SEED_DISPOSITION: Statement = Statement::new(
    "seed a disposition",
    "INSERT INTO dispositions (code, labels, parent, position, active) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (code) DO NOTHING",
);
static REASONS: Statement = Statement::new("list reasons", "SELECT * FROM reasons ORDER BY position, code");
static SAVE_REASON: Statement = Statement::new(
    "save a reason",
    "INSERT INTO reasons (code, labels, paid, productive, max_minutes, by_system, position, active)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
     ON CONFLICT (code) DO UPDATE SET labels = excluded.labels, paid = excluded.paid,
         productive = excluded.productive, max_minutes = excluded.max_minutes, by_system = excluded.by_system,
         position = excluded.position, active = excluded.active",
);
static SEED_REASON: Statement = Statement::new(
    "seed a reason",
    "INSERT INTO reasons (code, labels, paid, productive, max_minutes, by_system, position, active)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (code) DO NOTHING",
);

/// All statements of this file, for the test that prepares them.
pub(crate) const STATEMENTS: &[&Statement] =
    &[&DISPOSITIONS, &SAVE_DISPOSITION, &SEED_DISPOSITION, &REASONS, &SAVE_REASON, &SEED_REASON];
