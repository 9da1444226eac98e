//! etcd: the list of members, in JSON or as a table, or an initial cluster. A majority of those that are no learners.

use std::ops::Range;

use super::draft::{Draft, origin};
use super::expression;
use super::lines::{Line, lines};
use super::literal::{self, Item};
use super::options::ImportOptions;
use crate::spec::problem::{Problem, Problems};

/// A member.
struct EtcdMember {
    name: String,
    span: Range<usize>,
    is_learner: bool,
}

pub(super) fn read(text: &str, _: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let mut draft = Draft::default();
    let members = if text.trim_start().starts_with(['{', '[']) {
        from_json(text, &mut draft, problems)?
    } else if is_initial_cluster(text) {
        initial_cluster(text, &mut draft, problems)?
    } else {
        table(text, &mut draft, problems)?
    };
    let voters: Vec<String> =
        members.iter().filter(|one| !one.is_learner).map(|one| expression::name(&one.name)).collect();
    for member in &members {
        let role = if member.is_learner { "a learner: it does not vote" } else { "a member" };
        draft.member(&member.name, member.span.clone(), role, problems);
        if member.is_learner {
            draft.note(format!("{} is a learner: it adds nothing to any quorum", member.name));
        }
    }
    draft.refuse_doubles("members have different names here", problems);
    if voters.is_empty() {
        problems.push(Problem::new(0..0, "no member that votes"));
        return None;
    }
    let at = members.first().map_or(0, |one| one.span.start);
    let says = format!("{} of {} members that vote", voters.len() / 2 + 1, voters.len());
    draft.quorums(expression::majority(&voters), vec![origin(at, says)]);
    Some(draft)
}

fn from_json(text: &str, draft: &mut Draft, problems: &mut Problems) -> Option<Vec<EtcdMember>> {
    let item = literal::whole(text, problems)?;
    let Some(list) = item.get("members").unwrap_or(&item).list() else {
        problems.push(Problem::new(item.span.start..item.span.start + 1, "no `members`"));
        return None;
    };
    let mut members = Vec::new();
    for member in list {
        let id = member.any(&["ID", "id", "memberID"]);
        let named = member.get("name").filter(|name| name.text().is_some_and(|name| !name.is_empty()));
        let is_learner = member.get("isLearner").and_then(Item::bool).unwrap_or(false);
        let (name, span) = match (named, id) {
            (Some(name), _) => (name.text().unwrap_or_default().to_owned(), name.span.clone()),
            (None, Some(id)) => {
                let shown = text.get(id.span.clone()).unwrap_or_default().trim_matches('"').to_owned();
                draft
                    .note(format!("member {shown} has no name, since it has not started: it counts as one that votes"));
                (shown, id.span.clone())
            }
            (None, None) => {
                problems.push(Problem::new(member.span.start..member.span.start + 1, "a member without name and ID"));
                continue;
            }
        };
        members.push(EtcdMember { name, span, is_learner });
    }
    Some(members)
}

/// `ID, status, name, peers, clients, learner`, or the same between bars.
fn table(text: &str, draft: &mut Draft, problems: &mut Problems) -> Option<Vec<EtcdMember>> {
    let mut members = Vec::new();
    for line in lines(text) {
        let line = line.trimmed();
        let is_frame = line.text.is_empty() || line.text.starts_with(['+', '#', '$']);
        if is_frame || line.text.contains("| ID") || line.text.contains("IS LEARNER") {
            continue;
        }
        let separator = if line.text.starts_with('|') { '|' } else { ',' };
        let inner = Line { at: line.at, text: line.text.trim_end_matches('|') };
        let cells: Vec<Line<'_>> = inner.split(separator).skip(usize::from(separator == '|')).collect();
        let is_id = cells
            .first()
            .is_some_and(|id| !id.text.is_empty() && id.text.chars().all(|letter| letter.is_ascii_hexdigit()));
        let role = cells.last().map(|cell| cell.text);
        if !is_id || cells.len() < 4 {
            let problem = Problem::new(line.span(), "no line of a list of members");
            problems.push(
                problem.help("`etcdctl member list` prints ID, status, name, peers, clients, learner".to_owned()),
            );
            continue;
        }
        let (id, name) = (cells[0], cells[2]);
        let named = if name.text.is_empty() { id } else { name };
        if name.text.is_empty() {
            draft
                .note(format!("member {} has no name, since it has not started: it counts as one that votes", id.text));
        }
        members.push(EtcdMember { name: named.text.to_owned(), span: named.span(), is_learner: role == Some("true") });
    }
    (problems.count() == 0).then_some(members)
}

/// What names an initial cluster, in flags, variables and YAML.
const KEYS: [&str; 2] = ["initial-cluster", "etcd_initial_cluster"];

pub(super) fn is_initial_cluster(text: &str) -> bool {
    lines(text).any(|line| value(line).is_some())
}

/// What stands behind the key, which others begin with too.
fn value(line: Line<'_>) -> Option<Line<'_>> {
    let line = line.trimmed();
    if line.text.starts_with('#') {
        return None;
    }
    let lower = line.text.to_ascii_lowercase();
    let found = KEYS.iter().find_map(|key| {
        lower.match_indices(key).map(|(at, _)| at + key.len()).find(|end| !lower[*end..].starts_with(['-', '_']))
    })?;
    let rest = Line { at: line.at + found, text: &line.text[found..] };
    let trimmed = rest.text.trim_start_matches(|letter: char| letter.is_whitespace() || "=:\"'".contains(letter));
    let trimmed = trimmed.strip_prefix(',').unwrap_or(trimmed);
    let trimmed = trimmed.trim_start_matches(|letter: char| letter.is_whitespace() || "\"'".contains(letter));
    let length = trimmed.find(|letter: char| letter.is_whitespace() || "\"'".contains(letter)).unwrap_or(trimmed.len());
    let at = rest.at + (rest.text.len() - trimmed.len());
    let value = Line { at, text: &trimmed[..length] };
    value.text.contains('=').then_some(value)
}

/// `a=http://..,b=http://..`, in which one name may have several addresses.
fn initial_cluster(text: &str, draft: &mut Draft, problems: &mut Problems) -> Option<Vec<EtcdMember>> {
    let values: Vec<Line<'_>> = lines(text).filter_map(value).collect();
    let first = values.first()?;
    if let Some(other) = values.iter().find(|other| names(**other) != names(*first)) {
        let problem = Problem::new(other.span(), "a second initial cluster, of other members");
        problems.push(problem.first(first.at).help("keep the one that is asked about".to_owned()));
        return None;
    }
    draft.note("an initial cluster is how it began: members that were added or removed since then are in `etcdctl member list -w json`");
    let mut members: Vec<EtcdMember> = Vec::new();
    for part in first.split(',').filter(|part| !part.text.is_empty()) {
        let Some((name, _)) = part.split_once('=').filter(|(name, _)| !name.text.is_empty()) else {
            let problem = Problem::new(part.span(), "no name=URL of a member");
            problems.push(problem.help("write a=http://host:2380,b=http://host:2380".to_owned()));
            continue;
        };
        if !members.iter().any(|known| known.name == name.text) {
            members.push(EtcdMember { name: name.text.to_owned(), span: name.span(), is_learner: false });
        }
    }
    (problems.count() == 0).then_some(members)
}

fn names(value: Line<'_>) -> Vec<String> {
    let mut names: Vec<String> =
        value.split(',').filter_map(|part| Some(part.split_once('=')?.0.text.to_owned())).collect();
    names.sort();
    names.dedup();
    names
}
