//! Redis, by its own protocol (RESP): GET and SET.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};

use super::endpoint::{Endpoint, Stream, nonsense};
use crate::history::Value;
use crate::net::bench::{Did, Store, Task};

/// The longest answer that is read.
const ANSWER_BYTES_MAX: usize = 1 << 20;

/// Errors that Redis answers before it does anything.
const REFUSALS: [&str; 8] =
    ["READONLY", "LOADING", "NOREPLICAS", "MASTERDOWN", "CLUSTERDOWN", "MOVED", "NOAUTH", "MISCONF"];

/// A client of Redis.
#[derive(Debug)]
pub struct Redis {
    writes: Endpoint,
    reads: Endpoint,
}

impl Redis {
    /// The `number`-th client; writes go to the first endpoint, and reads there as well or to the others.
    pub fn new(endpoints: &[String], reads_replicas: bool, number: usize, deadline: Duration) -> Redis {
        let (first, rest) = (&endpoints[..1], &endpoints[1..]);
        let reads = if reads_replicas && !rest.is_empty() { rest } else { first };
        Redis { writes: Endpoint::new(first, 0, deadline), reads: Endpoint::new(reads, number, deadline) }
    }
}

impl Store for Redis {
    async fn operate(&mut self, task: &Task) -> Did {
        let (endpoint, command) = match task {
            Task::Read { key } => (&mut self.reads, vec!["GET".to_owned(), key.clone()]),
            Task::Write { key, value } => (&mut self.writes, vec!["SET".to_owned(), key.clone(), value.to_string()]),
        };
        endpoint.ask(|stream| async { Ok(stream) }, |stream| request(stream, command)).await
    }
}

async fn request(mut stream: Stream, command: Vec<String>) -> io::Result<(Stream, Did)> {
    let mut text = format!("*{}\r\n", command.len());
    command.iter().for_each(|word| text.push_str(&format!("${}\r\n{word}\r\n", word.len())));
    stream.write_all(text.as_bytes()).await?;
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let Some(line) = line.strip_suffix("\r\n") else { return Err(io::ErrorKind::UnexpectedEof.into()) };
    let did = match line.split_at_checked(1) {
        Some(("+", _)) => Did::Written,
        Some(("-", error)) if REFUSALS.iter().any(|refusal| error.starts_with(refusal)) => {
            Did::CertainlyNot(error.to_owned())
        }
        Some(("-", error)) => Did::Unknown(error.to_owned()),
        // Nothing was ever written there.
        Some(("$", "-1")) => Did::Read(Value::from(0)),
        Some(("$", length)) => {
            let length =
                length.parse().ok().filter(|length| *length <= ANSWER_BYTES_MAX).ok_or_else(|| nonsense(line))?;
            let mut value = vec![0; length + 2];
            stream.read_exact(&mut value).await?;
            Did::Read(Value::parse(&String::from_utf8_lossy(&value[..length])))
        }
        _ => return Err(nonsense(line)),
    };
    Ok((stream, did))
}
