//! Readers of C2SP logs that others wrote, over a log that the real programs made; and ours over a log
//! that was made with theirs.

use std::process::Command;

use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::{
    Checkpoint, Hash, HashReader, Tile, TileHashReader, TileReader, check_record, check_tree,
    prove_record, prove_tree, record_hash, stored_hash_index, stored_hashes, tree_hash,
};

use crate::support::foreign::foreign;
use crate::support::http::agent;
use crate::support::office::now;
use crate::support::person::{Person, run};
use crate::support::site::Site;
use crate::support::town::{Town, at};

/// A policy whose appends are filled up to so many entries: more than a tile holds.
const POLICY: &str = "version = 1\nname = \"many\"\ntitle = \"Many\"\ntime_zone = \"Asia/Tokyo\"\n\
    decision = \"staff\"\n[cover]\nmultiple = 100\ndays = 3\n";

fn get(url: &str) -> Vec<u8> {
    let mut answer = agent().get(url).call().unwrap();
    assert_eq!(answer.status(), 200, "{url}");
    answer.body_mut().read_to_vec().unwrap()
}

/// A path of theirs as C2SP has it since: without the height.
fn c2sp(tile: &Tile) -> String {
    tile.path().replacen("tile/8/", "tile/", 1)
}

/// The tiles of a server, for the foreign reader, which verifies them itself.
struct Served(String);

impl TileReader for Served {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        Ok(tiles.iter().map(|tile| get(&format!("{}/{}", self.0, c2sp(tile)))).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

/// The head of a log as the foreign reader opens it.
fn head(note: &[u8], vkey: &str) -> (u64, Hash) {
    let verifier = StandardVerifier::new(vkey).unwrap();
    let verifiers = VerifierList::new(vec![Box::new(verifier)]);
    let note = Note::from_bytes(note).unwrap();
    let (verified, _) = note.verify(&verifiers).unwrap();
    assert_eq!(verified.len(), 1);
    let checkpoint = Checkpoint::from_bytes(note.text()).unwrap();
    (checkpoint.size(), *checkpoint.hash())
}

/// Entries by the text of C2SP tlog-tiles.
fn entries_of(bundle: &[u8]) -> Vec<Vec<u8>> {
    let (mut rest, mut entries) = (bundle, Vec::new());
    while let [high, low, after @ ..] = rest {
        let (entry, after) = after.split_at(usize::from(*high) << 8 | usize::from(*low));
        entries.push(entry.to_vec());
        rest = after;
    }
    entries
}

#[test]
fn foreign_readers_verify_every_entry_of_a_real_log() {
    // [LOG-1] [LOG-2] [LOG-3] [LOG-4] [LOG-5]
    let town = Town::new("Takarazuka", POLICY);
    let keys = town.desk(&["vkey"]);
    let vkey = keys["log"].as_str().unwrap();
    let mut heads = vec![get(&format!("{}/checkpoint", town.url))];
    for name in ["Bar", "Cafe"] {
        let venue = town.venue(name, &[]);
        let window = ["--from", &at(18, 0), "--to", &at(20, 0)];
        let opened = town.desk(&[&["case", "open", "--venue", name][..], &window].concat());
        town.warn(&venue, &opened, &["--level", "cluster"]);
        heads.push(get(&format!("{}/checkpoint", town.url)));
    }
    let (size, root) = head(&heads[2], vkey);
    assert!(size > 512, "{size}");
    let served = Served(town.url.clone());
    let reader = TileHashReader::new(size, root, &served);
    let mut index = 0;
    for first in (0..size).step_by(256) {
        let width = (size - first).min(256);
        let tile = Tile::new(8, 0, first / 256, u32::try_from(width).unwrap(), true);
        let path = c2sp(&tile).replacen("tile/data/", "tile/entries/", 1);
        for entry in entries_of(&get(&format!("{}/{path}", town.url))) {
            let hash = reader.read_hashes(&[stored_hash_index(0, index)]).unwrap()[0];
            assert_eq!(record_hash(&entry), hash, "{index}");
            index += 1;
        }
    }
    assert_eq!(index, size);
    for index in (0..size).step_by(61) {
        let proof = prove_record(size, index, &reader).unwrap();
        let hash = reader.read_hashes(&[stored_hash_index(0, index)]).unwrap()[0];
        check_record(&proof, size, root, index, hash).unwrap();
    }
    let (smaller, before) = head(&heads[1], vkey);
    let proof = prove_tree(size, smaller, &reader).unwrap();
    check_tree(&proof, size, root, smaller, before).unwrap();
    // Ours makes the same proof of an entry.
    let person = Person::new();
    let words = ["auditor", "prove", &town.url, "--entry", "300", "--out", "proof"];
    assert_eq!(person.noren(&words, b"").code, Some(0));
    let ours = noren::log::LogProof::from_text(&person.read("proof")).unwrap();
    let theirs = prove_record(size, 300, &reader).unwrap();
    assert!(ours.path.iter().map(|hash| hash.0).eq(theirs.iter().map(|hash| hash.0)));
    by_a_foreign_program(&town, vkey, &heads, size);
}

/// The same by a foreign program over HTTP, where it is installed.
fn by_a_foreign_program(town: &Town, vkey: &str, heads: &[Vec<u8>], size: u64) {
    let Some(program) = foreign("aics-tlog") else { return };
    let person = Person::new();
    person.write("log.vkey", vkey);
    person.write("before", &heads[1]);
    let ask = |words: &[&str]| {
        let more = ["--tiles", &town.url, "--vkey-file", "log.vkey"];
        let ran = run(person.equip(&mut Command::new(&program)).args(words).args(more), b"");
        assert_eq!(ran.code, Some(0), "{words:?}: {ran:?}");
    };
    ask(&["verify-checkpoint"]);
    for index in [0, 255, 256, size - 1] {
        ask(&["verify-inclusion", "--index", &index.to_string()]);
    }
    ask(&["verify-consistency", "--old-checkpoint", "before"]);
}

/// The hashes of a log that is made with foreign code, by their place.
struct Stored(Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog_tiles::Error> {
        Ok(indexes.iter().map(|index| self.0[usize::try_from(*index).unwrap()]).collect())
    }
}

/// The key of a site as the foreign signer takes it.
fn signer(site: &Site, origin: &str) -> StandardSigner {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    let key = site.keys.0.log_secret_key().unwrap();
    let public = [&[1], &key.public_key().as_bytes()[..]].concat();
    let id = signed_note::key_id(origin, &public);
    let secret = BASE64_STANDARD.encode([&[1], &key.to_bytes()[..]].concat());
    StandardSigner::new(&format!("PRIVATE+KEY+{origin}+{id:08x}+{secret}")).unwrap()
}

#[test]
fn our_reader_verifies_a_log_that_foreign_code_made() {
    // [LOG-13] [LOG-20]
    let site = Site::new("Office", &[]);
    let entries: Vec<Vec<u8>> = (0..700_u32).map(|i| format!("entry {i}").into_bytes()).collect();
    let mut stored = Stored(Vec::new());
    for (index, entry) in (0..).zip(&entries) {
        let hashes = stored_hashes(index, entry, &stored).unwrap();
        stored.0.extend(hashes);
    }
    let size = entries.len() as u64;
    let root = tree_hash(size, &stored).unwrap();
    for tile in Tile::new_tiles(8, 0, size) {
        site.put(&c2sp(&tile), &tile.read_data(&stored).unwrap());
    }
    for (number, part) in entries.chunks(256).enumerate() {
        let tile = Tile::new(8, 0, number as u64, u32::try_from(part.len()).unwrap(), true);
        let lengths = part.iter().map(|entry| u16::try_from(entry.len()).unwrap().to_be_bytes());
        let bundle: Vec<u8> =
            lengths.zip(part).flat_map(|(length, entry)| [&length, &entry[..]].concat()).collect();
        site.put(&c2sp(&tile).replacen("tile/data/", "tile/entries/", 1), &bundle);
    }
    let origin = "health.example/log";
    let checkpoint = Checkpoint::new(origin, size, root, "").unwrap();
    let mut note = Note::new(&checkpoint.to_bytes(), &[]).unwrap();
    note.add_sigs(&[&signer(&site, origin)]).unwrap();
    // The signed time is a line of ours; nothing else of the note is.
    let ours = site.sign(size, noren::log::TreeHash(root.0), now());
    let time = ours.lines().last().unwrap().to_owned() + "\n";
    let note = [note.to_bytes(), time.into_bytes()].concat();
    site.put("checkpoint", &note);
    let person = Person::new();
    person.write("health.profile", &site.profile);
    let words = ["auditor", "verify", &site.url, "--authority", "health.profile"];
    let ran = person.noren(&words, b"");
    assert!(ran.code == Some(0) && ran.out.contains("700 entries"), "{ran:?}");
    let words = ["auditor", "prove", &site.url, "--authority", "health.profile"];
    let proof = person.noren(&[&words[..], &["--entry", "511"]].concat(), b"").out;
    let proof = noren::log::LogProof::from_text(proof.as_bytes()).unwrap();
    let theirs = prove_record(size, 511, &stored).unwrap();
    assert!(proof.path.iter().map(|hash| hash.0).eq(theirs.iter().map(|hash| hash.0)));
}
