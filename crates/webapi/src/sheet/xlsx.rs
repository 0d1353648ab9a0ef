//! The first sheet of a workbook as lines of texts. A workbook is a zip archive: a small file may hold a sheet that fills
//! any memory, so everything in it is inflated once into nothing, within bounds, before anything is read.

use std::io::{Cursor, Read, copy, sink};

use calamine::{Data, DataRef, ExcelDateTime, Reader, Xlsx};

use super::{COLUMNS_MAX, Line, too_many};

/// Most bytes of all parts together, inflated.
const INFLATED_MAX: u64 = 128 * 1024 * 1024;

/// Most parts of a workbook.
const PARTS_MAX: usize = 1_000;

/// Most cells that hold something.
const CELLS_MAX: usize = 2_000_000;

/// True for a zip archive, which no CSV begins like.
pub(super) fn is_workbook(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// Lines that are not empty; the first is the header. The words say why it cannot be read and how to mend it.
pub(super) fn lines(bytes: &[u8], rows_max: usize) -> Result<Vec<Line>, String> {
    measure(bytes)?;
    let unreadable = |error: calamine::XlsxError| {
        format!("the workbook cannot be read ({error}): save it as `.xlsx` without a password")
    };
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(unreadable)?;
    let name = book.sheet_names().first().cloned();
    let name = name.ok_or_else(|| "the workbook has no sheet".to_owned())?;
    let mut reader = book.worksheet_cells_reader(&name).map_err(unreadable)?;
    let mut lines: Vec<Line> = Vec::new();
    let mut cells = 0;
    while let Some(cell) = reader.next_cell().map_err(unreadable)? {
        let text = text(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        let (number, column) = (u64::from(row) + 1, usize::try_from(column).unwrap_or(usize::MAX));
        cells += 1;
        if cells > CELLS_MAX {
            return Err(format!("the sheet has more than {CELLS_MAX} cells; send it in parts"));
        }
        if column >= COLUMNS_MAX {
            return Err(format!("line {number}: the sheet has more than {COLUMNS_MAX} columns"));
        }
        if lines.last().is_none_or(|line| line.number != number) {
            if lines.last().is_some_and(|line| line.number > number) {
                return Err(format!("line {number} stands behind a later one: save the workbook anew"));
            }
            if lines.len() > rows_max {
                return Err(too_many(rows_max));
            }
            lines.push(Line { number, cells: Vec::new() });
        }
        if let Some(line) = lines.last_mut() {
            line.cells.resize(line.cells.len().max(column + 1), String::new());
            if let Some(place) = line.cells.get_mut(column) {
                *place = text;
            }
        }
    }
    Ok(lines)
}

/// Inflates every part into nothing. Sizes that the archive tells of itself prove nothing.
fn measure(bytes: &[u8]) -> Result<(), String> {
    let broken = |error: &dyn std::fmt::Display| format!("the workbook is damaged: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if archive.len() > PARTS_MAX {
        return Err(format!("the workbook has more than {PARTS_MAX} parts"));
    }
    let mut left = INFLATED_MAX;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|error| broken(&error))?;
        let name = part.name().map_err(|error| broken(&error))?.to_ascii_lowercase();
        let size = if name.ends_with("sharedstrings.xml") {
            let mut text = Vec::new();
            let size = part.take(left + 1).read_to_end(&mut text).map_err(|error| broken(&error))?;
            believable(&text)?;
            u64::try_from(size).unwrap_or(u64::MAX)
        } else {
            copy(&mut part.take(left + 1), &mut sink()).map_err(|error| broken(&error))?
        };
        left = left.checked_sub(size).ok_or_else(|| {
            format!("the workbook is larger than {} MB inside: send it in parts", INFLATED_MAX / 1024 / 1024)
        })?;
    }
    Ok(())
}

/// The reader makes room for as many shared texts as the workbook says it has: it must not say more than fits.
fn believable(shared: &[u8]) -> Result<(), String> {
    const SAID: &[u8] = b"uniqueCount";
    let starts = shared.windows(SAID.len()).enumerate().filter(|(_, part)| *part == SAID);
    for (start, _) in starts {
        let behind = shared.get(start + SAID.len()..).unwrap_or_default().iter();
        let digits = behind.skip_while(|one| !one.is_ascii_digit()).take_while(|one| one.is_ascii_digit());
        let count = digits.take(20).fold(0_usize, |count, digit| {
            count.saturating_mul(10).saturating_add(usize::from(digit.saturating_sub(b'0')))
        });
        if count > CELLS_MAX {
            return Err(format!(
                "the workbook says that it has more than {CELLS_MAX} texts: send it in parts"
            ));
        }
    }
    Ok(())
}

/// A cell as a person reads it.
fn text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        // Spreadsheets keep telephone numbers as numbers; whole ones are written without a point.
        DataRef::Float(number) => number.to_string(),
        DataRef::String(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Bool(is) => if *is { "yes" } else { "no" }.to_owned(),
        DataRef::DateTime(at) => day(at),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
        DataRef::Empty => String::new(),
    }
}

/// `2026-11-28`, with the time of day where it has one.
fn day(at: &ExcelDateTime) -> String {
    if at.is_duration() {
        return Data::DateTime(*at).to_string();
    }
    let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        date
    } else {
        format!("{date}T{hour:02}:{minute:02}:{second:02}")
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::Write as _;

    use super::*;
    use zip::write::SimpleFileOptions;

    /// A workbook with this sheet.
    pub(crate) fn workbook(sheet: &str) -> Vec<u8> {
        let relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
        let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
        let package = "http://schemas.openxmlformats.org/package/2006";
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let parts = [
            ("[Content_Types].xml", format!("<Types xmlns=\"{package}/content-types\"/>")),
            (
                "_rels/.rels",
                format!(
                    "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r\" Target=\"xl/workbook.xml\" \
                     Type=\"{relation}/officeDocument\"/></Relationships>"
                ),
            ),
            (
                "xl/workbook.xml",
                format!(
                    "<workbook xmlns=\"{main}\" xmlns:r=\"{relation}\"><sheets>\
                     <sheet name=\"Lidé\" sheetId=\"1\" r:id=\"r\"/></sheets></workbook>"
                ),
            ),
            (
                "xl/_rels/workbook.xml.rels",
                format!(
                    "<Relationships xmlns=\"{package}/relationships\"><Relationship Id=\"r\" \
                     Target=\"worksheets/sheet1.xml\" Type=\"{relation}/worksheet\"/></Relationships>"
                ),
            ),
            (
                "xl/worksheets/sheet1.xml",
                format!("<worksheet xmlns=\"{main}\"><sheetData>{sheet}</sheetData></worksheet>"),
            ),
        ];
        for (name, text) in parts {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(text.as_bytes()).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    /// A cell with a text.
    fn cell(at: &str, text: &str) -> String {
        format!("<c r=\"{at}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    }

    #[test]
    fn the_first_sheet_is_read_with_numbers_as_people_write_them() {
        let sheet = format!(
            "<row r=\"1\">{}{}</row><row r=\"3\">{}<c r=\"C3\"><v>603123456</v></c></row>",
            cell("A1", "name"),
            cell("C1", "number"),
            cell("A3", " Jiří ")
        );
        let read = lines(&workbook(&sheet), 10).unwrap();
        let line = |number, cells: [&str; 3]| Line { number, cells: cells.map(ToOwned::to_owned).into() };
        assert_eq!(read, [line(1, ["name", "", "number"]), line(3, ["Jiří", "", "603123456"])]);
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        let wide = format!("<row r=\"1\">{}</row>", cell("XFD1", "x"));
        assert!(lines(&workbook(&wide), 10).unwrap_err().contains("columns"));
        let rows: Vec<_> =
            (1..=12).map(|row| format!("<row r=\"{row}\">{}</row>", cell(&format!("A{row}"), "x"))).collect();
        assert!(lines(&workbook(&rows.concat()), 10).unwrap_err().contains("more than 10 rows"));
        let bomb = workbook(&" ".repeat(usize::try_from(INFLATED_MAX).unwrap() + 1));
        assert!(bomb.len() < 10 * 1024 * 1024, "it is small as it comes");
        assert!(lines(&bomb, 10).unwrap_err().contains("larger than 128 MB"));
        assert!(believable(b"<sst count=\"1\" uniqueCount=\"2000000\">").is_ok());
        assert!(believable(b"<sst uniqueCount = '99999999999999999999'>").is_err());
        for broken in [&b"PK\x03\x04"[..], b"PK\x03\x04nonsense", &workbook("<row")[..200]] {
            assert!(lines(broken, 10).is_err());
        }
    }
}
