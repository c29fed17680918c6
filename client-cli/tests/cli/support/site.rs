//! A log on a web server that does what a test tells it, good or bad: an authority with its keys, the
//! files of its log, and who asked for what.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use noren::log::{Checkpoint, CompactRange, Origin, TreeHash, append_tiles, leaf_hash};
use noren::profile::SignedProfile;
use noren::time::UnixSeconds;

use super::office::{Keys, now};

/// What is sent back: a whole answer, head included.
type Answers = Arc<Mutex<HashMap<String, Vec<u8>>>>;
/// What is sent to a request with a certain head, before all else.
type ByHead = Arc<Mutex<Box<dyn Fn(&str) -> Option<Vec<u8>> + Send>>>;
/// What is sent where no answer is laid down.
type Otherwise = Arc<Mutex<Arc<dyn Fn(&str) -> Option<Vec<u8>> + Send + Sync>>>;

pub(crate) struct Site {
    pub(crate) keys: Keys,
    origin: &'static str,
    pub(crate) url: String,
    /// The profile that it served first.
    pub(crate) profile: Vec<u8>,
    answers: Answers,
    otherwise: Otherwise,
    by_head: ByHead,
    asked: Arc<Mutex<Vec<String>>>,
}

/// Entries that are no traces; devices pass them over.
pub(crate) fn entries(count: u64) -> Vec<Vec<u8>> {
    (0..count).map(|i| i.to_be_bytes().to_vec()).collect()
}

pub(crate) fn tree(entries: &[Vec<u8>]) -> CompactRange {
    let mut range = CompactRange::new();
    entries.iter().for_each(|entry| range.push(leaf_hash(entry)));
    range
}

fn ok(body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

impl Site {
    /// A site whose log has these entries, with its first checkpoint.
    pub(crate) fn new(name: &str, entries: &[Vec<u8>]) -> Self {
        Self::of("health.example/log", name, entries)
    }

    /// The same with another origin, to be followed beside it.
    pub(crate) fn of(origin: &'static str, name: &str, entries: &[Vec<u8>]) -> Self {
        let mut site = Self::bare(Keys::new());
        site.origin = origin;
        site.profile = site.keys.profile_of(origin, name, &site.url);
        site.put("v1/authority", &site.profile);
        site.publish(entries);
        site
    }

    /// Another place that shows what this one shows now.
    pub(crate) fn mirror(&self) -> Self {
        let mut mirror = Self::bare(Keys(self.keys.0.clone()));
        mirror.origin = self.origin;
        mirror.profile.clone_from(&self.profile);
        mirror.answers.lock().unwrap().clone_from(&self.answers.lock().unwrap());
        mirror
    }

    fn bare(keys: Keys) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (answers, asked) = (Answers::default(), Arc::<Mutex<Vec<String>>>::default());
        let otherwise: Otherwise = Arc::new(Mutex::new(Arc::new(|_| None)));
        let by_head: ByHead = Arc::new(Mutex::new(Box::new(|_| None)));
        let (profile, origin) = (Vec::new(), "");
        let site = Self { keys, origin, url, profile, answers, otherwise, by_head, asked };
        let (answers, asked) = (Arc::clone(&site.answers), Arc::clone(&site.asked));
        let (otherwise, by_head) = (Arc::clone(&site.otherwise), Arc::clone(&site.by_head));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, asked) = (Arc::clone(&answers), Arc::clone(&asked));
                let (otherwise, by_head) = (Arc::clone(&otherwise), Arc::clone(&by_head));
                std::thread::spawn(move || serve(stream, &answers, &otherwise, &by_head, &asked));
            }
        });
        site
    }

    /// Lays down the files of a log of these entries, signed now.
    pub(crate) fn publish(&self, entries: &[Vec<u8>]) {
        for (path, bytes) in append_tiles(&CompactRange::new(), entries, |_| None).unwrap() {
            self.put(&path.to_string(), &bytes);
        }
        let tree = tree(entries);
        self.sign(tree.size(), tree.root(), now());
    }

    /// Lays down a checkpoint; the note.
    pub(crate) fn sign(&self, size: u64, root: TreeHash, time: UnixSeconds) -> String {
        let origin = Origin::new(self.origin).unwrap();
        let note = Checkpoint { origin, size, root }.sign(&self.keys.0.log_keys(), time).unwrap();
        self.put("checkpoint", note.as_bytes());
        note
    }

    /// A note of the log by other keys, which is laid down nowhere.
    pub(crate) fn signed_by(keys: &Keys, size: u64, root: TreeHash, time: UnixSeconds) -> String {
        let origin = Origin::new("health.example/log").unwrap();
        Checkpoint { origin, size, root }.sign(&keys.0.log_keys(), time).unwrap()
    }

    pub(crate) fn put(&self, path: &str, body: &[u8]) {
        self.answer(path, ok(body));
    }

    /// Lays down a whole answer.
    pub(crate) fn answer(&self, path: &str, answer: Vec<u8>) {
        self.answers.lock().unwrap().insert(path.to_owned(), answer);
    }

    pub(crate) fn remove(&self, path: &str) {
        assert!(self.answers.lock().unwrap().remove(path).is_some(), "{path} is not there");
    }

    /// Lays down again what another site shows at a path.
    pub(crate) fn restore(&self, from: &Self, path: &str) {
        let answer = from.answers.lock().unwrap().get(path).cloned().unwrap();
        self.answer(path, answer);
    }

    /// Flips a bit in the body of what lies at a path.
    pub(crate) fn flip(&self, path: &str) {
        let mut answers = self.answers.lock().unwrap();
        *answers.get_mut(path).unwrap().last_mut().unwrap() ^= 1;
    }

    /// The bodies for every path at which nothing is laid down.
    pub(crate) fn otherwise(&self, body: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) {
        *self.otherwise.lock().unwrap() = Arc::new(body);
    }

    /// Whole answers by the head of a request, its first line and its fields in lower case.
    pub(crate) fn by_head(&self, answer: impl Fn(&str) -> Option<Vec<u8>> + Send + 'static) {
        *self.by_head.lock().unwrap() = Box::new(answer);
    }

    /// What was asked for since the last time; `304` after what the asker had already.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

const NOT_MODIFIED: &[u8] = b"HTTP/1.1 304 Not Modified\r\n\r\n";

/// The entity tag of a profile that is sent; `None` for everything else. [API-37]
fn entity_tag(answer: &[u8]) -> Option<String> {
    let head = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    Some(SignedProfile::from_bytes(&answer[head + 4..]).ok()?.entity_tag())
}

fn serve(
    stream: TcpStream,
    answers: &Answers,
    otherwise: &Otherwise,
    by_head: &ByHead,
    asked: &Mutex<Vec<String>>,
) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    loop {
        let (mut path, mut length, mut tag) = (String::new(), 0, None);
        let mut head = String::new();
        for number in 0.. {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if number == 0 {
                path = line.split(' ').nth(1).unwrap_or("/").trim_start_matches('/').to_owned();
            }
            head += &line.to_lowercase();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            if let Some(value) = line.to_lowercase().strip_prefix("if-none-match:") {
                tag = Some(value.trim().to_owned());
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        let _ = reader.read_exact(&mut body);
        asked.lock().unwrap().push(path.clone());
        let laid = answers.lock().unwrap().get(&path).cloned();
        let is_same = |answer: &Vec<u8>| tag.is_some() && tag == entity_tag(answer);
        let laid = laid.map(|answer| if is_same(&answer) { NOT_MODIFIED.into() } else { answer });
        let laid = by_head.lock().unwrap()(&head).or(laid);
        let otherwise = Arc::clone(&otherwise.lock().unwrap());
        let answer = laid.or_else(|| otherwise(&path).map(|body| ok(&body)));
        if answer.as_deref() == Some(NOT_MODIFIED) {
            asked.lock().unwrap().push("304".to_owned());
        }
        let missing = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n".to_vec();
        if writer.write_all(&answer.unwrap_or(missing)).is_err() {
            return;
        }
    }
}
