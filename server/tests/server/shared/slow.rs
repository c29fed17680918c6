//! A bucket whose answers come late.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::bucket::{append, upload};
use super::services::{Place, services};
use crate::authority::{Authority, entry};
use crate::binary::crash::assert_serves_at;
use crate::binary::process::now;

/// A long way to the bucket.
struct Way {
    address: SocketAddr,
    /// By how many milliseconds each part of an answer is late.
    late: Arc<AtomicU64>,
    /// How often the checkpoint was asked for.
    looked: Arc<AtomicUsize>,
}

impl Way {
    fn to(bucket: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let way = Self {
            address: listener.local_addr().unwrap(),
            late: Arc::default(),
            looked: Arc::default(),
        };
        let (late, looked) = (Arc::clone(&way.late), Arc::clone(&way.looked));
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(bucket) else { continue };
                let back = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let (late, looked) = (Arc::clone(&late), Arc::clone(&looked));
                thread::spawn(move || {
                    pass(client, server, |request| {
                        let line = request.split(|byte| *byte == b'\r').next().unwrap_or_default();
                        if line.starts_with(b"GET ") && line.ends_with(b"/checkpoint HTTP/1.1") {
                            looked.fetch_add(1, Ordering::SeqCst);
                        }
                    })
                });
                thread::spawn(move || {
                    pass(back.0, back.1, |_| {
                        thread::sleep(Duration::from_millis(late.load(Ordering::SeqCst)))
                    })
                });
            }
        });
        way
    }
}

fn pass(mut from: TcpStream, mut to: TcpStream, before: impl Fn(&[u8])) {
    let mut part = vec![0; 65_536];
    while let Ok(length @ 1..) = from.read(&mut part) {
        before(&part[..length]);
        if to.write_all(&part[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Both);
    let _ = from.shutdown(std::net::Shutdown::Both);
}

#[test]
fn a_slow_bucket_is_waited_for_by_those_who_need_it_and_is_asked_once_for_many() {
    // [API-41] [API-44]
    let Some(services) = services() else { return };
    let way = Way::to(services.bucket_address());
    let place = services.place();
    let place = Place { endpoint: format!("http://{}", way.address), ..place };
    let mut authority = Authority::new(1);
    let site = place.site(&authority);
    let (one, other) = (site.start(), site.start());
    let first = authority.append((0..300).map(entry).collect(), now());
    assert_eq!(append(&one, &authority, &first), 200);
    authority.advance(&first);
    way.late.store(700, Ordering::SeqCst);
    let next = authority.append((300..700).map(entry).collect(), now());
    thread::scope(|scope| {
        let appending = scope.spawn(|| append(&one, &authority, &next));
        // Uploads are none of the bucket's business.
        assert_eq!(upload(&one, &authority), 202);
        assert!(!appending.is_finished(), "the upload waited for the bucket");
        assert_eq!(appending.join().unwrap(), 200);
    });
    authority.advance(&next);
    let published: Vec<_> = first.entries.into_iter().chain(next.entries).collect();
    let before = way.looked.load(Ordering::SeqCst);
    thread::scope(|scope| {
        for _ in 0..40 {
            scope.spawn(|| {
                let answer = other.send("GET", "/checkpoint", &[], b"").unwrap();
                assert_eq!(answer.status, 200);
                assert_eq!(answer.body, next.checkpoint.as_bytes());
            });
        }
    });
    let looked = way.looked.load(Ordering::SeqCst) - before;
    assert!((1..=10).contains(&looked), "{looked} times for 40 readers");
    way.late.store(0, Ordering::SeqCst);
    assert_serves_at(one.addr, &authority, &published);
    assert_serves_at(other.addr, &authority, &published);
}
