//! A server that shows an authority's log, honest or not: profile, checkpoint and bundles as a test
//! puts them there.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use noren::authority::AuthorityKeys;
use noren::log::{Append, CompactRange, LogPosition, Origin, append_tiles, bundles_needed};
use noren::profile::{Contact, Profile};
use noren::time::UnixSeconds;

use super::office::now;

type Files = Arc<Mutex<HashMap<String, Vec<u8>>>>;

pub(crate) struct ShownLog {
    pub(crate) keys: AuthorityKeys,
    pub(crate) profile: Profile,
    files: Files,
}

impl ShownLog {
    /// A server with the profile of a new authority, and no log yet.
    pub(crate) fn new(name: &str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let keys = AuthorityKeys::generate(&mut rand::rng());
        let host = name.to_lowercase().replace(' ', "-");
        let profile = Profile {
            time_zone: "Asia/Tokyo".to_owned(),
            contacts: vec![Contact {
                level: None,
                language: "en".to_owned(),
                label: "Call centre".to_owned(),
                value: "06-0000-0000".to_owned(),
                hours: String::new(),
            }],
            ..keys.profile(
                name,
                Origin::new(&format!("{host}.example/log")).unwrap(),
                &format!("http://{}", listener.local_addr().unwrap()),
                now(),
            )
        };
        let log = Self { keys, profile, files: Files::default() };
        log.put("v1/authority", log.signed_profile());
        let files = Arc::clone(&log.files);
        std::thread::spawn(move || {
            listener.incoming().flatten().for_each(|stream| answer(stream, &files));
        });
        log
    }

    pub(crate) fn signed_profile(&self) -> Vec<u8> {
        self.profile.sign(&self.keys).unwrap().as_bytes().to_vec()
    }

    pub(crate) fn put(&self, path: &str, bytes: impl Into<Vec<u8>>) {
        self.files.lock().unwrap().insert(path.to_owned(), bytes.into());
    }

    pub(crate) fn remove(&self, path: &str) {
        self.files.lock().unwrap().remove(path);
    }

    /// Signs a log of these entries at a time, and shows it.
    pub(crate) fn show(&self, entries: &[&str], at: UnixSeconds) {
        self.show_signed_by(&self.keys, entries, at);
    }

    pub(crate) fn show_signed_by(&self, keys: &AuthorityKeys, entries: &[&str], at: UnixSeconds) {
        let entries = entries.iter().map(|entry| entry.as_bytes().to_vec()).collect();
        self.show_entries(keys, entries, at);
    }

    /// Shows a log of these entries, with its hash tiles.
    pub(crate) fn show_entries(
        &self,
        keys: &AuthorityKeys,
        entries: Vec<Vec<u8>>,
        at: UnixSeconds,
    ) {
        for (path, bytes) in append_tiles(&CompactRange::new(), &entries, |_| None).unwrap() {
            self.put(&path.to_string(), bytes);
        }
        let (start, origin) = (LogPosition::start(), &self.profile.origin);
        let append = Append::sign(&start, entries, origin, &keys.log_keys(), at).unwrap();
        self.put("checkpoint", append.checkpoint);
    }

    /// Where the bundle of a log of so many entries is.
    pub(crate) fn bundle(size: u64) -> String {
        bundles_needed(0, size).next().unwrap().path.to_string()
    }
}

fn answer(mut stream: TcpStream, files: &Files) {
    let (mut request, mut buffer) = (Vec::new(), [0; 1_024]);
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(length @ 1..) => request.extend(&buffer[..length]),
            _ => return,
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let path = request.split(' ').nth(1).unwrap_or_default().trim_start_matches('/').to_owned();
    let found = files.lock().unwrap().get(&path).cloned();
    let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
    let body = found.unwrap_or_default();
    let head =
        format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    let _ = stream.write_all(&[head.as_bytes(), &body].concat());
}
