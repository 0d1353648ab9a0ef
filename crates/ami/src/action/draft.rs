//! Collects headers for an action and checks them.

use std::time::Duration;

use super::{Action, MAX_ACTION_HEADERS, MAX_LINE_BYTES, ReplyShape, check_header};
use crate::error::ActionError;

/// An action in the making; the first error found is given by [`finish`](Self::finish).
#[derive(Debug)]
#[must_use]
pub struct Draft {
    action: Action,
    error: Option<ActionError>,
}

impl Draft {
    pub(super) fn new(name: &str) -> Self {
        let action =
            Action { name: name.to_owned(), id: None, headers: Vec::new(), shape: ReplyShape::Single };
        let error = check_header(name, "Action", name).err().or_else(|| {
            name.is_empty()
                .then(|| ActionError::BadValue { action: String::new(), what: "an empty action name" })
        });
        Self { action, error }
    }

    /// Adds a header.
    pub fn header(mut self, key: &str, value: &str) -> Self {
        self.push(key, value);
        self
    }

    /// Adds a header unless its value is `None`.
    pub fn optional(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.header(key, value),
            None => self,
        }
    }

    /// Adds one `Variable` pair.
    pub fn variable(self, name: &str, value: &str) -> Self {
        let pair = format!("{name}={value}");
        self.header("Variable", &pair)
    }

    /// Says that the reply is a list.
    pub fn list(mut self, empty_errors: &'static [&'static str]) -> Self {
        self.action.shape = ReplyShape::List { empty_errors };
        self
    }

    /// Gives the action, or the first thing wrong with it.
    pub fn finish(self) -> Result<Action, ActionError> {
        if let Some(error) = self.error {
            return Err(error);
        }
        // `Action` and `ActionID` are two more.
        let count = self.action.headers.len() + 2;
        if count > MAX_ACTION_HEADERS {
            return Err(ActionError::TooManyHeaders { action: self.action.name, count });
        }
        Ok(self.action)
    }

    pub(super) fn push(&mut self, key: &str, value: &str) {
        if self.error.is_none() {
            self.error = self.check(key, value).err();
        }
        if self.error.is_none() {
            self.action.headers.push((key.to_owned(), value.to_owned()));
        }
    }

    pub(super) fn refuse(&mut self, what: &'static str) {
        if self.error.is_none() {
            self.error = Some(ActionError::BadValue { action: self.action.name.clone(), what });
        }
    }

    fn check(&self, key: &str, value: &str) -> Result<(), ActionError> {
        let action = &self.action.name;
        check_header(action, key, value)?;
        let length = key.len() + 2 + value.len() + 2;
        if length > MAX_LINE_BYTES {
            return Err(ActionError::LineTooLong { action: action.clone(), key: key.to_owned(), length });
        }
        let is_taken = |taken: &str| taken.eq_ignore_ascii_case(key);
        let is_repeatable = is_taken("Variable");
        let is_repeated = is_taken("Action")
            || is_taken("ActionID")
            || self.action.headers.iter().any(|(taken, _)| is_taken(taken));
        if is_repeated && !is_repeatable {
            return Err(ActionError::DuplicateKey { action: action.clone(), key: key.to_owned() });
        }
        Ok(())
    }
}

/// Variables of an action, one `Variable` header each. Values arrive as they are given, whatever characters they hold.
pub type Variables = Vec<(String, String)>;

/// Puts a field of an action struct into the draft.
pub(super) fn put(field: &impl Field, mut draft: Draft, key: &'static str) -> Draft {
    field.put(&mut draft, key);
    draft
}

/// How a field of an action struct becomes headers.
pub(super) trait Field {
    fn put(&self, draft: &mut Draft, key: &'static str);
}

impl Field for String {
    fn put(&self, draft: &mut Draft, key: &'static str) {
        draft.push(key, self);
    }
}

impl Field for bool {
    fn put(&self, draft: &mut Draft, key: &'static str) {
        draft.push(key, if *self { "true" } else { "false" });
    }
}

impl Field for u8 {
    fn put(&self, draft: &mut Draft, key: &'static str) {
        draft.push(key, &self.to_string());
    }
}

impl Field for u32 {
    fn put(&self, draft: &mut Draft, key: &'static str) {
        draft.push(key, &self.to_string());
    }
}

/// Durations are milliseconds on the wire, but for `AbsoluteTimeout`, which has its own field.
impl Field for Duration {
    fn put(&self, draft: &mut Draft, key: &'static str) {
        draft.push(key, &self.as_millis().to_string());
    }
}

impl<T: Field> Field for Option<T> {
    fn put(&self, draft: &mut Draft, key: &'static str) {
        if let Some(value) = self {
            value.put(draft, key);
        }
    }
}

impl Field for Variables {
    fn put(&self, draft: &mut Draft, key: &'static str) {
        for (name, value) in self {
            if name.is_empty() || name.contains(['=', ',', '"', '\\']) {
                draft.refuse("a variable name that is empty or holds `=`, `,`, `\"` or `\\`");
            }
            draft.push(key, &format!("{name}={}", escaped(value)));
        }
    }
}

/// Asterisk takes the header apart like arguments of an application: without the backslashes a comma in a value
/// would begin another variable, of any name.
fn escaped(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    for c in value.chars() {
        if matches!(c, '\\' | '"' | ',' | '(' | ')' | '[' | ']') {
            text.push('\\');
        }
        text.push(c);
    }
    text
}
