//! A reverse proxy below a path of its own, as many servers stand behind one.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;

/// The path under which it has the server.
pub(crate) const PREFIX: &str = "/health/noren";

pub(crate) struct Reverse {
    pub(crate) url: String,
    keeps: Arc<AtomicBool>,
    server: Arc<OnceLock<SocketAddr>>,
}

impl Reverse {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}{PREFIX}", listener.local_addr().unwrap());
        let (keeps, server) =
            (Arc::<AtomicBool>::default(), Arc::<OnceLock<SocketAddr>>::default());
        let proxy = Self { url, keeps: Arc::clone(&keeps), server: Arc::clone(&server) };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (keeps, server) = (Arc::clone(&keeps), Arc::clone(&server));
                thread::spawn(move || {
                    if let Some(server) = server.get() {
                        let _ = pass(client, *server, keeps.load(Ordering::SeqCst));
                    }
                });
            }
        });
        proxy
    }

    /// Says to whom requests are handed on.
    pub(crate) fn leads_to(&self, server: SocketAddr) {
        self.server.set(server).unwrap();
    }

    /// From now on the path is handed on as it came, which is a common mistake.
    pub(crate) fn keeps_the_prefix(&self) {
        self.keeps.store(true, Ordering::SeqCst);
    }
}

/// One request of a connection, and its answer.
fn pass(mut client: TcpStream, server: SocketAddr, keeps: bool) -> std::io::Result<()> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    let (line, fields) = head.split_once("\r\n").unwrap();
    let (method, rest) = line.split_once(' ').unwrap();
    let Some(below) = rest.strip_prefix(PREFIX) else {
        return client.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n");
    };
    let rest = if keeps { rest } else { below };
    // As the usual ones do by themselves: the name of the server behind, and one request each.
    let kept = |field: &&str| {
        let name = field.to_lowercase();
        !name.is_empty() && !name.starts_with("host:") && !name.starts_with("connection:")
    };
    let fields: String =
        fields.split("\r\n").filter(kept).map(|field| format!("{field}\r\n")).collect();
    let head = format!("{method} {rest}\r\nhost: {server}\r\n{fields}connection: close\r\n\r\n");
    let mut server = TcpStream::connect(server)?;
    server.write_all(head.as_bytes())?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
    });
    std::io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)
}
