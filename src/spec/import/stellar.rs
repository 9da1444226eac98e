//! stellar-core: the quorum set of one node, written out or made of home domains.
//!
//! # Source
//! stellar-core, Config.cpp (`loadQset`, `generateQuorumSet`) and docs/stellar-core_example.cfg.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::draft::{Draft, Member, Origin, origin};
use super::expression;
use super::options::ImportOptions;
use crate::spec::problem::{Problem, Problems};
use crate::spec::syntax;
use crate::spec::wording::quoted;

/// Inner sets inside each other.
const NESTING_MAX: usize = 4;

/// The least percentage where none is given.
const THRESHOLD_PERCENT: u64 = 67;

/// What a domain of high quality must have.
const REDUNDANT_MIN: usize = 3;

/// Names of nodes.
const NODES_MAX: usize = 10_000;

const QUALITIES: [&str; 4] = ["CRITICAL", "HIGH", "MEDIUM", "LOW"];

type Value<'a> = Spanned<DeValue<'a>>;

pub(super) fn read(text: &str, _: &ImportOptions, problems: &mut Problems) -> Option<Draft> {
    let tree = syntax::tree(text, problems)?;
    let mut draft = Draft::default();
    draft.note("the quorum set of one node: whether the network agrees depends on the sets of all nodes, which a list as stellarbeat's has");
    let mut names = Aliases::of(&tree);
    let (manual, automatic) = (get(&tree, "QUORUM_SET"), get(&tree, "VALIDATORS"));
    let value = match (manual, automatic) {
        (Some(_), Some(both)) => {
            let problem = Problem::new(both.span(), "[[VALIDATORS]] and [QUORUM_SET] both say what the quorum set is");
            problems.push(problem.help("keep one of them".to_owned()));
            return None;
        }
        (Some(manual), None) => written_out(manual, &mut names, &mut draft, problems)?,
        (None, Some(validators)) => automatic_set(&tree, validators, &mut names, &mut draft, problems)?,
        (None, None) => {
            let problem = Problem::new(0..0, "neither [QUORUM_SET] nor [[VALIDATORS]]");
            problems.push(problem.help("the quorum set stands in one of them".to_owned()));
            return None;
        }
    };
    draft.members.sort_by_key(|member| member.origin.at);
    draft.quorums(value.0, value.1);
    Some(draft)
}

fn get<'t, 'a>(table: &'t DeTable<'a>, key: &str) -> Option<&'t Value<'a>> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(_, value)| value)
}

fn text<'t>(table: &'t DeTable<'_>, key: &str) -> Option<(&'t str, Range<usize>)> {
    let value = get(table, key)?;
    Some((value.get_ref().as_str()?, value.span()))
}

/// What nodes are called: their alias where there is one.
struct Aliases {
    aliases: BTreeMap<String, String>,
    seen: BTreeMap<String, usize>,
}

impl Aliases {
    fn of(tree: &DeTable<'_>) -> Self {
        let mut aliases = BTreeMap::new();
        if let Some(DeValue::Array(list)) = get(tree, "NODE_NAMES").map(Spanned::get_ref) {
            for (key, alias) in list.iter().filter_map(|item| item.get_ref().as_str()?.split_once(' ')) {
                aliases.insert(key.trim().to_owned(), alias.trim().to_owned());
            }
        }
        Aliases { aliases, seen: BTreeMap::new() }
    }

    /// The name of `"G... alias"`, `"$alias"`, `"$self"` or `"G..."`.
    fn name(&mut self, written: &str) -> String {
        let written = written.trim();
        if let Some(alias) = written.strip_prefix('$') {
            return alias.to_owned();
        }
        match written.split_once(char::is_whitespace) {
            Some((key, alias)) => {
                self.aliases.insert(key.to_owned(), alias.trim().to_owned());
                alias.trim().to_owned()
            }
            None => self.aliases.get(written).cloned().unwrap_or_else(|| written.to_owned()),
        }
    }

    /// A node of the quorum set, which may stand there once.
    fn add(&mut self, name: &str, span: Range<usize>, draft: &mut Draft, problems: &mut Problems) {
        if let Some(first) = self.seen.insert(name.to_owned(), span.start) {
            let problem = Problem::new(span, format!("{} stands twice in the quorum set", quoted(name)));
            problems.push(problem.first(first).help("stellar-core refuses doubles: keep one".to_owned()));
        } else if self.seen.len() <= NODES_MAX {
            draft.member(name, span, "a validator", problems);
        } else if self.seen.len() == NODES_MAX + 1 {
            problems.push(Problem::new(span, format!("more than {NODES_MAX} validators")));
        }
    }
}

/// So many of so many, rounded up.
fn share(percent: u64, members: usize) -> usize {
    ((members as u64 * percent).div_ceil(100) as usize).max(1)
}

/// `[QUORUM_SET]` with its inner sets.
fn written_out(
    value: &Value<'_>,
    names: &mut Aliases,
    draft: &mut Draft,
    problems: &mut Problems,
) -> Option<(String, Vec<Origin>)> {
    let mut origins = Vec::new();
    let set = inner(value, 0, &mut Reading { names, draft, problems, origins: &mut origins })?;
    if problems.count() > 0 {
        return None;
    }
    origins.sort_by_key(|origin| origin.at);
    Some((set, origins))
}

struct Reading<'a> {
    names: &'a mut Aliases,
    draft: &'a mut Draft,
    problems: &'a mut Problems,
    origins: &'a mut Vec<Origin>,
}

fn inner(value: &Value<'_>, depth: usize, reading: &mut Reading<'_>) -> Option<String> {
    let span = value.span();
    let DeValue::Table(table) = value.get_ref() else {
        reading.problems.push(Problem::new(span, "a quorum set is a table").help("write [QUORUM_SET]".to_owned()));
        return None;
    };
    if depth > NESTING_MAX {
        let problem = Problem::new(span, format!("inner sets nested deeper than {NESTING_MAX}"));
        reading.problems.push(problem.help("stellar-core refuses deeper ones".to_owned()));
        return None;
    }
    let mut percent = THRESHOLD_PERCENT;
    let mut parts = Vec::new();
    for (key, value) in table {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("THRESHOLD_PERCENT", DeValue::Integer(number)) => {
                let number = number.as_str().parse::<u64>().ok().filter(|number| (1..=100).contains(number));
                match number {
                    Some(number) => percent = number,
                    None => reading.problems.push(Problem::new(value.span(), "THRESHOLD_PERCENT is from 1 to 100")),
                }
            }
            ("VALIDATORS", DeValue::Array(list)) => {
                for item in list {
                    match item.get_ref().as_str() {
                        Some(written) if !written.trim().is_empty() => {
                            let name = reading.names.name(written);
                            reading.names.add(&name, item.span(), reading.draft, reading.problems);
                            parts.push(expression::name(&name));
                        }
                        _ => reading
                            .problems
                            .push(Problem::new(item.span(), "a validator is a key or an alias, as text")),
                    }
                }
            }
            (_, DeValue::Table(_)) => parts.extend(inner(value, depth + 1, reading)),
            (other, _) => {
                let problem = Problem::new(key.span(), format!("{} means nothing in a quorum set", quoted(other)));
                let help = "it has THRESHOLD_PERCENT, VALIDATORS and inner sets, as [QUORUM_SET.1]";
                reading.problems.push(problem.help(help.to_owned()));
            }
        }
    }
    if parts.is_empty() {
        reading.problems.push(Problem::new(span, "a quorum set without validators"));
        return None;
    }
    let needed = share(percent, parts.len());
    let says = format!("{percent} % of {} members, rounded up: {needed}", parts.len());
    reading.origins.push(origin(span.start, says));
    Some(expression::choose(needed, &parts))
}

/// A validator of the list, and of which quality.
struct Validator {
    name: String,
    domain: String,
    quality: usize,
    span: Range<usize>,
}

/// `[[HOME_DOMAINS]]` and `[[VALIDATORS]]`: a majority in each domain, 3f + 1 of domains and all lower qualities.
fn automatic_set(
    tree: &DeTable<'_>,
    list: &Value<'_>,
    names: &mut Aliases,
    draft: &mut Draft,
    problems: &mut Problems,
) -> Option<(String, Vec<Origin>)> {
    let domains = domains(tree, problems);
    let mut validators = validators(list, &domains, names, problems)?;
    if let Some(own) = own(tree, &domains, problems) {
        validators.push(own);
    }
    if problems.count() > 0 {
        return None;
    }
    for validator in &validators {
        names.add(&validator.name, validator.span.clone(), draft, problems);
        if let Some(Member { zone, .. }) = draft.members.last_mut() {
            *zone = Some(validator.domain.clone());
        }
    }
    let mut origins = Vec::new();
    // From the lowest quality up: what is below is one member of what is above.
    let mut below: Option<String> = None;
    for (quality, word) in QUALITIES.iter().enumerate().rev() {
        let mut groups: BTreeMap<&str, Vec<&Validator>> = BTreeMap::new();
        for validator in validators.iter().filter(|validator| validator.quality == quality) {
            groups.entry(&validator.domain).or_default().push(validator);
        }
        if groups.is_empty() {
            continue;
        }
        let mut parts = Vec::new();
        for (domain, members) in &groups {
            let span = members[0].span.clone();
            if quality <= 1 && members.len() < REDUNDANT_MIN {
                let message = format!("{word} domain {} has {} validators", quoted(domain), members.len());
                let help = format!("stellar-core asks for {REDUNDANT_MIN} or more of this quality");
                problems.push(Problem::new(span.clone(), message).help(help));
            }
            let named: Vec<String> = members.iter().map(|one| expression::name(&one.name)).collect();
            let needed = members.len() - (members.len() - 1) / 2;
            origins.push(origin(span.start, format!("{domain}: {needed} of {}", members.len())));
            parts.push(expression::choose(needed, &named));
        }
        let has_lower = below.is_some();
        parts.extend(below.take());
        let count = parts.len();
        let needed = if quality == 0 { count } else { count - (count - 1) / 3 };
        let lower = if has_lower { ", the lower qualities being one of them" } else { "" };
        draft.note(format!("{word}: {needed} of {count} groups{lower}"));
        below = Some(expression::choose(needed, &parts));
    }
    origins.sort_by_key(|origin| origin.at);
    match below {
        Some(value) if problems.count() == 0 => Some((value, origins)),
        Some(_) => None,
        None => {
            problems.push(Problem::new(list.span(), "no validators"));
            None
        }
    }
}

fn quality(table: &DeTable<'_>, problems: &mut Problems) -> Option<usize> {
    let (word, span) = text(table, "QUALITY")?;
    let found = QUALITIES.iter().position(|known| known.eq_ignore_ascii_case(word));
    if found.is_none() {
        let problem = Problem::new(span, format!("{} is no quality", quoted(word)));
        problems.push(problem.help("it is CRITICAL, HIGH, MEDIUM or LOW".to_owned()));
    }
    found
}

fn domains(tree: &DeTable<'_>, problems: &mut Problems) -> BTreeMap<String, usize> {
    let mut domains = BTreeMap::new();
    let Some(DeValue::Array(list)) = get(tree, "HOME_DOMAINS").map(Spanned::get_ref) else { return domains };
    for item in list {
        let DeValue::Table(table) = item.get_ref() else { continue };
        if let (Some((name, _)), Some(quality)) = (text(table, "HOME_DOMAIN"), quality(table, problems)) {
            domains.insert(name.to_owned(), quality);
        }
    }
    domains
}

fn validators(
    list: &Value<'_>,
    domains: &BTreeMap<String, usize>,
    names: &mut Aliases,
    problems: &mut Problems,
) -> Option<Vec<Validator>> {
    let DeValue::Array(list) = list.get_ref() else {
        problems
            .push(Problem::new(list.span(), "VALIDATORS is a list of tables").help("write [[VALIDATORS]]".to_owned()));
        return None;
    };
    let mut found = Vec::new();
    for item in list {
        let DeValue::Table(table) = item.get_ref() else {
            problems.push(Problem::new(item.span(), "a validator is a table").help("write [[VALIDATORS]]".to_owned()));
            continue;
        };
        let Some((domain, domain_span)) = text(table, "HOME_DOMAIN") else {
            problems.push(Problem::new(item.span(), "a validator without HOME_DOMAIN"));
            continue;
        };
        let named = text(table, "NAME").map(|(name, span)| (name.to_owned(), span));
        let named = named.or_else(|| text(table, "PUBLIC_KEY").map(|(key, span)| (names.name(key), span)));
        let Some((name, span)) = named else {
            problems.push(Problem::new(item.span(), "a validator without NAME and PUBLIC_KEY"));
            continue;
        };
        match quality(table, problems).or_else(|| domains.get(domain).copied()) {
            Some(quality) => found.push(Validator { name, domain: domain.to_owned(), quality, span }),
            None => {
                let problem = Problem::new(domain_span, format!("no quality for the domain {}", quoted(domain)));
                problems.push(problem.help("add it to [[HOME_DOMAINS]], or QUALITY to the validator".to_owned()));
            }
        }
    }
    Some(found)
}

/// The node itself, where it validates.
fn own(tree: &DeTable<'_>, domains: &BTreeMap<String, usize>, problems: &mut Problems) -> Option<Validator> {
    let value = get(tree, "NODE_IS_VALIDATOR")?;
    if value.get_ref().as_bool() != Some(true) {
        return None;
    }
    let Some((domain, span)) = text(tree, "NODE_HOME_DOMAIN") else {
        let problem = Problem::new(value.span(), "a node that validates has no NODE_HOME_DOMAIN");
        problems.push(problem.help("stellar-core asks for it when quorum sets are made by domains".to_owned()));
        return None;
    };
    match domains.get(domain) {
        Some(quality) => Some(Validator { name: "self".into(), domain: domain.to_owned(), quality: *quality, span }),
        None => {
            problems.push(Problem::new(span, format!("no quality for the domain {}", quoted(domain))));
            None
        }
    }
}
