//! Consul, Nomad and Vault: the Raft peers, as a table or in JSON. A majority of the voters.

use std::ops::Range;

use super::draft::{Draft, origin};
use super::expression;
use super::lines::{Line, lines};
use super::literal::{self, Item};
use super::options::ImportOptions;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::quoted;

struct Peer {
    name: String,
    span: Range<usize>,
    votes: bool,
}

pub(super) fn read(text: &str, _: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let peers =
        if text.trim_start().starts_with(['{', '[']) { from_json(text, problems)? } else { table(text, problems)? };
    let mut draft = Draft::default();
    for peer in &peers {
        let role = if peer.votes { "a voter" } else { "no voter" };
        draft.member(&peer.name, peer.span.clone(), role, problems);
        if !peer.votes {
            draft.note(format!("{} does not vote: it adds nothing to any quorum", peer.name));
        }
    }
    draft.refuse_doubles("peers have different names here", problems);
    let voters: Vec<String> = peers.iter().filter(|peer| peer.votes).map(|peer| expression::name(&peer.name)).collect();
    if voters.is_empty() {
        problems.push(Problem::new(0..0, "no peer that votes"));
        return None;
    }
    draft.note(
        "autopilot changes who votes when servers fail: this definition is the moment at which the list was printed",
    );
    let at = peers.first().map_or(0, |peer| peer.span.start);
    let says = format!("{} of {} voters", voters.len() / 2 + 1, voters.len());
    draft.quorums(expression::majority(&voters), vec![origin(at, says)]);
    Some(draft)
}

fn from_json(text: &str, problems: &mut Problems) -> Option<Vec<Peer>> {
    let item = literal::whole(text, problems)?;
    let inner = [item.get("data"), Some(&item)].into_iter().flatten();
    let inner = inner.flat_map(|one| [one.get("config"), Some(one)]).flatten();
    let list = inner.filter_map(|one| one.any(&["Servers", "servers"])).find_map(Item::list).or_else(|| item.list());
    let Some(list) = list else {
        problems.push(Problem::new(item.span.start..item.span.start + 1, "no list of servers"));
        return None;
    };
    let mut peers = Vec::new();
    for server in list {
        let named = server.any(&["Node", "node", "node_id", "ID", "id", "Address", "address"]);
        let Some(name) = named.filter(|name| name.text().is_some()) else {
            problems.push(Problem::new(server.span.start..server.span.start + 1, "a server without a name"));
            continue;
        };
        let votes = server.any(&["Voter", "voter"]).and_then(Item::bool).unwrap_or(true);
        peers.push(Peer { name: name.text().unwrap_or_default().to_owned(), span: name.span.clone(), votes });
    }
    Some(peers)
}

/// Columns under the words of the heading, of which blanks may stand inside of none but the last ones.
fn table(text: &str, problems: &mut Problems) -> Option<Vec<Peer>> {
    let mut rows =
        lines(text).map(Line::trimmed).filter(|line| !line.text.is_empty() && !line.text.starts_with(['#', '$', '-']));
    let heading = rows.by_ref().find(|line| columns(line.text).is_some());
    let Some((node, voter)) = heading.and_then(|line| columns(line.text)) else {
        problems.push(Problem::new(0..0, "no heading with the columns Node and Voter"));
        return None;
    };
    let mut peers = Vec::new();
    for line in rows {
        let cells: Vec<Line<'_>> = line.words().collect();
        let (Some(name), Some(votes)) = (cells.get(node), cells.get(voter)) else {
            problems.push(Problem::new(line.span(), "fewer columns than the heading"));
            continue;
        };
        match votes.text {
            "true" | "false" => {
                peers.push(Peer { name: name.text.to_owned(), span: name.span(), votes: votes.text == "true" });
            }
            other => {
                let problem = Problem::new(votes.span(), format!("{} under Voter", quoted(other)));
                problems.push(problem.help("it is true or false".to_owned()));
            }
        }
    }
    Some(peers)
}

/// Where the name and the vote stand.
pub(super) fn columns(heading: &str) -> Option<(usize, usize)> {
    let words: Vec<&str> = heading.split_whitespace().collect();
    let of = |word: &str| words.iter().position(|known| *known == word);
    Some((of("Node").or_else(|| of("ID"))?, of("Voter")?))
}
