//! The real binary as people use it: one module for each part of the command line, one for each
//! scenario. Nothing here calls the command line's own code.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may stop at the first surprise"
)]

mod auditors;
mod audits;
mod authority;
mod bare_machine;
mod changed_profiles;
mod clock_key;
mod clocks;
mod closing;
mod completion;
mod damage;
mod damaged_home;
mod demo;
mod desk;
mod desk_memory;
mod desk_states;
mod diary;
mod display;
mod example;
mod failing_batches;
mod failing_disk;
mod files;
mod flushing;
mod foreign_readers;
mod forgetting;
mod help;
mod inspect;
mod links;
mod logs;
mod lost_answers;
mod lost_uploads;
mod misplaced;
mod mistakes;
mod networks;
mod notices;
mod older_profiles;
mod one_desk;
mod other_answers;
mod outbox;
mod own_log;
mod pages;
mod passphrases;
mod patient_cases;
mod poster;
mod prefix;
mod preview;
mod proposals;
mod protected_desk;
mod publish;
mod qr;
mod reach;
mod refusals;
mod refused;
mod releases;
mod reminders;
mod repairs;
mod reports;
mod restored;
mod retired;
mod rooms;
mod rotation;
mod scenarios;
mod screens;
mod several_files;
mod shown_before;
mod signing_commands;
mod summary;
mod support;
mod times;
mod told;
mod tour;
mod typed;
mod venue;
mod visitor;
mod waiting;
mod window_code;
mod witnesses;
mod wording;
