//! A system gate by gate: two of three rooms, and in each room any of its machines for a read, all for a write.
//!
//! Run with `cargo run --example define`.

use quorate::analysis::{Options, analyze};
use quorate::model::{About, FormulaBuilder, Kind, Node, NodeId, Pair, System};
use quorate::report::{Analysed, Format, View, analyses};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let rooms = [["a1", "a2"], ["b1", "b2"], ["c1", "c2"]];
    let build = |kind: Kind| {
        let mut builder = FormulaBuilder::new();
        let mut gates = Vec::new();
        for room in 0..rooms.len() {
            let machines = [2 * room, 2 * room + 1].map(|index| builder.leaf(NodeId::new(index)));
            gates.push(if kind == Kind::Read { builder.or(&machines)? } else { builder.and(&machines)? });
        }
        let root = builder.threshold(2, &gates)?;
        Ok::<_, quorate::model::FormulaError>(builder.finish(root))
    };
    let nodes = rooms.iter().flatten().map(|name| Node::new(*name)).collect();
    let about = About { name: "rooms".into(), family: "custom".into(), ..About::default() };
    let formulas = Pair { reads: build(Kind::Read)?, writes: build(Kind::Write)? };
    let system = System::new(about, nodes, formulas)?;

    let analysis = analyze(&system, &Options::default());
    let report = [Analysed { file: "examples/define.rs".into(), system, analysis }];
    print!("{}", analyses(&report, Format::Text, View::default()));
    Ok(())
}
