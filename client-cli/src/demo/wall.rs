//! The wall where the town's posters hang: one page with pictures, on loopback, for the browser in which
//! the visitor is played.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// A poster on the wall.
pub(super) struct Poster {
    pub(super) name: &'static str,
    pub(super) address: &'static str,
    /// What the code says: the link that a phone's camera opens.
    pub(super) link: String,
    pub(super) png: Vec<u8>,
}

/// The longest wait for a browser's next line.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most lines of a request that are read.
const MOST_LINES: usize = 100;

const STYLE: &str = "
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 70rem; margin: auto; padding: 1rem }
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(17rem, 1fr)); gap: 1.5rem }
img { width: 100%; border: 1px solid }
";

/// The page that shows them; `page` is the address of the page to scan them with.
pub(super) fn document(posters: &[Poster], page: &str) -> String {
    let document: Markup = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { "The town's posters" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { "The town's posters" }
                p {
                    "Scan them in " a href=(page) target="_blank" rel="noopener" { (page) }
                    ": by a camera that sees this screen, or by a picture that you save here and choose there."
                }
                main {
                    @for (number, poster) in posters.iter().enumerate() {
                        section {
                            h2 { (number + 1) ". " (poster.name) }
                            p { (poster.address) }
                            a href=(picture(number)) download {
                                img src=(picture(number)) alt={ "The poster of " (poster.name) };
                            }
                            p {
                                a href=(poster.link) target="_blank" rel="noopener" {
                                    "Open the link, as a phone's own camera does"
                                }
                            }
                        }
                    }
                }
            }
        }
    };
    document.into_string()
}

/// The name of a poster's picture beside the page.
pub(super) fn picture(number: usize) -> String {
    format!("poster-{}.png", number + 1)
}

/// Shows these files (path, type, bytes) on a port of this machine until the program ends; its address.
pub(super) fn hang(files: Vec<(String, &'static str, Vec<u8>)>) -> anyhow::Result<String> {
    let listener =
        TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("cannot listen on loopback")?;
    let address = format!("http://{}", listener.local_addr()?);
    let files = Arc::new(files);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let files = Arc::clone(&files);
            std::thread::spawn(move || {
                // A browser that has gone needs no answer.
                let _ = answer(&stream, &files);
            });
        }
    });
    Ok(address)
}

/// Answers one request, and ends the connection.
fn answer(stream: &TcpStream, files: &[(String, &str, Vec<u8>)]) -> std::io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut lines = BufReader::new(std::io::Read::take(stream, 64 << 10)).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    for line in lines.take(MOST_LINES) {
        if line?.is_empty() {
            break;
        }
    }
    let mut words = first.split(' ');
    let (method, path) = (words.next(), words.next().unwrap_or_default());
    let file = files.iter().find(|(name, ..)| path.strip_prefix('/') == Some(name));
    let mut stream = stream;
    match (method, file) {
        (Some("GET"), Some((_, content_type, bytes))) => {
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\
                 Content-Security-Policy: default-src 'none'; img-src 'self'; style-src 'unsafe-inline'\r\n\
                 Referrer-Policy: no-referrer\r\nX-Content-Type-Options: nosniff\r\n\
                 Cache-Control: no-store\r\nConnection: close\r\n\r\n",
                bytes.len()
            )?;
            stream.write_all(bytes)
        }
        _ => write!(
            stream,
            "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        ),
    }
}
