//! The least pace of the other side: what it reads and sends must keep moving.

use std::error::Error;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use hyper::body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::places::{Seat, Side};
use super::sending::send;
use crate::shelf::Shelf;

/// Bytes that must move while the server waits, in the time that the operator sets.
const LEAST: usize = 8 << 10;

/// A body or an answer that did not keep the pace.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("the other side is too slow")]
pub(crate) struct Stalled;

impl Stalled {
    /// Returns whether this is behind `error`.
    pub(crate) fn caused(error: &(dyn Error + 'static)) -> bool {
        let mut next = Some(error);
        while let Some(error) = next {
            if error.is::<Self>() {
                return true;
            }
            next = error.source();
        }
        false
    }
}

/// The clock on one side of a connection. It runs while the server waits, from the first wait until
/// enough has moved, so that a drop now and then does not reset it.
struct Pace {
    seat: Arc<Seat>,
    side: Side,
    time: Duration,
    end: Option<Pin<Box<Sleep>>>,
    moved: usize,
}

impl Pace {
    const fn new(seat: Arc<Seat>, side: Side, time: Duration) -> Self {
        Self { seat, side, time, end: None, moved: 0 }
    }

    /// Ready when the other side has had its time.
    fn waits(&mut self, context: &mut Context<'_>) -> Poll<Stalled> {
        let end = self.end.get_or_insert_with(|| {
            self.moved = 0;
            self.seat.waits(self.side);
            Box::pin(sleep(self.time))
        });
        ready!(end.as_mut().poll(context));
        Poll::Ready(Stalled)
    }

    fn moved(&mut self, bytes: usize) {
        self.moved = self.moved.saturating_add(bytes);
        if self.moved >= LEAST {
            self.rests();
        }
    }

    /// Nothing is waited for any more.
    fn rests(&mut self) {
        if self.end.take().is_some() {
            self.seat.goes_on(self.side);
        }
    }
}

/// A connection whose other side must take what it is sent.
pub(super) struct Paced {
    stream: TcpStream,
    pace: Pace,
    shelf: Shelf,
}

impl Paced {
    pub(super) const fn new(
        stream: TcpStream,
        seat: Arc<Seat>,
        time: Duration,
        shelf: Shelf,
    ) -> Self {
        Self { stream, pace: Pace::new(seat, Side::Writing, time), shelf }
    }

    fn paced(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => self.pace.moved(bytes),
            Poll::Ready(Err(_)) => {}
            // [API-24]
            Poll::Pending => {
                let stalled = ready!(self.pace.waits(context));
                return Poll::Ready(Err(io::Error::new(io::ErrorKind::TimedOut, stalled)));
            }
        }
        written
    }
}

impl Drop for Paced {
    fn drop(&mut self) {
        // What the other side does not read must not wait in the kernel either.
        if self.pace.seat.is_waiting(Side::Writing) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.paced(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = send(&mut this.stream, &this.shelf, context, slices);
        this.paced(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called when everything has been written.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.pace.rests();
        Pin::new(&mut self.stream).poll_flush(context)
    }

    /// The end is told when the connection is closed, which follows at once.
    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The body of a request, which must keep coming while somebody reads it.
pub(super) struct PacedBody<B> {
    body: B,
    pace: Pace,
}

impl<B> PacedBody<B> {
    pub(super) const fn new(body: B, seat: Arc<Seat>, time: Duration) -> Self {
        Self { body, pace: Pace::new(seat, Side::Reading, time) }
    }
}

impl<B> Body for PacedBody<B>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    type Data = Bytes;
    type Error = Box<dyn Error + Send + Sync>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.body).poll_frame(context) {
            Poll::Ready(frame) => {
                let data = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref());
                match data {
                    Some(data) => self.pace.moved(data.remaining()),
                    None => self.pace.rests(),
                }
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            // [API-24]
            Poll::Pending => {
                let stalled = ready!(self.pace.waits(context));
                Poll::Ready(Some(Err(stalled.into())))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl<B> Drop for PacedBody<B> {
    fn drop(&mut self) {
        self.pace.rests();
    }
}
