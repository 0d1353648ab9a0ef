//! Makes the unpacked firefox start: programs that take the folder's own loader, and a launcher beside them.
//!
//! Firefox starts itself again for its pages, so the loader of the folder cannot be what is started, as with the other
//! peers. Instead its programs name that loader themselves, from the folder they start in. So it runs on any C library
//! of the machine, which the browser of the day is always too new for.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::chromium::FONTS;

/// The launcher, below the peer's folder.
pub(crate) const LAUNCHER: &str = "launcher/firefox";

/// Where its programs are, below the peer's folder.
const PROGRAMS: &str = "usr/lib/firefox";

/// The loader as a program names it, with the zero that ends it.
const LOADER_OF_THE_MACHINE: &[u8; 28] = b"/lib64/ld-linux-x86-64.so.2\0";

/// The same without the first slash: looked for from the folder the program starts in.
const LOADER_OF_THE_FOLDER: &[u8; 28] = b"lib64/ld-linux-x86-64.so.2\0\0";

/// How far from its start a program names its loader.
const HEAD: usize = 4096;

const SCRIPT: &str = r#"#!/bin/sh
# Written by `cargo xtask`. Starts the unpacked firefox.
here=$(dirname "$(readlink -f "$0")")
export FONTCONFIG_FILE="$here/fonts.conf" XDG_CACHE_HOME="$here/cache"
# Its programs look for their loader from here.
cd "$here/.." || exit
LD_LIBRARY_PATH="$PWD/usr/lib/x86_64-linux-gnu" exec usr/lib/firefox/firefox "$@"
"#;

/// Turns the programs to the folder's loader and writes the launcher. All names are relative, so the folder may move.
pub(super) fn finish(root: &Path) -> io::Result<()> {
    let loaders = root.join("lib64");
    if !loaders.exists() {
        symlink("usr/lib64", loaders)?;
    }
    for entry in fs::read_dir(root.join(PROGRAMS))? {
        let entry = entry?;
        let is_library = entry.file_name().to_string_lossy().contains(".so");
        if entry.file_type()?.is_file() && !is_library {
            take_loader_of_the_folder(&entry.path())?;
        }
    }
    let folder = root.join("launcher");
    fs::create_dir_all(&folder)?;
    fs::write(folder.join("fonts.conf"), FONTS)?;
    let launcher = root.join(LAUNCHER);
    fs::write(&launcher, SCRIPT)?;
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755))
}

/// Writes the program again if it names the loader of the machine; anything else stays as it is.
fn take_loader_of_the_folder(program: &Path) -> io::Result<()> {
    let mut bytes = fs::read(program)?;
    if turn_loader(&mut bytes) {
        fs::write(program, bytes)?;
    }
    Ok(())
}

fn turn_loader(bytes: &mut [u8]) -> bool {
    let length = LOADER_OF_THE_MACHINE.len();
    let head = bytes.get(..HEAD).unwrap_or(bytes);
    let found = head.windows(length).position(|window| window == LOADER_OF_THE_MACHINE);
    let Some(place) = found.and_then(|at| bytes.get_mut(at..at + length)) else {
        return false;
    };
    place.copy_from_slice(LOADER_OF_THE_FOLDER);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_turned_to_the_loader_of_its_folder_and_keeps_its_length() {
        let mut program = [b"\x7fELF....".as_slice(), LOADER_OF_THE_MACHINE, b"GNU"].concat();
        let length = program.len();
        assert!(turn_loader(&mut program));
        assert_eq!(program, [b"\x7fELF....".as_slice(), b"lib64/ld-linux-x86-64.so.2\0\0GNU"].concat());
        assert_eq!(program.len(), length);
        assert!(!turn_loader(&mut program), "once is enough");
        assert!(!turn_loader(&mut b"#!/bin/sh\n".to_vec()));
    }
}
