//! Files that somebody has broken, on purpose or not: an error or a system, never a panic and never a long wait.

use super::*;

/// Small numbers that look random.
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit.max(1)
    }
}

/// What is put into files.
const PIECES: &[&[u8]] = &[
    b"\"",
    b"'",
    b"{",
    b"}",
    b"[",
    b"]",
    b"(",
    b")",
    b",",
    b":",
    b"=",
    b"\n",
    b"\\",
    b"#",
    b"-1",
    b"0",
    b"99999999999999999999",
    b"\xff",
    b"\0",
    "\u{feff}".as_bytes(),
    "\u{e9}".as_bytes(),
    b"$",
    b"*",
    b"group.1=1",
    b"1e999",
    b"null",
    b"true",
    b"/*",
];

fn mutated(bytes: &[u8], draw: &mut Draw) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..1 + draw.below(4) {
        let at = draw.below(bytes.len() + 1);
        match draw.below(5) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => {
                bytes.remove(at);
            }
            2 => {
                let end = (at + draw.below(40)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let end = (at + draw.below(60)).min(bytes.len());
                let copy = bytes[at..end].to_vec();
                let to = draw.below(bytes.len() + 1);
                bytes.splice(to..to, copy);
            }
            _ => {
                let piece = PIECES[draw.below(PIECES.len())];
                bytes.splice(at..at, piece.iter().copied());
            }
        }
    }
    bytes
}

#[test]
fn broken_samples_are_errors_or_systems() {
    let mut draw = Draw(1);
    let (mut good, mut bad) = (0, 0);
    for (kind, name, bytes, options) in samples() {
        for round in 0..400 {
            let broken = mutated(bytes, &mut draw);
            let from = (round % 2 == 0).then_some(kind);
            match import(name, &broken, &ImportOptions { from, ..options.clone() }) {
                Ok(imported) => {
                    good += 1;
                    let again = crate::spec::read(name, imported.definition.as_bytes());
                    assert_eq!(again.as_ref(), Ok(&imported.system), "{name}");
                }
                Err(errors) => {
                    bad += 1;
                    assert!(!errors.render(false).contains("as a definition"), "{name}: {errors}");
                }
            }
        }
        // As a file of every other kind.
        for from in Configuration::ALL.map(Some) {
            let _ = import(name, bytes, &ImportOptions { from, ..options.clone() });
        }
    }
    assert!(good > 500 && bad > 500, "{good} good, {bad} bad");
}

#[test]
fn long_and_deep_files_are_read_in_no_time() {
    let most = crate::spec::FILE_BYTES_MAX;
    for (kind, unit) in [
        (Configuration::MongoDb, "["),
        (Configuration::MongoDb, "{a:"),
        (Configuration::MongoDb, "new "),
        (Configuration::Corosync, "a {\n"),
        (Configuration::ZooKeeper, "server.1=a:1:2\n"),
        (Configuration::ZooKeeper, "\\\n"),
        (Configuration::PostgreSql, "synchronous_standby_names = 'a'\n"),
        (Configuration::Cassandra, "create keyspace "),
        (Configuration::Etcd, "initial-cluster="),
        (Configuration::Consul, "Node Voter\n"),
        (Configuration::Sentinel, "sentinel monitor a b 1 1\n"),
        (Configuration::Kafka, "controller.quorum.voters=1@a:1,"),
        (Configuration::Stellar, "[QUORUM_SET]\n"),
    ] {
        let text = unit.repeat(most / 8 / unit.len());
        let _ = import("long", text.as_bytes(), &ImportOptions { from: Some(kind), ..Default::default() });
        let _ = read_or_import("long", text.as_bytes(), &ImportOptions::default());
    }
    let large = vec![b'a'; most + 1];
    let error = import("large", &large, &ImportOptions::default()).unwrap_err();
    assert!(error.render(false).contains("the limit is"), "{error}");
}
