//! Kafka: the voters of the metadata quorum of KRaft controllers.

use super::draft::{Draft, origin};
use super::expression;
use super::options::ImportOptions;
use super::properties::properties;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::quoted;

const VOTERS: &str = "controller.quorum.voters";
const BOOTSTRAP: &str = "controller.quorum.bootstrap.servers";

pub(super) fn read(text: &str, _: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let properties = properties(text);
    let of = |key: &str| properties.iter().find(|one| one.key == key && !one.value.is_empty());
    let Some(voters) = of(VOTERS) else {
        let span = of(BOOTSTRAP).map_or(0..0, |one| one.span.clone());
        let message = match of(BOOTSTRAP) {
            Some(_) => format!("{BOOTSTRAP} are addresses to begin with, and no list of voters"),
            None => format!("no {VOTERS}"),
        };
        let help = format!(
            "`kafka-metadata-quorum.sh describe --status` prints the voters; write them as {VOTERS}=1@host:9093,2@host:9093"
        );
        problems.push(Problem::new(span, message).help(help));
        return None;
    };
    let mut draft = Draft::default();
    let at = voters.span.start;
    if voters.before.is_some() {
        draft.note(format!("{VOTERS} stands more than once, and only the last counts"));
    }
    let mut names = Vec::new();
    for part in voters.value.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let id = part.split_once('@').and_then(|(id, address)| Some((id.trim().parse::<u32>().ok()?, address)));
        match id.filter(|(_, address)| address.contains(':')) {
            Some((id, address)) => {
                let name = format!("controller.{id}");
                draft.member(&name, at..at, format!("voter {id} at {address}"), problems);
                names.push(name);
            }
            None => {
                let problem =
                    Problem::new(voters.span.clone(), format!("{} is no id@host:port of a voter", quoted(part)));
                problems.push(problem.help("write 1@host:9093,2@host:9093".to_owned()));
            }
        }
    }
    draft.refuse_doubles("each voter has an id of its own", problems);
    if names.is_empty() {
        problems.push(Problem::new(voters.span.clone(), "no voters"));
        return None;
    }
    draft.note("this is the quorum of the metadata; what is acknowledged of a topic depends on its replicas, acks and min.insync.replicas");
    let says = format!("{} of {} voters", names.len() / 2 + 1, names.len());
    draft.quorums(expression::majority(&names), vec![origin(at, says)]);
    Some(draft)
}
