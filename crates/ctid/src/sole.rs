//! One daemon per store: two would both write the journal, and both would command the switches.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// Why the store is not ours alone.
#[derive(Debug, thiserror::Error)]
pub enum SoleError {
    /// Another daemon runs on it.
    #[error("another ctid runs on this store ({} is locked): stop it first", file.display())]
    Taken {
        /// The file that it locked.
        file: PathBuf,
    },
    /// The lock file cannot be used.
    #[error("lock {}", file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Claims the SQLite store of this address for as long as the file is open; the system lets go of it when the
/// process ends, however it ends. None for a store that is no file.
pub(crate) fn claim(url: &str) -> Result<Option<File>, SoleError> {
    let Some(name) = url.strip_prefix("sqlite:").filter(|name| !name.starts_with(':')) else {
        return Ok(None);
    };
    let file = PathBuf::from(format!("{name}.lock"));
    let failed = |source| SoleError::File { file: file.clone(), source };
    let options = OpenOptions::new().create(true).append(true).mode(0o600).open(&file);
    let lock = options.map_err(failed)?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(TryLockError::WouldBlock) => Err(SoleError::Taken { file }),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}
