//! Against the other search, on random registers.

use super::super::search::Search;
use super::super::witness::is_order;
use super::{Outcome, just_in_time};
use crate::budget::{Meter, Resource};
use crate::checker::precedence::Ops;
use crate::history::{Action, Builder, History, Operation, Value};

/// Numbers that look random.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u64) -> i64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % end) as i64
    }
}

/// A register of some processes that each do one thing after the other, some without an answer, some at one instant.
fn history(seed: u64) -> History {
    let mut numbers = Numbers(seed);
    let mut builder = Builder::new();
    let processes = 1 + numbers.below(5);
    for process in 0..processes {
        let mut now = numbers.below(6);
        for _ in 0..numbers.below(6) {
            let mut value = || Value::from(numbers.below(3));
            let (a, b) = (value(), value());
            let action = match numbers.below(8) {
                0..3 => Action::Read(a),
                3..6 => Action::Write(a),
                6 => Action::Cas { expected: a, new: b },
                _ => Action::FailedCas { expected: a, new: b },
            };
            let end = now + numbers.below(5);
            let is_answered = numbers.below(6) > 0 || matches!(action, Action::FailedCas { .. });
            let operation = Operation { process, action, start: now, end: is_answered.then_some(end), key: None };
            builder.push(&operation).unwrap();
            now = end + numbers.below(2);
        }
    }
    builder.finish()
}

fn meter() -> Meter {
    Meter::new(Resource::SearchSteps, 1_000_000)
}

#[test]
fn both_searches_agree_and_their_orders_are_right() {
    let (mut yes, mut no) = (0, 0);
    for seed in 0..cases() {
        let history = history(seed);
        let Some(register) = history.registers().first() else { continue };
        let ops = Ops::new(register, &Value::from(0));
        let other = Search::new(&ops).run(&mut meter()).unwrap();
        match just_in_time(&ops, &mut meter()).unwrap() {
            Outcome::Order(order) => {
                yes += 1;
                let order = order.into_iter().map(|position| position as usize);
                assert!(is_order(&ops, order.clone()).is_ok(), "{seed}");
                let order: Vec<usize> = order.collect();
                assert!(other.is_some(), "{seed}: {order:?} {:#?}", ops.entries);
            }
            Outcome::Dead(position) => {
                no += 1;
                assert!(other.is_none(), "{seed}: {position} {:#?}", ops.entries);
            }
            Outcome::TooWide => panic!("{seed}"),
        }
    }
    assert!(yes > 2_000 && no > 2_000, "{yes} {no}");
}

/// Registers that are tried; more on request.
fn cases() -> u64 {
    std::env::var("QUORATE_HISTORIES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(20_000)
}
