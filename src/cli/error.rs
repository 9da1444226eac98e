//! Why the program could not run.

use std::io;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};

use crate::checker::NotOfHistory;
use crate::history::Problem;
use crate::model::{grouped, plain, visible};
use crate::spec;

/// What was wrong with the arguments, a file or a definition.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("cannot read {path:?}: {reason}")]
    Read { path: PathBuf, reason: io::Error },
    #[error("cannot read {path:?}: there is no such file; an expression goes behind -e, as in -e {}", super::specs::quoted(&path.display().to_string()))]
    NoFileButExpression { path: PathBuf },
    #[error("cannot read {path:?}: there is no such file; of the family, `quorate new {} -o {}.toml` writes a definition", path.display(), path.display())]
    NoFileButFamily { path: PathBuf },
    #[error("cannot read standard input: {reason}")]
    ReadInput { reason: io::Error },
    #[error(
        "cannot read {path:?}: it is larger than {} bytes, the limit of a definition",
        grouped(spec::FILE_BYTES_MAX)
    )]
    TooLarge { path: PathBuf },
    #[error("cannot read {path:?}: it is larger than {} bytes, the limit of such a file", grouped(*bytes_max as usize))]
    TooLong { path: PathBuf, bytes_max: u64 },
    #[error("{path:?} has no definitions: there is no *.toml file in it")]
    NoDefinitions { path: PathBuf },
    #[error(
        "--protocol dynamo: what `verify` predicts is that of registers over all nodes and of protocols of consensus; `simulate` runs it"
    )]
    NoDynamo,
    #[error("no definition is given")]
    NoDefinition,
    #[error("--diagram {path:?}: a diagram is written as .svg or .html, as the name of its file ends")]
    DiagramFormat { path: PathBuf },
    #[error("`-` stands twice, but standard input can be read only once")]
    InputTwice,
    #[error("{path:?} stands twice, but a pipe can be read only once")]
    PipeTwice { path: PathBuf },
    /// Its rendering says everything.
    #[error("the definition {file:?} is not valid")]
    Definition { file: String, diagnostics: spec::Diagnostics },
    #[error(
        "{file:?} is a ring, which is a system for each range of keys: `quorate analyze`, `compare` and `export` answer for all of them; for this command define one range, as in family = \"threshold\""
    )]
    ManyRanges { file: String },
    #[error("cannot write {path:?}: {reason}")]
    Write { path: PathBuf, reason: io::Error },
    #[error("{path:?} is there already{}; --force replaces {}", more(*others), if *others > 0 { "them" } else { "it" })]
    Exists { path: PathBuf, others: usize },
    #[error("{path:?} appeared while the program ran, and stays: nothing is written there; --force would replace it")]
    Appeared { path: PathBuf },
    #[error("{} and {} would both go to {place}", outputs[0], outputs[1])]
    SameOutput { outputs: [String; 2], place: String },
    #[error("{output} would be written onto {input}, which is read")]
    OntoInput { output: String, input: String },
    #[error("{file:?} is no part of a divided run: {why}")]
    NoPart { file: String, why: String },
    #[error("{file:?} is a part of another run than {first:?}: {what} differs")]
    OtherPart { file: String, first: String, what: &'static str },
    #[error("{:?} and {:?} are both part {number}", files[0], files[1])]
    PartTwice { number: u64, files: [String; 2] },
    #[error("these parts are of another run than the one that would put them together: {what} differs")]
    StaleParts { what: &'static str },
    #[error("this cannot be divided: one seed is one piece of work; give many, as in --seeds 1..1000")]
    OneSeed,
    #[error("cannot write standard output: {reason}")]
    WriteOutput { reason: io::Error },
    #[error("cannot start {threads} threads: {reason}")]
    Threads { threads: usize, reason: rayon::ThreadPoolBuildError },
    /// Said with what else is missing.
    #[error("interrupted while {file:?} was read")]
    Interrupted { file: String },
    #[error("{path:?} has no histories: there is no *.jsonl, *.edn or *.log file in it")]
    NoHistories { path: PathBuf },
    #[error("{path:?} is no folder of a Jepsen test, with a history.edn, a history.txt or a jepsen.log")]
    NoStore { path: PathBuf },
    #[error("{file}: this is no history, and seems to be {seems}")]
    NoHistory { file: String, seems: String },
    #[error("--initial unknown: a proof needs the value that registers start with")]
    OrderWithoutInitial,
    /// Its rendering says everything.
    #[error("the history {file:?} cannot be read")]
    History { file: String, problems: Vec<Problem> },
    #[error(
        "{file} unpacks to more than {}: if it is what it should be, let it, as with --max-unpacked {}",
        super::numbers::bytes(*most),
        super::numbers::bytes_above(*most)
    )]
    Unpacked { file: String, most: u64 },
    #[error("--linearization proves one history, but there are {histories}")]
    OneLinearization { histories: usize },
    #[error("--proof is about one history, but there are {histories}")]
    OneProof { histories: usize },
    #[error("{path:?} proves nothing about {file}: {reason}")]
    NotOfHistory { path: PathBuf, file: String, reason: NotOfHistory },
    #[error("cannot draw {path:?}: a picture is a .svg, a .png or a .pdf file")]
    PlotFormat { path: PathBuf },
    #[error(
        "--plot draws one picture, but --pictures names {names}: leave it out, and --plots draws them all into a folder"
    )]
    OnePicture { names: usize },
    #[error(
        "--plot draws one picture: which one, say --pictures NAME, as in --pictures load, or --pareto for its front"
    )]
    WhichPicture,
    #[error("{flag} is about pictures, and none is asked for: add --plot FILE or --plots")]
    NoPicture { flag: &'static str },
    #[error("the picture front is of what --pareto finds: add it, as in --pareto load,latency")]
    NoFront,
    #[error("{flag} prints CSV, which contradicts {asked}: leave one of them out")]
    OnlyCsv { flag: &'static str, asked: String },
    #[error("cannot write {path:?}: {what}")]
    NoFormat { path: PathBuf, what: &'static str },
    #[error("{path:?} names a picture, and --plot a file: write --pictures {} --plot FILE.svg, or --plots for a folder", path.display())]
    PlotIsFile { path: PathBuf },
    #[error("two systems are called {name:?}, in {} and {}: a comparison needs unique names", plain(&files[0]), plain(&files[1]))]
    SameName { name: String, files: [String; 2] },
    #[error(
        "--objective {objective} makes the {objective} as small as possible, so --max-{objective} contradicts it: drop one"
    )]
    LimitOnObjective { objective: crate::strategy::objective::Objective },
    #[error("--per-client knows load and latency, and not the network: leave one of them out")]
    NetworkOfClients,
    #[error("--per-client: {file:?} has no [[client]] {}", if *has_lost { "that is left" } else { "table" })]
    NoClients { file: String, has_lost: bool },
    #[error("--pareto takes two different quantities, as in --pareto load,latency")]
    Pareto,
    #[error("--pareto shows the {axis} at every limit, so --max-{axis} contradicts it: drop one")]
    LimitOnAxis { axis: crate::strategy::objective::Objective },
    #[error(
        "{file:?} has no {} {name:?} that could have failed; the nearest name is {near:?}{}",
        if *has_zones { "node or zone" } else { "node" },
        if *has_zones { "" } else { ", and it has no zones, which could be named too" }
    )]
    UnknownNode { file: String, has_zones: bool, name: String, near: String },
    #[error("in {file:?}, {name:?} is a node and a zone: write --failed node:{name} or --failed zone:{name}")]
    NodeOrZone { file: String, name: String },
    #[error(
        "{nodes} nodes are more than the {most} that tell each other that they are alive: take a smaller definition"
    )]
    TooManyReplicas { nodes: usize, most: usize },
    #[error("{file}: {reason}")]
    Schedule { file: String, reason: crate::flp::Misread },
    #[error(
        "{flag} does not go with the schedule, which is of {in_file}: leave it out, or take the schedule of another run"
    )]
    NotOfSchedule { flag: &'static str, in_file: String },
    #[error("a transition is between two systems, and there is one: name the new one behind the old one")]
    OneSystem,
    #[error("--plan is about the way from one system to another, and there are {systems}: name two")]
    PlanBetweenTwo { systems: usize },
    #[error(transparent)]
    Transition(#[from] crate::transition::TransitionError),
    #[error(transparent)]
    NoColumn(#[from] crate::report::NoColumn),
    #[error(transparent)]
    Search(#[from] crate::search::SearchError),
    #[error("the family {family} has no parameter {key}; `quorate families {family}` shows those it has")]
    NoParameter { family: &'static str, key: &'static str },
    #[error("the family {family} needs --{key}, as in --{key} {example}")]
    NoRange { family: &'static str, key: &'static str, example: &'static str },
    #[error("{flag} has {value} twice: once is enough")]
    Twice { flag: &'static str, value: String },
    #[error("{file:?}: node {node:?} has no latency_ms, which {flag} needs; give all nodes one in [nodes] or [[node]]")]
    NoLatency { file: String, node: String, flag: &'static str },
    #[error("a sweep of more than {} systems: give a range a step, as in 3..101:2", grouped(*limit))]
    TooManyMembers { limit: usize },
    #[error("{flag} is about samples, but --method exact draws none: leave one of them out")]
    NothingSampled { flag: &'static str },
    #[error("{reason}; --unsafe runs it all the same")]
    NotARegister { reason: crate::structure::NotARegister },
    #[error(
        "{flag} is about operations that are drawn, but the file of faults writes them out with [[operation]]: drop it"
    )]
    WrittenOut { flag: &'static str },
    #[error("{flag} is about a ring of nodes: it goes with --protocol dynamo")]
    OnlyDynamo { flag: &'static str },
    #[error(
        "--protocol dynamo counts answers: it needs a definition whose reads and writes are any R and any W of the nodes"
    )]
    NotCounted,
    #[error("no such ring: {reason}")]
    Ring { reason: crate::protocol::dynamo::SettingsError },
    #[error(
        "reads may miss writes, because {}; --unsafe runs it all the same",
        if *sloppy { "sloppy quorums need not meet".into() } else { format!("R + W = {read} + {write} is not more than N = {homes}") }
    )]
    MayMiss { homes: usize, read: usize, write: usize, sloppy: bool },
    #[error("--pick optimal is for registers: a client of --protocol dynamo asks the homes of a register")]
    NoPick,
    #[error("--pick optimal is for registers: a client of --protocol {protocol} asks one node")]
    NoPickOfOne { protocol: &'static str },
    #[cfg(all(feature = "net", unix))]
    #[error(
        "--protocol {protocol} runs in `quorate simulate` only: between processes there are the registers and dynamo"
    )]
    NotServed { protocol: &'static str },
    #[error("{flag} is about compare-and-set: it goes with a protocol of consensus, such as --protocol raft")]
    OnlyConsensus { flag: &'static str },
    #[error("{protocol} needs {needs}; --unsafe runs it all the same")]
    Demand { protocol: &'static str, needs: String },
    #[error("no strategy for --pick optimal: its quorums are too many to list, or the limits ended first")]
    NoStrategy,
    #[error("the optimal strategy cannot be drawn from: {reason}")]
    Strategy { reason: crate::picker::PickerError },
    #[cfg(all(feature = "net", unix))]
    #[error("no node is called {name:?}; {advice}")]
    NoNode { name: String, advice: String },
    #[cfg(all(feature = "net", unix))]
    #[error("cannot listen on {address:?}: {reason}")]
    Listen { address: String, reason: io::Error },
    #[cfg(all(feature = "net", unix))]
    #[error("{path:?} is no key: {reason}")]
    Key { path: PathBuf, reason: crate::net::NotAKey },
    #[cfg(all(feature = "net", unix))]
    #[error("where are the replicas? Say it with --peers, as in --peers n1=127.0.0.1:7001,n2=127.0.0.1:7002")]
    NoPeers,
    #[cfg(all(feature = "net", unix))]
    #[error(
        "--protocol {protocol} has no compare-and-set: a register is read and written, and to compare and set in one step takes \
         consensus (Herlihy 1991); take a protocol that decides"
    )]
    NoCas { protocol: &'static str },
    #[cfg(all(feature = "net", unix))]
    #[error(transparent)]
    Net(#[from] crate::net::NetError),
    #[cfg(all(feature = "net", unix))]
    #[error(transparent)]
    Driver(#[from] crate::net::record::DriverError),
    #[cfg(all(feature = "net", unix))]
    #[error("{what}")]
    Record { what: String },
    #[cfg(all(feature = "net", unix))]
    #[error("cannot start a runtime: {reason}")]
    Runtime { reason: io::Error },
    #[error("no word of the output is {word:?}; {advice}")]
    UnknownWord { word: String, advice: String },
    #[error("no command is called {name:?}; {advice}")]
    UnknownCommand { name: String, advice: String },
    #[error("unknown family {name:?}; {advice}")]
    UnknownFamily { name: String, advice: String },
}

fn more(others: usize) -> String {
    match others {
        0 => String::new(),
        1 => ", and 1 other file".into(),
        others => format!(", and {} other files", grouped(others)),
    }
}

/// Words that are at least this similar, on a scale to 1, are probably the same word with a typing error.
const SIMILAR: f64 = 0.5;

/// What to say to a name that is none of these: the one that was probably meant, or all.
pub(super) fn advice(name: &str, known: &[&str]) -> String {
    let similarity = |other: &&&str| strsim::normalized_damerau_levenshtein(name, other);
    let closest = known.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    match closest.filter(|other| similarity(other) >= SIMILAR) {
        Some(other) => format!("did you mean {other:?}?"),
        None => format!("there are {}", known.join(", ")),
    }
}

impl Failure {
    /// The message as lines for standard error.
    pub(super) fn render(&self, color: bool) -> String {
        if let Failure::Definition { diagnostics, .. } = self {
            let text = diagnostics.render(color);
            return format!("{}\n", text.trim_end_matches('\n'));
        }
        let style = if color { AnsiColor::Red.on_default().bold() } else { Style::new() };
        if let Failure::History { file, problems } = self {
            let line = |problem: &Problem| {
                let message = problem.message();
                format!("{style}error{style:#}: {}:{}: {}\n", plain(file), problem.line, visible(&message))
            };
            return problems.iter().map(line).collect();
        }
        format!("{style}error{style:#}: {}\n", visible(&self.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistyped_names_get_advice() {
        let known = ["majority", "threshold", "grid"];
        assert_eq!(advice("gird", &known), "did you mean \"grid\"?");
        assert_eq!(advice("majorities", &known), "did you mean \"majority\"?");
        assert_eq!(advice("zzz", &known), "there are majority, threshold, grid");
    }

    #[test]
    fn messages_name_the_file() {
        let failure = Failure::Read { path: "x.toml".into(), reason: io::ErrorKind::NotFound.into() };
        assert_eq!(failure.render(false), "error: cannot read \"x.toml\": entity not found\n");
        assert!(failure.render(true).starts_with("\u{1b}[1m\u{1b}[31merror\u{1b}[0m: "));
    }
}
