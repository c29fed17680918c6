//! A bucket that is down, that does not answer, and that holds what it should not.

use noren::log::{SignedCheckpoint, archived_path};
use noren::messages::UploadTicket;
use noren::time::{Day, UnixSeconds};

use super::services::services;
use crate::authority::{Authority, entry};
use crate::binary::crash::assert_serves_at;
use crate::binary::process::{Process, connect, exchange, now, until, upload_headers};

pub(super) fn append(process: &Process, authority: &Authority, append: &noren::log::Append) -> u16 {
    let body = append.to_bytes().unwrap();
    process.signed(authority, "POST", "/v1/log", "application/cbor", &body).unwrap().status
}

pub(super) fn upload(process: &Process, authority: &Authority) -> u16 {
    let code = UploadTicket::generate(&mut rand::rng());
    let path = format!("/v1/cases/{}", hex::encode(code.hash().as_bytes()));
    let body = format!("{{\"expires\":{}}}", now() + 3_600);
    let opened = process.signed(authority, "PUT", &path, "application/json", body.as_bytes());
    assert_eq!(opened.unwrap().status, 201);
    let headers = upload_headers(&code.to_text(), false);
    process.send("POST", "/v1/uploads", &headers, &[7; 65_536]).unwrap().status
}

pub(super) fn health(process: &Process) -> u16 {
    exchange(connect(process.ops).unwrap(), "GET", "/health", &[], b"").unwrap().status
}

#[test]
fn while_the_bucket_is_away_uploads_go_on_and_appends_wait() {
    // [API-42] [API-44]
    // A bucket of its own, which is killed.
    let Some(services) = super::services::own() else { return };
    let mut authority = Authority::new(1);
    let site = services.place().site(&authority);
    let (one, other) = (site.start(), site.start());
    let first = authority.append((0..300).map(entry).collect(), now());
    assert_eq!(append(&one, &authority, &first), 200);
    authority.advance(&first);
    let mut published = first.entries;
    for way in ["killed", "stopped"] {
        match way {
            "killed" => services.kill_bucket(),
            _ => services.signal_bucket("-STOP"),
        }
        let size = published.len() as u64;
        let next = authority.append((size..size + 70).map(entry).collect(), now());
        assert_eq!(append(&one, &authority, &next), 503, "{way}");
        assert_eq!(upload(&other, &authority), 202, "{way}");
        assert_eq!(health(&one), 503, "{way}");
        // Nothing is said to be published that nobody can read.
        assert_eq!(other.send("GET", "/checkpoint", &[], b"").unwrap().status, 503, "{way}");
        // A server that starts now takes uploads as the others do.
        let late = site.start();
        assert_eq!(upload(&late, &authority), 202, "{way}");
        assert_eq!(late.send("GET", "/checkpoint", &[], b"").unwrap().status, 503, "{way}");
        match way {
            "killed" => services.start_bucket(),
            _ => services.signal_bucket("-CONT"),
        }
        // What was decided is published by whoever comes first; the same bytes are recognised.
        until("the append is taken", || append(&other, &authority, &next) == 200);
        authority.advance(&next);
        published.extend(next.entries);
        until("the servers are well", || health(&one) == 200 && health(&other) == 200);
        assert_serves_at(one.addr, &authority, &published);
        assert_serves_at(other.addr, &authority, &published);
        until("the late one is well", || health(&late) == 200);
        assert_serves_at(late.addr, &authority, &published);
    }
    // A server that finds a decision and no checkpoint over it finishes the work at its start.
    services.kill_bucket();
    let last = authority.append((published.len() as u64..500).map(entry).collect(), now());
    assert_eq!(append(&one, &authority, &last), 503);
    drop((one, other));
    services.start_bucket();
    let again = site.start();
    published.extend(last.entries);
    until("what was decided is published", || {
        let answer = again.send("GET", "/checkpoint", &[], b"").unwrap();
        let key = authority.keys.log_public_keys();
        answer.status == 200
            && SignedCheckpoint::verify(&answer.body, &authority.origin, &key)
                .unwrap()
                .checkpoint()
                .size
                == 500
    });
    assert_serves_at(again.addr, &authority, &published);
}

#[test]
fn a_bucket_that_is_ahead_is_followed_and_one_with_another_tile_is_not_touched() {
    // [API-42] [API-43]
    let Some(services) = services() else { return };
    let mut authority = Authority::new(1);
    let place = services.place();
    let site = place.site(&authority);
    let process = site.start();
    let first = authority.append((0..300).map(entry).collect(), now());
    assert_eq!(append(&process, &authority, &first), 200);
    authority.advance(&first);
    let direct = |path: &str| {
        let path = format!("/noren/{}/{path}", place.prefix);
        exchange(connect(services.bucket_address()).unwrap(), "GET", &path, &[], b"").unwrap()
    };
    // Whoever reads the bucket itself is told for how long to keep what it gives.
    for (path, caching) in [
        ("checkpoint", "cache-control: public, max-age=5"),
        ("v1/authority", "cache-control: public, max-age=300"),
        ("tile/entries/000", "cache-control: public, max-age=31536000, immutable"),
        (&archived_path(Day::containing(UnixSeconds::new(now()).unwrap())), "immutable"),
    ] {
        let answer = direct(path);
        assert_eq!(answer.status, 200, "{path}");
        assert!(answer.head.contains(caching), "{path}: {}", answer.head);
    }
    drop(process);
    // The database is lost, and a new one knows nothing.
    let fresh = super::services::Place { database: services.place().database, ..place.clone() };
    let site = fresh.site(&authority);
    let process = site.start();
    assert_serves_at(process.addr, &authority, &first.entries);
    let second = authority.append((300..400).map(entry).collect(), now());
    assert_eq!(append(&process, &authority, &second), 200);
    let newer = authority.profile(now() + 60);
    let (path, body) = ("/v1/authority", newer.as_bytes());
    let put = process.signed(&authority, "PUT", path, "application/cbor", body).unwrap();
    assert_eq!(put.status, 204);
    let heads = direct("checkpoint").body;
    // The one that was lost comes back, and does not know what the bucket shows: it follows.
    let old = place.site(&authority).start();
    authority.advance(&second);
    let mut published = first.entries.clone();
    published.extend(second.entries);
    assert_serves_at(old.addr, &authority, &published);
    assert_eq!(direct("checkpoint").body, heads);
    assert_eq!(direct("v1/authority").body, newer.as_bytes());
    assert_eq!(old.send("GET", path, &[], b"").unwrap().body, newer.as_bytes());
    // Two databases for one bucket: the second append for one place is an alarm, and no fork.
    let (mine, theirs) = (
        authority.append((400..410).map(entry).collect(), now()),
        authority.append((900..910).map(entry).collect(), now()),
    );
    assert_eq!(append(&old, &authority, &mine), 200);
    assert_ne!(append(&process, &authority, &theirs), 200);
    authority.advance(&mine);
    published.extend(mine.entries);
    assert_serves_at(old.addr, &authority, &published);
    assert_serves_at(process.addr, &authority, &published);
}

#[test]
fn a_page_of_any_origin_reads_the_bucket_itself() {
    // [API-43] [API-35]
    let Some(services) = services() else { return };
    let mut authority = Authority::new(1);
    let place = services.place();
    let process = place.site(&authority).start();
    let first = authority.append((0..300).map(entry).collect(), now());
    assert_eq!(append(&process, &authority, &first), 200);
    authority.advance(&first);
    let ask = |method: &str, path: &str, fields: &[(&str, &str)]| {
        let path = format!("/noren/{}/{path}", place.prefix);
        let fields: Vec<_> =
            fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        exchange(connect(services.bucket_address()).unwrap(), method, &path, &fields, b"").unwrap()
    };
    let origin = ("origin", "https://page.example");
    for path in ["checkpoint", "v1/authority", "tile/entries/000", "tile/0/000"] {
        let answer = ask("GET", path, &[origin]);
        assert_eq!(answer.status, 200, "{path}");
        let allowed = field(&answer.head, "access-control-allow-origin");
        assert!(["*", "https://page.example"].contains(&allowed), "{}", answer.head);
        assert_eq!(field(&answer.head, "access-control-expose-headers"), "date", "{path}");
        // A reader, or a CDN, that has it already.
        let tag = field(&answer.head, "etag").to_owned();
        assert_eq!(ask("GET", path, &[origin, ("if-none-match", &tag)]).status, 304, "{path}");
    }
    let method = |method| ("access-control-request-method", method);
    let wanted = ("access-control-request-headers", "if-none-match");
    let answer = ask("OPTIONS", "v1/authority", &[origin, method("GET"), wanted]);
    assert_eq!(answer.status, 200, "{}", answer.head);
    assert_eq!(field(&answer.head, "access-control-allow-headers"), "if-none-match");
    let answer = ask("OPTIONS", "checkpoint", &[origin, method("PUT")]);
    assert!(
        !field(&answer.head, "access-control-allow-methods").contains("put"),
        "{}",
        answer.head
    );
    // Everybody reads, and nobody writes.
    assert_eq!(ask("PUT", "checkpoint", &[]).status, 403);
}

/// A field of an answer's head, or nothing.
fn field<'a>(head: &'a str, name: &str) -> &'a str {
    let of = |line: &'a str| line.strip_prefix(name)?.strip_prefix(": ");
    head.lines().find_map(of).unwrap_or_default()
}
