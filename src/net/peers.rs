//! The lines to the other replicas: opened, and opened again.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{sleep, timeout};

use super::channel::{ChannelError, Reader, Side, Writer, open};
use super::frame::{FrameError, FrameKind, GREETING_BYTES_MAX, content, frame};
use super::key::SharedKey;
use super::letter::{DiskName, Hello, Refused};
use super::outbox::LineEnd;
use crate::protocol::ProcessId;

/// How long a connection may take to be there.
const CONNECT_TIME: Duration = Duration::from_secs(2);

/// How long a caller waits before it tries again, at first and at last.
const RETRY: (Duration, Duration) = (Duration::from_millis(20), Duration::from_secs(1));

/// What a call to a replica needs.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) cluster: [u8; 16],
    pub(super) from: ProcessId,
    /// The disk, for replicas.
    pub(super) disk: Option<DiskName>,
    pub(super) key: Option<SharedKey>,
}

/// How a call ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error("{0}")]
    Channel(#[from] ChannelError),
    #[error("{}", .0.reason)]
    Refused(Refused),
}

impl From<std::io::Error> for CallError {
    fn from(error: std::io::Error) -> Self {
        CallError::Channel(error.into())
    }
}

impl From<FrameError> for CallError {
    fn from(error: FrameError) -> Self {
        CallError::Channel(error.into())
    }
}

impl Caller {
    /// Calls a replica and greets it.
    pub(super) async fn call(&self, to: ProcessId, address: &str) -> Result<(Reader, Writer), CallError> {
        let slow = |_| CallError::Channel(ChannelError::Slow);
        let (mut reader, mut writer) = self.connect(address).await?;
        let hello = Hello { cluster: self.cluster, from: self.from.0, to: to.0, disk: self.disk };
        writer.send(&frame(FrameKind::Hello, &hello)?).await?;
        let answer = timeout(CONNECT_TIME, reader.frame(GREETING_BYTES_MAX, None)).await.map_err(slow)??;
        match answer {
            Some((FrameKind::Welcome, _)) => Ok((reader, writer)),
            Some((FrameKind::Refused, rest)) => Err(CallError::Refused(content(&rest)?)),
            Some(_) => Err(FrameError::Content.into()),
            None => Err(CallError::Channel(ChannelError::Key)),
        }
    }

    pub(super) async fn connect(&self, address: &str) -> Result<(Reader, Writer), CallError> {
        let stream = timeout(CONNECT_TIME, TcpStream::connect(address)).await;
        let stream = stream.map_err(|_| CallError::Channel(ChannelError::Slow))??;
        Ok(open(stream, Side::Caller, self.key.as_ref()).await?)
    }
}

/// What came of calling a peer.
#[derive(Debug)]
pub(super) enum PeerEvent {
    /// It knows this replica.
    Welcomed,
    /// It refuses this replica for ever.
    Refused(String),
    /// It cannot be reached.
    Away,
}

/// Keeps the line to a peer open, as long as anybody may use it.
pub(super) async fn keep(
    caller: Caller,
    (to, address): (ProcessId, String),
    mut line: LineEnd,
    told: UnboundedSender<(ProcessId, PeerEvent)>,
) {
    let mut wait = RETRY.0;
    loop {
        match caller.call(to, &address).await {
            Ok((reader, writer)) => {
                wait = RETRY.0;
                if told.send((to, PeerEvent::Welcomed)).is_err() {
                    return;
                }
                if !pump(reader, writer, &mut line).await {
                    return;
                }
            }
            Err(error) => {
                let event = match error {
                    CallError::Refused(refused) if refused.for_ever => PeerEvent::Refused(refused.reason),
                    CallError::Refused(_) | CallError::Channel(_) => PeerEvent::Away,
                };
                if told.send((to, event)).is_err() {
                    return;
                }
            }
        }
        // What was to be sent while nobody was there is lost, as messages may be.
        line.clear();
        sleep(wait).await;
        wait = (wait * 2).min(RETRY.1);
    }
}

/// Sends what is queued until the other side is gone; says whether anybody may still queue.
async fn pump(mut reader: Reader, mut writer: Writer, line: &mut LineEnd) -> bool {
    let mut joined = Vec::new();
    loop {
        tokio::select! {
            more = line.next(&mut joined) => {
                if !more {
                    writer.close().await;
                    return false;
                }
                if writer.send(&joined).await.is_err() {
                    return true;
                }
            }
            // Peers answer on lines of their own, so that what comes here is the end.
            _ = reader.frame(GREETING_BYTES_MAX, None) => return true,
        }
    }
}

/// The addresses of all replicas but one.
pub(super) fn others(
    peers: &BTreeMap<ProcessId, String>,
    own: ProcessId,
) -> impl Iterator<Item = (ProcessId, String)> + '_ {
    peers.iter().filter(move |(peer, _)| **peer != own).map(|(peer, address)| (*peer, address.clone()))
}
