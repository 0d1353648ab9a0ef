//! Against the collection of standards data, which is others' work and no part of the repository: `cargo xtask test` runs
//! these cases where it stands beside or above it (or `TIELINE_STANDARDS` says), and lists them as skipped elsewhere.
//! The committed documents in `fixtures/csta/xml` have the same shapes and are always read.

mod schema;
mod traces;

use std::{fs, path::PathBuf};

/// A file of the collection.
fn standard(name: &str) -> String {
    let named = std::env::var_os("TIELINE_STANDARDS").map(PathBuf::from);
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let above = here.ancestors().map(|folder| folder.join("shared/reference/standards"));
    let path = named.into_iter().chain(above).map(|folder| folder.join(name)).find(|path| path.is_file());
    let path = path.unwrap_or_else(|| {
        panic!("{name} is not here (TIELINE_STANDARDS); `cargo xtask test` leaves such cases out")
    });
    fs::read_to_string(path).unwrap()
}
