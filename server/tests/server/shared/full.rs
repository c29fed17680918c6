//! A bucket with no room left.

use super::bucket::{append, health, upload};
use crate::authority::{Authority, entry};
use crate::binary::crash::assert_serves_at;
use crate::binary::process::{now, until};

#[test]
fn a_full_bucket_takes_no_append_and_gives_what_it_has() {
    // [API-40] [API-42] [API-44]
    let Some(services) = super::services::own_on(24) else { return };
    let mut authority = Authority::new(1);
    let site = services.place().site(&authority);
    let (one, other) = (site.start(), site.start());
    let first = authority.append((0..300).map(entry).collect(), now());
    assert_eq!(append(&one, &authority, &first), 200);
    authority.advance(&first);
    let mut published = first.entries;
    services.fill_bucket(true);
    let next = authority.append((300..900).map(entry).collect(), now());
    assert_eq!(append(&one, &authority, &next), 503);
    assert_eq!(health(&one), 503);
    // What is there is read, at each server and at one that starts just now.
    drop(other);
    let other = site.start();
    assert_serves_at(one.addr, &authority, &published);
    assert_serves_at(other.addr, &authority, &published);
    assert_eq!(upload(&other, &authority), 202);
    // It was decided: nothing else takes its place.
    let rival = authority.append((1_000..1_010).map(entry).collect(), now());
    assert_eq!(append(&other, &authority, &rival), 409);
    services.fill_bucket(false);
    // Nobody has to send it again.
    authority.advance(&next);
    published.extend(next.entries.iter().cloned());
    let shown = || one.send("GET", "/checkpoint", &[], b"").unwrap().body;
    until("what was decided is published", || shown() == next.checkpoint.as_bytes());
    assert_eq!(append(&other, &authority, &next), 200, "the same bytes again");
    assert_serves_at(one.addr, &authority, &published);
    assert_serves_at(other.addr, &authority, &published);
    until("the servers are well", || health(&one) == 200 && health(&other) == 200);
}
