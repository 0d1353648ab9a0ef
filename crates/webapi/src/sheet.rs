//! A table as people send it: CSV with a header row, out of any spreadsheet program. Rows that cannot be taken are told
//! with line and column, and never stop the others.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use bytes::Bytes;
use encoding_rs::{Encoding, UTF_8, WINDOWS_1250};
use serde::Serialize;
use tokio::time::timeout;
use utoipa::ToSchema;

use crate::error::Problem;

/// Largest file.
const SHEET_BYTES: usize = 10 * 1024 * 1024;
/// Longest text of one field, characters.
const FIELD_CHARS: usize = 500;
/// The same for a field of running text.
const TEXT_CHARS: usize = 4_000;
/// Refused rows that are told one by one; more of them are a file of another kind.
const REFUSED_MAX: usize = 1_000;
/// How long a file may take to arrive.
const SHEET_WAIT: Duration = Duration::from_mins(2);

/// The body of an import: `text/csv`.
#[derive(Debug)]
pub(crate) struct SheetBody(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for SheetBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("text/csv") {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_csv",
                "send the file as `content-type: text/csv`",
            ));
        }
        let arrived =
            timeout(SHEET_WAIT, to_bytes(request.into_body(), SHEET_BYTES)).await.map_err(|_| {
                let detail = format!("the file did not arrive within {} s", SHEET_WAIT.as_secs());
                Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail)
            })?;
        arrived.map(Self).map_err(|_| {
            Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "body_too_large",
                format!(
                    "the file is larger than {} MB or did not arrive whole; send it in parts",
                    SHEET_BYTES / 1024 / 1024
                ),
            )
        })
    }
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RefusedRow {
    /// Line of the file, from 1; the header is the first.
    pub(crate) line: u64,
    /// Column it is about; empty for the whole row.
    pub(crate) field: String,
    /// What is wrong.
    pub(crate) reason: String,
    /// How to mend it.
    pub(crate) fix: String,
}

/// What a file must look like.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Columns it may have.
    pub(crate) columns: &'static [&'static str],
    /// Those it must have.
    pub(crate) needed: &'static [&'static str],
    /// Those that hold running text: longer, and on several lines.
    pub(crate) texts: &'static [&'static str],
    /// Most rows.
    pub(crate) rows_max: usize,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetRow {
    /// Line of the file, from 1.
    pub(crate) line: u64,
    fields: BTreeMap<&'static str, String>,
}

impl SheetRow {
    /// The trimmed text of a column; empty when the row or the file does not have it.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }

    /// Says that this row cannot be taken.
    pub(crate) fn refused(&self, field: &str, reason: impl Into<String>, fix: &str) -> RefusedRow {
        RefusedRow { line: self.line, field: field.to_owned(), reason: reason.into(), fix: fix.to_owned() }
    }
}

/// Tells of refused rows only as many as a person reads.
pub(crate) fn told(mut refused: Vec<RefusedRow>) -> Vec<RefusedRow> {
    refused.truncate(REFUSED_MAX);
    refused
}

/// Reads a file of this shape.
pub(crate) fn read(bytes: &[u8], shape: &Shape) -> Result<Vec<Result<SheetRow, RefusedRow>>, Problem> {
    let text = decode(bytes);
    let delimiter = delimiter(&text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    let head = match records.next() {
        Some(Ok(head)) => heads(&head, shape)?,
        Some(Err(error)) => return Err(broken(&error.to_string())),
        None => return Err(broken("the file is empty; its first line names the columns")),
    };
    let mut rows = Vec::new();
    for record in records {
        let record = record.map_err(|error| broken(&error.to_string()))?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if rows.len() == shape.rows_max {
            return Err(broken(&format!("the file has more than {} rows; send it in parts", shape.rows_max)));
        }
        rows.push(row(&record, &head, shape));
    }
    Ok(rows)
}

/// UTF-8 with or without a byte order mark, UTF-16 with one, else the code page of Central European Windows.
fn decode(bytes: &[u8]) -> String {
    let encoding = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => encoding,
        None if std::str::from_utf8(bytes).is_ok() => UTF_8,
        None => WINDOWS_1250,
    };
    encoding.decode(bytes).0.into_owned()
}

/// The sign that stands most often in the header.
fn delimiter(text: &str) -> u8 {
    let head = text.lines().next().unwrap_or_default();
    let count = |sign: u8| head.bytes().filter(|byte| *byte == sign).count();
    // The comma wins a tie: a file of one column has none of them.
    [b';', b'\t', b','].into_iter().max_by_key(|sign| count(*sign)).unwrap_or(b',')
}

/// The column at each place.
fn heads(head: &csv::StringRecord, shape: &Shape) -> Result<Vec<&'static str>, Problem> {
    let known = shape.columns.join(", ");
    let mut found: Vec<&'static str> = Vec::new();
    for name in head {
        let lower = name.to_lowercase();
        let Some(column) = shape.columns.iter().find(|column| **column == lower) else {
            let shown: String = name.chars().take(40).collect();
            return Err(broken(&format!("line 1: `{shown}` is no column of ours; known are: {known}")));
        };
        if found.contains(column) {
            return Err(broken(&format!("line 1: the column `{column}` stands there twice")));
        }
        found.push(column);
    }
    match shape.needed.iter().find(|column| !found.contains(column)) {
        Some(column) => Err(broken(&format!("line 1: the column `{column}` is missing; known are: {known}"))),
        None => Ok(found),
    }
}

fn row(record: &csv::StringRecord, head: &[&'static str], shape: &Shape) -> Result<SheetRow, RefusedRow> {
    let line = record.position().map_or(0, csv::Position::line);
    let refused = |field: &str, reason: &str, fix: &str| {
        Err(RefusedRow { line, field: field.to_owned(), reason: reason.to_owned(), fix: fix.to_owned() })
    };
    if record.iter().skip(head.len()).any(|text| !text.is_empty()) {
        return refused("", "has more fields than the header", "put texts with the separator in \"quotes\"");
    }
    let mut fields = BTreeMap::new();
    for (column, text) in head.iter().zip(record) {
        let is_text = shape.texts.contains(column);
        let most = if is_text { TEXT_CHARS } else { FIELD_CHARS };
        if text.chars().count() > most {
            return refused(column, "is too long", &format!("write at most {most} characters"));
        }
        if text.chars().any(|sign| sign.is_control() && !(is_text && matches!(sign, '\n' | '\r' | '\t'))) {
            return refused(column, "holds a line end or another control character", "write it on one line");
        }
        fields.insert(*column, text.to_owned());
    }
    Ok(SheetRow { line, fields })
}

fn broken(detail: &str) -> Problem {
    Problem::field("", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape {
        columns: &["extension", "name", "note"],
        needed: &["extension"],
        texts: &["note"],
        rows_max: 2_000,
    };

    fn names(bytes: &[u8]) -> Vec<String> {
        let rows = read(bytes, &SHAPE).unwrap();
        rows.into_iter().map(|row| row.unwrap().get("name").to_owned()).collect()
    }

    #[test]
    fn every_spreadsheet_program_is_read_alike() {
        let wanted = ["Jiří Žák".to_owned(), "O, R".to_owned()];
        let comma = "extension,name\r\n1001, Jiří Žák \r\n\r\n1002,\"O, R\"\r\n";
        assert_eq!(names(comma.as_bytes()), wanted);
        assert_eq!(names(format!("\u{feff}{comma}").as_bytes()), wanted);
        let semicolon = "Extension;NAME\n1001;Jiří Žák\n1002;O, R\n";
        assert_eq!(names(semicolon.as_bytes()), wanted);
        let (windows, _, lost) = WINDOWS_1250.encode(semicolon);
        assert!(!lost);
        assert_eq!(names(&windows), wanted);
        let utf16: Vec<u8> =
            std::iter::once(0xFEFF).chain(semicolon.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(names(&utf16), wanted);
    }

    #[test]
    fn a_row_that_cannot_be_read_is_told_by_line_and_stops_no_other() {
        let long = "x".repeat(501);
        let text = format!("extension,name\n1,a,b\n2,{long}\n3,\"a\nb\"\n4,d\n");
        let rows = read(text.as_bytes(), &SHAPE).unwrap();
        let told: Vec<_> = rows
            .iter()
            .map(|row| match row {
                Ok(row) => (row.line, "ok"),
                Err(refused) => (refused.line, refused.field.as_str()),
            })
            .collect();
        assert_eq!(told, [(2, ""), (3, "name"), (4, "name"), (6, "ok")]);
    }

    #[test]
    fn running_text_may_be_long_and_on_several_lines() {
        let note = format!("{}\nsecond line", "x".repeat(2_000));
        let text = format!("extension,note\n1,\"{note}\"\n2,\"{}\"\n", "x".repeat(TEXT_CHARS + 1));
        let rows = read(text.as_bytes(), &SHAPE).unwrap();
        assert_eq!(rows.first().unwrap().as_ref().unwrap().get("note"), note);
        let refused = rows.get(1).unwrap().as_ref().unwrap_err();
        assert!(refused.field == "note" && refused.fix.contains("4000"), "{refused:?}");
    }

    #[test]
    fn a_header_that_is_not_ours_refuses_the_file_and_says_why() {
        let detail = |text: &str| read(text.as_bytes(), &SHAPE).unwrap_err().detail;
        assert!(detail("").contains("empty"));
        assert!(detail("extension,colour\n").contains("`colour` is no column of ours; known are: extension"));
        assert!(detail("name\nx\n").contains("`extension` is missing"));
        assert!(detail("extension,name,Name\n").contains("twice"));
        let many = format!("extension\n{}", "1\n".repeat(SHAPE.rows_max + 1));
        assert!(detail(&many).contains("2000 rows"));
    }
}
