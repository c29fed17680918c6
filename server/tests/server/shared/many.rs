//! Three servers of one log, killed at random moments while appends and uploads come in: no fork, no
//! lost upload, no code used twice, and a reader never sees the log go back.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use noren::log::{Append, LogPosition, SignedCheckpoint, bundles_needed};
use noren::messages::UploadTicket;
use rand::RngExt;

use super::services::{Place, services};
use crate::authority::{Authority, entry};
use crate::binary::process::{Process, Site, connect, exchange, now, upload_headers};

const KILLS: usize = 120;
const SERVERS: usize = 3;

/// The servers; one that was killed has no place until it is back.
struct Servers {
    site: Site,
    running: Vec<Mutex<Option<Process>>>,
    addresses: Vec<Mutex<SocketAddr>>,
    over: AtomicBool,
}

impl Servers {
    fn start(site: Site) -> Self {
        let processes: Vec<_> = (0..SERVERS).map(|_| site.start()).collect();
        let addresses = processes.iter().map(|process| Mutex::new(process.addr)).collect();
        let running = processes.into_iter().map(|process| Mutex::new(Some(process))).collect();
        Self { site, running, addresses, over: AtomicBool::new(false) }
    }

    fn address(&self, number: usize) -> SocketAddr {
        *self.addresses[number % SERVERS].lock().unwrap()
    }

    fn any(&self) -> SocketAddr {
        self.address(rand::rng().random_range(0..SERVERS))
    }

    /// Kills one without a warning, and starts another in its place.
    fn kill(&self, number: usize) {
        let mut running = self.running[number].lock().unwrap();
        drop(running.take());
        let process = self.site.start();
        *self.addresses[number].lock().unwrap() = process.addr;
        *running = Some(process);
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::SeqCst)
    }
}

/// A request to one server; `None` when it was killed meanwhile, or is busy.
fn ask(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> Option<(u16, Vec<u8>)> {
    let answer = exchange(connect(address).ok()?, method, path, headers, body).ok()?;
    // Another server killed in the middle of its work is waited for; the sender comes again.
    (answer.status != 503).then_some((answer.status, answer.body))
}

fn signed(
    authority: &Authority,
    address: SocketAddr,
    (method, path, media): (&str, &str, &str),
    body: &[u8],
) -> Option<(u16, Vec<u8>)> {
    let mut headers = authority.sign(method, path, body, now());
    if !media.is_empty() {
        headers.push(("content-type".to_owned(), media.to_owned()));
    }
    ask(address, method, path, &headers, body)
}

fn post(authority: &Authority, address: SocketAddr, append: &Append) -> Option<(u16, Vec<u8>)> {
    let body = append.to_bytes().unwrap();
    signed(authority, address, ("POST", "/v1/log", "application/cbor"), &body)
}

/// Appends as fast as they are taken. At times a rival for the same place comes at the same moment:
/// one of the two is taken.
fn append(servers: &Servers, mut authority: Authority) -> (Authority, Vec<Vec<u8>>, usize) {
    let (mut published, mut rivals) = (vec![], 0);
    while !servers.is_over() {
        let first = published.len() as u64;
        let count = rand::rng().random_range(0..60);
        let one = authority.append((first..first + count).map(entry).collect(), now());
        let rival = (count % 3 == 1).then(|| {
            authority
                .append((first..first + count).map(|it| entry(it + 1_000_000)).collect(), now())
        });
        let taken = std::thread::scope(|scope| {
            let other = rival.as_ref().map(|rival| {
                scope.spawn(|| (0..).find_map(|_| post(&authority, servers.any(), rival)).unwrap())
            });
            let one_of_two = (0..).find_map(|_| post(&authority, servers.any(), &one)).unwrap();
            (one_of_two, other.map(|other| other.join().unwrap()))
        });
        let taken = match taken {
            ((200, _), None | Some((409, _))) => &one,
            ((409, _), Some((200, _))) => rival.as_ref().unwrap(),
            other => panic!("{other:?}"),
        };
        rivals += usize::from(rival.is_some());
        authority.advance(taken);
        published.extend(taken.entries.iter().cloned());
    }
    (authority, published, rivals)
}

/// Opens cases and uploads two bodies under each code, on two servers at the same moment; what was
/// acknowledged.
fn upload(servers: &Servers, authority: &Authority, next: &AtomicUsize) -> Vec<(String, u8)> {
    let mut acknowledged = vec![];
    while !servers.is_over() {
        let code = UploadTicket::generate(&mut rand::rng());
        let case = hex::encode(code.hash().as_bytes());
        let body = format!("{{\"expires\":{}}}", now() + 3_600);
        let open = ("PUT", &*format!("/v1/cases/{case}"), "application/json");
        let opened =
            (0..).find_map(|_| signed(authority, servers.any(), open, body.as_bytes())).unwrap();
        assert_eq!(opened.0, 201);
        let headers = upload_headers(&code.to_text(), false);
        let number = next.fetch_add(1, Ordering::SeqCst);
        let send = |number: usize, mark: u8| {
            // Until there is an answer; the first one to get one decides.
            (0..).find_map(|again: usize| {
                let address = servers.address(number + again);
                ask(address, "POST", "/v1/uploads", &headers, &[mark; 65_536])
            })
        };
        let (one, other) = std::thread::scope(|scope| {
            let other = scope.spawn(|| send(number, 1));
            (send(number + 1, 2).unwrap().0, other.join().unwrap().unwrap().0)
        });
        let mark = match (one, other) {
            // The budget of refusals is one for all servers.
            (202, 403 | 429) => 2,
            (403 | 429, 202) => 1,
            both => panic!("one code and two bodies: {both:?}"),
        };
        acknowledged.push((case, mark));
    }
    acknowledged
}

/// Reads heads, from the servers and from the bucket, and verifies each as what the one before has
/// grown into; how many it saw.
fn read(servers: &Servers, place: &Place, bucket: SocketAddr, authority: &Authority) -> usize {
    let (mut position, mut seen) = (LogPosition::start(), 0);
    let key = authority.keys.log_public_keys();
    let bucket_path = |path: &str| format!("/noren/{}{path}", place.prefix);
    let get = |address: SocketAddr, path: &str| ask(address, "GET", path, &[], b"");
    while !servers.is_over() {
        let direct = rand::rng().random_bool(0.5);
        let checkpoint = if direct {
            get(bucket, &bucket_path("/checkpoint"))
        } else {
            get(servers.any(), "/checkpoint")
        };
        let Some((200, text)) = checkpoint else { continue };
        let signed = SignedCheckpoint::verify(&text, &authority.origin, &key).unwrap();
        let pending = position.pending(&signed).unwrap();
        let mut entries = vec![];
        let size = signed.checkpoint().size;
        for bundle in bundles_needed(size - pending, size) {
            let path = format!("/{}", bundle.path);
            let bytes = (0..)
                .find_map(|again| match again % 2 {
                    0 => get(bucket, &bucket_path(&path)),
                    _ => get(servers.any(), &path),
                })
                .unwrap();
            assert_eq!(bytes.0, 200, "{path} at {size}, from the bucket: {direct}");
            entries.extend(bundle.new_entries(&bytes.1).unwrap());
        }
        position = position.advance(&signed, &entries).unwrap();
        seen += 1;
    }
    seen
}

#[test]
fn servers_killed_at_random_moments_fork_nothing_and_lose_nothing() {
    // [API-10] [API-40] [API-41] [API-42] [API-4] [API-11]
    let Some(services) = services() else { return };
    let (authority, place) = (Authority::new(1), services.place());
    let servers = Servers::start(place.site(&authority));
    let (next, bucket) = (AtomicUsize::new(0), services.bucket_address());
    let ((authority, published, rivals), uploads, seen) = std::thread::scope(|scope| {
        let appends = scope.spawn(|| append(&servers, Authority::new(1)));
        let uploads: Vec<_> =
            (0..2).map(|_| scope.spawn(|| upload(&servers, &authority, &next))).collect();
        let reader = scope.spawn(|| read(&servers, &place, bucket, &authority));
        let killed = Arc::new(AtomicUsize::new(0));
        let killers: Vec<_> = (0..2)
            .map(|first| {
                let (killed, servers) = (Arc::clone(&killed), &servers);
                scope.spawn(move || {
                    while killed.fetch_add(1, Ordering::SeqCst) < KILLS {
                        let wait = rand::rng().random_range(0..300);
                        std::thread::sleep(Duration::from_millis(wait));
                        // The third one is killed by both.
                        servers.kill(first + rand::rng().random_range(0..2));
                    }
                })
            })
            .collect();
        let died: Vec<_> = killers.into_iter().map(|killer| killer.join()).collect();
        servers.over.store(true, Ordering::SeqCst);
        died.into_iter().for_each(|died| died.unwrap());
        let uploads: Vec<_> = uploads.into_iter().flat_map(|it| it.join().unwrap()).collect();
        (appends.join().unwrap(), uploads, reader.join().unwrap())
    });
    println!(
        "{} entries, {rivals} rivals, {} uploads, {seen} heads seen, {KILLS} kills",
        published.len(),
        uploads.len()
    );
    assert!(published.len() > 200 && rivals > 3 && uploads.len() > 10 && seen > 20);
    crate::binary::crash::assert_serves_at(servers.address(0), &authority, &published);
    let list = signed(&authority, servers.address(1), ("GET", "/v1/uploads", ""), b"").unwrap().1;
    let list: Vec<serde_json::Value> = serde_json::from_slice(&list).unwrap();
    assert_eq!(list.len(), uploads.len(), "each upload once");
    for (case, mark) in &uploads {
        let upload = list.iter().find(|upload| upload["case"] == *case).unwrap();
        let path = format!("/v1/uploads/{}", upload["id"].as_str().unwrap());
        let body = signed(&authority, servers.address(2), ("GET", &path, ""), b"").unwrap().1;
        assert!(body == vec![*mark; 65_536]);
    }
    let mut check = servers.site.command();
    assert!(check.arg("check").status().unwrap().success());
}
