//! Connections: how many at once, and which of them go when others wait.
//!
//! An API server speaks HTTP/1.1 to webhooks, keeps 25 connections that it does not use, and opens one more for each request
//! beyond them. Were all of them taken in at once, each would get so small a share of the processor that none came through
//! its handshake in time. So only some are: the others wait in the backlog of the kernel, which costs nothing here, and whoever
//! has been taken in is answered soon.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::Request;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_rustls::TlsAcceptor;

/// Connections at once: several API servers with what they keep, and far more than can be judged.
const SEATS: usize = 512;
/// A handshake takes no longer.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A connection without a request is kept so long, and headers take no longer. API servers close what they do not use after 90
/// seconds: were it the webhook that ends it, a request might just be on its way.
const IDLE: Duration = Duration::from_mins(2);
/// When others wait, a connection that has been without a request for so long makes room for them.
const SPARED: Duration = Duration::from_secs(5);
/// Between two looks for a connection that may go.
const LOOK: Duration = Duration::from_millis(100);
/// Bytes that are read ahead of a connection.
const AHEAD: u32 = 64 << 10;

/// All connections of a listener.
struct House {
    free: Arc<Semaphore>,
    taken: Mutex<BTreeMap<u64, Arc<Seat>>>,
}

/// One connection.
struct Seat {
    requests: AtomicUsize,
    since: Mutex<Instant>,
    leave: Notify,
}

/// Holds a seat for as long as it lives.
struct Guest {
    house: Arc<House>,
    number: u64,
    seat: Arc<Seat>,
    _free: OwnedSemaphorePermit,
}

/// Counts a request for as long as it lives.
struct Asking(Arc<Seat>);

impl House {
    fn new(seats: usize) -> Arc<Self> {
        Arc::new(Self { free: Arc::new(Semaphore::new(seats)), taken: Mutex::default() })
    }

    /// A free seat, as soon as there is one.
    async fn free(&self) -> OwnedSemaphorePermit {
        loop {
            let free = Arc::clone(&self.free).acquire_owned();
            if let Ok(Ok(free)) = tokio::time::timeout(LOOK, free).await {
                return free;
            }
            self.make_room();
        }
    }

    fn seated(&self) -> std::sync::MutexGuard<'_, BTreeMap<u64, Arc<Seat>>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(self: &Arc<Self>, number: u64, free: OwnedSemaphorePermit) -> Guest {
        let seat = Seat { requests: AtomicUsize::new(0), since: Mutex::new(Instant::now()), leave: Notify::new() };
        let seat = Arc::new(seat);
        self.seated().insert(number, Arc::clone(&seat));
        Guest { house: Arc::clone(self), number, seat, _free: free }
    }

    /// Asks the one to leave that has been without a request for longest.
    fn make_room(&self) {
        let seated = self.seated();
        let idle = seated.values().filter_map(|seat| Some((seat.idle_since()?, seat)));
        let longest = idle.min_by_key(|(since, _)| *since).filter(|(since, _)| since.elapsed() > SPARED);
        if let Some((_, seat)) = longest {
            seat.leave.notify_one();
        }
    }

    /// Asks all to leave when they have their answers.
    fn close(&self) {
        self.seated().values().for_each(|seat| seat.leave.notify_one());
    }

    /// All have left.
    async fn empty(&self, seats: usize) {
        let all = u32::try_from(seats).unwrap_or(u32::MAX);
        // the semaphore is never closed
        let _ = self.free.acquire_many(all).await;
    }
}

impl Seat {
    fn idle_since(&self) -> Option<Instant> {
        let since = *self.since.lock().unwrap_or_else(PoisonError::into_inner);
        (self.requests.load(Ordering::Relaxed) == 0).then_some(since)
    }
}

impl Asking {
    fn new(seat: &Arc<Seat>) -> Self {
        seat.requests.fetch_add(1, Ordering::Relaxed);
        Self(Arc::clone(seat))
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        *self.0.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        self.0.requests.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.house.seated().remove(&self.number);
    }
}

/// Serves until `stop` ends, then lets open requests finish for at most `drain`.
pub async fn serve(
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
    router: Router,
    stop: impl Future<Output = ()>,
    drain: Duration,
) {
    let house = House::new(SEATS);
    let mut stop = std::pin::pin!(stop);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(IDLE).max_buf_size(AHEAD as usize);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(256)
        .initial_stream_window_size(AHEAD)
        .initial_connection_window_size(4 * AHEAD)
        .keep_alive_interval(IDLE);
    for number in 0.. {
        let accept = async {
            let free = house.free().await;
            (listener.accept().await, free)
        };
        let (accepted, free) = tokio::select! {
            accepted = accept => accepted,
            () = &mut stop => break,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                // out of file descriptors, most likely: others must close first
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let _ = stream.set_nodelay(true);
        let guest = house.take(number, free);
        tokio::spawn(receive(stream, tls.clone(), builder.clone(), router.clone(), guest));
    }
    drop(listener);
    house.close();
    tokio::select! {
        () = house.empty(SEATS) => {}
        () = tokio::time::sleep(drain) => tracing::warn!("connections were still open at the end of the drain"),
    }
}

async fn receive(
    stream: TcpStream,
    tls: Option<TlsAcceptor>,
    builder: auto::Builder<TokioExecutor>,
    router: Router,
    guest: Guest,
) {
    let Some(tls) = tls else { return attend(stream, &builder, router, &guest).await };
    match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
        Ok(Ok(stream)) => attend(stream, &builder, router, &guest).await,
        Ok(Err(error)) => tracing::debug!(%error, "a handshake failed"),
        Err(_) => tracing::debug!("a handshake did not come to its end in time"),
    }
}

/// Answers the requests of a connection until it ends or is asked to leave.
async fn attend(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    builder: &auto::Builder<TokioExecutor>,
    router: Router,
    guest: &Guest,
) {
    let router = TowerToHyperService::new(router);
    let seat = Arc::clone(&guest.seat);
    let service = service_fn(move |request: Request<Incoming>| {
        let asking = Asking::new(&seat);
        let answer = router.call(request);
        async move {
            let answer = answer.await;
            drop(asking);
            answer.map_err(|never: Infallible| never)
        }
    });
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    loop {
        tokio::select! {
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    tracing::debug!(error, "a connection ended early");
                }
                return;
            }
            () = guest.seat.leave.notified() => connection.as_mut().graceful_shutdown(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn when_others_wait_the_one_without_a_request_for_longest_is_asked_to_leave() {
        let house = House::new(3);
        let mut guests = Vec::new();
        for number in 0..3 {
            guests.push(house.take(number, house.free().await));
        }
        let long_ago = Instant::now().checked_sub(2 * SPARED).unwrap();
        let asked = |guest: &Guest| {
            let leave = guest.seat.leave.notified();
            futures::FutureExt::now_or_never(leave).is_some()
        };
        house.make_room();
        assert!(!guests.iter().any(asked), "all of them may be about to ask");
        for guest in &guests[..2] {
            *guest.seat.since.lock().unwrap() = long_ago;
        }
        let busy = Asking::new(&guests[0].seat);
        house.make_room();
        assert_eq!(guests.iter().map(asked).collect::<Vec<_>>(), [false, true, false]);
        drop(busy);
        assert!(
            guests[0].seat.idle_since().is_some_and(|since| since.elapsed() <= SPARED),
            "it has just been answered"
        );
        guests.pop();
        assert_eq!(house.seated().len(), 2);
        let free = tokio::time::timeout(Duration::from_mins(1), house.free()).await;
        assert!(free.is_ok(), "who leaves makes room");
    }
}
