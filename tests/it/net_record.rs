//! Stores that others wrote: what their answers mean, by servers that answer as they would.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;

use crate::support::replicas::quorate;

/// A server in this process: each connection is handed to `serve` in a thread of its own.
fn server(serve: impl Fn(TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let serve = Arc::new(serve);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            stream.set_nodelay(true).unwrap();
            let serve = Arc::clone(&serve);
            // Whoever goes away is gone.
            std::thread::spawn(move || drop(serve(stream)));
        }
    });
    address
}

fn record(target: &str, endpoints: &str, more: &[&str]) -> (Option<i32>, Value) {
    let arguments =
        ["record", target, "--endpoints", endpoints, "--seconds", "0.4", "--clients", "2", "--timeout-ms", "150"];
    let output = quorate().args(arguments).args(more).args(["--format", "json"]).output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or(Value::from(error)))
}

fn count(document: &Value, key: &str) -> u64 {
    document[key].as_u64().unwrap_or_else(|| panic!("{key}: {document}"))
}

/// The words of a command of Redis.
fn command(reader: &mut impl BufRead) -> std::io::Result<Vec<String>> {
    let mut line = || -> std::io::Result<String> {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim_end().to_owned())
    };
    let words = line()?[1..].parse().unwrap();
    (0..words).map(|_| line().and_then(|_| line())).collect()
}

/// Redis as a dictionary; every so many writes something else is answered, or nothing.
fn redis(odd: u64, answer: Option<&'static str>) -> SocketAddr {
    let (held, writes) = (Mutex::new(std::collections::BTreeMap::new()), AtomicU64::new(0));
    server(move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone()?);
        loop {
            let words = command(&mut reader)?;
            if words[0] == "GET" {
                let held = held.lock().unwrap().get(&words[1]).cloned();
                let text = held.map_or("$-1\r\n".into(), |value: String| format!("${}\r\n{value}\r\n", value.len()));
                stream.write_all(text.as_bytes())?;
            } else if writes.fetch_add(1, Ordering::SeqCst) % odd == odd - 1 {
                match answer {
                    Some(answer) => stream.write_all(answer.as_bytes())?,
                    // The answer is lost, and the write is done.
                    None => {
                        held.lock().unwrap().insert(words[1].clone(), words[2].clone());
                        return Ok(());
                    }
                }
            } else {
                held.lock().unwrap().insert(words[1].clone(), words[2].clone());
                stream.write_all(b"+OK\r\n")?;
            }
        }
    })
}

#[test]
fn what_redis_answers_means_what_it_says() {
    let (status, document) = record("redis", &redis(u64::MAX, None).to_string(), &[]);
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(0), &Value::from("holds")), "{document}");
    assert!(count(&document, "operations") > 20 && count(&document, "unknown") == 0, "{document}");
    // A lost answer is unknown, and the write may be read; a replica that refuses has certainly not done it.
    let (status, document) = record("redis", &redis(5, None).to_string(), &[]);
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(0), &Value::from("holds")), "{document}");
    assert!(count(&document, "unknown") > 0 && count(&document, "failed") == 0, "{document}");
    let refuses = "-READONLY You can't write against a read only replica.\r\n";
    let (status, document) = record("redis", &redis(5, Some(refuses)).to_string(), &[]);
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(0), &Value::from("holds")), "{document}");
    assert!(count(&document, "failed") > 0 && count(&document, "unknown") == 0, "{document}");
    // What the server does not call a refusal may have been done.
    let (_, document) = record("redis", &redis(5, Some("-ERR something\r\n")).to_string(), &[]);
    assert!(count(&document, "unknown") > 0 && count(&document, "failed") == 0, "{document}");
}

/// The control: a store whose replicas lag does not keep the promise when they are read.
#[test]
fn replicas_that_lag_are_found_out() {
    let endpoints = format!("{},{}", redis(u64::MAX, None), redis(u64::MAX, None));
    let (status, document) = record("redis", &endpoints, &["--consistency", "replica"]);
    // What was written to the first never comes to the second.
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(1), &Value::from("violated")), "{document}");
    let (status, document) = record("redis", &endpoints, &["--consistency", "primary"]);
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(0), &Value::from("holds")), "{document}");
}

#[test]
fn nobody_there_is_certainly_not_done() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    for target in ["redis", "etcd", "postgresql"] {
        let (status, document) = record(target, &free, &[]);
        assert_eq!(
            (status, count(&document, "operations"), count(&document, "unknown")),
            (Some(3), 0, 0),
            "{document}"
        );
        assert!(count(&document, "failed") > 0);
    }
}

/// etcd's gateway as a dictionary.
fn etcd(status: &'static str, error: &'static str) -> SocketAddr {
    let held = Mutex::new(std::collections::BTreeMap::<String, String>::new());
    let writes = AtomicU64::new(0);
    server(move |mut stream| {
        let mut reader = BufReader::new(stream.try_clone()?);
        loop {
            let (mut first, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if reader.read_line(&mut line)? == 0 {
                    return Ok(());
                }
                length = line.strip_prefix("Content-Length: ").map_or(length, |length| length.trim().parse().unwrap());
                if first.is_empty() {
                    first.clone_from(&line);
                }
                if line == "\r\n" {
                    break;
                }
            }
            let mut body = vec![0; length];
            std::io::Read::read_exact(&mut reader, &mut body)?;
            let asked: Value = serde_json::from_slice(&body).unwrap();
            let key = asked["key"].as_str().unwrap().to_owned();
            let is_odd = first.contains("/put ") && writes.fetch_add(1, Ordering::SeqCst) % 5 == 4;
            let (status, body) = if is_odd && !error.is_empty() {
                (status, format!("{{\"error\": \"{error}\"}}"))
            } else if first.contains("/put ") {
                held.lock().unwrap().insert(key, asked["value"].as_str().unwrap().to_owned());
                ("200 OK", "{\"header\": {}}".to_owned())
            } else {
                let kvs = held.lock().unwrap().get(&key).map(|value| format!("[{{\"value\": \"{value}\"}}]"));
                ("200 OK", kvs.map_or("{}".to_owned(), |kvs| format!("{{\"kvs\": {kvs}}}")))
            };
            // In two chunks, as Go's server does for what it streams.
            let (one, two) = body.split_at(body.len() / 2);
            write!(stream, "HTTP/1.1 {status}\r\nTransfer-Encoding: chunked\r\n\r\n")?;
            for part in [one, two].into_iter().filter(|part| !part.is_empty()) {
                write!(stream, "{:x}\r\n{part}\r\n", part.len())?;
            }
            stream.write_all(b"0\r\n\r\n")?;
        }
    })
}

#[test]
fn what_etcd_answers_means_what_it_says() {
    let (status, document) = record("etcd", &etcd("", "").to_string(), &["--consistency", "serializable"]);
    assert_eq!((status, &document["atomic"]["verdict"]), (Some(0), &Value::from("holds")), "{document}");
    assert!(count(&document, "operations") > 20 && count(&document, "unknown") == 0, "{document}");
    let timed_out = etcd("503 Service Unavailable", "etcdserver: request timed out").to_string();
    let (_, document) = record("etcd", &timed_out, &[]);
    assert!(count(&document, "unknown") > 0 && count(&document, "failed") == 0, "{document}");
    let leaderless = etcd("503 Service Unavailable", "etcdserver: no leader").to_string();
    let (_, document) = record("etcd", &leaderless, &[]);
    assert!(count(&document, "failed") > 0 && count(&document, "unknown") == 0, "{document}");
}

#[test]
fn what_cannot_be_recorded_says_why() {
    for (arguments, expected) in [
        (&["etcd"][..], "--endpoints"),
        (&["redis", "--endpoints", "localhost"], "HOST:PORT"),
        (&["redis", "--endpoints", "127.0.0.1:1", "--consistency", "serializable"], "no such --consistency"),
        (&["redis", "--endpoints", "127.0.0.1:1", "--consistency", "replica"], "the endpoints after the first"),
        (&["driver"], "-- python3 driver.py"),
        (&["driver", "--endpoints", "127.0.0.1:1", "--", "cat"], "for the driver to know"),
        (&["etcd", "--endpoints", "127.0.0.1:1", "--", "cat"], "for the target `driver`"),
        (&["cassandra"], "possible values"),
    ] {
        let output = quorate().arg("record").args(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && error.contains(expected), "{arguments:?}: {error}");
    }
}
