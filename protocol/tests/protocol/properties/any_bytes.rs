//! Nothing panics, and what is accepted holds what each parser promises: the functions of the fuzz
//! targets on random bytes, and on the seeds with pieces cut out, doubled and changed.

use std::fs;
use std::path::Path;

use noren_fuzz_bodies::TARGETS;
use proptest::prelude::*;

use super::worlds::cases;

fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus").join(target);
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("a corpus")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    files.iter().map(|file| fs::read(file).expect("a file")).collect()
}

proptest! {
    #![proptest_config(cases(48))]

    #[test]
    fn any_bytes(data in prop::collection::vec(any::<u8>(), 0..400)) {
        // [MSG-2] [MAT-2] [LOG-11]
        for (_, body) in TARGETS {
            body(&data);
        }
    }

    #[test]
    fn any_text(text in "[ -~\u{2014}\n]{0,200}") {
        // [MSG-7] [VEN-4] [LOG-2] [LOG-11] [API-7]
        for (_, body) in TARGETS {
            body(text.as_bytes());
        }
    }

    #[test]
    fn a_seed_with_one_change(pick: prop::sample::Index, place: prop::sample::Index, byte: u8, change in 0..4) {
        // [MSG-1] [MSG-2] [MSG-4] [MSG-5] [MSG-10] [MAT-2] [VLT-4] [PRO-1]
        for (target, body) in TARGETS {
            let seeds = seeds(target);
            let mut data = pick.get(&seeds).clone();
            if data.is_empty() {
                continue;
            }
            let at = place.index(data.len());
            match change {
                0 => data[at] = byte,
                1 => data.truncate(at),
                2 => data.insert(at, byte),
                _ => data.extend_from_within(at..),
            }
            body(&data);
        }
    }
}
