//! MongoDB: what `rs.conf()` prints. Reads are elections, writes are acknowledgements.
//!
//! Elections need floor(V/2) + 1 votes and a member that may become primary; `w: "majority"` needs min(floor(V/2) + 1, V - arbiters)
//! of the voters that bear data.
//!
//! # Source
//! MongoDB, ReplSetConfig::_calculateMajorities and the manual on default write concerns.

use super::draft::{Draft, origin};
use super::expression;
use super::literal::{self, Item, Literal};
use super::options::ImportOptions;
use super::places;
use crate::spec::problem::{Problem, Problems};
use crate::spec::wording::quoted;

/// Members that may vote.
const VOTERS_MAX: usize = 7;

/// Members of a replica set.
const MEMBERS_MAX: usize = 50;

#[derive(Debug)]
struct ReplicaSetMember {
    name: String,
    votes: bool,
    is_arbiter: bool,
    may_be_primary: bool,
}

pub(super) fn read(text: &str, options: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let item = literal::whole(text, problems)?;
    let config = item.any(&["config", "_config"]).filter(|inner| inner.get("members").is_some()).unwrap_or(&item);
    let Some((list, members)) = config.get("members").and_then(|item| Some((item, item.list()?))) else {
        problems.push(Problem::new(config.span.start..config.span.start + 1, "no `members` in the configuration"));
        return None;
    };
    let mut draft = Draft { name: config.get("_id").and_then(Item::text).map(str::to_owned), ..Draft::default() };
    let members: Vec<ReplicaSetMember> = members.iter().filter_map(|item| member(item, &mut draft, problems)).collect();
    draft.refuse_doubles("each member has a host of its own", problems);
    check(list, &members, problems);
    if problems.count() > 0 {
        return None;
    }
    elections(list, &members, &mut draft);
    acknowledgements((config, list), &members, options, &mut draft, problems)?;
    Some(draft)
}

fn member(item: &Item, draft: &mut Draft, problems: &mut Problems) -> Option<ReplicaSetMember> {
    let Some(host) = item.get("host").and_then(Item::text) else {
        problems.push(Problem::new(item.span.start..item.span.start + 1, "a member without `host`"));
        return None;
    };
    let at = item.get("host").map_or(item.span.start, |host| host.span.start);
    let is = |key: &str| item.get(key).and_then(Item::bool).unwrap_or(false);
    let is_arbiter = is("arbiterOnly");
    let votes = match item.get("votes") {
        None => true,
        Some(votes) => match votes.whole() {
            Some(votes @ (0 | 1)) => votes == 1,
            _ => {
                problems.push(Problem::new(votes.span.clone(), "`votes` of a member is 0 or 1"));
                return None;
            }
        },
    };
    let priority = match item.get("priority") {
        None => f64::from(u8::from(!is_arbiter)),
        Some(priority) => match priority.number().filter(|number| (0.0..=1000.0).contains(number)) {
            Some(number) => number,
            None => {
                problems.push(Problem::new(priority.span.clone(), "`priority` of a member is a number from 0 to 1000"));
                return None;
            }
        },
    };
    if !votes && priority > 0.0 && !is_arbiter {
        let problem = Problem::new(item.span.start..item.span.start + 1, format!("{host} has no vote, but a priority"));
        problems.push(problem.help("MongoDB refuses it: a member with votes: 0 has priority: 0".to_owned()));
    }
    let delay = item.any(&["secondaryDelaySecs", "slaveDelay"]).and_then(Item::number).unwrap_or(0.0);
    let roles = [
        (is_arbiter, "an arbiter"),
        (!votes, "no vote"),
        (!is_arbiter && priority == 0.0, "priority 0"),
        (is("hidden"), "hidden"),
        (delay > 0.0, "delayed"),
    ];
    let roles: Vec<&str> = roles.iter().filter(|(has, _)| *has).map(|(_, role)| *role).collect();
    let says = if roles.is_empty() { "a member".to_owned() } else { format!("a member: {}", roles.join(", ")) };
    if votes && delay > 0.0 {
        draft.note(format!("{host} acknowledges {delay} seconds late: w: \"majority\" may wait for it"));
    }
    let before = draft.members.len();
    draft.member(host, at..at, says, problems);
    let tags: Vec<(&str, &str)> = item
        .get("tags")
        .map(Item::entries)
        .unwrap_or_default()
        .iter()
        .filter_map(|(key, value)| Some((key.as_str(), value.text()?)))
        .collect();
    if let (Some(member), Some((_, zone))) = (draft.members.get_mut(before), places::zone(&tags)) {
        member.zone = Some(zone.to_owned());
    }
    let may_be_primary = !is_arbiter && priority > 0.0;
    Some(ReplicaSetMember { name: expression::name(host), votes, is_arbiter, may_be_primary })
}

/// What MongoDB itself refuses.
fn check(list: &Item, members: &[ReplicaSetMember], problems: &mut Problems) {
    let here = list.span.start..list.span.start + 1;
    let voters = members.iter().filter(|member| member.votes).count();
    if members.len() > MEMBERS_MAX || voters > VOTERS_MAX {
        let message = format!("{} members, {voters} of them with votes", members.len());
        let help = format!("MongoDB takes {MEMBERS_MAX} members, {VOTERS_MAX} of them with votes");
        problems.push(Problem::new(here.clone(), message).help(help));
    }
    if problems.count() == 0 && !members.iter().any(|member| member.may_be_primary && member.votes) {
        problems
            .push(Problem::new(here, "no member can become primary").help("one has a vote and a priority".to_owned()));
    }
}

fn names<'a>(members: impl Iterator<Item = &'a ReplicaSetMember>) -> Vec<String> {
    members.map(|member| member.name.clone()).collect()
}

fn elections(list: &Item, members: &[ReplicaSetMember], draft: &mut Draft) {
    let voters = names(members.iter().filter(|member| member.votes));
    let able = names(members.iter().filter(|member| member.votes && member.may_be_primary));
    let needed = voters.len() / 2 + 1;
    let mut value = expression::majority(&voters);
    let mut says = format!("elections: {needed} of {} votes", voters.len());
    // With fewer others than that, one of them is there anyway.
    if voters.len() - able.len() >= needed {
        value = format!("{value} * {}", expression::choose(1, &able));
        says.push_str(", one of a member that may be primary");
    }
    draft.side("reads", value, vec![origin(list.span.start, says)]);
}

/// The number of members that acknowledge, and whether they must be voters.
enum Concern {
    Majority,
    Members(u64),
}

fn acknowledgements(
    (config, list): (&Item, &Item),
    members: &[ReplicaSetMember],
    options: &ImportOptions,
    draft: &mut Draft,
    problems: &mut Problems,
) -> Option<()> {
    let voters = members.iter().filter(|member| member.votes).count();
    let arbiters = members.iter().filter(|member| member.votes && member.is_arbiter).count();
    let bearing = names(members.iter().filter(|member| member.votes && !member.is_arbiter));
    let majority = (voters / 2 + 1).min(voters - arbiters);
    let (concern, at, how) = concern(config, options, problems)?;
    if how.is_none() {
        let is_one = arbiters > 0 && voters - arbiters <= voters / 2 + 1;
        if is_one {
            draft.note("the implicit default write concern is w: 1 here, since there are arbiters; the writes of this definition are w: \"majority\". With w: 1 an acknowledged write can be rolled back");
        } else {
            draft.note(format!(
                "the implicit default write concern is w: \"majority\" here: {majority} of {} voters that bear data",
                bearing.len()
            ));
        }
        if config.get("settings").and_then(|settings| settings.get("getLastErrorDefaults")).is_some() {
            draft.note("getLastErrorDefaults with w: 1 stands in every configuration, and has not been the default write concern since MongoDB 5.0; --write-level 1 takes it at its word");
        }
    }
    for member in members.iter().filter(|member| member.is_arbiter) {
        draft.note(format!("{} is an arbiter: it votes, and acknowledges no write", member.name));
    }
    for member in members.iter().filter(|member| !member.votes) {
        draft.note(format!("{} has no vote: it adds nothing to elections and to w: \"majority\"", member.name));
    }
    let how = how.unwrap_or("w: \"majority\"".to_owned());
    let (value, says) = match concern {
        Concern::Majority => (
            expression::choose(majority, &bearing),
            format!("{how}: {majority} of {} voters that bear data", bearing.len()),
        ),
        Concern::Members(count) => {
            let all = names(members.iter().filter(|member| !member.is_arbiter));
            if count == 0 || count > all.len() as u64 {
                let span = at.unwrap_or(list.span.start);
                let problem = Problem::new(span..span, format!("w: {count} of {} members that bear data", all.len()));
                problems
                    .push(problem.help("w is at least 1, and at most the number of members that bear data".to_owned()));
                return None;
            }
            if count == 1 {
                draft.note("w: 1: an acknowledged write can be rolled back, since the primary that has it can be lost and another elected without it");
            }
            let able = names(members.iter().filter(|member| member.may_be_primary));
            let others = all.len() - able.len();
            let mut value = expression::choose(count as usize, &all);
            // The primary is always one of them.
            if others as u64 >= count {
                value = if count == 1 {
                    expression::choose(1, &able)
                } else {
                    format!("{} * {value}", expression::choose(1, &able))
                };
            }
            (value, format!("{how}: {count} of {} members that bear data", all.len()))
        }
    };
    draft.side("writes", value, vec![origin(at.unwrap_or(list.span.start), says)]);
    Some(())
}

/// What is asked of writes, where that stands, and how it is called; nothing: majority by default.
fn concern(
    config: &Item,
    options: &ImportOptions,
    problems: &mut Problems,
) -> Option<(Concern, Option<usize>, Option<String>)> {
    if let Some(level) = &options.write_level {
        let concern = match level.parse::<u64>() {
            Ok(count) => Concern::Members(count),
            Err(_) if level.eq_ignore_ascii_case("majority") => Concern::Majority,
            Err(_) => {
                let problem = Problem::new(0..0, format!("--write-level {} is no write concern", quoted(level)));
                problems.push(problem.help("it is majority, or a number of members".to_owned()));
                return None;
            }
        };
        return Some((concern, None, Some(format!("--write-level {level}"))));
    }
    let settings = config.get("settings");
    let given = settings.and_then(|settings| settings.any(&["getLastErrorDefaults", "defaultWriteConcern"]));
    let given = given.or_else(|| config.get("defaultWriteConcern"));
    let Some(w) = given.and_then(|given| given.get("w")) else { return Some((Concern::Majority, None, None)) };
    let at = Some(w.span.start);
    match (&w.value, w.whole()) {
        // What every configuration has had for years, and what takes the place of nothing.
        (_, Some(1)) if settings.and_then(|one| one.get("getLastErrorDefaults")).is_some() => {
            Some((Concern::Majority, None, None))
        }
        (_, Some(count)) => Some((Concern::Members(count), at, Some(format!("w: {count}")))),
        (Literal::Text(word), _) if word == "majority" => {
            Some((Concern::Majority, at, Some("w: \"majority\"".to_owned())))
        }
        _ => {
            let problem = Problem::new(w.span.clone(), "a write concern of tags is no number of members");
            problems.push(problem.help("say --write-level majority, or a number".to_owned()));
            None
        }
    }
}
