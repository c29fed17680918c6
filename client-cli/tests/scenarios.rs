//! The four systems that Noren replaces, each as its own story, step by step as its authority
//! described it; through the real program, the real server, and posters read as pictures.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

#[path = "support/person.rs"]
mod person;
#[path = "support/town.rs"]
#[allow(dead_code, reason = "each test uses a part of the town")]
mod town;

mod scenarios {
    mod hyogo;
    mod kokotoro;
    mod kyoto_city;
    mod neighbours;
    mod osaka;
}
