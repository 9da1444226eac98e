//! Between any two processes: a proxy in front of each replica, which knows frames.
//!
//! It drops, delays and doubles whole frames, in each direction by itself, so that what faults do is what they do in the simulator:
//! messages are lost and connections stay.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use super::weather::Weather;
use crate::net::frame::{FRAME_BYTES_MAX, FrameKind, HEADER, Header, content};
use crate::net::letter::Hello;
use crate::protocol::{ProcessId, Role};

/// The proxies of all replicas.
#[derive(Debug)]
pub struct Proxies {
    addresses: Vec<SocketAddr>,
    /// Where each replica is now.
    behind: Rc<RefCell<Vec<Option<SocketAddr>>>>,
    tasks: JoinSet<()>,
}

impl Proxies {
    /// A proxy for each replica, in front of nothing yet; call it within a local set of tokio.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn new(replicas: usize, weather: &Weather) -> std::io::Result<Proxies> {
        let behind = Rc::new(RefCell::new(vec![None; replicas]));
        let (mut addresses, mut tasks) = (Vec::new(), JoinSet::new());
        for replica in 0..replicas {
            let listener = TcpListener::bind("127.0.0.1:0").await?;
            addresses.push(listener.local_addr()?);
            tasks.spawn_local(accept(listener, ProcessId(replica as u32), Rc::clone(&behind), weather.clone()));
        }
        Ok(Proxies { addresses, behind, tasks })
    }

    /// Where the proxy of a replica is.
    pub fn address(&self, replica: usize) -> SocketAddr {
        self.addresses[replica]
    }

    /// From now on a replica is there, or nowhere.
    pub fn put(&self, replica: usize, address: Option<SocketAddr>) {
        self.behind.borrow_mut()[replica] = address;
    }

    /// Ends all connections.
    pub async fn end(mut self) {
        self.tasks.shutdown().await;
    }
}

async fn accept(
    listener: TcpListener,
    replica: ProcessId,
    behind: Rc<RefCell<Vec<Option<SocketAddr>>>>,
    weather: Weather,
) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            Some(_) = connections.join_next() => {}
            accepted = listener.accept() => {
                let (Ok((stream, _)), Some(address)) = (accepted, behind.borrow()[replica.index()]) else { continue };
                let weather = weather.clone();
                connections.spawn_local(async move {
                    // Whatever ends one of its sides ends a connection.
                    let _ = between(stream, address, replica, &weather).await;
                });
            }
        }
    }
}

/// A frame with what the proxy knows of it.
struct Passing {
    kind: FrameKind,
    bytes: Vec<u8>,
}

async fn read(stream: &mut OwnedReadHalf) -> std::io::Result<Passing> {
    let invalid = |_| std::io::Error::from(std::io::ErrorKind::InvalidData);
    let mut bytes = vec![0; HEADER];
    stream.read_exact(&mut bytes).await?;
    let header: &[u8; HEADER] = bytes.first_chunk().ok_or(std::io::ErrorKind::InvalidData)?;
    let header = Header::read(header, FRAME_BYTES_MAX).map_err(invalid)?;
    bytes.resize(HEADER + header.length, 0);
    stream.read_exact(&mut bytes[HEADER..]).await?;
    Ok(Passing { kind: header.kind, bytes })
}

async fn between(caller: TcpStream, address: SocketAddr, replica: ProcessId, weather: &Weather) -> std::io::Result<()> {
    let called = TcpStream::connect(address).await?;
    caller.set_nodelay(true)?;
    called.set_nodelay(true)?;
    let ((mut from_caller, to_caller), (from_called, to_called)) = (caller.into_split(), called.into_split());
    let first = read(&mut from_caller).await?;
    let hello: Hello = content(&first.bytes[HEADER..]).map_err(std::io::Error::other)?;
    let caller = ProcessId(hello.from);
    tokio::select! {
        ended = pass((from_caller, to_called), (caller, replica), weather, Some(first)) => ended,
        ended = pass((from_called, to_caller), (replica, caller), weather, None) => ended,
    }
}

/// A frame and when it arrives.
type Delayed = (Instant, FrameKind, Vec<u8>);

/// Passes frames in one direction until there are no more.
async fn pass(
    (mut reads, mut writes): (OwnedReadHalf, OwnedWriteHalf),
    (from, to): (ProcessId, ProcessId),
    weather: &Weather,
    mut first: Option<Passing>,
) -> std::io::Result<()> {
    let (delayed, mut arriving): (UnboundedSender<Delayed>, UnboundedReceiver<Delayed>) = unbounded_channel();
    let take = async {
        loop {
            let Passing { kind, bytes } = match first.take() {
                Some(first) => first,
                None => read(&mut reads).await?,
            };
            let FrameKind::Letter(role) = kind else {
                // Greetings are late, too, but neither lost nor doubled by chance.
                let copies = weather.fate(from, to, Role::Other);
                let at = Instant::now() + copies.first().copied().unwrap_or_default();
                let _ = delayed.send((at, kind, bytes));
                continue;
            };
            for copy in weather.fate(from, to, role) {
                let _ = delayed.send((Instant::now() + copy, kind, bytes.clone()));
            }
        }
    };
    let put = async {
        while let Some((at, kind, bytes)) = arriving.recv().await {
            if at > Instant::now() {
                sleep_until(at.into()).await;
            }
            let role = if let FrameKind::Letter(role) = kind { Some(role) } else { None };
            if !weather.is_cut(from, to, role) {
                writes.write_all(&bytes).await?;
            }
        }
        Ok(())
    };
    tokio::select! {
        ended = take => ended,
        ended = put => ended,
    }
}
