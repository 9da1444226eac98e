//! PostgreSQL, by its own protocol (version 3, simple queries): a table with a row for each key.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::endpoint::{Endpoint, Stream, nonsense};
use crate::history::Value;
use crate::net::bench::{Did, Store, Task};

/// The longest message that is read.
const MESSAGE_BYTES_MAX: usize = 1 << 20;

/// The table, which the first write makes.
const TABLE: &str = "create table if not exists quorate_registers (key text primary key, value text not null)";

/// Classes of errors after which nobody knows whether a statement was done: connections, operator intervention, an unknown commit.
const UNKNOWN: [&str; 4] = ["08", "57", "58", "XX"];

/// A client of PostgreSQL.
#[derive(Debug)]
pub struct Postgresql {
    writes: Endpoint,
    reads: Endpoint,
    user: String,
    database: String,
}

impl Postgresql {
    /// The `number`-th client; writes go to the first endpoint, the primary, and reads there as well or to the others.
    pub fn new(endpoints: &[String], reads_replicas: bool, number: usize, deadline: Duration) -> Postgresql {
        let (first, rest) = (&endpoints[..1], &endpoints[1..]);
        let reads = if reads_replicas && !rest.is_empty() { rest } else { first };
        let (user, database) = ("postgres".to_owned(), "postgres".to_owned());
        Postgresql {
            writes: Endpoint::new(first, 0, deadline),
            reads: Endpoint::new(reads, number, deadline),
            user,
            database,
        }
    }
}

impl Store for Postgresql {
    async fn operate(&mut self, task: &Task) -> Did {
        let (user, database) = (self.user.clone(), self.database.clone());
        let open = |stream| greet(stream, user, database);
        // Keys are `k` and a number, values are numbers: there is nothing to be quoted.
        match task {
            Task::Read { key } => {
                let query = format!("select value from quorate_registers where key = '{key}'");
                self.reads.ask(open, |stream| ask(stream, query, true)).await
            }
            Task::Write { key, value } => {
                let query = format!(
                    "insert into quorate_registers values ('{key}', '{value}') on conflict (key) do update set value = excluded.value"
                );
                self.writes.ask(open, |stream| ask(stream, query, false)).await
            }
        }
    }
}

/// What a server says until it is ready for the next query.
#[derive(Debug, Default)]
struct Said {
    /// The first column of the first row.
    value: Option<String>,
    is_complete: bool,
    /// The state and the message of an error.
    error: Option<(String, String)>,
}

async fn greet(mut stream: Stream, user: String, database: String) -> io::Result<Stream> {
    let parameters = format!("user\0{user}\0database\0{database}\0\0");
    let length = (parameters.len() + 8) as u32;
    let start = [&length.to_be_bytes()[..], &196_608u32.to_be_bytes(), parameters.as_bytes()].concat();
    stream.write_all(&start).await?;
    let said = until_ready(&mut stream).await?;
    if let Some((state, message)) = said.error {
        return Err(io::Error::other(format!("{state} {message}")));
    }
    query(&mut stream, TABLE).await?;
    // A standby is read-only, and has the table of its primary.
    until_ready(&mut stream).await?;
    Ok(stream)
}

async fn query(stream: &mut Stream, text: &str) -> io::Result<()> {
    let length = (text.len() + 5) as u32;
    stream.write_all(&[b"Q", &length.to_be_bytes()[..], text.as_bytes(), b"\0"].concat()).await
}

async fn ask(mut stream: Stream, text: String, is_read: bool) -> io::Result<(Stream, Did)> {
    query(&mut stream, &text).await?;
    let said = until_ready(&mut stream).await?;
    let did = match said {
        Said { error: Some((state, message)), .. } => {
            let reason = format!("{state} {message}");
            let is_unknown = UNKNOWN.iter().any(|class| state.starts_with(class)) || state == "40003";
            if is_unknown { Did::Unknown(reason) } else { Did::CertainlyNot(reason) }
        }
        Said { is_complete: false, .. } => return Err(nonsense("a query without an end")),
        Said { value, .. } if is_read => Did::Read(value.map_or(Value::from(0), |value| Value::parse(&value))),
        Said { .. } => Did::Written,
    };
    Ok((stream, did))
}

async fn until_ready(stream: &mut Stream) -> io::Result<Said> {
    let mut said = Said::default();
    loop {
        let kind = stream.read_u8().await?;
        let length = stream.read_u32().await? as usize;
        if !(4..=MESSAGE_BYTES_MAX).contains(&length) {
            return Err(nonsense("a message of no length"));
        }
        let mut body = vec![0; length - 4];
        stream.read_exact(&mut body).await?;
        match kind {
            b'Z' => return Ok(said),
            b'R' if body != [0; 4] => {
                return Err(io::Error::other("it asks for a password: allow `trust` for this test"));
            }
            b'C' => said.is_complete = true,
            b'E' => said.error = Some((field(&body, b'C'), field(&body, b'M'))),
            b'D' if said.value.is_none() => said.value = first_column(&body),
            _ => {}
        }
        // After a fatal error the connection ends without becoming ready.
        if kind == b'E' && field(&body, b'S') == "FATAL" {
            return Err(io::Error::other(field(&body, b'M')));
        }
    }
}

/// A field of an error.
fn field(body: &[u8], code: u8) -> String {
    let fields = body.split(|byte| *byte == 0).filter(|field| field.first() == Some(&code));
    fields.map(|field| String::from_utf8_lossy(&field[1..]).into_owned()).next().unwrap_or_default()
}

fn first_column(row: &[u8]) -> Option<String> {
    let length = u32::from_be_bytes(*row.get(2..)?.first_chunk()?) as usize;
    Some(String::from_utf8_lossy(row.get(6..6 + length)?).into_owned())
}
