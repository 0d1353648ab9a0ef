//! A note as PDF/A-2b. Lines and pages are ours; fonts, subsets and conformance are the library's.

use std::fmt;

use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::geom::Point;
use krilla::metadata::{DateTime, Metadata};
use krilla::page::PageSettings;
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};
use skrifa::instance::{LocationRef, Size};
use skrifa::{FontRef, MetadataProvider};

use cti_core::time::Timestamp;

use super::Note;

/// A4, points.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
const MARGIN: f32 = 56.0;
/// Room for labels.
const LABELS: f32 = 130.0;
const TITLE_SIZE: f32 = 16.0;
const HEADING_SIZE: f32 = 11.0;
const TEXT_SIZE: f32 = 10.0;
/// Of the size of the letters.
const LINE: f32 = 1.45;
/// Longest document; a note of all allowed characters has fewer.
const PAGES_MAX: usize = 200;

/// Files in which a font for documents usually is, the best first.
pub const FONT_FILES: [&str; 6] = [
    "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu-sans-fonts/DejaVuSans.ttf",
    "/usr/share/fonts/TTF/DejaVuSans.ttf",
    "/usr/share/fonts/dejavu/DejaVuSans.ttf",
    "/usr/share/fonts/truetype/liberation/LiberationSans-Regular.ttf",
    "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
];

/// A font that documents are written in.
#[derive(Clone)]
pub struct DocumentFont {
    data: Vec<u8>,
    font: Font,
}

impl fmt::Debug for DocumentFont {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DocumentFont({} bytes)", self.data.len())
    }
}

impl DocumentFont {
    /// Reads a TrueType or OpenType font; none when it is not one, or has no Czech letters.
    pub fn read(data: Vec<u8>) -> Option<Self> {
        let letters = FontRef::new(&data).ok()?.charmap();
        if !"Aaěščřžýáíéúů0".chars().all(|letter| letters.map(letter).is_some()) {
            return None;
        }
        let font = Font::new(data.clone().into(), 0)?;
        Some(Self { data, font })
    }
}

/// Why there is no PDF.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write a PDF: {0}")]
pub struct PdfError(String);

/// Writes a note as PDF/A-2b.
pub fn write(note: &Note, font: &DocumentFont) -> Result<Vec<u8>, PdfError> {
    let pages = lay_out(note, font)?;
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A2_B).finish();
    let configuration = configuration.map_err(|error| PdfError(format!("{error:?}")))?;
    let mut document =
        Document::new_with(SerializeSettings { configuration, ..SerializeSettings::default() });
    document.set_metadata(
        Metadata::new()
            .title(note.title.clone())
            .language("cs".to_owned())
            .creator("Tieline".to_owned())
            .creation_date(date(note.at)),
    );
    for page in pages {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| PdfError("the page".to_owned()))?;
        let mut sheet = document.start_page_with(settings);
        let mut surface = sheet.surface();
        for line in page {
            let place = Point::from_xy(line.x, line.y);
            surface.draw_text(place, font.font.clone(), line.size, &line.text, false, TextDirection::Auto);
        }
        surface.finish();
        sheet.finish();
    }
    document.finish().map_err(|error| PdfError(format!("{error:?}")))
}

/// A time in the words of the library, UTC.
fn date(at: Timestamp) -> DateTime {
    let time = jiff::Timestamp::from_microsecond(at.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let time = time.to_zoned(jiff::tz::TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).unwrap_or(0);
    DateTime::new(u16::try_from(time.year()).unwrap_or(0))
        .month(part(time.month()))
        .day(part(time.day()))
        .hour(part(time.hour()))
        .minute(part(time.minute()))
        .second(part(time.second()))
        .utc_offset_hour(0)
        .utc_offset_minute(0)
}

/// One line at its place; `y` is where its letters stand.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    x: f32,
    y: f32,
    size: f32,
    pub(super) text: String,
}

/// Measures text.
struct Ruler<'f> {
    face: FontRef<'f>,
}

impl Ruler<'_> {
    /// Puts text into lines that fit. What the font does not have becomes a question mark: PDF/A has no missing letters.
    fn lines(&self, text: &str, size: f32, width: f32) -> Vec<String> {
        let letters = self.face.charmap();
        let widths = self.face.glyph_metrics(Size::new(size), LocationRef::default());
        let wide =
            |letter: char| letters.map(letter).and_then(|glyph| widths.advance_width(glyph)).unwrap_or(size);
        let mut lines = Vec::new();
        for paragraph in text.replace('\t', "    ").lines() {
            let mut line = String::new();
            let mut used = 0.0;
            // Where the line can be broken: behind the last space.
            let mut space: Option<usize> = None;
            for letter in paragraph.chars().filter(|letter| !letter.is_control()) {
                let letter = if letters.map(letter).is_some() { letter } else { '?' };
                let needed = wide(letter);
                if used + needed > width && !line.is_empty() {
                    let rest = match space.take() {
                        Some(at) => line.split_off(at),
                        None => String::new(),
                    };
                    lines.push(line.trim_end().to_owned());
                    used = rest.chars().map(wide).sum();
                    line = rest;
                }
                line.push(letter);
                used += needed;
                if letter == ' ' {
                    space = Some(line.len());
                }
            }
            lines.push(line);
        }
        lines
    }
}

/// Where everything stands, page by page.
pub(super) fn lay_out(note: &Note, font: &DocumentFont) -> Result<Vec<Vec<Line>>, PdfError> {
    let face = FontRef::new(&font.data).map_err(|error| PdfError(error.to_string()))?;
    let ruler = Ruler { face };
    let mut sheets = Sheets { pages: vec![Vec::new()], y: MARGIN };
    let whole = WIDTH - 2.0 * MARGIN;
    sheets.add(&ruler.lines(&note.title, TITLE_SIZE, whole), MARGIN, TITLE_SIZE);
    sheets.y += TITLE_SIZE;
    for (label, value) in &note.lines {
        let at = (sheets.pages.len(), sheets.y);
        sheets.add(&ruler.lines(label, TEXT_SIZE, LABELS), MARGIN, TEXT_SIZE);
        // The value begins beside its label.
        if sheets.pages.len() == at.0 {
            sheets.y = at.1;
        } else {
            sheets.y = MARGIN;
        }
        sheets.add(&ruler.lines(value, TEXT_SIZE, whole - LABELS), MARGIN + LABELS, TEXT_SIZE);
    }
    for (heading, text) in &note.texts {
        sheets.y += TEXT_SIZE;
        sheets.add(&ruler.lines(heading, HEADING_SIZE, whole), MARGIN, HEADING_SIZE);
        sheets.add(&ruler.lines(text, TEXT_SIZE, whole), MARGIN, TEXT_SIZE);
    }
    Ok(sheets.pages)
}

struct Sheets {
    pages: Vec<Vec<Line>>,
    /// Where the next line begins, from above.
    y: f32,
}

impl Sheets {
    fn add(&mut self, lines: &[String], x: f32, size: f32) {
        for text in lines {
            if self.y + size * LINE > HEIGHT - MARGIN && self.pages.len() < PAGES_MAX {
                self.pages.push(Vec::new());
                self.y = MARGIN;
            }
            let line = Line { x, y: self.y + size, size, text: text.clone() };
            if !line.text.is_empty() {
                self.pages.last_mut().into_iter().for_each(|page| page.push(line.clone()));
            }
            self.y += size * LINE;
        }
    }
}
