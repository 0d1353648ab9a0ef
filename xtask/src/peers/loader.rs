//! Programs that bring their C library along and start themselves again.
//!
//! A browser starts more of itself for its pages, so the loader of the folder cannot be what is started, as with the
//! other peers. Instead its programs name that loader themselves, from the folder they start in. So they run on any C
//! library of the machine, which the browser of the day is always too new for, and the folder may move.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use super::chromium::FONTS;

/// The loader as a program names it, with the zero that ends it.
const OF_THE_MACHINE: &[u8; 28] = b"/lib64/ld-linux-x86-64.so.2\0";

/// The same without the first slash: looked for from the folder the program starts in.
const OF_THE_FOLDER: &[u8; 28] = b"lib64/ld-linux-x86-64.so.2\0\0";

/// How far from its start a program names its loader.
const HEAD: usize = 4096;

/// Turns every program in these folders to the loader of `root`, which a program must then be started in.
pub(super) fn turn(root: &Path, folders: &[&str]) -> io::Result<()> {
    let loaders = root.join("lib64");
    if !loaders.exists() {
        symlink("usr/lib64", loaders)?;
    }
    for folder in folders {
        for entry in fs::read_dir(root.join(folder))? {
            let entry = entry?;
            let is_library = entry.file_name().to_string_lossy().contains(".so");
            if entry.file_type()?.is_file() && !is_library {
                replace_in_file(&entry.path(), HEAD, OF_THE_MACHINE, OF_THE_FOLDER)?;
            }
        }
    }
    Ok(())
}

/// Writes what starts the peer, and where its fonts are.
pub(super) fn write_launcher(root: &Path, name: &str, script: &str) -> io::Result<()> {
    let launcher = root.join(name);
    let folder = launcher.parent().unwrap_or(root);
    fs::create_dir_all(folder)?;
    fs::write(folder.join("fonts.conf"), FONTS)?;
    fs::write(&launcher, script)?;
    fs::set_permissions(&launcher, fs::Permissions::from_mode(0o755))
}

/// Writes the file again with these words for those, if they are in its first `reach` bytes; lengths stay.
pub(super) fn replace_in_file<const N: usize>(
    file: &Path,
    reach: usize,
    old: &[u8; N],
    new: &[u8; N],
) -> io::Result<()> {
    let mut bytes = fs::read(file)?;
    if replace(&mut bytes, reach, old, new) {
        fs::write(file, bytes)?;
    }
    Ok(())
}

fn replace<const N: usize>(bytes: &mut [u8], reach: usize, old: &[u8; N], new: &[u8; N]) -> bool {
    let mut found = false;
    let mut from = 0;
    while let Some(at) = bytes
        .get(from..reach.min(bytes.len()))
        .and_then(|rest| rest.windows(N).position(|window| window == old))
    {
        if let Some(place) = bytes.get_mut(from + at..from + at + N) {
            place.copy_from_slice(new);
        }
        from += at + N;
        found = true;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_turned_to_the_loader_of_its_folder_and_keeps_its_length() {
        let mut program = [b"\x7fELF....".as_slice(), OF_THE_MACHINE, b"GNU"].concat();
        assert!(replace(&mut program, HEAD, OF_THE_MACHINE, OF_THE_FOLDER));
        assert_eq!(program, [b"\x7fELF....".as_slice(), b"lib64/ld-linux-x86-64.so.2\0\0GNU"].concat());
        assert!(!replace(&mut program, HEAD, OF_THE_MACHINE, OF_THE_FOLDER), "once is enough");
        assert!(!replace(&mut b"#!/bin/sh\n".to_vec(), HEAD, OF_THE_MACHINE, OF_THE_FOLDER));
    }

    #[test]
    fn every_place_is_replaced() {
        let mut library = b"a/usr/b/usr/c".to_vec();
        assert!(replace(&mut library, usize::MAX, b"/usr/", b"usr//"));
        assert_eq!(library, b"ausr//busr//c");
    }
}
