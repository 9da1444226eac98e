//! Connections to a store that others wrote, and what a failure on them means.
//!
//! As long as no byte of a request was handed to the network, it is certainly not done. From then on, whatever ends the connection or
//! the patience leaves it unknown, and the connection is not used again, so that no late answer is taken for another one.

use std::future::Future;
use std::io;
use std::time::Duration;

use tokio::io::BufReader;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::net::bench::Did;

/// A connection that reads line by line or byte by byte.
pub(super) type Stream = BufReader<TcpStream>;

/// Where a store is, and the connection of one client.
#[derive(Debug)]
pub(super) struct Endpoint {
    addresses: Vec<String>,
    at: usize,
    stream: Option<Stream>,
    deadline: Duration,
}

impl Endpoint {
    /// The `number`-th client begins with an endpoint of its own.
    pub(super) fn new(addresses: &[String], number: usize, deadline: Duration) -> Self {
        Endpoint { addresses: addresses.to_vec(), at: number, stream: None, deadline }
    }

    /// The address that is asked now.
    pub(super) fn address(&self) -> String {
        self.addresses[self.at % self.addresses.len()].clone()
    }

    /// Does `request` on a connection, which `open` has greeted; `begun` tells what happened before the request.
    pub(super) async fn ask<O, A, R>(&mut self, open: O, request: impl FnOnce(Stream) -> R) -> Did
    where
        O: FnOnce(Stream) -> A,
        A: Future<Output = io::Result<Stream>>,
        R: Future<Output = io::Result<(Stream, Did)>>,
    {
        let stream = match self.stream.take() {
            Some(stream) => stream,
            None => match timeout(self.deadline, self.connect(open)).await {
                Ok(Ok(stream)) => stream,
                Ok(Err(reason)) => return self.next(Did::CertainlyNot(format!("{}: {reason}", self.address()))),
                Err(_) => return self.next(Did::CertainlyNot(format!("{}: no connection in time", self.address()))),
            },
        };
        match timeout(self.deadline, request(stream)).await {
            Ok(Ok((stream, did))) => {
                self.stream = Some(stream);
                did
            }
            Ok(Err(reason)) => self.next(Did::Unknown(format!("{}: {reason}", self.address()))),
            Err(_) => self.next(Did::Unknown(format!("{}: no answer in time", self.address()))),
        }
    }

    async fn connect<A: Future<Output = io::Result<Stream>>>(
        &self,
        open: impl FnOnce(Stream) -> A,
    ) -> io::Result<Stream> {
        let stream = TcpStream::connect(self.address()).await?;
        stream.set_nodelay(true)?;
        open(BufReader::new(stream)).await
    }

    /// The next operation asks another endpoint.
    fn next(&mut self, did: Did) -> Did {
        self.at += 1;
        did
    }
}

/// An answer that is none of the protocol.
pub(super) fn nonsense(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, format!("an answer that is none: {what}"))
}
