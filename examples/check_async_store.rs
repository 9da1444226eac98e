//! How a test suite checks an asynchronous store while the test runs: a server on a socket, and tasks that lose their patience.
//!
//! Values are written once, so that the checker forgets what no longer matters, and a test may run for as long as it likes.
//! `cargo run --example check_async_store` checks a correct store, and then one that answers every hundredth read from a cache.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use quorate::checker::{Checker, Options};
use quorate::history::{Client, Recorder};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufStream};
use tokio::net::{TcpListener, TcpStream};

/// A server for lines such as `get x` and `put x 3`.
#[derive(Default)]
struct Store {
    values: Mutex<HashMap<String, i64>>,
    old: Mutex<HashMap<String, i64>>,
    reads: AtomicU64,
    is_caching: bool,
}

impl Store {
    fn answer(&self, line: &str) -> String {
        let mut values = self.values.lock().expect("nobody panics");
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["get", key] => {
                let is_stale = self.is_caching && self.reads.fetch_add(1, Ordering::Relaxed) % 100 == 99;
                let old = self.old.lock().expect("nobody panics");
                let source = if is_stale { &*old } else { &*values };
                format!("{}\n", source.get(key).copied().unwrap_or(0))
            }
            ["put", key, value] => {
                let before = values.insert(key.to_owned(), value.parse().unwrap_or(0));
                self.old.lock().expect("nobody panics").insert(key.to_owned(), before.unwrap_or(0));
                "done\n".to_owned()
            }
            _ => "what?\n".to_owned(),
        }
    }

    async fn serve(self: Arc<Self>, listener: TcpListener) -> io::Result<()> {
        loop {
            let (stream, _) = listener.accept().await?;
            let store = Arc::clone(&self);
            tokio::spawn(async move {
                let mut stream = BufStream::new(stream);
                let mut line = String::new();
                while stream.read_line(&mut line).await.is_ok_and(|bytes| bytes > 0) {
                    let sent = stream.write_all(store.answer(&line).as_bytes()).await;
                    if sent.is_err() || stream.flush().await.is_err() {
                        return;
                    }
                    line.clear();
                }
            });
        }
    }
}

/// Asks the server, for so long.
async fn ask(stream: &mut BufStream<TcpStream>, line: String) -> io::Result<String> {
    let asked = async {
        stream.write_all(line.as_bytes()).await?;
        stream.flush().await?;
        let mut answer = String::new();
        stream.read_line(&mut answer).await?;
        Ok(answer.trim().to_owned())
    };
    tokio::time::timeout(Duration::from_millis(200), asked).await.map_err(io::Error::other)?
}

/// Reads and writes two keys until there were enough operations, or something that cannot be.
async fn work(mut client: Client, server: SocketAddr, checker: Checker, next: Arc<AtomicI64>) -> io::Result<()> {
    let mut stream = BufStream::new(TcpStream::connect(server).await?);
    while checker.operations() < 20_000 && !checker.is_violated() {
        let value = next.fetch_add(1, Ordering::Relaxed);
        let key = if value % 2 == 0 { "x" } else { "y" };
        client.on(key);
        if value % 3 == 0 {
            let write = client.begin_write(value);
            match ask(&mut stream, format!("put {key} {value}\n")).await {
                Ok(_) => write.succeeded(),
                // It may have arrived: the connection, on which its answer may still come, is not used again.
                Err(_) => {
                    write.unknown();
                    stream = BufStream::new(TcpStream::connect(server).await?);
                }
            }
        } else {
            let read = client.begin_read();
            match ask(&mut stream, format!("get {key}\n")).await.map(|answer| answer.parse::<i64>()) {
                Ok(Ok(value)) => read.returned(value),
                _ => stream = BufStream::new(TcpStream::connect(server).await?),
            }
        }
    }
    Ok(())
}

async fn run(is_caching: bool) -> io::Result<Checker> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let server = listener.local_addr()?;
    tokio::spawn(Arc::new(Store { is_caching, ..Store::default() }).serve(listener));
    let checker = Checker::new(Options::default());
    let recorder = Recorder::with_observer(checker.clone());
    let next = Arc::new(AtomicI64::new(1));
    let tasks: Vec<_> =
        (0..5).map(|_| tokio::spawn(work(recorder.client(), server, checker.clone(), Arc::clone(&next)))).collect();
    for task in tasks {
        task.await.map_err(io::Error::other)??;
    }
    Ok(checker)
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let correct = run(false).await?;
    correct.finish().expect("the store is correct");
    println!("{} operations are linearizable; {} of them were kept", correct.operations(), correct.kept());

    let stale = run(true).await?;
    let violation = stale.finish().expect_err("the cache is stale");
    println!("after {} operations {violation}", stale.operations());
    Ok(())
}
