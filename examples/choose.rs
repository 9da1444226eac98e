//! Which of some candidates carries the most load among those that survive two failures?
//!
//! Run with `cargo run --example choose`.

use quorate::analysis::{Options, analyze};
use quorate::families::{Family, GridVariant};
use quorate::model::Fraction;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let candidates = [
        Family::Majority { n: 9 },
        Family::Threshold { n: 9, read: 3, write: 7 },
        Family::Grid { rows: 3, cols: 3, variant: GridVariant::LinesBelow },
        Family::Grid { rows: 3, cols: 3, variant: GridVariant::Lines },
    ];
    let options = Options { read_fractions: vec![Fraction::new(0.9)?], ..Options::default() };
    let mut best = None;
    for family in &candidates {
        let answer = analyze(&family.system()?, &options);
        let capacity = answer.optimum[0].best.as_ref().expect("a strategy").capacity();
        println!("{family:?}: resilience {:?}, capacity {capacity:.3}", answer.total_resilience());
        let survives = answer.total_resilience() >= Some(2);
        if survives && best.is_none_or(|(_, most)| capacity > most) {
            best = Some((family, capacity));
        }
    }
    if let Some((family, capacity)) = best {
        println!("best: {family:?}, {capacity:.3} times what one node can serve");
    }
    Ok(())
}
