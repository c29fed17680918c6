//! From a connection to the router and back: tells the seat when a request is under way.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use bytes::Bytes;
use futures_util::future::{BoxFuture, Either, Ready, ready};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::service::TowerToHyperService;

use super::pace::PacedBody;
use super::places::Seat;
use crate::app::Quick;

/// The router as one connection sees it.
pub(super) struct Visit {
    router: TowerToHyperService<Router>,
    quick: Option<Arc<Quick>>,
    seat: Arc<Seat>,
    time: Duration,
}

impl Visit {
    pub(super) fn new(
        router: Router,
        quick: Option<Arc<Quick>>,
        seat: Arc<Seat>,
        time: Duration,
    ) -> Self {
        Self { router: TowerToHyperService::new(router), quick, seat, time }
    }
}

impl Service<Request<Incoming>> for Visit {
    type Response = Response<Answer>;
    type Error = Infallible;
    type Future = Either<
        Ready<Result<Self::Response, Infallible>>,
        BoxFuture<'static, Result<Self::Response, Infallible>>,
    >;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.seat.request_begins();
        let end = End(Arc::clone(&self.seat));
        let quick = self.quick.as_ref();
        if let Some(answer) = quick.and_then(|quick| quick.answer(&request, &self.seat)) {
            return Either::Left(ready(Ok(answer.map(|body| Answer { body, _end: end }))));
        }
        let mut request =
            request.map(|body| PacedBody::new(body, Arc::clone(&self.seat), self.time));
        request.extensions_mut().insert(Arc::clone(&self.seat));
        let answer = self.router.call(request);
        let answer = async move { Ok(answer.await?.map(|body| Answer { body, _end: end })) };
        Either::Right(Box::pin(answer))
    }
}

/// Notes that the answer has been handed over, or that nobody waits for it any more.
struct End(Arc<Seat>);

impl Drop for End {
    fn drop(&mut self) {
        self.0.request_ends();
    }
}

/// The body of an answer, with the end of its request.
pub(super) struct Answer {
    body: axum::body::Body,
    _end: End,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
