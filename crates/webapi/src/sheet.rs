//! A table as people send it: CSV or XLSX with a header row, out of any spreadsheet program. Rows that cannot be taken
//! are told with line and column, and never stop the others.

mod xlsx;

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
/// Content type of a workbook.
const XLSX_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Most columns.
const COLUMNS_MAX: usize = 200;
/// Longest text of one field, characters.
const FIELD_CHARS: usize = 500;
/// The same for a field of running text.
const TEXT_CHARS: usize = 4_000;
/// Refused rows that are told one by one; more of them are a file of another kind.
const REFUSED_MAX: usize = 1_000;
/// How long a file may take to arrive.
const SHEET_WAIT: Duration = Duration::from_mins(2);

/// The body of an import: `text/csv`, or a workbook.
#[derive(Debug)]
pub(crate) struct SheetBody(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for SheetBody {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
        if !kind.eq_ignore_ascii_case("text/csv") && !kind.eq_ignore_ascii_case(XLSX_TYPE) {
            return Err(Problem::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "not_csv",
                format!("send the file as `content-type: text/csv` or `{XLSX_TYPE}`"),
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
pub(crate) struct Shape<'s> {
    /// Columns it may have.
    pub(crate) columns: &'s [&'s str],
    /// Those it must have.
    pub(crate) needed: &'s [&'s str],
    /// Those that hold running text: longer, and on several lines.
    pub(crate) texts: &'s [&'s str],
    /// Most rows.
    pub(crate) rows_max: usize,
    /// Our column by the file's, where somebody said what the file's mean; an empty one is passed over.
    pub(crate) mapping: Option<&'s BTreeMap<String, String>>,
}

/// A line of a file as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Line {
    /// From 1.
    number: u64,
    cells: Vec<String>,
}

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SheetRow {
    /// Line of the file, from 1.
    pub(crate) line: u64,
    fields: BTreeMap<String, String>,
}

impl SheetRow {
    /// The trimmed text of a column; empty when the row or the file does not have it.
    pub(crate) fn get(&self, column: &str) -> &str {
        self.fields.get(column).map_or("", String::as_str)
    }

    /// True when the file has this column.
    pub(crate) fn has(&self, column: &str) -> bool {
        self.fields.contains_key(column)
    }

    /// Columns of the file that begin with `prefix`, with their texts.
    pub(crate) fn starting<'r>(&'r self, prefix: &'r str) -> impl Iterator<Item = (&'r str, &'r str)> {
        let all = self.fields.iter().map(|(column, text)| (column.as_str(), text.as_str()));
        all.filter(move |(column, _)| column.starts_with(prefix))
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
pub(crate) fn read(bytes: &[u8], shape: &Shape<'_>) -> Result<Vec<Result<SheetRow, RefusedRow>>, Problem> {
    let lines = if xlsx::is_workbook(bytes) {
        xlsx::lines(bytes, shape.rows_max).map_err(|said| broken(&said))?
    } else {
        csv_lines(bytes, shape.rows_max)?
    };
    let mut lines = lines.into_iter();
    let Some(head) = lines.next() else {
        return Err(broken("the file is empty; its first line names the columns"));
    };
    let head = heads(&head, shape)?;
    Ok(lines.map(|line| row(&line, &head, shape)).collect())
}

/// Lines that are not empty; the first is the header.
fn csv_lines(bytes: &[u8], rows_max: usize) -> Result<Vec<Line>, Problem> {
    let text = decode(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(&text))
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut lines = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| broken(&error.to_string()))?;
        if record.iter().all(str::is_empty) {
            continue;
        }
        if lines.len() > rows_max {
            return Err(broken(&too_many(rows_max)));
        }
        let number = record.position().map_or(0, csv::Position::line);
        lines.push(Line { number, cells: record.iter().map(ToOwned::to_owned).collect() });
    }
    Ok(lines)
}

fn too_many(rows_max: usize) -> String {
    format!("the file has more than {rows_max} rows; send it in parts")
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

/// The column at each place; none where it is passed over.
fn heads(head: &Line, shape: &Shape<'_>) -> Result<Vec<Option<String>>, Problem> {
    let (at, known) = (format!("line {}", head.number), shape.columns.join(", "));
    if head.cells.len() > COLUMNS_MAX {
        return Err(broken(&format!("{at}: the file has more than {COLUMNS_MAX} columns")));
    }
    let mut found: Vec<Option<String>> = Vec::new();
    for name in &head.cells {
        let lower = name.to_lowercase();
        let mapped = shape.mapping.and_then(|mapping| {
            let same = |(theirs, _): &(&String, &String)| theirs.to_lowercase() == lower;
            mapping.iter().find(same).map(|(_, ours)| ours.as_str())
        });
        if mapped == Some("") {
            found.push(None);
            continue;
        }
        let wanted = mapped.unwrap_or(&lower);
        let Some(column) = shape.columns.iter().find(|column| **column == wanted) else {
            let shown: String = name.chars().take(40).collect();
            return Err(broken(&format!("{at}: `{shown}` is no column of ours; known are: {known}")));
        };
        if found.iter().flatten().any(|other| other == column) {
            return Err(broken(&format!("{at}: the column `{column}` stands there twice")));
        }
        found.push(Some((*column).to_owned()));
    }
    match shape.needed.iter().find(|column| !found.iter().flatten().any(|other| other == *column)) {
        Some(column) => Err(broken(&format!("{at}: the column `{column}` is missing; known are: {known}"))),
        None => Ok(found),
    }
}

fn row(line: &Line, head: &[Option<String>], shape: &Shape<'_>) -> Result<SheetRow, RefusedRow> {
    let refused = |field: &str, reason: &str, fix: &str| {
        let (field, reason, fix) = (field.to_owned(), reason.to_owned(), fix.to_owned());
        Err(RefusedRow { line: line.number, field, reason, fix })
    };
    if line.cells.iter().skip(head.len()).any(|text| !text.is_empty()) {
        return refused("", "has more fields than the header", "put texts with the separator in \"quotes\"");
    }
    let mut fields = BTreeMap::new();
    for (place, column) in head.iter().enumerate() {
        let (Some(column), text) = (column, line.cells.get(place)) else { continue };
        // A short row has nothing in its last columns.
        let text = text.map_or("", String::as_str);
        let is_text = shape.texts.contains(&column.as_str());
        let most = if is_text { TEXT_CHARS } else { FIELD_CHARS };
        if text.chars().count() > most {
            return refused(column, "is too long", &format!("write at most {most} characters"));
        }
        if text.chars().any(|sign| sign.is_control() && !(is_text && matches!(sign, '\n' | '\r' | '\t'))) {
            return refused(column, "holds a line end or another control character", "write it on one line");
        }
        fields.insert(column.clone(), text.to_owned());
    }
    Ok(SheetRow { line: line.number, fields })
}

fn broken(detail: &str) -> Problem {
    Problem::field("", detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape<'_> = Shape {
        columns: &["extension", "name", "note"],
        needed: &["extension"],
        texts: &["note"],
        rows_max: 2_000,
        mapping: None,
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
    fn columns_mean_what_somebody_said_and_others_are_passed_over() {
        let pairs = [("Linka", "extension"), ("Jméno", "name"), ("Pozn.", "")];
        let mapping = pairs.map(|(theirs, ours)| (theirs.to_owned(), ours.to_owned())).into();
        let shape = Shape { mapping: Some(&mapping), ..SHAPE };
        let rows = read("LINKA;jméno;Pozn.\n1001;Jiří;x\n".as_bytes(), &shape).unwrap();
        let row = rows[0].as_ref().unwrap();
        assert_eq!((row.get("extension"), row.get("name"), row.has("note")), ("1001", "Jiří", false));
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
