//! Notes that depend on the limits: each stands where it is true, and not in a system or under limits near by where it is not.

use super::super::{Options, analyze};
use super::*;
use crate::budget::Budget;
use crate::families::Family;
use crate::model::System;
use crate::strategy::objective::Objective;

fn notes_of(system: &System, options: &Options) -> Vec<Note> {
    analyze(system, options).notes
}

fn within(budget: Budget) -> Options {
    Options { budget, ..Options::default() }
}

fn questions(notes: &[Note]) -> Vec<String> {
    let question = |note: &Note| if let Note::GaveUp { question, .. } = note { Some(question.clone()) } else { None };
    notes.iter().filter_map(question).collect()
}

fn majority() -> System {
    Family::Majority { n: 9 }.system().unwrap()
}

#[test]
fn a_strategy_is_too_long_where_its_names_are_too_many() {
    let too_long = |budget: Budget, options: Options| {
        let notes = notes_of(&majority(), &Options { budget, ..options });
        notes.into_iter().find(|note| matches!(note, Note::StrategyTooLong { .. }))
    };
    // Of each kind nine quorums of five nodes.
    let names = |strategy_names: u64| Budget { strategy_names, ..Budget::default() };
    let note = too_long(names(44), Options::default());
    assert_eq!(note, Some(Note::StrategyTooLong { names_max: 44, asked_max: 4_400 }));
    assert_eq!(too_long(names(90), Options::default()), None);
    assert_eq!(too_long(names(44), Options { strategy: true, ..Options::default() }), None);
    // Listing it took too many steps: to ask for it would not help.
    let steps = Budget { pass_steps: 200, ..Budget::default() };
    assert_eq!(too_long(steps, Options::default()), None);
    let unlisted = analyze(&majority(), &within(steps)).optimum.remove(0).best.unwrap();
    assert!(unlisted.strategy.is_none() && unlisted.unlisted.is_some(), "{unlisted:?}");
}

#[test]
fn what_was_given_up_is_named_and_nothing_else() {
    let lattice = Family::Paths { size: 3 }.system().unwrap();
    let small = Budget { sweep_states: 10, explicit_sets: 10, search_steps: 10, ..Budget::default() };
    let notes = notes_of(&lattice, &within(small));
    assert!(questions(&notes).contains(&"the minimal quorums".to_owned()), "{notes:?}");
    assert_eq!(questions(&notes_of(&lattice, &within(Budget::default()))), [""; 0]);
    // The same limits are enough for a majority.
    assert_eq!(questions(&notes_of(&majority(), &within(small))), [""; 0]);
}

#[test]
fn a_number_lies_between_where_its_bounds_are_apart() {
    let (system, options) = (majority(), Options::default());
    let compiled = Compiled::new(&system, options.budget);
    let between = |change: &dyn Fn(&mut Analysis)| -> Vec<String> {
        let mut analysis = analyze(&system, &options);
        change(&mut analysis);
        let bounds = notes(&compiled, &analysis).into_iter().filter_map(|note| match note {
            Note::Between { question, bounds: Bounds::Whole([least, most]) } => {
                Some(format!("{question}: {least} to {most}"))
            }
            _ => None,
        });
        bounds.collect()
    };
    assert_eq!(between(&|_| ()), [""; 0]);
    let open = between(&|analysis| {
        analysis.intersections.read_write.bounds = Some([1, 4]);
        analysis.minimal.reads.largest_bounds = Some([5, 6]);
    });
    assert_eq!(
        open,
        ["the fewest nodes that two quorums share: 1 to 4", "the nodes in a largest minimal quorum: 5 to 6"]
    );
    // Reads and writes are the same, and said once.
    assert_eq!(between(&|analysis| analysis.intersections.write_write.bounds = Some([1, 4])), [""; 0]);
}

#[test]
fn a_front_is_open_where_corners_may_be_missing() {
    let (system, budget) = (majority(), Budget::default());
    let pareto = Some([Objective::Load, Objective::Network]);
    let compiled = Compiled::new(&system, budget);
    let open = |change: &dyn Fn(&mut Analysis)| {
        let mut analysis = analyze(&system, &Options { pareto, ..Options::default() });
        change(&mut analysis);
        notes(&compiled, &analysis).into_iter().find(|note| matches!(note, Note::OpenFront { .. }))
    };
    assert_eq!(open(&|_| ()), None);
    let expected = Note::OpenFront { axes: [Objective::Load, Objective::Network], gap: None, exhausted: None };
    let unproven = |analysis: &mut Analysis| {
        (analysis.fronts[0].complete, analysis.fronts[0].gap) = (false, f64::INFINITY);
    };
    assert_eq!(open(&unproven), Some(expected));
    // Where nothing does what was asked, there is no front that could lack a corner.
    let none = |analysis: &mut Analysis| {
        unproven(analysis);
        analysis.fronts[0].infeasible = Some(crate::strategy::objective::Infeasible::NoQuorum { kind: Kind::Read });
    };
    assert_eq!(open(&none), None);
}

#[test]
fn a_load_is_beyond_the_floats_where_it_or_its_inverse_is() {
    let loads = |load: f64| {
        let (system, options) = (majority(), Options::default());
        let mut analysis = analyze(&system, &options);
        analysis.optimum[0].best.as_mut().unwrap().mean_load = load;
        notes(&Compiled::new(&system, options.budget), &analysis).contains(&Note::LoadBeyondFloat)
    };
    assert_eq!([0.6, 1e-307, 1e307, 1e-309, f64::INFINITY].map(loads), [false, false, false, true, true]);
}
