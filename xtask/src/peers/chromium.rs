//! Makes the unpacked chromium start: a launcher beside it.
//!
//! Chromium starts itself again for its pages, so it cannot run through the folder's own loader as the other peers do:
//! the loader would be what is started again. It runs on the machine's own C library (glibc 2.35 or newer) and takes
//! every other library, and its fonts, from the folder.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

/// The launcher, below the peer's folder.
pub(crate) const LAUNCHER: &str = "launcher/chromium";

/// Starts of the file names of the C library: of these, the machine's own are taken.
const OF_THE_MACHINE: [&str; 16] = [
    "ld-linux",
    "libc.so",
    "libm.so",
    "libmvec",
    "libpthread",
    "libdl.so",
    "librt.so",
    "libutil.so",
    "libresolv",
    "libanl.so",
    "libnsl.so",
    "libnss_",
    "libthread_db",
    "libBrokenLocale",
    "libmemusage",
    "libpcprofile",
];

/// Where a suite of Debian keeps libraries, below the peer's folder.
const LIBRARIES: [&str; 3] =
    ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/pulseaudio"];

const SCRIPT: &str = r#"#!/bin/sh
# Written by `cargo xtask`. Starts the unpacked headless chromium.
here=$(dirname "$(readlink -f "$0")")
export LD_LIBRARY_PATH="$here/lib" FONTCONFIG_FILE="$here/fonts.conf" XDG_CACHE_HOME="$here/cache"
sandbox=
[ "$(id -u)" = 0 ] && sandbox=--no-sandbox
exec "$here/../usr/lib/chromium/chromium-headless-shell" $sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync "$@"
"#;

/// Fonts of a browser: those of its folder alone.
pub(super) const FONTS: &str = r#"<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">../usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"#;

/// Writes the launcher into the unpacked folder. All it names is relative, so the folder may move.
pub(super) fn finish(root: &Path) -> io::Result<()> {
    let folder = root.join("launcher");
    let links = folder.join("lib");
    fs::create_dir_all(&links)?;
    for from in LIBRARIES {
        for name in names(&root.join(from))? {
            let link = links.join(&name);
            if is_wanted(&name) && !link.is_symlink() {
                symlink(PathBuf::from("../..").join(from).join(&name), link)?;
            }
        }
    }
    fs::write(folder.join("fonts.conf"), FONTS)?;
    let launcher = root.join(LAUNCHER);
    fs::write(&launcher, SCRIPT)?;
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755))
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let entries = fs::read_dir(folder)?.flatten();
    Ok(entries.filter_map(|entry| entry.file_name().into_string().ok()).collect())
}

fn is_wanted(name: &str) -> bool {
    name.contains(".so") && !OF_THE_MACHINE.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_c_library_is_left_to_the_machine() {
        assert!(is_wanted("libnss3.so") && is_wanted("libmount.so.1"));
        for name in ["libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2", "libnss_dns.so.2", "dri"] {
            assert!(!is_wanted(name), "{name}");
        }
    }
}
