//! The real binary, and a client that knows no more HTTP than it needs.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use tempfile::TempDir;

use crate::authority::Authority;

/// A limit on hanging, not an expectation.
const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until it holds; a test that would wait for ever fails and says for what.
#[track_caller]
pub(crate) fn until(what: &str, holds: impl FnMut() -> bool) {
    let start = Instant::now();
    let mut holds = holds;
    while !holds() {
        assert!(start.elapsed() < PATIENCE, "waited in vain: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// A data folder and the settings to start a server on it.
pub(crate) struct Site {
    pub(crate) folder: TempDir,
    settings: Vec<(String, String)>,
}

impl Site {
    pub(crate) fn new(authority: &Authority) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("profile"), authority.profile(now()).as_bytes()).unwrap();
        let site = Self { folder, settings: vec![] };
        site.set("LISTEN", "127.0.0.1:0").set("OPS_LISTEN", "127.0.0.1:0").set("LOG_FORMAT", "json")
    }

    pub(crate) fn set(mut self, key: &str, value: &str) -> Self {
        self.settings.push((format!("NOREN_SERVER_{key}"), value.to_owned()));
        self
    }

    /// A variable that other programs read as well.
    pub(crate) fn environment(mut self, key: &str, value: &str) -> Self {
        self.settings.push((key.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_noren-server"));
        command.env_clear().envs(self.settings.iter().cloned()).current_dir(self.folder.path());
        command.arg("--data").arg(self.data());
        command.arg("--authority").arg(self.folder.path().join("profile"));
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn start(&self) -> Process {
        Process::start(self.command())
    }
}

pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) addr: SocketAddr,
    pub(crate) ops: SocketAddr,
    log: Arc<Mutex<String>>,
}

impl Process {
    pub(crate) fn start(command: Command) -> Self {
        Self::try_start(command).unwrap_or_else(|seen| panic!("did not start: {seen}"))
    }

    /// Starts a server that may not start; then what it said.
    pub(crate) fn try_start(mut command: Command) -> Result<Self, String> {
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let mut seen = String::new();
        let listening = loop {
            let Some(line) = lines.next() else {
                child.wait().unwrap();
                return Err(seen);
            };
            let line = line.unwrap();
            seen.push_str(&line);
            seen.push('\n');
            match serde_json::from_str::<Value>(&line) {
                Ok(event) if event["message"] == "listening" => break event,
                _ => {}
            }
        };
        let address = |name: &str| listening[name].as_str().unwrap().parse().unwrap();
        let (addr, ops) = (address("api"), address("operators"));
        let log = Arc::new(Mutex::new(seen));
        let copy = Arc::clone(&log);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let mut log = copy.lock().unwrap();
                log.push_str(&line);
                log.push('\n');
            }
        });
        Ok(Self { child, addr, ops, log })
    }

    pub(crate) fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        // The shell's own: not every machine has it as a program.
        let sent = Command::new("sh").args(["-c", "kill $0 $1", name, &id]).status();
        assert!(sent.unwrap().success());
    }

    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: &[u8],
    ) -> io::Result<Answer> {
        exchange(connect(self.addr)?, method, path, headers, body)
    }

    /// A request that the authority signs.
    pub(crate) fn signed(
        &self,
        authority: &Authority,
        method: &str,
        path: &str,
        media: &str,
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut headers = authority.sign(method, path, body, now());
        if !media.is_empty() {
            headers.push(("content-type".to_owned(), media.to_owned()));
        }
        self.send(method, path, &headers, body)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // SIGKILL, as in the tests of crashes.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

pub(crate) fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

pub(crate) fn connect(addr: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(addr)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// One request on a connection of its own.
pub(crate) fn exchange(
    mut stream: impl Read + Write,
    method: &str,
    path: &str,
    headers: &[(String, String)],
    body: &[u8],
) -> io::Result<Answer> {
    stream.write_all(&head(method, path, headers, body.len()))?;
    stream.write_all(body)?;
    let mut bytes = vec![];
    match stream.read_to_end(&mut bytes) {
        Err(error) if bytes.is_empty() => Err(error),
        _ => parse(&bytes),
    }
}

pub(crate) fn head(
    method: &str,
    path: &str,
    headers: &[(String, String)],
    length: usize,
) -> Vec<u8> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str(&format!("content-length: {length}\r\n\r\n"));
    head.into_bytes()
}

/// An answer that is whole; one that breaks off is no answer.
pub(crate) fn parse(bytes: &[u8]) -> io::Result<Answer> {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.ok_or(io::ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap().to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = bytes[end + 4..].to_vec();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    if length.is_some_and(|length| length.parse::<usize>().unwrap() != body.len()) {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Answer { status, head, body })
}

pub(crate) fn upload_headers(code: &str, chaff: bool) -> Vec<(String, String)> {
    [
        ("content-type", "application/octet-stream"),
        ("upload-ticket", code),
        ("x-chaff", if chaff { "1" } else { "0" }),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .to_vec()
}

/// Whether the stored log is whole, by the server's own long check.
pub(crate) fn check(site: &Site) -> bool {
    let mut command = site.command();
    command.arg("check").stderr(Stdio::null());
    command.status().unwrap().success()
}

/// The size of the files below a folder.
pub(crate) fn read_all(folder: &Path) -> Vec<u8> {
    let mut bytes = vec![];
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        bytes.extend(if path.is_dir() { read_all(&path) } else { std::fs::read(&path).unwrap() });
    }
    bytes
}
