//! What a replica counts, as Prometheus reads it, and whether it is well.

use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// A number that grows.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }

    pub(super) fn subtract(&self, less: u64) {
        self.0.fetch_sub(less, Ordering::Relaxed);
    }

    pub(super) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    /// What it shows.
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What a replica counts.
#[derive(Debug, Default)]
pub struct Metrics {
    /// Connections that are open.
    pub connections: Counter,
    /// Connections that were opened.
    pub connections_opened: Counter,
    /// Connections that were refused or ended for what came on them.
    pub connections_refused: Counter,
    /// Frames that were received.
    pub frames_received: Counter,
    /// Frames that were queued to be sent.
    pub frames_sent: Counter,
    /// Frames for which there was nobody or no room.
    pub frames_dropped: Counter,
    /// Syncs of the disk.
    pub commits: Counter,
    /// Steps with changes that these made durable.
    pub committed_steps: Counter,
    /// Records that are held.
    pub records: Counter,
}

impl Metrics {
    /// The text that Prometheus reads.
    pub fn text(&self) -> String {
        let rows = [
            ("connections", "gauge", "Open connections", &self.connections),
            ("connections_opened_total", "counter", "Connections opened", &self.connections_opened),
            ("connections_refused_total", "counter", "Connections refused or ended", &self.connections_refused),
            ("frames_received_total", "counter", "Frames received", &self.frames_received),
            ("frames_sent_total", "counter", "Frames queued to be sent", &self.frames_sent),
            ("frames_dropped_total", "counter", "Frames without a receiver or room", &self.frames_dropped),
            ("commits_total", "counter", "Syncs of the disk", &self.commits),
            ("committed_steps_total", "counter", "Steps made durable by these", &self.committed_steps),
            ("records", "gauge", "Records held", &self.records),
        ];
        let mut text = String::new();
        for (name, kind, help, counter) in rows {
            // A string takes everything.
            let _ = write!(
                text,
                "# HELP quorate_{name} {help}.\n# TYPE quorate_{name} {kind}\nquorate_{name} {}\n",
                counter.get()
            );
        }
        text
    }
}

/// Requests that are answered at once.
const REQUESTS_MAX: usize = 16;

/// The longest request that is read.
const REQUEST_BYTES_MAX: usize = 8 << 10;

/// Answers `/metrics` and `/health` over HTTP.
pub(super) async fn answer(listener: TcpListener, metrics: Arc<Metrics>) {
    let room = Arc::new(Semaphore::new(REQUESTS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let metrics = Arc::clone(&metrics);
        tokio::spawn(async move {
            // Whoever asks badly or slowly gets no answer.
            let _ = timeout(Duration::from_secs(5), request(stream, &metrics)).await;
            drop(permit);
        });
    }
}

async fn request(mut stream: TcpStream, metrics: &Metrics) -> std::io::Result<()> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > REQUEST_BYTES_MAX || stream.read_buf(&mut head).await? == 0 {
            return Ok(());
        }
    }
    let line = head.split(|byte| *byte == b'\r').next().unwrap_or_default();
    let mut words = line.split(|byte| *byte == b' ');
    let (status, body) = match (words.next(), words.next()) {
        (Some(b"GET"), Some(b"/metrics")) => ("200 OK", metrics.text()),
        (Some(b"GET"), Some(b"/health")) => ("200 OK", "ok\n".to_owned()),
        (Some(b"GET"), _) => ("404 Not Found", "there are /metrics and /health\n".to_owned()),
        _ => ("405 Method Not Allowed", "there is GET\n".to_owned()),
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(body.as_bytes()).await?;
    stream.shutdown().await
}
