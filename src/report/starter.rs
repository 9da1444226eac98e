//! A definition to begin with: what its family needs, and everything else as comments.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::definition::quoted;
use crate::families::{FamilyInfo, starting_values};
use crate::model::System;
use crate::spec::{self, Diagnostics};

/// Columns of a line of prose.
const WIDTH: usize = 100;

/// Nodes that are named in a comment.
const NAMES_MAX: usize = 12;

/// A commented definition called `name` of a family, with these parameters as TOML values, and others that go with them; and
/// the system that it defines.
///
/// All that a definition may say besides stands there as comments; every line that begins with `# ` and a key or the head of a
/// table can be used as it stands, without its `# `.
///
/// # Errors
/// [`Diagnostics`] about the text, where a parameter is not what the family needs.
///
/// # Examples
/// ```
/// use quorate::{families::ALBUM, report::starter};
/// let (text, system) = starter(&ALBUM[0], "seven", &[("n".into(), "7".into())])?;
/// assert_eq!(system.nodes().len(), 7);
/// assert_eq!(quorate::spec::read("seven.toml", text.as_bytes())?, system);
/// # Ok::<(), quorate::spec::Diagnostics>(())
/// ```
pub fn starter(info: &FamilyInfo, name: &str, given: &[(String, String)]) -> Result<(String, System), Diagnostics> {
    let mut text = introduction(info);
    let _ = write!(
        text,
        "\nname = {}\n# description = \"One line, which reports show below the name\"\n\n{}",
        quoted(name),
        system_table(info, given)
    );
    let system = spec::read("new", text.as_bytes())?;
    if info.name != "custom" {
        text.push_str(&names(&system));
    }
    // A ring knows no liars, leaders and clients: what says something about them is left out.
    let further = further(&system.nodes()[0].name);
    let is_of_one = |line: &&str| {
        let about = [
            "byzantine_probability",
            "[consensus]",
            "fast ",
            "What --demands",
            "(Also leader",
            "(Where oper",
            "[[link]]",
        ];
        !about.iter().any(|start| line.trim_start_matches("# ").starts_with(start))
    };
    let is_ring = system.about().ring.is_some();
    further.split_inclusive('\n').filter(|line| !is_ring || is_of_one(line)).for_each(|line| text.push_str(line));
    Ok((text, system))
}

fn introduction(info: &FamilyInfo) -> String {
    let mut text = String::new();
    let quorums = format!("Family {}. Quorums: {}.", info.name, info.quorums);
    let how = "Below [system] everything is optional, and stands here as a comment: take away \"# \" to use a line. \
               `quorate explain WORD` says what a word means, `quorate analyze FILE` answers everything about the definition.";
    for (number, paragraph) in [quorums, format!("Source: {}.", info.source), how.into()].iter().enumerate() {
        text.push_str(if number > 0 { "#\n" } else { "" });
        text.push_str(&comment(paragraph));
    }
    text
}

/// Prose as lines of a comment.
fn comment(text: &str) -> String {
    let lines = super::text::wrapped(text, WIDTH - 2);
    lines.iter().map(|line| format!("# {line}\n")).collect()
}

fn system_table(info: &FamilyInfo, given: &[(String, String)]) -> String {
    let values = starting_values(info, given);
    let family = ("family", quoted(info.name), "");
    let meaning = |key: &str| {
        let parameter = info.parameters.iter().find(|parameter| parameter.key == key);
        parameter.map_or("", |parameter| parameter.meaning)
    };
    let set = values.iter().map(|(key, value)| (*key, value.clone(), meaning(key)));
    let mut text = "[system]\n".to_owned();
    text.push_str(&aligned("", &[family].into_iter().chain(set).collect::<Vec<_>>()));
    for parameter in info.parameters.iter().filter(|parameter| values.iter().all(|(key, _)| *key != parameter.key)) {
        text.push_str(&comment(&format!("also {}: {}", parameter.key, parameter.meaning)));
    }
    text
}

/// Lines of keys and values below each other, each behind `start`, with what they mean.
fn aligned(start: &str, lines: &[(&str, String, &str)]) -> String {
    let keys = lines.iter().map(|(key, ..)| key.width()).max().unwrap_or(0);
    // Long values do not push all meanings away.
    let values = lines.iter().map(|(_, value, _)| value.width()).filter(|width| *width <= 24).max().unwrap_or(0);
    let line = |(key, value, meaning): &(&str, String, &str)| {
        let meaning = if meaning.is_empty() { String::new() } else { format!("  # {meaning}") };
        let line = format!("{start}{key:keys$} = {value:values$}{meaning}");
        format!("{}\n", line.trim_end())
    };
    lines.iter().map(line).collect()
}

fn names(system: &System) -> String {
    let nodes = system.nodes();
    if nodes.len() > NAMES_MAX {
        return comment(
            "also names: a list with the name of every node, in the family's order, instead of n1, n2, ...",
        );
    }
    let names = nodes.iter().map(|node| quoted(&node.name)).collect::<Vec<_>>().join(", ");
    format!("# names = [{names}]  # in the family's order\n")
}

/// The optional tables.
fn further(node: &str) -> String {
    let text = |text: &str| text.to_owned();
    let nodes = aligned(
        "# ",
        &[
            ("failure_probability", text("0.01"), "that a node has failed; without it 0.001, 0.01 and 0.1 are tried"),
            ("byzantine_probability", text("0.001"), "that a node lies, besides"),
            ("capacity", text("1000"), "operations per second; without it 1, and loads are the classical ones"),
            ("latency_ms", text("2.0"), "until a node answers; without it latencies are not known"),
        ],
    );
    let exception = aligned(
        "# ",
        &[
            ("name", quoted(node), ""),
            ("zone", text("\"a\""), "the failure domain that it stands in"),
            ("mttf_hours", text("8760"), "instead of failure_probability: mean time to failure ..."),
            ("mttr_hours", text("4"), "... and to repair; then losses a year and times to a loss are known"),
            ("replace_hours", text("48"), "until a copy that was lost for good is made again; default: mttr_hours"),
            ("read_capacity", text("1000"), "instead of capacity, where reads and writes ..."),
            ("write_capacity", text("500"), "... cost differently"),
        ],
    );
    let zone = aligned(
        "# ",
        &[("name", text("\"a\""), ""), ("failure_probability", text("0.001"), "or mttf_hours and mttr_hours")],
    );
    let inner = aligned(
        "# ",
        &[("name", text("\"a1\""), ""), ("parent", text("\"a\""), "stands in another zone, and fails with it")],
    );
    let workload = aligned("# ", &[("read_fraction", text("0.9"), "share of reads; without it 0.5")]);
    let byzantine = aligned(
        "# ",
        &[
            ("tolerate", text("0"), "liars; exit status 1 where so many are not tolerated"),
            ("kind", text("\"dissemination\""), "or masking, or opaque"),
        ],
    );
    let fast = quoted(node);
    let consensus = aligned("# ", &[("fast", fast, "the fast quorums of Fast Paxos, an expression over the nodes")]);
    let shares = "[{ fraction = 0.1, weight = 1 }, { fraction = 0.9, weight = 3 }]";
    let several = format!("# A distribution instead:\n{}", aligned("# ", &[("read_fractions", text(shares), "")]));
    format!(
        "\n# What all nodes have in common.\n# [nodes]\n{nodes}\
         \n# What one node has instead; one such table for each that differs, with any of the keys here and above.\n\
         # [[node]]\n{exception}\
         # (In [system], dynamic = \"last-man-standing\" says that votes are given anew after each failure, with a witness\n\
         # or a tie_breaker where the rule has one: quorate explain dynamic.)\n\
         # (quorum_set is for the family federated: whom the node trusts, as an expression.)\n\
         \n# A failure domain, such as a rack or a data centre: when it fails, all nodes in it fail.\n# [[zone]]\n{zone}\
         \n# [[zone]]\n{inner}\
         # (A zone may list its nodes instead, and have a kind, such as rack: then zones\n\
         # names the zones of a node, one of each kind.)\n\
         \n# How it is used.\n# [workload]\n{workload}{several}\
         \n# How many nodes may lie, as a demand.\n# [byzantine]\n{byzantine}\
         \n# What --demands fast-paxos is about; without it the fast quorums are the writes.\n# [consensus]\n{consensus}\
         # (Also leader, the name of a node or best, and reads: quorum, leader or direct.)\n\
         \n# (Where operations come from: [[client]] with name, zone or node, weight and read_fraction; how far it is:\n\
         # [[link]] with between, two zones or nodes, and round_trip_ms; or links, the name of a CSV file with all round trips.)\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::{Options, analyze};
    use crate::families::ALBUM;
    use crate::structure::intersection::Verdict;

    /// The text with every line that a comment keeps from being used.
    fn uncommented(text: &str) -> String {
        let used = |line: &str| {
            let bare = line.strip_prefix("# ").unwrap_or(line);
            let is_key = bare.split_once(" = ").is_some_and(|(key, _)| !key.trim().contains(' '));
            let is_used = is_key || (bare.starts_with('[') && bare.ends_with(']'));
            if is_used { format!("{bare}\n") } else { format!("{line}\n") }
        };
        text.lines().map(used).collect()
    }

    #[test]
    fn every_family_has_one_that_holds_also_with_all_that_is_optional() {
        for info in ALBUM {
            let (text, system) = starter(info, "x", &[]).unwrap_or_else(|error| panic!("{}: {error}", info.name));
            // One share of reads, or a distribution of it.
            let full = ["# read_fractions ", "# read_fraction "].map(|other| {
                let text: String =
                    text.lines().filter(|line| !line.starts_with(other)).map(|line| format!("{line}\n")).collect();
                let all = uncommented(&text);
                spec::read("x.toml", all.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{all}"))
            });
            for system in std::iter::once(system).chain(full) {
                let answer = analyze(&system, &Options::default());
                let holds = answer.intersections.read_write.verdict == Verdict::Holds;
                assert!(holds || system.is_probabilistic(), "{text}");
            }
            assert!(text.lines().all(|line| line.width() <= 130), "{text}");
        }
    }

    #[test]
    fn every_key_of_every_table_is_shown() {
        let (text, _) = starter(&ALBUM[0], "x", &[]).unwrap();
        for (table, keys) in spec::TABLES {
            assert!(table.is_empty() || text.contains(table), "{table}");
            for key in *keys {
                let is_shown =
                    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').any(|word| word == *key);
                assert!(is_shown, "{table} {key}");
            }
        }
    }

    #[test]
    fn a_wrong_parameter_is_refused_with_its_place() {
        let error = starter(&ALBUM[0], "x", &[("n".into(), "0".into())]).unwrap_err();
        assert!(error.render(false).contains("`n` must be at least 1"), "{error}");
    }
}
