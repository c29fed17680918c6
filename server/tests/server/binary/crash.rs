//! kill -9 at random moments: what was acknowledged is there, and what was not can be tried again.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use noren::log::{Append, LogPosition, SignedCheckpoint, bundles_needed};
use noren::messages::UploadTicket;
use rand::RngExt;

use super::process::{Process, Site, check, connect, exchange, now, upload_headers};
use crate::authority::{Authority, entry};

const ROUNDS: usize = 12;
const CBOR: &str = "application/cbor";

fn send_append(process: &Process, authority: &Authority, append: &Append) -> Option<u16> {
    let body = append.to_bytes().unwrap();
    process.signed(authority, "POST", "/v1/log", CBOR, &body).ok().map(|answer| answer.status)
}

/// Runs `work` until it fails or the server has been killed at a random moment; then starts it again.
fn killed_in(
    site: &Site,
    mut process: Process,
    mut work: impl FnMut(&Process) -> bool + Send,
) -> Process {
    let victim = process.child.id().to_string();
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut going = true;
            while going && !stop.load(Ordering::SeqCst) {
                going = work(&process);
            }
        });
        std::thread::sleep(Duration::from_millis(rand::rng().random_range(5..150)));
        let killed = std::process::Command::new("sh").args(["-c", "kill -9 $0", &victim]).status();
        assert!(killed.unwrap().success());
        stop.store(true, Ordering::SeqCst);
    });
    process.child.wait().unwrap();
    drop(process);
    site.start()
}

/// Downloads everything and verifies it the way a device does.
pub(crate) fn assert_serves(process: &Process, authority: &Authority, expected: &[Vec<u8>]) {
    assert_serves_at(process.addr, authority, expected);
}

/// Does the same with whoever answers at an address.
pub(crate) fn assert_serves_at(address: SocketAddr, authority: &Authority, expected: &[Vec<u8>]) {
    assert_serves_below(&format!("http://{address}"), authority, expected);
}

/// Does the same with whoever answers below an address that may have a path.
pub(crate) fn assert_serves_below(address: &str, authority: &Authority, expected: &[Vec<u8>]) {
    let rest = address.strip_prefix("http://").unwrap();
    let (host, folder) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let get = |path: &str| {
        let stream = connect(host.parse().unwrap()).unwrap();
        exchange(stream, "GET", &format!("{folder}{path}"), &[], b"").unwrap()
    };
    let checkpoint = get("/checkpoint");
    assert_eq!(checkpoint.status, 200);
    let key = authority.keys.log_public_keys();
    let signed = SignedCheckpoint::verify(&checkpoint.body, &authority.origin, &key).unwrap();
    let mut entries = vec![];
    for bundle in bundles_needed(0, signed.checkpoint().size) {
        let answer = get(&format!("/{}", bundle.path));
        assert_eq!(answer.status, 200, "{}", bundle.path);
        entries.extend(bundle.new_entries(&answer.body).unwrap());
    }
    LogPosition::start().advance(&signed, &entries).unwrap();
    assert!(entries == expected, "{} of {} entries", entries.len(), expected.len());
}

#[test]
fn a_server_killed_in_the_middle_of_appends_loses_nothing_that_was_acknowledged() {
    // [API-11] [API-9]
    let mut authority = Authority::new(1);
    let site = Site::new(&authority);
    let mut process = site.start();
    let mut published: Vec<Vec<u8>> = vec![];
    let (mut acknowledged, mut retried) = (0, 0);
    // On a busy machine it is long killed before anything is acknowledged.
    for round in 0..5 * ROUNDS {
        if round >= ROUNDS && acknowledged > 0 && retried > 0 {
            break;
        }
        let mut pending: Option<Append> = None;
        process = killed_in(&site, process, |process| {
            let first = published.len() as u64;
            let count = rand::rng().random_range(1..400);
            let entries: Vec<_> = (first..first + count).map(entry).collect();
            let append = authority.append(entries, now());
            let status = send_append(process, &authority, &append);
            let Some(status) = status else {
                pending = Some(append);
                return false;
            };
            assert_eq!(status, 200);
            authority.advance(&append);
            published.extend(append.entries);
            acknowledged += 1;
            true
        });
        // The very same append again: it was made or it was not, both are right.
        if let Some(append) = pending {
            assert_eq!(send_append(&process, &authority, &append), Some(200));
            authority.advance(&append);
            published.extend(append.entries);
            retried += 1;
        }
        if !published.is_empty() {
            assert_serves(&process, &authority, &published);
        }
    }
    assert!(acknowledged > 0 && retried > 0, "{acknowledged} acknowledged, {retried} retried");
    drop(process);
    assert!(check(&site));
}

#[test]
fn a_server_killed_in_the_middle_of_uploads_loses_nothing_that_was_acknowledged() {
    // [API-11] [API-4]
    let authority = Authority::new(1);
    let site = Site::new(&authority);
    let mut process = site.start();
    let mut sent: Vec<(UploadTicket, u8)> = vec![];
    let mut interrupted = 0;
    // A machine that does other things as well has less of them confirmed in a round.
    for round in 0..10 * ROUNDS {
        if round >= ROUNDS && sent.len() > ROUNDS {
            break;
        }
        let mut pending: Option<(UploadTicket, u8)> = None;
        process = killed_in(&site, process, |process| {
            let code = UploadTicket::generate(&mut rand::rng());
            let path = format!("/v1/cases/{}", hex::encode(code.hash().as_bytes()));
            let body = format!("{{\"expires\":{}}}", now() + 3_600);
            let json = "application/json";
            match process.signed(&authority, "PUT", &path, json, body.as_bytes()) {
                Ok(answer) => assert_eq!(answer.status, 201),
                Err(_) => {
                    interrupted += 1;
                    return false;
                }
            }
            let mark = round as u8;
            let headers = upload_headers(&code.to_text(), false);
            match process.send("POST", "/v1/uploads", &headers, &vec![mark; 65_536]) {
                Ok(answer) => assert_eq!(answer.status, 202),
                Err(_) => {
                    pending = Some((code, mark));
                    return false;
                }
            }
            sent.push((code, mark));
            true
        });
        if let Some((code, mark)) = pending {
            let headers = upload_headers(&code.to_text(), false);
            let answer =
                process.send("POST", "/v1/uploads", &headers, &vec![mark; 65_536]).unwrap();
            assert_eq!(answer.status, 202);
            sent.push((code, mark));
            interrupted += 1;
        }
    }
    let list = process.signed(&authority, "GET", "/v1/uploads", "", b"").unwrap();
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list.body).unwrap();
    assert_eq!(list.len(), sent.len(), "each upload once");
    assert!(
        interrupted > 0 && sent.len() > ROUNDS,
        "{interrupted} interrupted, {} sent",
        sent.len()
    );
    for (code, mark) in &sent {
        let case = hex::encode(code.hash().as_bytes());
        let upload = list.iter().find(|upload| upload["case"] == case).unwrap();
        let path = format!("/v1/uploads/{}", upload["id"].as_str().unwrap());
        let answer = process.signed(&authority, "GET", &path, "", b"").unwrap();
        assert!(answer.body == vec![*mark; 65_536]);
    }
}
