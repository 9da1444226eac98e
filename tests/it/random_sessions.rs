//! Promises that leave real time out on random histories, which shrink to the smallest one that differs.

use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};

use crate::sessions_oracle::{Kind, Op, compare};

/// What a random history may have.
#[derive(Debug, Clone, Copy)]
struct Shape {
    operations: usize,
    processes: usize,
    registers: usize,
    /// Values may be written again, with this many of them.
    repeated: Option<i64>,
    cas: bool,
}

/// An operation before it is known which values there are.
#[derive(Debug, Clone, Copy)]
struct Draw {
    process: usize,
    register: usize,
    /// 0 and 1 read, 2 writes, 3 compares and sets, where that is allowed.
    kind: u8,
    value: usize,
    /// Of 40, the last one is a value that nobody wrote.
    bogus: u8,
    /// Of 10, the last one never returned.
    pending: u8,
}

fn histories(shape: Shape) -> impl Strategy<Value = Vec<Op>> {
    let draw = (0..shape.processes, 0..shape.registers, 0..4u8, 0..64usize, 0..40u8, 0..10u8);
    let draw = draw.prop_map(|(process, register, kind, value, bogus, pending)| Draw {
        process,
        register,
        kind,
        value,
        bogus,
        pending,
    });
    proptest::collection::vec(draw, 1..=shape.operations).prop_map(move |draws| operations(shape, &draws))
}

fn operations(shape: Shape, draws: &[Draw]) -> Vec<Op> {
    let new = |at: usize| match shape.repeated {
        Some(values) => draws[at].value as i64 % values,
        None => at as i64 + 1,
    };
    let one = |(at, draw): (usize, &Draw)| {
        let of_register = |other: &usize| draws[*other].kind >= 2 && draws[*other].register == draw.register;
        let mut written = vec![0];
        written.extend((0..draws.len()).filter(of_register).map(new));
        let found = written[draw.value % written.len()];
        let kind = match draw.kind {
            3 if shape.cas => Kind::Cas(found, new(at)),
            2 | 3 => Kind::Write(new(at)),
            _ if draw.bogus == 39 => Kind::Read(99),
            _ => Kind::Read(found),
        };
        Op { process: draw.process, register: draw.register, kind, is_pending: draw.pending == 9 }
    };
    draws.iter().enumerate().map(one).collect()
}

/// How many histories of each shape; `QUORATE_HISTORIES` for a long run.
fn cases() -> u32 {
    std::env::var("QUORATE_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(1_500)
}

fn compare_all(shape: Shape) {
    let config = ProptestConfig {
        cases: cases(),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(13),
        ..ProptestConfig::default()
    };
    let outcome = TestRunner::new(config).run(&histories(shape), |ops| {
        compare(&ops);
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

const UNIQUE: Shape = Shape { operations: 9, processes: 3, registers: 2, repeated: None, cas: false };

#[test]
fn two_registers() {
    compare_all(UNIQUE);
}

#[test]
fn one_register() {
    compare_all(Shape { registers: 1, operations: 8, ..UNIQUE });
}

#[test]
fn three_registers_and_four_processes() {
    compare_all(Shape { registers: 3, processes: 4, operations: 10, ..UNIQUE });
}

#[test]
fn repeated_values() {
    compare_all(Shape { repeated: Some(3), operations: 8, ..UNIQUE });
}

#[test]
fn compare_and_set() {
    compare_all(Shape { repeated: Some(3), cas: true, operations: 8, ..UNIQUE });
}
