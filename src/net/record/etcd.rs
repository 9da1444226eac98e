//! etcd, by its gateway for HTTP and JSON (`/v3/kv`).

use std::io;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

use super::endpoint::{Endpoint, Stream, nonsense};
use crate::history::Value;
use crate::net::bench::{Did, Store, Task};

/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// What etcd answers before it proposes anything.
const REFUSALS: [&str; 4] = ["no leader", "too many requests", "permission denied", "space exceeded"];

/// A client of etcd.
#[derive(Debug)]
pub struct Etcd {
    endpoint: Endpoint,
    serializable: bool,
}

impl Etcd {
    /// The `number`-th client; reads that are serializable are answered by the member that is asked, without the others.
    pub fn new(endpoints: &[String], serializable: bool, number: usize, deadline: Duration) -> Etcd {
        Etcd { endpoint: Endpoint::new(endpoints, number, deadline), serializable }
    }
}

impl Store for Etcd {
    async fn operate(&mut self, task: &Task) -> Did {
        let coded = |text: &str| STANDARD.encode(text);
        let (path, body) = match task {
            Task::Read { key } => ("range", json!({ "key": coded(key), "serializable": self.serializable })),
            Task::Write { key, value } => ("put", json!({ "key": coded(key), "value": coded(&value.to_string()) })),
        };
        let is_read = matches!(task, Task::Read { .. });
        let (host, body) = (self.endpoint.address(), body.to_string());
        let head = format!(
            "POST /v3/kv/{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        let ask = |stream| request(stream, head + &body, is_read);
        self.endpoint.ask(|stream| async { Ok(stream) }, ask).await
    }
}

#[derive(Deserialize)]
struct Range {
    #[serde(default)]
    kvs: Vec<Pair>,
}

#[derive(Deserialize)]
struct Pair {
    #[serde(default)]
    value: String,
}

async fn request(mut stream: Stream, text: String, is_read: bool) -> io::Result<(Stream, Did)> {
    stream.write_all(text.as_bytes()).await?;
    let (status, body) = answer(&mut stream).await?;
    if status != 200 {
        let error = String::from_utf8_lossy(&body).trim().to_owned();
        let is_refused = status == 400 || REFUSALS.iter().any(|refusal| error.contains(refusal));
        return Ok((stream, if is_refused { Did::CertainlyNot(error) } else { Did::Unknown(error) }));
    }
    if !is_read {
        return Ok((stream, Did::Written));
    }
    let range: Range = serde_json::from_slice(&body).map_err(|error| nonsense(&error.to_string()))?;
    let did = match range.kvs.first() {
        // Nothing was ever written there.
        None => Did::Read(Value::from(0)),
        Some(pair) => {
            let value = STANDARD.decode(&pair.value).map_err(|error| nonsense(&error.to_string()))?;
            Did::Read(Value::parse(&String::from_utf8_lossy(&value)))
        }
    };
    Ok((stream, did))
}

/// The status and the body of an answer over HTTP.
async fn answer(stream: &mut Stream) -> io::Result<(u16, Vec<u8>)> {
    let first = line(stream).await?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| nonsense(&first))?;
    let (mut length, mut is_chunked) = (0, false);
    loop {
        let header = line(stream).await?.to_ascii_lowercase();
        match header.split_once(':').map(|(name, value)| (name, value.trim())) {
            None if header.is_empty() => break,
            Some(("content-length", value)) => length = value.parse().map_err(|_| nonsense(&header))?,
            Some(("transfer-encoding", "chunked")) => is_chunked = true,
            _ => {}
        }
    }
    let mut body = Vec::new();
    if !is_chunked {
        take(stream, &mut body, length).await?;
        return Ok((status, body));
    }
    loop {
        let size = line(stream).await?;
        let size = usize::from_str_radix(&size, 16).map_err(|_| nonsense(&size))?;
        take(stream, &mut body, size).await?;
        line(stream).await?;
        if size == 0 {
            return Ok((status, body));
        }
    }
}

async fn line(stream: &mut Stream) -> io::Result<String> {
    let mut line = String::new();
    stream.take(ANSWER_BYTES_MAX as u64).read_line(&mut line).await?;
    line.strip_suffix("\r\n").map(str::to_owned).ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
}

async fn take(stream: &mut Stream, body: &mut Vec<u8>, length: usize) -> io::Result<()> {
    let from = body.len();
    if from + length > ANSWER_BYTES_MAX {
        return Err(nonsense("too long"));
    }
    body.resize(from + length, 0);
    stream.read_exact(&mut body[from..]).await.map(drop)
}
