//! The macro that declares an action: a struct with one field per header.

/// Declares action structs. `list [..]` after the name gives the error texts that mean "no rows".
macro_rules! actions {
    ($(
        $(#[$meta:meta])*
        $name:ident = $wire:literal $(list [$($empty:literal),*])? {
            $($(#[$fmeta:meta])* $field:ident: $ty:ty = $key:literal),* $(,)?
        }
    )+) => {$(
        $(#[$meta])*
        #[derive(Clone, Default, PartialEq, Eq)]
        pub struct $name {
            $(
                #[doc = concat!("`", $key, "`.")]
                $(#[$fmeta])*
                pub $field: $ty,
            )*
        }

        impl $crate::action::Request for $name {
            fn to_action(&self) -> Result<$crate::action::Action, $crate::error::ActionError> {
                let draft = $crate::action::Action::build($wire)$(.list(&[$($empty),*]))?;
                $(let draft = $crate::action::draft::put(&self.$field, draft, $key);)*
                draft.finish()
            }
        }

        $crate::action::macros::debug_as_action!($name);
    )+};
}

/// Shows an action struct as the action it makes: secrets hidden, personal data masked.
macro_rules! debug_as_action {
    ($name:ident) => {
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match $crate::action::Request::to_action(self) {
                    Ok(action) => action.fmt(f),
                    Err(error) => f.debug_tuple(stringify!($name)).field(&error).finish(),
                }
            }
        }
    };
}

/// Declares an enum whose variants are words of a header.
macro_rules! word_field {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vmeta])* #[doc = concat!("`", $word, "`.")] $variant),+
        }

        impl $crate::action::draft::Field for $name {
            fn put(&self, draft: &mut $crate::action::Draft, key: &'static str) {
                draft.push(key, match self { $(Self::$variant => $word),+ });
            }
        }
    };
}

pub(super) use {actions, debug_as_action, word_field};
