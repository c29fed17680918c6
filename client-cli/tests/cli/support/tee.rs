//! Something between programs and a server that passes everything on and writes down what was asked.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) struct Tee {
    listener: TcpListener,
    heard: Arc<Mutex<Vec<u8>>>,
    /// Requests that begin so are lost on the way.
    loses: Arc<Mutex<Option<String>>>,
    /// Requests that begin so arrive, and their answers are lost.
    swallows: Arc<Mutex<Option<String>>>,
    /// Requests that begin so are answered with this, and do not arrive.
    instead: Arc<Mutex<Option<(String, String)>>>,
}

impl Tee {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let (loses, swallows) = (Arc::default(), Arc::default());
        Self { listener, heard: Arc::default(), loses, swallows, instead: Arc::default() }
    }

    /// Listens in front of the server at a port; the address to ask instead.
    pub(crate) fn before(&self, port: u16) -> String {
        let (listener, heard) = (self.listener.try_clone().unwrap(), Arc::clone(&self.heard));
        let (loses, swallows) = (Arc::clone(&self.loses), Arc::clone(&self.swallows));
        let instead = Arc::clone(&self.instead);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (heard, loses) = (Arc::clone(&heard), Arc::clone(&loses));
                let (swallows, instead) = (Arc::clone(&swallows), Arc::clone(&instead));
                thread::spawn(move || pass(client, port, &heard, &loses, &swallows, &instead));
            }
        });
        self.address()
    }

    /// The address to ask instead of the server's.
    pub(crate) fn address(&self) -> String {
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    /// Loses every request that begins so, until it is told otherwise.
    pub(crate) fn lose(&self, beginning: Option<&str>) {
        *self.loses.lock().unwrap() = beginning.map(str::to_owned);
    }

    /// Lets every request that begins so arrive and loses its answer, until it is told otherwise.
    pub(crate) fn swallow(&self, beginning: Option<&str>) {
        *self.swallows.lock().unwrap() = beginning.map(str::to_owned);
    }

    /// Answers every request that begins so with 200 and this body, until it is told otherwise.
    pub(crate) fn answer(&self, beginning: Option<(&str, &str)>) {
        *self.instead.lock().unwrap() =
            beginning.map(|(beginning, body)| (beginning.to_owned(), body.to_owned()));
    }

    /// Every byte that was sent to the server since the last call.
    pub(crate) fn heard(&self) -> String {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        String::from_utf8_lossy(&heard).into_owned()
    }
}

fn pass(
    mut client: TcpStream,
    port: u16,
    heard: &Mutex<Vec<u8>>,
    loses: &Mutex<Option<String>>,
    swallows: &Mutex<Option<String>>,
    instead: &Mutex<Option<(String, String)>>,
) {
    // A server that was stopped refuses, as it would without this in between.
    let Ok(mut server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return };
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let silent = Arc::new(AtomicBool::new(false));
    let silenced = Arc::clone(&silent);
    thread::spawn(move || {
        let mut buffer = [0; 8_192];
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            // The server has answered, and nobody hears it.
            if silenced.load(Ordering::SeqCst) || to.write_all(&buffer[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
    });
    let mut buffer = [0; 8_192];
    while let Ok(read @ 1..) = client.read(&mut buffer) {
        heard.lock().unwrap().extend(&buffer[..read]);
        let loses = loses.lock().unwrap().clone();
        if loses.is_some_and(|loses| buffer[..read].starts_with(loses.as_bytes())) {
            let _ = client.shutdown(Shutdown::Both);
            let _ = server.shutdown(Shutdown::Both);
            return;
        }
        let instead = instead.lock().unwrap().clone();
        if let Some((beginning, body)) = instead
            && buffer[..read].starts_with(beginning.as_bytes())
        {
            take_all(&mut client, &buffer[..read]);
            let _ = write!(
                client,
                "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = client.shutdown(Shutdown::Write);
            let _ = server.shutdown(Shutdown::Both);
            return;
        }
        let swallows = swallows.lock().unwrap().clone();
        if swallows.is_some_and(|swallows| buffer[..read].starts_with(swallows.as_bytes())) {
            silent.store(true, Ordering::SeqCst);
        }
        if server.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
    let _ = server.shutdown(Shutdown::Write);
}

/// Reads the rest of a request, so that whoever sent it hears the answer.
fn take_all(client: &mut TcpStream, begun: &[u8]) {
    let mut request = begun.to_vec();
    let mut buffer = [0; 8_192];
    loop {
        let text = String::from_utf8_lossy(&request).to_lowercase();
        if let Some((head, _)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
            let head = request.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
            if request.len() >= head + length {
                return;
            }
        }
        let Ok(read @ 1..) = client.read(&mut buffer) else { return };
        request.extend(&buffer[..read]);
    }
}
