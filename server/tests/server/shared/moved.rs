//! From one machine to many and back: a data folder fills a database and a bucket, and a backup is a
//! data folder.

use std::process::{Command, Stdio};

use noren::messages::UploadTicket;

use super::services::{Place, Services, services};
use crate::authority::{Authority, entry};
use crate::binary::crash::{assert_serves_at, assert_serves_below};
use crate::binary::process::{Process, Site, check, connect, exchange, now, upload_headers};

fn append(process: &Process, authority: &mut Authority, entries: std::ops::Range<u64>) {
    let append = authority.append(entries.map(entry).collect(), now());
    let body = append.to_bytes().unwrap();
    let answer = process.signed(authority, "POST", "/v1/log", "application/cbor", &body).unwrap();
    assert_eq!(answer.status, 200);
    authority.advance(&append);
}

fn case(process: &Process, authority: &Authority) -> UploadTicket {
    let code = UploadTicket::generate(&mut rand::rng());
    let path = format!("/v1/cases/{}", hex::encode(code.hash().as_bytes()));
    let body = format!("{{\"expires\":{}}}", now() + 3_600);
    let opened = process.signed(authority, "PUT", &path, "application/json", body.as_bytes());
    assert_eq!(opened.unwrap().status, 201);
    code
}

fn upload(process: &Process, code: &UploadTicket, mark: u8) -> u16 {
    let headers = upload_headers(&code.to_text(), false);
    process.send("POST", "/v1/uploads", &headers, &[mark; 65_536]).unwrap().status
}

fn uploads(process: &Process, authority: &Authority) -> usize {
    let list = process.signed(authority, "GET", "/v1/uploads", "", b"").unwrap();
    serde_json::from_slice::<Vec<serde_json::Value>>(&list.body).unwrap().len()
}

/// Runs a verb with a folder; what it said on failure.
fn run(site: &Site, verb: &str, folder: &std::path::Path) -> Result<(), String> {
    let mut command: Command = site.command();
    let output = command.arg(verb).arg(folder).stderr(Stdio::piped()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(()) } else { Err(said) }
}

#[test]
fn a_log_moves_from_one_machine_to_many_and_back() {
    // [API-46] [API-45]
    let Some(services) = services() else { return };
    let mut authority = Authority::new(1);
    let alone = Site::new(&authority);
    let process = alone.start();
    append(&process, &mut authority, 0..300);
    append(&process, &mut authority, 300..700);
    let (used, open) = (case(&process, &authority), case(&process, &authority));
    assert_eq!(upload(&process, &used, 1), 202);
    // While the server runs its folder is no source of a move, but of a backup.
    let many = services.place().site(&authority);
    assert!(run(&many, "restore", &alone.data()).unwrap_err().contains("another server"));
    let backup = alone.folder.path().join("backup");
    run(&alone, "backup", &backup).unwrap();
    append(&process, &mut authority, 700..900);
    drop(process);
    // To many. What was interrupted can be run again, and what is there is not overwritten.
    run(&many, "restore", &alone.data()).unwrap();
    assert!(run(&many, "restore", &alone.data()).unwrap_err().contains("holds"));
    let (one, other) = (many.start(), many.start());
    let entries: Vec<_> = (0..900).map(entry).collect();
    assert_serves_at(one.addr, &authority, &entries);
    assert_eq!(uploads(&other, &authority), 1);
    assert_eq!(upload(&one, &used, 1), 202, "the same again");
    assert_eq!(upload(&one, &used, 2), 403, "a code that was used stays used");
    assert_eq!(upload(&other, &open, 3), 202);
    append(&other, &mut authority, 900..1_000);
    // And back.
    let back = Site::new(&authority);
    run(&many, "backup", &back.data()).unwrap();
    drop((one, other));
    let process = back.start();
    let entries: Vec<_> = (0..1_000).map(entry).collect();
    assert_serves_at(process.addr, &authority, &entries);
    assert_eq!(uploads(&process, &authority), 2);
    append(&process, &mut authority, 1_000..1_100);
    drop(process);
    assert!(check(&back));
    // The backup is of its own time.
    let earlier = Site::new(&authority);
    run(&earlier, "restore", &backup).unwrap();
    assert_serves_at(earlier.start().addr, &authority, &entries[..700]);
    // There is nothing in a folder that is none.
    let nothing = alone.folder.path().join("nothing");
    assert!(run(&earlier, "restore", &nothing).unwrap_err().contains("no log"));
}

/// The checkpoint that readers of the bucket find.
fn shown(services: &Services, place: &Place) -> Vec<u8> {
    let path = format!("/noren/{}/checkpoint", place.prefix);
    let stream = connect(services.bucket_address()).unwrap();
    exchange(stream, "GET", &path, &[], b"").unwrap().body
}

#[test]
fn a_folder_is_copied_to_a_bucket_again_and_again_while_its_server_runs() {
    // [API-46] [API-43]
    let Some(services) = services() else { return };
    let mut authority = Authority::new(1);
    let alone = Site::new(&authority);
    let process = alone.start();
    let place = services.place();
    let mirror = place.bucket_alone(&authority);
    let head = || process.send("GET", "/checkpoint", &[], b"").unwrap().body;
    // Of a log that has not begun there is a profile.
    run(&mirror, "copy", &alone.data()).unwrap();
    let mut size = 0;
    for step in [300, 1, 0, 500] {
        append(&process, &mut authority, size..size + step);
        size += step;
        run(&mirror, "copy", &alone.data()).unwrap();
        assert_eq!(shown(&services, &place), head());
        // Nothing was published since.
        run(&mirror, "copy", &alone.data()).unwrap();
        assert_eq!(shown(&services, &place), head());
    }
    // A reader who knows the bucket alone follows the log there.
    let entries: Vec<_> = (0..size).map(entry).collect();
    let address = format!("{}/noren/{}", place.endpoint, place.prefix);
    assert_serves_below(&address, &authority, &entries);
    // A server needs more than that.
    let said = Process::try_start(mirror.command()).err().unwrap();
    assert!(said.contains("database.url"), "{said}");
    // An older state, and another log of the same authority, change nothing.
    let earlier = Site::new(&Authority::new(1));
    let other = earlier.start();
    let mut twin = Authority::new(1);
    append(&other, &mut twin, 0..200);
    assert!(run(&mirror, "copy", &earlier.data()).unwrap_err().contains("was changed"));
    append(&other, &mut twin, 5_000..6_000);
    assert!(run(&mirror, "copy", &earlier.data()).unwrap_err().contains("was changed"));
    // Nor does another authority's.
    let stranger = Site::new(&Authority::new(2));
    drop(stranger.start());
    assert!(run(&mirror, "copy", &stranger.data()).unwrap_err().contains("was changed"));
    assert_eq!(shown(&services, &place), head());
    // Servers take over what was copied, with what was published since.
    append(&process, &mut authority, size..size + 50);
    drop(process);
    let many = place.site(&authority);
    run(&many, "restore", &alone.data()).unwrap();
    let entries: Vec<_> = (0..size + 50).map(entry).collect();
    assert_serves_at(many.start().addr, &authority, &entries);
}

#[test]
fn check_finds_what_is_wrong_in_folder_and_bucket_while_servers_run() {
    // [API-46] [API-29]
    let Some(services) = services() else { return };
    let mut authority = Authority::new(1);
    let (alone, many) = (Site::new(&authority), services.place().site(&authority));
    let mut twin = Authority::new(1);
    let (one, other) = (alone.start(), many.start());
    append(&one, &mut authority, 0..600);
    append(&other, &mut twin, 0..600);
    assert!(check(&alone) && check(&many));
    let bundle = alone.data().join("public/tile/entries/001");
    let whole = std::fs::read(&bundle).unwrap();
    let mut damaged = whole.clone();
    damaged[77] ^= 1;
    std::fs::write(&bundle, &damaged).unwrap();
    assert!(!check(&alone));
    std::fs::write(&bundle, &whole).unwrap();
    assert!(check(&alone));
    let checkpoint = alone.data().join("public/checkpoint");
    let text = std::fs::read(&checkpoint).unwrap();
    std::fs::remove_file(&checkpoint).unwrap();
    assert!(!check(&alone), "tiles and no checkpoint");
    std::fs::write(&checkpoint, &text).unwrap();
    drop(one);
    let mut file = std::fs::OpenOptions::new();
    let file = file.write(true).open(alone.data().join("noren.sqlite")).unwrap();
    std::os::unix::fs::FileExt::write_all_at(&file, &[0xff; 4_000], 4_096).unwrap();
    assert!(!check(&alone), "a damaged database");
}

#[test]
fn tables_of_another_version_are_named() {
    // [API-45]
    let Some(services) = services() else { return };
    let place = services.place();
    let authority = Authority::new(1);
    let unmade = place.unmade_site(&authority);
    let said = Process::try_start(unmade.command()).err().unwrap();
    assert!(said.contains("noren-server migrate"), "{said}");
    let site = place.site(&authority);
    drop(site.start());
    // A password is in no message.
    let wrong = site.set("DATABASE_URL", "postgres://noren:secret-word@127.0.0.1:1/none");
    let said = Process::try_start(wrong.command()).err().unwrap();
    assert!(!said.contains("secret-word"), "{said}");
}
