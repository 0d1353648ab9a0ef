//! Makes the unpacked Python start: a launcher beside it, which runs it through the folder's own loader.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The launcher, below the peer's folder.
const LAUNCHER: &str = "launcher/python3";

const SCRIPT: &str = r#"#!/bin/sh
# Written by `cargo xtask`. Starts the unpacked Python, which has asn1tools.
here=$(dirname "$(dirname "$(readlink -f "$0")")")
for library in "$here"/usr/lib/*-linux-gnu*; do
    for loader in "$library"/ld-linux*.so.*; do
        export PYTHONHOME="$here/usr" PYTHONPATH="$here/usr/lib/python3/dist-packages" PYTHONDONTWRITEBYTECODE=1
        exec "$loader" --library-path "$library" "$here/usr/bin/python3" "$@"
    done
done
"#;

/// Writes the launcher into the unpacked folder. All it names is relative, so the folder may move.
pub(super) fn finish(root: &Path) -> io::Result<()> {
    let launcher = root.join(LAUNCHER);
    launcher.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::write(&launcher, SCRIPT)?;
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755))
}
