//! Something between a program and a server that takes requests and loses answers.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

pub(crate) struct Proxy {
    pub(crate) url: String,
    loses: Arc<AtomicBool>,
    /// How many answers were lost.
    lost: Arc<AtomicUsize>,
}

impl Proxy {
    /// In front of `server`; loses every answer to an upload until [`Proxy::mend`].
    pub(crate) fn losing(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (loses, lost) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
        let proxy = Self { url, loses: Arc::clone(&loses), lost: Arc::clone(&lost) };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (loses, lost) = (Arc::clone(&loses), Arc::clone(&lost));
                thread::spawn(move || pass(client, server, &loses, &lost));
            }
        });
        proxy
    }

    pub(crate) fn mend(&self) {
        self.loses.store(false, Ordering::SeqCst);
    }

    pub(crate) fn lost(&self) -> usize {
        self.lost.load(Ordering::SeqCst)
    }
}

/// One connection: what the client says to the server, and what it answers back, unless it gets lost.
fn pass(mut client: TcpStream, server: SocketAddr, loses: &AtomicBool, lost: &AtomicUsize) {
    let mut server = TcpStream::connect(server).unwrap();
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
    let mut buffer = [0; 8_192];
    while let Ok(read @ 1..) = server.read(&mut buffer) {
        // The server has done what it was asked to: it answers.
        if loses.load(Ordering::SeqCst) {
            lost.fetch_add(1, Ordering::SeqCst);
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
        if client.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
    let _ = client.shutdown(Shutdown::Both);
}
