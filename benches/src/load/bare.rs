//! hyper alone: what the least server on it does, with every answer at hand. Nothing is counted, limited or
//! proved, and nobody is turned away.

use std::collections::HashMap;
use std::convert::Infallible;
use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::runtime::Builder;

use crate::Result;

type Files = HashMap<String, Bytes>;

/// Serves the files below a folder with so many workers that share a listener, until it is killed.
///
/// # Errors
/// When the files cannot be read, or the address not be had.
pub fn serve(addr: SocketAddr, root: &Path, workers: usize) -> Result<()> {
    let mut files = Files::new();
    collect(root, "", &mut files)?;
    let (files, listener) = (Arc::new(files), TcpListener::bind(addr)?);
    listener.set_nonblocking(true)?;
    let mut threads = vec![];
    for _ in 0..workers {
        let (files, listener) = (Arc::clone(&files), listener.try_clone()?);
        threads.push(thread::spawn(move || work(listener, files).map_err(|it| it.to_string())));
    }
    threads.into_iter().try_for_each(|thread| Ok(thread.join().map_err(|_| "a worker broke")??))
}

fn collect(folder: &Path, before: &str, files: &mut Files) -> Result<()> {
    for item in fs::read_dir(folder)? {
        let item = item?;
        let path = format!("{before}/{}", item.file_name().to_string_lossy());
        if item.file_type()?.is_dir() {
            collect(&item.path(), &path, files)?;
        } else {
            files.insert(path, fs::read(item.path())?.into());
        }
    }
    Ok(())
}

fn work(listener: TcpListener, files: Arc<Files>) -> Result<()> {
    Builder::new_current_thread().enable_all().build()?.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        loop {
            let (stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            let files = Arc::clone(&files);
            let service = service_fn(move |request| {
                let answer = answer(&files, &request);
                async move { Ok::<_, Infallible>(answer) }
            });
            let served = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
            // A reader that goes away is none of a server's failures.
            tokio::spawn(async move { drop(served.await) });
        }
    })
}

fn answer(files: &Files, request: &Request<Incoming>) -> Response<Full<Bytes>> {
    let found = files.get(request.uri().path()).cloned();
    let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let mut answer = Response::new(Full::new(found.unwrap_or_default()));
    *answer.status_mut() = status;
    answer
}
