//! The editions of the standard that are in use. They differ in their namespaces, in the longest identifier, and in what
//! a new document says of itself.

use std::fmt;
use std::str::FromStr;

/// Which edition of the standard a records service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Dialect {
    /// The text in force since July 2023.
    #[default]
    Of2023,
    /// The text of 2017.
    Of2017,
    /// The first one; parts of an identifier stand in a namespace of their own.
    Of2012,
}

impl Dialect {
    /// All of them, the newest first.
    pub const ALL: [Self; 3] = [Self::Of2023, Self::Of2017, Self::Of2012];

    /// How the configuration calls it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Of2023 => "2023",
            Self::Of2017 => "v_02_00",
            Self::Of2012 => "v_01_00",
        }
    }

    /// Namespace of the messages.
    pub const fn namespace(self) -> &'static str {
        match self {
            Self::Of2023 => "http://www.mvcr.cz/nsesss/2023/api",
            Self::Of2017 => "http://nsess.public.cz/erms/v_02_00",
            Self::Of2012 => "http://nsess.public.cz/erms/v_01_00",
        }
    }

    /// Namespace of the two parts of an identifier.
    pub const fn identifier_namespace(self) -> &'static str {
        match self {
            Self::Of2023 | Self::Of2017 => self.namespace(),
            Self::Of2012 => "http://mvcr.cz/ess/v_1.0.0.0",
        }
    }

    /// Longest `HodnotaID`, characters.
    pub const fn value_chars(self) -> usize {
        match self {
            Self::Of2023 => 40,
            Self::Of2017 | Self::Of2012 => 50,
        }
    }

    /// True when a new document is sent with its whole profile: who has it and in which state it is.
    pub const fn wants_whole_profile(self) -> bool {
        match self {
            Self::Of2023 => false,
            Self::Of2017 | Self::Of2012 => true,
        }
    }

    /// The edition whose messages stand in this namespace.
    pub fn of_namespace(namespace: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|dialect| dialect.namespace() == namespace)
    }
}

impl fmt::Display for Dialect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Dialect {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|dialect| dialect.word() == text).ok_or(())
    }
}
