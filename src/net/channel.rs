//! A connection that carries frames, in the clear or under a shared key.
//!
//! Under a key both sides first run `Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s`: each proves that it has the key, and what follows
//! is encrypted, cannot be changed and cannot be sent again. It stands on the wire as pieces of at most 65,535 bytes, each after
//! its length in two bytes.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use snow::{HandshakeState, StatelessTransportState};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::frame::{FrameError, FrameKind, HEADER, Header};
use super::key::SharedKey;

const NOISE: &str = "Noise_NNpsk0_25519_ChaChaPoly_BLAKE2s";

/// The longest piece of Noise, and what it adds to what it carries.
const PIECE: usize = 65_535;
const SEAL: usize = 16;

/// How long a frame may take that has begun, and a handshake.
pub(super) const FRAME_TIME: Duration = Duration::from_secs(10);

/// Bytes that are read at once, so that memory is taken as the bytes arrive and not as somebody says that they will.
const CHUNK: usize = 64 << 10;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum ChannelError {
    /// The other side, or the network.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// What was read is no frame.
    #[error("{0}")]
    Frame(#[from] FrameError),
    /// The keys differ, or only one side has one.
    #[error("the other side has another key, or none")]
    Key,
    /// Nothing came for too long.
    #[error("nothing came for too long")]
    Slow,
}

/// What a frame is, and its content.
pub(super) type Frame = (FrameKind, Vec<u8>);

type Seal = Arc<StatelessTransportState>;

/// Where frames come from.
#[derive(Debug)]
pub(super) struct Reader {
    stream: BufReader<OwnedReadHalf>,
    seal: Option<(Seal, u64)>,
    /// What is decrypted and not read yet.
    opened: Vec<u8>,
    at: usize,
}

/// Where frames go.
#[derive(Debug)]
pub(super) struct Writer {
    stream: OwnedWriteHalf,
    seal: Option<(Seal, u64)>,
    buffer: Vec<u8>,
}

/// Which side of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    /// The one that connected.
    Caller,
    /// The one that was connected to.
    Called,
}

/// Makes a channel of a connection.
pub(super) async fn open(
    stream: TcpStream,
    side: Side,
    key: Option<&SharedKey>,
) -> Result<(Reader, Writer), ChannelError> {
    stream.set_nodelay(true)?;
    let (read, write) = stream.into_split();
    let mut reader = Reader { stream: BufReader::with_capacity(CHUNK, read), seal: None, opened: Vec::new(), at: 0 };
    let mut writer = Writer { stream: write, seal: None, buffer: Vec::new() };
    if let Some(key) = key {
        let shaken = timeout(FRAME_TIME, shake(&mut reader, &mut writer, side, key)).await;
        let seal = Arc::new(shaken.map_err(|_| ChannelError::Slow)??);
        reader.seal = Some((Arc::clone(&seal), 0));
        writer.seal = Some((seal, 0));
    }
    Ok((reader, writer))
}

async fn shake(
    reader: &mut Reader,
    writer: &mut Writer,
    side: Side,
    key: &SharedKey,
) -> Result<StatelessTransportState, ChannelError> {
    let refused = |_: snow::Error| ChannelError::Key;
    let builder = snow::Builder::new(NOISE.parse().map_err(refused)?).psk(0, key.bytes()).map_err(refused)?;
    let mut state: HandshakeState = match side {
        Side::Caller => builder.build_initiator(),
        Side::Called => builder.build_responder(),
    }
    .map_err(refused)?;
    let (mut buffer, mut came) = (vec![0; 256], vec![0; 256]);
    while !state.is_handshake_finished() {
        if state.is_my_turn() {
            let length = state.write_message(&[], &mut buffer).map_err(refused)?;
            writer.stream.write_all(&(length as u16).to_be_bytes()).await?;
            writer.stream.write_all(&buffer[..length]).await?;
        } else {
            let length = usize::from(reader.stream.read_u16().await?);
            let piece = came.get_mut(..length).ok_or(ChannelError::Key)?;
            reader.stream.read_exact(piece).await?;
            state.read_message(piece, &mut buffer).map_err(refused)?;
        }
    }
    state.into_stateless_transport_mode().map_err(refused)
}

impl Reader {
    /// The next frame; absent at the end. `idle` is how long there may be none.
    pub(super) async fn frame(&mut self, most: usize, idle: Option<Duration>) -> Result<Option<Frame>, ChannelError> {
        self.frame_within(most, idle, &Semaphore::new(most)).await
    }

    /// The same, while the bytes of all frames that are read at once have room.
    pub(super) async fn frame_within(
        &mut self,
        most: usize,
        idle: Option<Duration>,
        room: &Semaphore,
    ) -> Result<Option<Frame>, ChannelError> {
        let mut first = [0];
        let begun = self.fill(&mut first);
        let begun = match idle {
            Some(idle) => timeout(idle, begun).await.map_err(|_| ChannelError::Slow)?,
            None => begun.await,
        };
        match begun {
            Err(ChannelError::Io(error)) if is_end(&error) => return Ok(None),
            begun => begun?,
        }
        timeout(FRAME_TIME, self.rest(first[0], most, room)).await.map_err(|_| ChannelError::Slow)?.map(Some)
    }

    async fn rest(&mut self, first: u8, most: usize, room: &Semaphore) -> Result<Frame, ChannelError> {
        let mut header = [first; HEADER];
        self.fill(&mut header[1..]).await?;
        let header = Header::read(&header, most)?;
        let _room = room.acquire_many(header.length as u32).await.map_err(|_| ChannelError::Slow)?;
        let mut rest = Vec::new();
        while rest.len() < header.length {
            let from = rest.len();
            rest.resize(header.length.min(from + CHUNK), 0);
            self.fill(&mut rest[from..]).await?;
        }
        header.check(&rest)?;
        Ok((header.kind, rest))
    }

    async fn fill(&mut self, mut bytes: &mut [u8]) -> Result<(), ChannelError> {
        if self.seal.is_none() {
            self.stream.read_exact(bytes).await?;
            return Ok(());
        }
        while !bytes.is_empty() {
            if self.at == self.opened.len() {
                self.open_piece().await?;
            }
            let length = bytes.len().min(self.opened.len() - self.at);
            let (now, later) = bytes.split_at_mut(length);
            now.copy_from_slice(&self.opened[self.at..self.at + length]);
            self.at += length;
            bytes = later;
        }
        Ok(())
    }

    async fn open_piece(&mut self) -> Result<(), ChannelError> {
        let Some((seal, nonce)) = &mut self.seal else { return Ok(()) };
        let length = usize::from(self.stream.read_u16().await?);
        let mut piece = vec![0; length];
        self.stream.read_exact(&mut piece).await?;
        self.opened.resize(length, 0);
        let length = seal.read_message(*nonce, &piece, &mut self.opened).map_err(|_| ChannelError::Key)?;
        *nonce += 1;
        self.opened.truncate(length);
        self.at = 0;
        Ok(())
    }
}

impl Writer {
    /// Sends frames, one after the other in `bytes`.
    pub(super) async fn send(&mut self, bytes: &[u8]) -> Result<(), ChannelError> {
        let Some((seal, nonce)) = &mut self.seal else {
            self.stream.write_all(bytes).await?;
            return Ok(());
        };
        self.buffer.clear();
        for piece in bytes.chunks(PIECE - SEAL) {
            let length = piece.len() + SEAL;
            self.buffer.extend((length as u16).to_be_bytes());
            let from = self.buffer.len();
            self.buffer.resize(from + length, 0);
            seal.write_message(*nonce, piece, &mut self.buffer[from..]).map_err(|_| ChannelError::Key)?;
            *nonce += 1;
        }
        self.stream.write_all(&self.buffer).await?;
        Ok(())
    }

    /// Says that nothing more comes.
    pub(super) async fn close(&mut self) {
        // Whoever is gone need not be told.
        let _ = self.stream.shutdown().await;
    }
}

fn is_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), UnexpectedEof | ConnectionReset | ConnectionAborted | BrokenPipe)
}
