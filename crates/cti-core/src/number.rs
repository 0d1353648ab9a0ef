//! Numbers: how they are written, compared and dialled at one switch. Its `Debug` is masked.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// What a number is, as far as the plan of its switch tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// An extension of the house.
    Internal,
    /// A number of the public network; `e164` is set when it is valid.
    External,
    /// An emergency number.
    Emergency,
    /// A short code of the public network.
    Short,
    /// A feature code (`*21*…`).
    Feature,
    /// Cannot be read as a number.
    Unknown,
}

/// A normalised number. Two numbers are the same line when `key()` is the same.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Number {
    /// As the wire or the person wrote it.
    pub raw: Arc<str>,
    /// What it is.
    pub kind: NumberKind,
    /// `+` and country code, when it is a valid number of the public network.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub e164: Option<Arc<str>>,
}

impl Number {
    /// The form in which numbers are compared and looked up.
    pub fn key(&self) -> &str {
        self.e164.as_deref().unwrap_or(&self.raw)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown: String = self
            .key()
            .chars()
            .rev()
            .take(2)
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect();
        write!(f, "…{shown}")
    }
}

/// How numbers are written and dialled at one switch (TEL-25, ADM-07); `[switch.numbers]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct NumberPlan {
    /// Country of the switch, ISO 3166 two letters, for example `CZ`.
    pub country: String,
    /// Prefix before national numbers, often `0`; empty in countries without one.
    pub trunk_prefix: String,
    /// Prefix before international numbers, often `00`.
    pub international_prefix: String,
    /// Digits to dial before an outside number; empty when the switch needs none.
    pub outside_prefix: String,
    /// Pattern of own extensions: digits, `X` for any digit, alternatives by `|`, for example `1XXX|20XX`.
    pub extension_pattern: String,
}

impl Default for NumberPlan {
    fn default() -> Self {
        Self {
            country: "CZ".to_owned(),
            trunk_prefix: String::new(),
            international_prefix: "00".to_owned(),
            outside_prefix: String::new(),
            extension_pattern: "XXX|XXXX".to_owned(),
        }
    }
}
