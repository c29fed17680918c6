//! Looks at the bytes of each head before they are taken apart, for what is lost then: a length that
//! is given twice, a line that ends without CR, a fragment in the target. Whoever forwards such a
//! request may have read it in another way.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::places::Seat;

/// Bytes of a line of which the beginning is enough.
const LINE: usize = 256;

/// A connection whose requests are looked at.
pub(super) struct Watched<S> {
    stream: S,
    seat: Arc<Seat>,
    heads: Heads,
}

impl<S> Watched<S> {
    pub(super) fn new(stream: S, seat: Arc<Seat>) -> Self {
        Self { stream, seat, heads: Heads::default() }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let result = Pin::new(&mut this.stream).poll_read(context, buffer);
        let read = buffer.filled().get(before..).unwrap_or_default();
        // [API-26]
        if this.heads.read(read) {
            this.seat.is_now_ambiguous();
        }
        result
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

/// Where in the stream of requests the connection stands.
#[derive(Debug, Default)]
struct Heads {
    /// Bytes of a body that are still to come.
    body: u64,
    /// A chunked body has begun. The connection ends with its answer, so nothing follows.
    through: bool,
    is_chunked: bool,
    /// The beginning of the line at hand.
    line: Vec<u8>,
    last_two: [u8; 2],
    has_fragment: bool,
    /// Whether the line of the request has been seen.
    begun: bool,
    length: Option<u64>,
}

impl Heads {
    /// Goes on by these bytes; true when something in them can be read in two ways.
    fn read(&mut self, mut bytes: &[u8]) -> bool {
        let mut ambiguous = false;
        while !bytes.is_empty() && !self.through {
            let skipped = self.body.min(bytes.len() as u64);
            self.body -= skipped;
            bytes =
                bytes.get(usize::try_from(skipped).unwrap_or(bytes.len())..).unwrap_or_default();
            let end = bytes.iter().position(|byte| *byte == b'\n');
            let (line, rest) = bytes.split_at(end.map_or(bytes.len(), |end| end + 1));
            self.collect(line);
            if end.is_some() {
                ambiguous |= self.line_ends();
            }
            bytes = rest;
        }
        ambiguous
    }

    fn collect(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.line.len() < LINE {
                self.line.push(*byte);
            }
            self.has_fragment |= !self.begun && *byte == b'#';
            self.last_two = [self.last_two[1], *byte];
        }
    }

    fn line_ends(&mut self) -> bool {
        let line = std::mem::take(&mut self.line);
        let text = line.trim_ascii_end();
        if self.last_two != *b"\r\n" {
            return true;
        }
        if text.is_empty() {
            // Empty lines before a request are passed over.
            if self.begun {
                self.body = self.length.take().unwrap_or(0);
                self.through = self.is_chunked;
                self.begun = false;
            }
            return false;
        }
        if !self.begun {
            self.begun = true;
            return std::mem::take(&mut self.has_fragment);
        }
        self.field(text)
    }

    fn field(&mut self, line: &[u8]) -> bool {
        let colon = line.iter().position(|byte| *byte == b':').unwrap_or(line.len());
        let (name, value) = line.split_at(colon);
        if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.is_chunked = true;
            return self.length.is_some();
        }
        if !name.eq_ignore_ascii_case(b"content-length") {
            return false;
        }
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        // What is no number is refused when the head is taken apart.
        let length = std::str::from_utf8(value).ok().and_then(|text| text.parse().ok());
        self.length.replace(length.unwrap_or(0)).is_some() || self.is_chunked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads whole and byte by byte, which must say the same.
    fn ambiguous(bytes: &[u8]) -> bool {
        let whole = Heads::default().read(bytes);
        let mut heads = Heads::default();
        let mut parts = false;
        for byte in bytes {
            parts |= heads.read(&[*byte]);
        }
        assert_eq!(whole, parts);
        whole
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_seen_wherever_it_stands() {
        // [API-26]
        let long = format!("GET /{} HTTP/1.1\r\nx: {}\r\n\r\n", "a".repeat(999), "b".repeat(999));
        let plain = [
            "GET / HTTP/1.1\r\nhost: x\r\n\r\n",
            "\r\n\r\nGET / HTTP/1.1\r\nreferer: /#x\r\n\r\n",
            "POST / HTTP/1.1\r\ncontent-length: 4\r\n\r\n\n#\n\nGET / HTTP/1.1\r\n\r\n",
            "POST / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n1\n\n0\n",
            &long,
        ];
        let twofold = [
            "POST / HTTP/1.1\r\ncontent-length: 4\r\nContent-Length: 4\r\n\r\nbody",
            "POST / HTTP/1.1\r\ncontent-length: 4\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\ncontent-length: 4\r\n\r\n",
            "GET / HTTP/1.1\nhost: x\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: x\n\r\n",
            "GET / HTTP/1.1\r\nhost: x\r\n\n",
            "GET /#x HTTP/1.1\r\nhost: x\r\n\r\n",
        ];
        for text in plain {
            assert!(!ambiguous(text.as_bytes()), "{text}");
            for bad in twofold {
                let chunked = text.contains("transfer");
                let both = [text, bad].concat();
                assert_eq!(ambiguous(both.as_bytes()), !chunked, "{both}");
            }
        }
    }
}
