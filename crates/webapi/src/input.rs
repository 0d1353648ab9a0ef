//! What comes from outside, parsed once at the edge: bodies, query parameters, path ids, headers. Unknown fields are
//! refused by name.

use std::fmt::Display;
use std::str::FromStr;
use std::time::Duration;

use axum::body::to_bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde::de::{DeserializeOwned, IgnoredAny};
use sha2::{Digest, Sha256};
use tokio::time::timeout;

use crate::error::{FieldError, Problem};

/// Largest body of any request.
pub(crate) const BODY_BYTES: usize = 64 * 1024;

/// How long a body may take to arrive, so that nobody holds a connection by sending it byte by byte.
const BODY_WAIT: Duration = Duration::from_secs(20);

/// Most items of one page.
pub(crate) const PAGE_LIMIT: u32 = 200;

/// Items of a page when the caller names no limit.
const PAGE_DEFAULT: u32 = 50;

/// A JSON body. Its type refuses unknown fields; the problem points at the field.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let kinds = ["application/json", "application/merge-patch+json"];
        parse(&json_bytes(request, &kinds, BODY_BYTES, BODY_WAIT, "").await?).map(Self)
    }
}

/// The bytes of a body of one of these content types, at most `most` of them and within `wait`. `hint` follows the words
/// for a larger one.
pub(crate) async fn json_bytes(
    request: Request,
    kinds: &[&str],
    most: usize,
    wait: Duration,
    hint: &str,
) -> Result<Bytes, Problem> {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default().trim();
    if !kinds.iter().any(|known| kind.eq_ignore_ascii_case(known)) {
        let detail = "send the body as `content-type: application/json`";
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not_json", detail));
    }
    let arrived = timeout(wait, to_bytes(request.into_body(), most)).await.map_err(|_| {
        let detail = format!("the body did not arrive within {} s", wait.as_secs());
        Problem::new(StatusCode::REQUEST_TIMEOUT, "body_too_slow", detail)
    })?;
    arrived.map_err(|_| {
        let detail = format!("the body is longer than {most} bytes or did not arrive whole{hint}");
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "body_too_large", detail)
    })
}

/// Refuses control characters in a name: they would break lists, logs and exports.
pub(crate) fn one_line(pointer: &str, text: &str) -> Result<(), Problem> {
    if text.chars().any(char::is_control) {
        return Err(Problem::field(pointer, "control characters cannot be taken"));
    }
    Ok(())
}

/// Refuses control characters in a text of several lines but for the end of a line and the tabulator.
pub(crate) fn lines(pointer: &str, text: &str) -> Result<(), Problem> {
    if text.chars().any(|one| one.is_control() && one != '\n' && one != '\t') {
        return Err(Problem::field(
            pointer,
            "only line ends and tabulators can be taken as control characters",
        ));
    }
    Ok(())
}

/// Parses a JSON object; an error names the place.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    // An array would be read as the fields by position.
    if bytes.trim_ascii_start().starts_with(b"[") {
        return Err(match serde_json::from_slice::<IgnoredAny>(bytes) {
            Ok(_) => Problem::field("", "the body is an object"),
            Err(error) => Problem::new(StatusCode::BAD_REQUEST, "invalid_json", error.to_string()),
        });
    }
    serde_json::from_slice(bytes).map_err(|error| {
        let text = error.to_string();
        let detail = text.rsplit_once(" at line ").map_or(text.as_str(), |(text, _)| text);
        if error.is_syntax() || error.is_eof() {
            return Problem::new(StatusCode::BAD_REQUEST, "invalid_json", text);
        }
        let mut pointer = pointer_at(bytes, offset_of(bytes, error.line(), error.column()));
        if let Some(field) = missing_field(detail) {
            pointer.push('/');
            pointer.push_str(&escape(field));
        }
        Problem::field(pointer, detail)
    })
}

fn missing_field(detail: &str) -> Option<&str> {
    detail.strip_prefix("missing field `")?.strip_suffix('`')
}

/// Byte offset of a place that `serde_json` names by line and column, both from 1.
fn offset_of(bytes: &[u8], line: usize, column: usize) -> usize {
    let start: usize =
        bytes.split_inclusive(|byte| *byte == b'\n').take(line.saturating_sub(1)).map(<[u8]>::len).sum();
    start + column
}

/// Where in the document a byte offset is.
#[derive(Debug)]
enum Inside {
    Object { key: Option<String>, wants_key: bool },
    Array { index: usize },
}

/// The JSON pointer of the value or key that ends at `offset` or goes on there. The text before it is valid JSON.
fn pointer_at(bytes: &[u8], offset: usize) -> String {
    let read = bytes.get(..offset).unwrap_or(bytes);
    let mut path: Vec<Inside> = Vec::new();
    let mut rest = read.iter().enumerate();
    while let Some((at, byte)) = rest.next() {
        match byte {
            b'{' => path.push(Inside::Object { key: None, wants_key: true }),
            b'[' => path.push(Inside::Array { index: 0 }),
            b'}' | b']' => {
                path.pop();
            }
            b',' => match path.last_mut() {
                Some(Inside::Object { wants_key, .. }) => *wants_key = true,
                Some(Inside::Array { index }) => *index += 1,
                None => {}
            },
            b'"' => {
                let mut end = at;
                let mut escaped = false;
                for (at, byte) in rest.by_ref() {
                    end = at;
                    match byte {
                        _ if escaped => escaped = false,
                        b'\\' => escaped = true,
                        b'"' => break,
                        _ => {}
                    }
                }
                if let Some(Inside::Object { key, wants_key }) = path.last_mut()
                    && *wants_key
                {
                    let text = read.get(at..=end).unwrap_or_default();
                    *key = serde_json::from_slice(text).ok();
                    *wants_key = false;
                }
            }
            _ => {}
        }
    }
    let mut pointer = String::new();
    for step in &path {
        match step {
            Inside::Object { key: Some(key), .. } => {
                pointer.push('/');
                pointer.push_str(&escape(key));
            }
            Inside::Object { key: None, .. } => {}
            Inside::Array { index } => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
        }
    }
    pointer
}

/// A key as a step of a JSON pointer.
pub(crate) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Query parameters; unknown ones are refused by name.
#[derive(Debug)]
pub(crate) struct Params<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned + 'static> FromRequestParts<S> for Params<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        match Query::<T>::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(rejection) => {
                let text = rejection.body_text();
                let detail = text.strip_prefix("Failed to deserialize query string: ").unwrap_or(&text);
                let quoted = detail.split('`').nth(1);
                let name = match detail.split_once(": ") {
                    Some((name, _)) if !name.contains('`') && !name.contains(' ') => name,
                    _ => quoted.unwrap_or_default(),
                };
                Err(Problem::parameter(name, detail))
            }
        }
    }
}

/// An id in the path. One that is no id names nothing, so it is not found.
#[derive(Debug)]
pub(crate) struct PathId<T>(pub(crate) T);

impl<S: Send + Sync, T> FromRequestParts<S> for PathId<T>
where
    T: FromStr,
    T::Err: Display,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(text) = Path::<String>::from_request_parts(parts, state)
            .await
            .map_err(|_| Problem::not_found("object", "?"))?;
        text.parse()
            .map(Self)
            .map_err(|error| Problem::new(StatusCode::NOT_FOUND, "not_found", format!("{error}")))
    }
}

/// A field of a merge patch that may be taken away.
#[derive(Debug, Default)]
pub(crate) enum Patched {
    /// Not named: stays.
    #[default]
    Kept,
    /// Named: the new value, none for `null`.
    Set(Option<String>),
}

impl Patched {
    /// The new value.
    pub(crate) fn named(&self) -> Option<&str> {
        match self {
            Self::Kept => None,
            Self::Set(value) => value.as_deref(),
        }
    }

    /// The value after the patch.
    pub(crate) fn over(self, before: Option<String>) -> Option<String> {
        match self {
            Self::Kept => before,
            Self::Set(value) => value,
        }
    }
}

impl<'de> serde::Deserialize<'de> for Patched {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        <Option<String> as serde::Deserialize>::deserialize(deserializer).map(Self::Set)
    }
}

/// The page the caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Page {
    pub(crate) cursor: Option<String>,
    pub(crate) limit: usize,
}

impl Page {
    /// Checks what the caller asked for; a limit beyond the bound is an error, not silently another one.
    pub(crate) fn of(cursor: Option<String>, limit: Option<u32>) -> Result<Self, Problem> {
        let limit = limit.unwrap_or(PAGE_DEFAULT);
        if !(1..=PAGE_LIMIT).contains(&limit) {
            return Err(Problem::parameter("limit", format!("`limit` is 1 to {PAGE_LIMIT}")));
        }
        Ok(Self { cursor, limit: usize::try_from(limit).unwrap_or(1) })
    }

    /// How many rows to ask the store for: one more than wanted tells whether there is a next page.
    pub(crate) fn asked(&self) -> u32 {
        u32::try_from(self.limit).unwrap_or(PAGE_LIMIT) + 1
    }

    /// Leaves of the rows that were [asked](Self::asked) for those of this page; gives the cursor of the next one,
    /// none on the last.
    pub(crate) fn cut<T, C: Display>(&self, found: &mut Vec<T>, cursor: impl Fn(&T) -> C) -> Option<String> {
        let more = found.len() > self.limit;
        found.truncate(self.limit);
        found.last().filter(|_| more).map(|last| cursor(last).to_string())
    }

    /// The cursor as an id or number of the list.
    pub(crate) fn after<T: FromStr>(&self) -> Result<Option<T>, Problem> {
        self.cursor
            .as_deref()
            .map(|text| {
                text.parse().map_err(|_| Problem::parameter("cursor", "the cursor is not one of this list"))
            })
            .transpose()
    }
}

/// The `Idempotency-Key` header, or the field of the same meaning; both must agree.
pub(crate) fn idempotency_key(
    headers: &HeaderMap,
    field: Option<&str>,
) -> Result<Option<std::sync::Arc<str>>, Problem> {
    let header =
        headers.get("idempotency-key").map(|value| value.to_str().unwrap_or_default().trim_matches('"'));
    if let (Some(header), Some(field)) = (header, field)
        && header != field
    {
        return Err(Problem::field("/idempotency_key", "the header `Idempotency-Key` says something else"));
    }
    let Some(key) = header.or(field) else {
        return Ok(None);
    };
    if key.is_empty() || key.len() > 200 || !key.is_ascii() {
        return Err(Problem {
            errors: vec![FieldError {
                pointer: field.map(|_| "/idempotency_key".to_owned()),
                parameter: None,
                detail: "an idempotency key is 1 to 200 ASCII characters".to_owned(),
            }],
            ..Problem::new(
                StatusCode::BAD_REQUEST,
                "invalid_field",
                "an idempotency key is 1 to 200 ASCII characters",
            )
        });
    }
    Ok(Some(key.into()))
}

/// Compares `If-Match` with the entity tag of the object.
pub(crate) fn if_match(headers: &HeaderMap, tag: &str) -> Result<(), Problem> {
    let Some(wanted) = headers.get(header::IF_MATCH) else {
        return Ok(());
    };
    let wanted = wanted.to_str().unwrap_or_default().trim();
    let fits = wanted == "*" || wanted.split(',').any(|one| one.trim() == tag);
    if fits { Ok(()) } else { Err(Problem::stale(tag)) }
}

/// The entity tag of a version.
pub(crate) fn etag(version: impl std::fmt::Display) -> String {
    format!("\"{version}\"")
}

/// The entity tag of a thing that has no version of its own: of its content.
pub(crate) fn etag_of(thing: &impl serde::Serialize) -> String {
    let text = serde_json::to_vec(thing).unwrap_or_default();
    let digest = Sha256::digest(&text);
    let short = digest.iter().take(8).fold(0_u64, |all, byte| (all << 8) | u64::from(*byte));
    format!("\"{short:016x}\"")
}

/// An answer that carries the entity tag of what it shows.
pub(crate) fn tagged<T: serde::Serialize>(tag: &str, body: T) -> Response {
    ([(header::ETAG, tag.to_owned())], axum::Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Outer {
        name: String,
        rows: Vec<Row>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only parsed")]
    struct Row {
        count: u32,
    }

    fn pointer(text: &str) -> String {
        let problem = parse::<Outer>(text.as_bytes()).unwrap_err();
        assert_eq!(problem.code, "invalid_field", "{problem:?}");
        problem.errors[0].pointer.clone().unwrap()
    }

    #[test]
    fn the_field_that_cannot_be_taken_is_named_by_a_pointer() {
        assert_eq!(pointer(r#"{"name":"a","rows":[],"colour":1}"#), "/colour");
        assert_eq!(pointer("{\"name\":\"a\",\n \"rows\":[{\"count\":1},{\"cuont\":2}]}"), "/rows/1/cuont");
        assert_eq!(pointer(r#"{"name":"a","rows":[{"count":1},{"count":"x"}]}"#), "/rows/1/count");
        assert_eq!(pointer(r#"{"name":7,"rows":[]}"#), "/name");
        assert_eq!(pointer(r#"{"rows":[]}"#), "/name");
        assert_eq!(pointer(r#"{"name":"q\"{","rows":[{}]}"#), "/rows/0/count");
        assert_eq!(pointer(r#"{"name":"a","rows":[],"a/b":1}"#), "/a~1b");
    }

    #[test]
    fn an_array_is_not_read_as_fields_by_position() {
        assert_eq!(pointer(r#" ["a",[]]"#), "");
        assert_eq!(pointer("[]"), "");
        assert_eq!(parse::<Outer>(b"[1").unwrap_err().code, "invalid_json");
    }

    #[test]
    fn text_that_is_no_json_is_told_apart_from_a_wrong_field() {
        for text in ["", "{", "{\"name\":}", "nonsense"] {
            assert_eq!(parse::<Outer>(text.as_bytes()).unwrap_err().code, "invalid_json", "{text}");
        }
    }

    #[test]
    fn a_page_ends_at_its_limit_and_names_the_next_one_only_when_there_is_one() {
        let page = Page::of(None, Some(2)).unwrap();
        assert_eq!(page.asked(), 3);
        let (mut more, mut all) = (vec![1, 2, 3], vec![1, 2]);
        assert_eq!((page.cut(&mut more, |one| *one).as_deref(), more), (Some("2"), vec![1, 2]));
        assert_eq!((page.cut(&mut all, |one| *one), all), (None, vec![1, 2]));
        assert_eq!(page.cut(&mut Vec::<u8>::new(), |one| *one), None);
    }

    #[test]
    fn a_limit_beyond_the_bound_is_an_error() {
        assert_eq!(Page::of(None, None).unwrap().limit, 50);
        assert!(Page::of(None, Some(0)).is_err());
        assert!(Page::of(None, Some(201)).is_err());
    }
}
