//! How an answer is handed to the kernel: what is shared by many out of its file, everything else as
//! bytes.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncWrite as _, Interest};
use tokio::net::TcpStream;

use crate::shelf::Shelf;

/// Sends the beginning of what `slices` hold, and returns how much of it.
pub(super) fn send(
    stream: &mut TcpStream,
    shelf: &Shelf,
    context: &mut Context<'_>,
    slices: &[IoSlice<'_>],
) -> Poll<io::Result<usize>> {
    let mut found =
        slices.iter().enumerate().map(|(at, slice)| (at, shelf.find(slice), slice.len()));
    let Some((at, Some(part), length)) = found.find(|(_, part, _)| part.is_some()) else {
        return Pin::new(stream).poll_write_vectored(context, slices);
    };
    let before = slices.get(..at).unwrap_or_default();
    loop {
        ready!(stream.poll_write_ready(context))?;
        let sent = stream.try_io(Interest::WRITABLE, || {
            if before.is_empty() {
                send_file(stream, &part.file, part.offset, length)
            } else {
                send_more(stream, before)
            }
        });
        match sent {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            sent => return Poll::Ready(sent),
        }
    }
}

#[cfg(target_os = "linux")]
fn send_file(
    stream: &TcpStream,
    file: &std::fs::File,
    mut offset: u64,
    length: usize,
) -> io::Result<usize> {
    Ok(rustix::fs::sendfile(stream, file, Some(&mut offset), length)?)
}

/// Sends bytes that others follow at once, so that they leave together.
#[cfg(target_os = "linux")]
fn send_more(stream: &TcpStream, slices: &[IoSlice<'_>]) -> io::Result<usize> {
    use rustix::net::{SendAncillaryBuffer, SendFlags, sendmsg};

    let flags = SendFlags::MORE | SendFlags::NOSIGNAL;
    Ok(sendmsg(stream, slices, &mut SendAncillaryBuffer::default(), flags)?)
}
