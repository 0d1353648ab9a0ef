//! A seeded world over the real core in stepped time, against a small reference model.
//!
//! One seed again: `WORLD_SEED=123 cargo test -p cti-core --test world`, with `WORLD_FACTS=500` beside it for more than
//! the last 20 facts. For hours: `cargo xtask soak world`.

#![cfg(test)]
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each part of the world knows the few events, facts and plans that are its own"
)]

mod acting;
mod agenda;
mod books;
mod dice;
mod link;
mod model;
mod pbx;
mod people;
mod plan;
mod requests;
mod truth;
mod watch;
mod world;

use std::str::FromStr;
use std::time::{Duration, Instant};

use books::Tale;
use world::World;

/// Between two comparisons of state and copy in the ordinary run; saving them takes longer than all the rest.
const COMPARE_EACH: usize = 97;
/// After so many broken worlds a run stops; the next are broken for the same reason.
const BROKEN_MAX: usize = 3;

/// Lives one world; the error says how to live it again, and what was the first thing that broke.
fn live(seed: u64) -> Result<Tale, String> {
    let lived = std::panic::catch_unwind(|| {
        let mut world = World::new(seed, COMPARE_EACH);
        let lived = world.live().map(|()| world.tale());
        // Where the copy differs, it may have begun to long before: once more, with all comparisons.
        lived.map_err(
            |what| if world.is_parted() { World::new(seed, 1).live().err().unwrap_or(what) } else { what },
        )
    });
    let told = lived.unwrap_or_else(|_panic| Err("a panic, told above".to_owned()));
    told.map_err(|what| format!("WORLD_SEED={seed} cargo test -p cti-core --test world\n{what}"))
}

/// A number that whoever starts the program sets.
#[expect(
    clippy::disallowed_methods,
    reason = "the world is told from outside which one to be, the core is not"
)]
fn setting<T: FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// The seed that somebody wants to see again.
fn wanted() -> Option<u64> {
    setting("WORLD_SEED")
}

fn live_all(seeds: impl Iterator<Item = u64>) {
    let broken: Vec<String> = seeds.filter_map(|seed| live(seed).err()).take(BROKEN_MAX).collect();
    assert!(broken.is_empty(), "broken worlds:\n{}", broken.join("\n"));
}

// covers: RTE-17
// The ordinary run, in two halves, so that two processors share it; or the one world that is wanted.
#[test]
fn a_hundred_worlds() {
    match wanted() {
        Some(seed) => live_all(std::iter::once(seed)),
        None => live_all(0..100),
    }
}

#[test]
fn another_hundred_worlds() {
    if wanted().is_none() {
        live_all(100..200);
    }
}

/// For `cargo xtask soak world`: as many worlds as there is time for, each told when it breaks.
#[expect(
    clippy::disallowed_methods,
    reason = "a run of so many minutes looks at the clock between two worlds"
)]
#[test]
fn as_long_as_it_is_told() {
    let Some(seconds) = setting("WORLD_SECONDS") else { return };
    let until = Instant::now() + Duration::from_secs(seconds);
    let first = wanted().unwrap_or(1_000);
    let (mut worlds, mut broken, mut tale) = (0, 0, Tale::new());
    for seed in first.. {
        if Instant::now() > until {
            break;
        }
        worlds += 1;
        match live(seed) {
            Ok(one) => one.into_iter().for_each(|(what, count)| *tale.entry(what).or_default() += count),
            Err(what) => {
                broken += 1;
                println!("{what}");
            }
        }
    }
    for (what, count) in tale {
        println!("{count:>8} {what}");
    }
    println!("{worlds} worlds from seed {first}, {broken} of them broken");
    assert_eq!(broken, 0);
}
