//! Draws how often three systems of five nodes fail.
//!
//! Run with `cargo run --example plot -- FILE.svg`; without a file it says how large the picture is.

use quorate::analysis::curves::curves;
use quorate::analysis::{Options, analyze};
use quorate::families::Family;
use quorate::report::Analysed;
use quorate::report::plot::{Look, Material, Plot, picture};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let families = [
        Family::Majority { n: 5 },
        Family::Rowa { n: 5 },
        Family::Weighted { votes: vec![3, 1, 1, 1, 1], read_votes: 4, write_votes: 4 },
    ];
    let options = Options::default();
    let mut systems = Vec::new();
    let mut lines = Vec::new();
    for family in &families {
        let system = family.system()?;
        lines.push(curves(&system, &options));
        systems.push(Analysed { file: "examples/plot.rs".into(), analysis: analyze(&system, &options), system });
    }
    let material = Material { systems: &systems, curves: &lines, families: &[] };
    let drawn = picture(Plot::FailureProbability, material, Look::default()).ok_or("nothing to draw")?;
    match std::env::args().nth(1) {
        Some(file) => std::fs::write(file, drawn.svg())?,
        None => println!("{} bytes of SVG", drawn.svg().len()),
    }
    Ok(())
}
