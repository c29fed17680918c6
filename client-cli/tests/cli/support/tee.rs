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
    /// Answers to requests that begin so are lost on the way back.
    loses_answers: Arc<Mutex<Option<String>>>,
}

impl Tee {
    pub(crate) fn new() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        Self {
            listener,
            heard: Arc::default(),
            loses: Arc::default(),
            loses_answers: Arc::default(),
        }
    }

    /// Listens in front of the server at a port; the address to ask instead.
    pub(crate) fn before(&self, port: u16) -> String {
        let (listener, heard) = (self.listener.try_clone().unwrap(), Arc::clone(&self.heard));
        let (loses, answers) = (Arc::clone(&self.loses), Arc::clone(&self.loses_answers));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (heard, loses) = (Arc::clone(&heard), Arc::clone(&loses));
                let answers = Arc::clone(&answers);
                thread::spawn(move || pass(client, port, &heard, &loses, &answers));
            }
        });
        format!("http://{}", self.listener.local_addr().unwrap())
    }

    /// Loses every request that begins so, until it is told otherwise.
    pub(crate) fn lose(&self, beginning: Option<&str>) {
        *self.loses.lock().unwrap() = beginning.map(str::to_owned);
    }

    /// Passes every request on that begins so, and loses the answer, until it is told otherwise.
    pub(crate) fn lose_answers(&self, beginning: Option<&str>) {
        *self.loses_answers.lock().unwrap() = beginning.map(str::to_owned);
    }

    /// Every byte that was sent to the server since the last call.
    pub(crate) fn heard(&self) -> String {
        let heard = std::mem::take(&mut *self.heard.lock().unwrap());
        String::from_utf8_lossy(&heard).into_owned()
    }
}

type Beginning = Mutex<Option<String>>;

fn pass(
    mut client: TcpStream,
    port: u16,
    heard: &Mutex<Vec<u8>>,
    loses: &Beginning,
    answers: &Beginning,
) {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
    let (mut from, mut to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
    let mute = Arc::new(AtomicBool::new(false));
    let is_mute = Arc::clone(&mute);
    thread::spawn(move || {
        let mut buffer = [0; 8_192];
        // The server has done what it was asked to when it answers.
        while let Ok(read @ 1..) = from.read(&mut buffer) {
            if is_mute.load(Ordering::SeqCst) || to.write_all(&buffer[..read]).is_err() {
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
        let answers = answers.lock().unwrap().clone();
        if answers.is_some_and(|lost| buffer[..read].starts_with(lost.as_bytes())) {
            mute.store(true, Ordering::SeqCst);
        }
        if server.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
    let _ = server.shutdown(Shutdown::Write);
}
