//! What strangers send to a replica harms nobody.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use crate::support::replicas::Cluster;

/// The memory of a process in kilobytes.
fn memory_kb(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn connect(cluster: &Cluster) -> TcpStream {
    let stream = TcpStream::connect(cluster.address(0)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    stream
}

/// Whether the replica has ended a connection.
fn is_ended(mut stream: TcpStream) -> bool {
    let mut rest = Vec::new();
    !matches!(stream.read_to_end(&mut rest), Err(error) if error.kind() == std::io::ErrorKind::WouldBlock)
}

#[test]
fn frames_that_are_none_end_their_connection_only() {
    let mut cluster = Cluster::new("n1", None, 1);
    cluster.serve(0, &["--memory"]);
    cluster.put("x", "before");
    let huge = [&[1, 1, 0, 0][..], &u32::MAX.to_le_bytes(), &[0; 4]].concat();
    let long = [&[1, 16, 0, 0][..], &(1u32 << 19).to_le_bytes(), &[0; 4]].concat();
    for bytes in [
        &b"GET / HTTP/1.1\r\n\r\n"[..],
        &[0; 64],
        &[0xff; 64],
        &huge,
        &long,
        // An empty greeting with a right header and a wrong checksum.
        &[1, 1, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],
    ] {
        let mut stream = connect(&cluster);
        stream.write_all(bytes).unwrap();
        assert!(is_ended(stream), "{bytes:?}");
    }
    assert_eq!(cluster.get("x"), "before");
}

#[test]
fn random_frames_with_right_checksums_harm_nobody() {
    let mut cluster = Cluster::new("n1", None, 1);
    cluster.serve(0, &["--memory"]);
    cluster.put("x", "before");
    let mut word = 7u64;
    let mut next = || {
        word ^= word << 13;
        word ^= word >> 7;
        word ^= word << 17;
        word
    };
    for _ in 0..300 {
        let kind = [1, 2, 3, 4, 5, 6, 16, 17, 18, 19][next() as usize % 10];
        let rest: Vec<u8> = (0..next() % 200).map(|_| next() as u8).collect();
        let header = [&[1, kind, 0, 0][..], &(rest.len() as u32).to_le_bytes()].concat();
        let sum = crc32(&[&header[..], &rest].concat());
        let _ = connect(&cluster).write_all(&[&header[..], &sum.to_le_bytes(), &rest].concat());
    }
    assert_eq!(cluster.get("x"), "before");
}

/// By the definition, bit by bit: independent of the library that the program uses.
fn crc32(bytes: &[u8]) -> u32 {
    let mut sum = !0u32;
    for byte in bytes {
        sum ^= u32::from(*byte);
        (0..8).for_each(|_| sum = sum >> 1 ^ (0xedb8_8320 & (sum & 1).wrapping_neg()));
    }
    !sum
}

#[test]
fn many_silent_and_slow_connections_leave_room_for_others() {
    let mut cluster = Cluster::new("n1", None, 1);
    cluster.serve(0, &["--memory", "--max-connections", "200"]);
    cluster.put("x", "before");
    let begun = memory_kb(cluster.id(0));
    // Each says that a mebibyte follows, sends a little of it, and then nothing.
    let slow = [&[1, 1, 0, 0][..], &4_000u32.to_le_bytes(), &[0; 500]].concat();
    let mut held: Vec<TcpStream> = (0..150).map(|_| connect(&cluster)).collect();
    held.iter_mut().for_each(|stream| stream.write_all(&slow).unwrap());
    let start = Instant::now();
    assert_eq!(cluster.get("x"), "before");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    // Too many, and some that are dropped at once.
    let more: Vec<TcpStream> = (0..300).map(|_| connect(&cluster)).collect();
    let grown = memory_kb(cluster.id(0)).saturating_sub(begun);
    assert!(grown < 64 << 10, "{grown} kB more");
    drop((held, more));
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(cluster.get("x"), "before");
}
