//! Policies: the five that are shipped, the answers they give, and what a file is refused for.
#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

/// The tests, one file for each thing that a policy does.
mod policy {
    mod answers;
    mod osaka;
    mod properties;
    mod refusals;
    mod release;
    mod shipped;
}

use noren::authority::Policy;

/// A shipped policy by its name.
fn shipped(name: &str) -> Policy {
    let mut all = Policy::shipped().iter();
    let found = all.find(|each| each.name == name).expect("a shipped policy");
    Policy::from_toml(found.toml).expect("a sound policy")
}

/// A file with the settings that every file needs, and more.
fn file(more: &str) -> String {
    let head = "version = 1\nname = \"x\"\ntitle = \"X\"\ntime_zone = \"Asia/Tokyo\"\n";
    format!("{head}{more}")
}
