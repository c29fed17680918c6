//! A proxy as companies have them, for CONNECT (RFC 9110) and SOCKS 5 (RFC 1928): every name leads to
//! one server.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

pub(crate) struct Tunnel {
    pub(crate) address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Tunnel {
    pub(crate) fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::<Mutex<Vec<_>>>::default());
        let tunnel = Self { address, asked: Arc::clone(&asked) };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let asked = Arc::clone(&asked);
                thread::spawn(move || {
                    if let Some(name) = greet(&client) {
                        asked.lock().unwrap().push(name);
                        join(&client, &TcpStream::connect(server).unwrap());
                    }
                });
            }
        });
        tunnel
    }

    /// What it was asked to lead to, and how.
    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

/// Learns where a client wants to go.
fn greet(client: &TcpStream) -> Option<String> {
    let mut first = [0];
    client.peek(&mut first).ok()?;
    if first == [5] { greet_socks(client) } else { greet_http(client) }
}

fn greet_http(mut client: &TcpStream) -> Option<String> {
    let mut lines = BufReader::with_capacity(1, client).lines();
    let request = lines.next()?.ok()?;
    let name = request.strip_prefix("CONNECT ")?.split(' ').next()?.to_owned();
    while !lines.next()?.ok()?.is_empty() {}
    client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").ok()?;
    Some(format!("CONNECT {name}"))
}

fn greet_socks(mut client: &TcpStream) -> Option<String> {
    let mut head = [0; 2];
    client.read_exact(&mut head).ok()?;
    let mut methods = vec![0; usize::from(head[1])];
    client.read_exact(&mut methods).ok()?;
    client.write_all(&[5, 0]).ok()?;
    // Version, connect, reserved, a name and its length.
    let mut request = [0; 5];
    client.read_exact(&mut request).ok()?;
    assert_eq!(request[..4], [5, 1, 0, 3], "a name to connect to");
    let mut name = vec![0; usize::from(request[4]) + 2];
    client.read_exact(&mut name).ok()?;
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0]).ok()?;
    name.truncate(name.len() - 2);
    Some(format!("SOCKS {}", String::from_utf8(name).ok()?))
}

/// Carries bytes both ways until either side ends.
fn join(client: &TcpStream, server: &TcpStream) {
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let up = thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let _ = std::io::copy(&mut from, &mut to);
    let _ = client.shutdown(Shutdown::Both);
    let _ = up.join();
}
