//! `quorate simulate --scenario`.

use std::path::Path;

use clap::ValueEnum;

use super::answers;
use super::consensus_args::{self, Algorithm, OnStore, Ready};
use super::diagram::Diagram;
use super::error::Failure;
use super::files::Files;
use super::input;
use super::interrupt::{self, Work};
use super::protocol_args::Store;
use super::simulate_args::SimulateArgs;
use super::{Status, Terminal};
use crate::budget::Budget;
use crate::consensus::{Remedy, Timing};
use crate::model::System;
use crate::protocol::register::{Patience, RegisterMessage, Registers};
use crate::protocol::{Message, Pick, Protocol};
use crate::replay::{Document, Header, Played, play};
use crate::report;
use crate::spec::{Vocabulary, Written};
use crate::structure::reads_meet_writes;

/// Plays a scenario, and holds what happens against what it says.
pub(super) fn run(args: &SimulateArgs, file: &Path, terminal: &Terminal) -> Result<Status, Failure> {
    let given = args.spec.spec.as_ref().map(input::definition);
    let source = input::source(file);
    let mut files = Files::new(args.report.force);
    let read = [given.as_ref().and_then(|given| given.path()), source.path()];
    read.into_iter().flatten().try_for_each(|path| files.reads(path))?;
    let output = files.report(args.report.output.as_deref())?;
    let diagram = Diagram::wanted(&mut files, args.diagram.as_deref())?;
    let reader = answers::Reader { import: &args.spec.import, terminal, is_quiet: args.general.is_quiet() };
    let given = given.map(|given| reader.system(&given)).transpose()?;
    let Written { document, system } = source.scenario(given.as_ref(), &vocabularies())?;
    answers::one_range(&source.name(), &system)?;
    interrupt::begin(Work::Budgeted);
    let played = played(&document, &system, args.allows_unfit)?;
    interrupt::is_over();
    let name = source.name();
    let scenario = report::Scenario { file: &name, document: &document, played: &played };
    let text = report::scenario(&scenario, args.report.format(), terminal.view(&output));
    output.write(&text)?;
    if let Some(diagram) = diagram {
        diagram.write(&played.drawn, &document.title(&name), "")?;
    }
    Ok(match played.holds() {
        _ if played.steps.len() < document.steps.len() => Status::Undecided,
        true => Status::Done,
        false => Status::Negative,
    })
}

/// Protocols that a scenario can be about: those that need nothing but their names.
fn stores() -> impl Iterator<Item = Store> {
    Store::value_variants().iter().copied().filter(|store| *store != Store::Dynamo)
}

/// What they call things.
fn vocabularies() -> Vec<Vocabulary> {
    let of = |store: Store| match store {
        Store::Consensus(algorithm) => Vocabulary {
            protocol: algorithm.name(),
            messages: algorithm.messages(),
            remedies: if algorithm == Algorithm::Raft { &["pre-vote"] } else { &[] },
        },
        _ => Vocabulary { protocol: store.name(), messages: RegisterMessage::NAMES, remedies: &[] },
    };
    stores().map(of).collect()
}

fn played(document: &Document, system: &System, allows_unfit: bool) -> Result<Played, Failure> {
    let Header { protocol, is_unsafe, without, batch } = &document.header;
    let is_checked = !is_unsafe && !allows_unfit;
    let names = system.nodes().iter().map(|node| node.name.clone()).collect();
    let playing = Playing { names, document };
    let patience = Patience::default();
    match stores().find(|store| store.name() == protocol) {
        Some(Store::Consensus(algorithm)) => {
            if is_checked {
                consensus_args::check_demands(algorithm, system)?;
            }
            let without = Remedy::ALL.into_iter().find(|remedy| Some(remedy.name()) == without.as_deref());
            let ready = Ready { without, batch: *batch, ..Ready::new(system, patience, Timing::default()) };
            Ok(ready.with(algorithm, playing))
        }
        Some(Store::Register(guarantee)) => {
            if is_checked {
                reads_meet_writes(system, Budget::default()).map_err(|reason| Failure::NotARegister { reason })?;
            }
            Ok(playing.on(&Registers::new(system, guarantee, &Pick::All, patience)))
        }
        // The reader knows these protocols only.
        Some(Store::Dynamo) | None => Err(Failure::NoDefinition),
    }
}

/// A scenario that only lacks its protocol.
struct Playing<'a> {
    names: Vec<String>,
    document: &'a Document,
}

impl OnStore for Playing<'_> {
    type Output = Played;

    fn on(self, protocol: &(impl Protocol + Sync)) -> Played {
        play(protocol, self.names, self.document)
    }
}
