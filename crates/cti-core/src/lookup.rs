//! A map for look-ups only: hashed, so its cost does not grow with the site, and without iteration, so its
//! order cannot leak into decisions.

#![expect(clippy::disallowed_types, reason = "never iterated: the wrapper offers no way to")]

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;

/// A hashed index.
#[derive(Debug, Clone)]
pub struct Lookup<K, V>(HashMap<K, V>);

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<K: Eq + Hash, V: Copy> Lookup<K, V> {
    /// The value of `key`.
    pub fn get<Q>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.0.get(key).copied()
    }

    /// Sets the value of `key`.
    pub fn set(&mut self, key: K, value: V) {
        self.0.insert(key, value);
    }

    /// Forgets `key`.
    pub fn forget<Q>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
        Q: Eq + Hash + ?Sized,
    {
        self.0.remove(key);
    }

    /// How many keys there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// True without any key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}
