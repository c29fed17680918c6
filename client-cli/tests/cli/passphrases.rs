//! Passphrases: asked for once a command, and read once from the standard input.

use crate::support::person::Person;
use crate::support::site::{Site, entries};
use crate::support::terminal::typed_slowly;
use crate::support::warned::{Authority, EVENING};

const WORDS: &[u8] = b"six words that nobody would guess\n";

/// Somebody with a diary, a visit that goes on, a passphrase, and an authority.
fn protected(site: &Site) -> Person {
    let visitor = Person::new();
    let bar = Authority::new("Health Office", "office.example/log").bar("Bar Noren", None);
    visitor.write("link.txt", bar.entry.to_url("https://noren.example").unwrap());
    visitor.write("passphrase", WORDS);
    visitor.write("profile", &site.profile);
    for words in [&["follow", "profile"][..], &["diary", "on"], &["check-in", "link.txt"]] {
        let ran = visitor.noren(&[&now()[..], &["visitor"], words].concat(), b"");
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
    }
    let ran = visitor.noren(&["visitor", "protect"], WORDS);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    visitor
}

/// In the middle of the validity of the bar's code.
fn now() -> [&'static str; 2] {
    static NOW: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    ["--now", NOW.get_or_init(|| (EVENING + 3_600).to_string())]
}

#[test]
fn every_command_reads_the_passphrase_once() {
    // [CLI-42]
    let site = Site::new("Health Office", &entries(3));
    let visitor = protected(&site);
    let long_after = (EVENING + 5 * 3_600).to_string();
    let add = ["diary", "add", "--name", "Friends", "--from", "2026-04-01T10:00Z", "--to"];
    let cases: &[(&[&str], i32)] = &[
        (&["visits"], 0),
        (&["notices"], 1),
        (&["edit", "--from", "2026-04-01T14:30Z"], 0),
        (&["remind", "--again"], 1),
        (&["diary", "show"], 1),
        (&[&add[..], &["2026-04-01T11:00Z"]].concat(), 0),
        (&["diary", "export"], 0),
        (&["export"], 0),
        (&["check-in", "link.txt"], 0),
        (&["check-out"], 0),
        (&["diary", "off", "--keep"], 0),
        (&["diary", "on"], 0),
        (&["forget", "--all", "--yes"], 0),
    ];
    for (words, code) in cases {
        let words = [&now()[..], &["visitor"], words].concat();
        for file in [&[][..], &["--passphrase-file", "-"]] {
            // Only the first run of what changes something has something to change.
            let ran = visitor.twin().noren(&[&words[..], file].concat(), WORDS);
            assert_eq!(ran.code, Some(*code), "{words:?} {file:?}: {ran:?}");
        }
        visitor.noren(&words, WORDS);
    }
    let visitor = protected(&site);
    let remind = ["--now", &long_after, "visitor", "remind"];
    assert_eq!(visitor.twin().noren(&remind, WORDS).code, Some(0));
    for file in [&[][..], &["--passphrase-file", "-"]] {
        // What reads, downloads, reads again, changes and notes.
        let sync = visitor.twin().noren(&[&["visitor", "sync"], file].concat(), WORDS);
        assert_eq!(sync.code, Some(1), "{sync:?}");
        let rounds = ["visitor", "watch", "--every", "1s", "--rounds", "2", "--run", "cat >> got"];
        let twin = visitor.twin();
        let watch = twin.noren(&[&rounds[..], file].concat(), WORDS);
        assert_eq!(watch.code, Some(0), "{watch:?}");
        let unfollow = [&["visitor", "unfollow", "Health Office", "--yes"], file].concat();
        assert_eq!(twin.noren(&unfollow, WORDS).code, Some(0));
    }
}

#[test]
fn a_wrong_passphrase_ends_a_command_before_anybody_is_asked() {
    // [CLI-42]
    let site = Site::new("Health Office", &entries(3));
    let visitor = protected(&site);
    site.asked();
    let watch = ["visitor", "watch", "--rounds", "1"];
    for words in [&["visitor", "sync"][..], &watch, &["visitor", "visits"]] {
        let ran = visitor.noren(words, b"other words\n");
        ran.fails("a wrong key or passphrase");
        assert!(!ran.err.contains("not read") && ran.out.is_empty(), "{ran:?}");
    }
    assert_eq!(site.asked(), [""; 0], "nothing was requested");
}

#[test]
fn a_terminal_is_asked_once() {
    // [CLI-42]
    let site = Site::new("Health Office", &entries(3));
    let visitor = protected(&site);
    for words in [&["sync"][..], &["watch", "--every", "1s", "--rounds", "2"], &["visits"]] {
        let words = [&["visitor"], words].concat();
        let Some((_, shown)) = typed_slowly(&visitor, &words, WORDS) else { return };
        assert_eq!(shown.matches("Passphrase of your vault:").count(), 1, "{words:?}: {shown}");
    }
}
