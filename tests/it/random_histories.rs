//! The checker against the definitions on random histories, which shrink to the smallest one that differs.

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use crate::history_oracle::{INITIAL, Kind, Op, compare};

/// What a random history may have.
#[derive(Debug, Clone, Copy)]
struct Shape {
    operations: usize,
    processes: u64,
    writers: u64,
    /// Instants are small, so that ties are common.
    longest: u64,
    /// Values may be written again, with this many of them.
    repeated: Option<u64>,
    cas: bool,
}

/// An operation before it is known which values there are; every number shrinks towards the plainest operation.
#[derive(Debug, Clone, Copy)]
struct Draw {
    process: u64,
    wait: i64,
    length: i64,
    /// 0 and 1 read, 2 writes, 3 compares and sets, where that is allowed.
    kind: u8,
    value: u64,
    expected: u64,
    /// Of 40, the last one is a value that nobody wrote.
    bogus: u8,
    /// Of 10, the last one never returned.
    pending: u8,
}

fn histories(shape: Shape) -> impl Strategy<Value = Vec<Op>> {
    let longest = shape.longest as i64;
    let draw = (0..shape.processes, 0..=longest / 2, 0..longest, 0..4u8, 0..64u64, 0..64u64, 0..40u8, 0..10u8);
    let draw = draw.prop_map(|(process, wait, length, kind, value, expected, bogus, pending)| Draw {
        process,
        wait,
        length,
        kind,
        value,
        expected,
        bogus,
        pending,
    });
    proptest::collection::vec(draw, 1..=shape.operations).prop_map(move |draws| operations(shape, &draws))
}

fn operations(shape: Shape, draws: &[Draw]) -> Vec<Op> {
    let is_write = |draw: &Draw| draw.kind >= 2 && draw.process < shape.writers;
    let new = |number: usize, draw: &Draw| match shape.repeated {
        Some(values) => (draw.value % values) as i64,
        None => number as i64 + 1,
    };
    // Reads of values that exist make histories that are nearly right, where rules differ.
    let mut written = vec![INITIAL];
    written.extend(draws.iter().enumerate().filter(|(_, draw)| is_write(draw)).map(|(number, draw)| new(number, draw)));
    let any = |draw: u64| written[draw as usize % written.len()];
    let mut clocks = vec![0i64; shape.processes as usize];
    let mut ops = Vec::with_capacity(draws.len());
    for (number, draw) in draws.iter().enumerate() {
        let clock = &mut clocks[draw.process as usize];
        let start = *clock + draw.wait;
        let end = start + draw.length;
        let kind = match draw.kind {
            3 if is_write(draw) && shape.cas => Kind::Cas(any(draw.expected), new(number, draw)),
            _ if is_write(draw) => Kind::Write(new(number, draw)),
            _ if draw.bogus == 39 => Kind::Read(99),
            _ => Kind::Read(any(draw.value)),
        };
        let is_pending = draw.pending == 9;
        *clock = if is_pending { start } else { end };
        ops.push(Op { process: draw.process as i64, kind, start, end: Some(end).filter(|_| !is_pending) });
    }
    ops
}

/// Compares random histories with the definitions, and makes the first one that differs as small as it can.
///
/// `PROPTEST_RNG_SEED` draws others, `PROPTEST_CASES` more of them.
fn fuzz(histories_in_all: u32, shape: Shape) {
    let usual = ProptestConfig::default();
    let is_more = std::env::var_os("PROPTEST_CASES").is_some();
    let rng_seed = if usual.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { usual.rng_seed };
    let cases = if is_more { usual.cases } else { histories_in_all };
    let config = ProptestConfig { cases, rng_seed, failure_persistence: None, ..usual };
    let outcome = TestRunner::new(config).run(&histories(shape), |ops| {
        compare(&ops);
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}

const PLAIN: Shape = Shape { operations: 7, processes: 5, writers: 5, longest: 6, repeated: None, cas: false };

#[test]
fn random_histories_of_several_writers() {
    fuzz(25_000, PLAIN);
    fuzz(10_000, Shape { longest: 12, ..PLAIN });
}

#[test]
fn random_histories_of_one_writer() {
    fuzz(25_000, Shape { writers: 1, ..PLAIN });
}

#[test]
fn random_histories_of_few_processes_at_few_instants() {
    fuzz(20_000, Shape { processes: 3, writers: 3, longest: 3, ..PLAIN });
    fuzz(10_000, Shape { processes: 3, writers: 3, longest: 2, ..PLAIN });
}

#[test]
fn random_histories_of_repeated_values() {
    fuzz(20_000, Shape { repeated: Some(3), ..PLAIN });
    fuzz(10_000, Shape { repeated: Some(4), processes: 3, writers: 3, longest: 3, ..PLAIN });
}

#[test]
fn random_histories_of_compare_and_set() {
    fuzz(15_000, Shape { repeated: Some(3), cas: true, ..PLAIN });
    fuzz(10_000, Shape { repeated: Some(4), cas: true, processes: 3, writers: 3, longest: 3, ..PLAIN });
    fuzz(10_000, Shape { cas: true, ..PLAIN });
}
