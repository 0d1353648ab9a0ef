//! Makes the unpacked `WebKit` start: WPE, the port for devices, which draws without a screen, and its `WebDriver`.

use std::fs;
use std::io;
use std::path::Path;

use super::loader;

/// The launcher, below the peer's folder.
pub(crate) const LAUNCHER: &str = "launcher/webkit";

/// Where its libraries are, below the peer's folder.
const LIBRARIES: &str = "usr/lib/x86_64-linux-gnu";

/// Start of the file name of the engine.
const ENGINE: &str = "libWPEWebKit-2.0.so.";

/// Where the engine looks for the programs of its pages, and the same from the folder it starts in.
const PROGRAMS_OF_THE_MACHINE: &[u8; 39] = b"/usr/lib/x86_64-linux-gnu/wpe-webkit-2.";
const PROGRAMS_OF_THE_FOLDER: &[u8; 39] = b"usr//lib/x86_64-linux-gnu/wpe-webkit-2.";

const SCRIPT: &str = r#"#!/bin/sh
# Written by `cargo xtask`. Starts the WebDriver of the unpacked WebKit.
here=$(dirname "$(readlink -f "$0")")
export FONTCONFIG_FILE="$here/fonts.conf" XDG_CACHE_HOME="$here/cache" XDG_DATA_HOME="$here/data"
# The pages are our own, and the sandbox wants a system that it is installed on.
export WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS=1
# Its programs look for their loader and for each other from here.
cd "$here/.." || exit
LD_LIBRARY_PATH="$PWD/usr/lib/x86_64-linux-gnu" exec usr/bin/WPEWebDriver "$@"
"#;

/// Turns its programs to the folder's loader, the engine to its programs, and writes the launcher.
pub(super) fn finish(root: &Path) -> io::Result<()> {
    loader::turn(root, &["usr/bin", "usr/lib/x86_64-linux-gnu/wpe-webkit-2.0"])?;
    for entry in fs::read_dir(root.join(LIBRARIES))? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name().to_string_lossy().starts_with(ENGINE) {
            let (old, new) = (PROGRAMS_OF_THE_MACHINE, PROGRAMS_OF_THE_FOLDER);
            loader::replace_in_file(&entry.path(), usize::MAX, old, new)?;
        }
    }
    loader::write_launcher(root, LAUNCHER, SCRIPT)
}
