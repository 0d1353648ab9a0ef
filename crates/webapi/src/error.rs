//! Every error a client can get: RFC 9457 problem+json with a stable `code`.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cti_core::domain::Refusal;
use serde::Serialize;
use store::StoreError;
use utoipa::ToSchema;

use crate::ports::Unavailable;

/// What went wrong, for the client. It becomes a response without body; the outermost layer writes the body, because
/// it knows the `trace_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) detail: String,
    pub(crate) errors: Vec<FieldError>,
    pub(crate) retry_after_s: Option<u64>,
}

/// One field of a request that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct FieldError {
    /// JSON pointer (RFC 6901) into the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pointer: Option<String>,
    /// Name of a query parameter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parameter: Option<String>,
    /// What is wrong with it.
    pub(crate) detail: String,
}

/// The body of every error.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// Where the code is explained.
    pub(crate) r#type: String,
    /// The same for every problem of this code.
    pub(crate) title: String,
    /// HTTP status.
    pub(crate) status: u16,
    /// Stable code, for programs.
    pub(crate) code: String,
    /// What is wrong this time and how to mend it, for people.
    pub(crate) detail: String,
    /// Path that was asked for.
    pub(crate) instance: String,
    /// Finds the request in the log.
    pub(crate) trace_id: String,
    /// Fields that cannot be taken.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) errors: Vec<FieldError>,
}

impl Problem {
    /// A problem of this status and code.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: detail.into(), errors: Vec::new(), retry_after_s: None }
    }

    /// Nobody is signed in.
    pub(crate) fn unauthenticated() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthenticated",
            "sign in, or send a valid token as `Authorization: Bearer`",
        )
    }

    /// The right is missing.
    pub(crate) fn forbidden(right: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", format!("this needs the right `{right}`"))
    }

    /// The thing does not exist, or the caller may not know of it.
    pub(crate) fn not_found(what: &str, id: impl std::fmt::Display) -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            format!("there is no {what} `{id}`, or you may not see it"),
        )
    }

    /// A field of the body cannot be taken.
    pub(crate) fn field(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut problem = Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_field",
            format!("a field cannot be taken: {detail}"),
        );
        problem.errors.push(FieldError { pointer: Some(pointer.into()), parameter: None, detail });
        problem
    }

    /// A query parameter cannot be taken.
    pub(crate) fn parameter(name: impl Into<String>, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let mut problem = Self::new(
            StatusCode::BAD_REQUEST,
            "invalid_parameter",
            format!("a query parameter cannot be taken: {detail}"),
        );
        problem.errors.push(FieldError { pointer: None, parameter: Some(name.into()), detail });
        problem
    }

    /// The object was changed by somebody else, or is not in the state for this.
    pub(crate) fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "state_conflict", detail)
    }

    /// The state the caller knows is not the present one.
    pub(crate) fn stale(tag: &str) -> Self {
        Self::new(
            StatusCode::PRECONDITION_FAILED,
            "stale_version",
            format!("the object has the tag {tag} by now; read it again"),
        )
    }

    /// Something of ours failed; the cause is logged, never shown.
    pub(crate) fn internal(cause: &dyn std::error::Error) -> Self {
        let source = cause.source().map(ToString::to_string);
        tracing::error!(error = %cause, source, "a request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the request failed here; the log tells why under this trace_id",
        )
    }

    #[must_use]
    pub(crate) fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The body, told which request it belongs to.
    pub(crate) fn body(&self, instance: &str, trace_id: &str) -> ProblemBody {
        ProblemBody {
            r#type: format!("/problems#{}", self.code),
            title: title(self.code).to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            detail: self.detail.clone(),
            instance: instance.to_owned(),
            trace_id: trace_id.to_owned(),
            errors: self.errors.clone(),
        }
    }
}

/// The same words for every problem of a code.
fn title(code: &str) -> &'static str {
    match code {
        "unauthenticated" => "Not signed in",
        "sign_in_failed" => "Wrong name or password",
        "directory_no_role" => "No role in the groups of the directory",
        "directory_unavailable" => "Directory does not answer",
        "directory_misconfigured" => "Settings of the directory are wrong",
        "locked_out" => "Too many failed sign-ins",
        "too_many_streams" => "Too many open streams",
        "forbidden" => "Right is missing",
        "cross_site" => "Request came from another site",
        "origin_missing" => "Request does not say where it comes from",
        "not_found" => "Not found",
        "invalid_json" => "Not JSON",
        "not_csv" => "Not CSV",
        "invalid_field" => "Field cannot be taken",
        "invalid_parameter" => "Query parameter cannot be taken",
        "state_conflict" | "wrong_state" | "no_held_call" => "Not possible in this state",
        "too_late" => "Too late",
        "part_out_of_order" => "Another part is wanted next",
        "part_differs" => "Part was taken with another body",
        "in_use" => "Used elsewhere",
        "no_phone" => "Person has no phone",
        "unknown_reason" => "No such pause reason",
        "read_only" => "Defined in a file",
        "stale_version" => "Changed in the meantime",
        "idempotency_conflict" => "Idempotency key was used for something else",
        "cursor_too_old" => "Events are not kept any more",
        "stale_cursor" => "Cursor belongs to another log",
        "not_capable" => "The switch cannot do this",
        "pbx_link_down" => "No link to the switch",
        "number_denied" | "number_emergency" | "number_premium" => "Number may not be dialled",
        "number_invalid" => "Not a number that can be dialled",
        "device_busy" => "Device is busy",
        "internal" => "Failed here",
        "pages_missing" => "No pages in this build",
        "draining" | "journal_unavailable" | "overloaded" => "Not available at the moment",
        _ => "Request cannot be done",
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Unavailable> for Problem {
    fn from(cause: Unavailable) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, cause.code, cause.detail.to_string()).with_retry_after(2)
    }
}

impl From<StoreError> for Problem {
    fn from(cause: StoreError) -> Self {
        Self::internal(&cause)
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let (status, code) = match refusal.code {
            "not_found" => (StatusCode::NOT_FOUND, "not_found"),
            "not_capable" => (StatusCode::NOT_IMPLEMENTED, "not_capable"),
            "link_down" | "pbx_link_down" => (StatusCode::SERVICE_UNAVAILABLE, "pbx_link_down"),
            "invalid_settings" | "invalid_field" => return Self::field("", refusal.detail.to_string()),
            code if code.starts_with("number_") => (StatusCode::UNPROCESSABLE_ENTITY, code),
            code => (StatusCode::CONFLICT, code),
        };
        Self::new(status, code, refusal.detail.to_string())
    }
}
