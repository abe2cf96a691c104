//! Answering connections: each has to send its request in time, and there are only so many.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::Request;
use diembao_pipeline::Pipeline;
use hyper::body::Incoming;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower::ServiceExt;

use crate::guests::{Guest, Guests};
use crate::patient::Patient;
use crate::state::Console;
use crate::{live, routes};

/// Connections at the same time: pages, streams and a reserve.
const MAX_CONNECTIONS: usize = if cfg!(test) { 40 } else { 2_000 };
/// Of these, from one address.
const MAX_OF_ONE: usize = MAX_CONNECTIONS / 2;
/// A request's head arrives within this; a connection without a request is closed after it.
const HEAD_TIME: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 10 });
/// After the shutdown, what is under way may take this long.
const GRACE: Duration = Duration::from_secs(3);
/// After accepting failed, for example because no file handles are left.
const PAUSE: Duration = Duration::from_millis(200);

/// Answers HTTP until `shutdown` completes.
///
/// # Errors
/// When the key of the console cannot be read or made.
pub async fn serve(
    pipeline: Pipeline,
    listener: TcpListener,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let console = Console::open(pipeline).context("the console cannot begin")?;
    let app = routes::app(&console);
    let watching = tokio::spawn(live::watch(console.clone()));
    let room = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let guests = Guests::new(MAX_OF_ONE, &console.p.home.settings.console.trusted_proxies);
    let graceful = GracefulShutdown::new();
    tokio::pin!(shutdown);
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit.context("the console's room is closed")?,
            () = &mut shutdown => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, peer)) => match guests.enter(peer.ip()) {
                Some(guest) => answer(stream, peer, &app, (permit, guest), &graceful),
                None => tracing::debug!("{peer} has all connections that one address may have"),
            },
            Err(e) => {
                tracing::warn!("a connection could not be taken: {e}");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
    watching.abort();
    // New connections are refused while those that are open finish.
    drop(listener);
    console.live.close();
    let _ = tokio::time::timeout(GRACE, graceful.shutdown()).await;
    Ok(())
}

fn answer(
    stream: TcpStream,
    peer: SocketAddr,
    app: &Router,
    place: (OwnedSemaphorePermit, Guest),
    graceful: &GracefulShutdown,
) {
    let _ = stream.set_nodelay(true);
    let app = app.clone();
    let service = hyper::service::service_fn(move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let app = app.clone();
        async move { Ok::<_, Infallible>(app.oneshot(request).await.unwrap_or_else(|never| match never {})) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIME).max_buf_size(64 * 1024).half_close(false);
    let connection = graceful.watch(http.serve_connection(TokioIo::new(Patient::new(stream)), service));
    tokio::spawn(async move {
        if let Err(e) = connection.await {
            tracing::debug!("a connection ended: {e}");
        }
        drop(place);
    });
}
