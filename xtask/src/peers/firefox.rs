//! Makes the unpacked firefox start.

use std::io;
use std::path::Path;

use super::loader;

/// The launcher, below the peer's folder.
pub(crate) const LAUNCHER: &str = "launcher/firefox";

const SCRIPT: &str = r#"#!/bin/sh
# Written by `cargo xtask`. Starts the unpacked firefox.
here=$(dirname "$(readlink -f "$0")")
export FONTCONFIG_FILE="$here/fonts.conf" XDG_CACHE_HOME="$here/cache"
# Its programs look for their loader from here.
cd "$here/.." || exit
LD_LIBRARY_PATH="$PWD/usr/lib/x86_64-linux-gnu" exec usr/lib/firefox/firefox "$@"
"#;

/// Turns its programs to the folder's loader and writes the launcher.
pub(super) fn finish(root: &Path) -> io::Result<()> {
    loader::turn(root, &["usr/lib/firefox"])?;
    loader::write_launcher(root, LAUNCHER, SCRIPT)
}
