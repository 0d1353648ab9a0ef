//! Makes the folder that `src/pages.rs` embeds, so that a tree without built pages compiles too.

use std::path::Path;

/// Where `npm run build` leaves the desk.
const PAGES: &str = "../../agent-ui/dist";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // A debug build reads the pages when they are asked for; only what embeds them is stale when they change.
    let embeds = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if embeds {
        println!("cargo::rerun-if-changed={PAGES}");
    }
    // A tree that cannot be written has its pages, or goes without.
    let _ = std::fs::create_dir_all(PAGES);
    if embeds && !Path::new(PAGES).join("index.html").is_file() {
        println!(
            "cargo::warning=agent-ui/dist is empty: this build has no pages; `cargo xtask package` builds them"
        );
    }
}
