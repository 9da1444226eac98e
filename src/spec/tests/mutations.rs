//! Every key of every format, made wrong in every way: it is refused at its place, and never ignored.

use super::super::{Diagnostics, NodesFile, read, read_faults, read_nodes};
use crate::families::{ALBUM, Family};
use crate::model::System;
use crate::sim::FaultPlan;

/// A format: how it is read, and good files in it, one key a line.
struct Format {
    name: &'static str,
    read: fn(&str) -> Result<(), Diagnostics>,
    files: Vec<String>,
}

fn definition(text: &str) -> Result<(), Diagnostics> {
    read("file.toml", text.as_bytes()).map(|_: System| ())
}

fn nodes(text: &str) -> Result<(), Diagnostics> {
    read_nodes("file.toml", text.as_bytes()).map(|_: NodesFile| ())
}

fn faults(text: &str) -> Result<(), Diagnostics> {
    let system = Family::Majority { n: 3 }.system().unwrap();
    read_faults("file.toml", text.as_bytes(), &system, 2).map(|_: FaultPlan| ())
}

const NODE: &str = "[nodes]\nfailure_probability = 0.5\nbyzantine_probability = 0.25\nread_capacity = 2.5\nwrite_capacity = 1.5\nlatency_ms = 2.5\n\
                    [[node]]\nname = \"n1\"\nzone = \"east\"\ncapacity = 2.5\nlatency_ms = 0.5\nmttf_hours = 10.5\nmttr_hours = 0.5\nreplace_hours = 7.5\n\
                    [[node]]\nname = \"n2\"\nread_capacity = 1.5\nwrite_capacity = 2.5\nfailure_probability = 0.25\n\
                    [[zone]]\nname = \"east\"\nparent = \"earth\"\nfailure_probability = 0.5\n\
                    [[zone]]\nname = \"earth\"\nnodes = [\"n2\"]\nmttf_hours = 1.5\nmttr_hours = 2.5\nreplace_hours = 3.5\n\
                    [workload]\n[[workload.read_fractions]]\nfraction = 0.5\nweight = 1.5\n";

const TIMED: &str = "[nodes]\ncapacity = 2.5\nmttf_hours = 2.5\nmttr_hours = 2.5\nreplace_hours = 4.5\n[workload]\nread_fraction = 0.5\n";

/// Parameters that the examples of the families lack.
const FURTHER: &[&str] = &[
    "family = \"ring\"\nn = 3\nreplicas = 2\nread = 1\nwrite = 2\ntokens = [-7, [1, 2], 3]\nspread = \"rack\"\n[[zone]]\nname = \"r\"\nkind = \"rack\"\nnodes = [\"n1\", \"n2\", \"n3\"]\n",
    "family = \"federated\"\n[[node]]\nname = \"a\"\nquorum_set = \"choose(2, a, b)\"\n[[node]]\nname = \"b\"\nquorum_set = \"a*b\"\n",
    "family = \"majority\"\nn = 3\ndynamic = \"last-man-standing\"\ntie_breaker = \"n2\"\n",
    "family = \"majority\"\nn = 3\ndynamic = \"dynamic-weights\"\nwitness = \"n3\"\n",
    "family = \"majority\"\nn = 3\n[byzantine]\ntolerate = 1\nkind = \"masking\"\n",
    "family = \"majority\"\nn = 3\n[consensus]\nfast = \"choose(3, n1, n2, n3)\"\n",
    "family = \"majority\"\nn = 3\n[[zone]]\nname = \"eu\"\n[[zone]]\nname = \"r\"\nkind = \"rack\"\nnodes = [\"n2\", \"n3\"]\n[[node]]\nname = \"n1\"\nzones = [\"r\", \"eu\"]\n",
    "family = \"majority\"\nn = 2\n[[zone]]\nname = \"eu\"\n[[client]]\nname = \"c\"\nzone = \"eu\"\nweight = 1.5\nread_fraction = 0.5\n[[client]]\nname = \"d\"\nnode = \"n1\"\n[[link]]\nbetween = [\"eu\", \"n1\"]\nround_trip_ms = 2.5\n[[link]]\nbetween = [\"n1\", \"n2\"]\nround_trip_ms = 0.5\n[[link]]\nbetween = [\"n2\", \"eu\"]\nround_trip_ms = 1.5\n[consensus]\nleader = \"n1\"\nreads = \"direct\"\n",
    "family = \"compose\"\nouter = { family = \"majority\", n = 3 }\ninner = [{ family = \"rowa\", n = 2 }, { family = \"majority\", n = 1 }, { family = \"custom\", reads = \"a*b\" }]\n",
    "family = \"hierarchical\"\ngroups = [3, 3, 2]\nvotes = [[1, 1, 1], [2, 1, 1], [1, 0]]\n",
    "family = \"singleton\"\nn = 3\nnode = \"n2\"\n",
    "family = \"grid\"\nrows = 2\ncols = 2\nvariant = \"cover\"\nnames = [\"a\", \"b\", \"c\", \"d\"]\n",
    "family = \"tree\"\nheight = 1\ndegree = 2\n",
    "family = \"weighted\"\nvotes = [2, 1, 1]\nquota = 3\n",
    "family = \"weighted\"\nvotes = [2, 1, 1]\nread_votes = 2\nwrite_votes = 3\n",
    "family = \"hierarchical\"\nbranching = [3, 3]\nquorum = [2, 2]\n",
    "family = \"hierarchical\"\nbranching = [3, 3]\nread = [2, 2]\nwrite = [2, 2]\n",
    "family = \"custom\"\nreads = \"a*b\"\nwrites = \"a + b\"\n",
    "family = \"custom\"\nquorums = [[\"a\", \"b\"], [\"b\", \"c\"]]\n",
    "family = \"custom\"\nreads = [[\"a\", \"b\"]]\nwrites = [[\"a\"], [\"b\"]]\n",
];

const FAULTS: &[&str] = &[
    "description = \"all\"\n[network]\nloss = 0.5\nduplication = 0.5\n[network.latency]\nlaw = \"constant\"\nms = 1.5\n",
    "[network.latency]\nlaw = \"uniform\"\nmin_ms = 0.5\nmax_ms = 1.5\n",
    "[network.latency]\nlaw = \"exponential\"\nmean_ms = 0.5\n",
    "[network.latency]\nlaw = \"pareto\"\nscale_ms = 0.5\nshape = 1.5\n",
    "[network.latency]\nlaw = \"mixture\"\n[[network.latency.parts]]\nweight = 1.5\nlaw = \"constant\"\nms = 1.5\n",
    "[network.latency]\nlaw = \"shifted\"\nby_ms = 1.5\n[network.latency.base]\nlaw = \"constant\"\nms = 1.5\n",
    "[[link]]\nfrom = \"n1\"\nto = [\"n2\", \"@client-1\"]\nonly = \"stores\"\n[link.latency]\nlaw = \"constant\"\nms = 1.5\n",
    "[[fault]]\nat_ms = 0.5\naction = \"crash\"\nnodes = [\"n1\"]\nfor_ms = 0.5\ndisk = false\n",
    "[[fault]]\nat_ms = 0.5\naction = \"recover\"\nnodes = \"@nodes\"\ndisk = true\n",
    "[[fault]]\nat_ms = 0.5\naction = \"cut\"\nfrom = [\"n1\"]\nto = [\"n2\"]\nonly = \"queries\"\nfor_ms = 1.5\n",
    "[[fault]]\nat_ms = 0.5\naction = \"mend\"\nfrom = [\"n1\"]\nto = [\"n2\"]\nonly = \"queries\"\n",
    "[[fault]]\nat_ms = 0.5\naction = \"partition\"\ngroups = [[\"n1\"], [\"n2\"]]\nfor_ms = 1.5\n",
    "[[fault]]\nat_ms = 0.5\naction = \"heal\"\n",
    "[[fault]]\nat_ms = 0.5\naction = \"slow\"\nnodes = [\"n1\"]\nfactor = 2.5\nfor_ms = 1.5\n",
    "[[fault]]\nat_ms = 0.5\naction = \"loss\"\nprobability = 0.5\nfor_ms = 1.5\n",
    "[[fault]]\nat_ms = 0.5\naction = \"duplication\"\nprobability = 0.5\nfor_ms = 1.5\n",
    "[[fault]]\nat_ms = 0.5\naction = \"clock\"\nnodes = [\"n1\"]\nahead_ms = 2.5\nrate = 1.5\n",
    "[[fault]]\nat_ms = 0.5\naction = \"torn-write\"\nclient = \"@client-1\"\nreaches = [\"n1\"]\n",
    "[[fault]]\nat_ms = 0.5\naction = \"narrow-quorums\"\nfor_ms = 1.5\n",
    "[drawn]\nuntil_ms = 9.5\n[drawn.crashes]\nevery_ms = 1.5\nfor_ms = 0.5\nat_most = 1\ndisk = false\n",
    "[drawn]\nuntil_ms = 9.5\n[drawn.client_crashes]\nevery_ms = 1.5\nfor_ms = 0.5\nat_most = 1\n",
    "[drawn]\nuntil_ms = 9.5\n[drawn.partitions]\nevery_ms = 1.5\nfor_ms = 0.5\n",
    "[drawn]\nuntil_ms = 9.5\n[drawn.slow]\nevery_ms = 1.5\nfor_ms = 0.5\nat_most = 1\nfactor = 2.5\n",
    "[drawn]\nuntil_ms = 9.5\n[drawn.torn_writes]\nevery_ms = 1.5\nfor_ms = 0.5\nat_most = 1\n",
    "[[message]]\nfrom = \"n1\"\nnumber = 1\ndelay_ms = 0.5\nrepeated_ms = 1.5\n",
    "[[message]]\nfrom = \"@client-1\"\nnumber = 1\nlost = true\n",
    "[[operation]]\nclient = \"@client-1\"\naction = \"write\"\nvalue = 17\nkey = 3\ndraw = \"0f\"\n",
    "[[operation]]\nclient = \"@client-1\"\naction = \"read\"\nkey = 3\ndraw = \"0f\"\n",
];

fn formats() -> [Format; 3] {
    let examples = ALBUM.iter().map(|info| {
        let text: String = info.example.lines().map(|line| format!("{line}\n")).collect();
        if text.contains("[system]") { text } else { format!("[system]\n{text}") }
    });
    let further = FURTHER.iter().map(|text| format!("[system]\n{text}"));
    let definitions = examples.chain(further).map(|text| {
        let head = "description = \"what it is\"\n";
        if text.starts_with("name") { format!("{head}{text}") } else { format!("name = \"x\"\n{head}{text}") }
    });
    let described = ["family = \"majority\"\nn = 3\n"].map(|text| format!("name = \"x\"\n[system]\n{text}{NODE}"));
    let timed = format!("name = \"x\"\n[system]\nfamily = \"majority\"\nn = 3\n{TIMED}");
    [
        Format { name: "definition", read: definition, files: definitions.chain(described).chain([timed]).collect() },
        Format { name: "nodes", read: nodes, files: vec![format!("name = \"x\"\ndescription = \"y\"\n{NODE}")] },
        Format { name: "faults", read: faults, files: FAULTS.iter().map(|text| (*text).to_owned()).collect() },
    ]
}

/// Values that a key with this one cannot have.
fn wrong(key: &str, value: &str) -> Vec<String> {
    let literals: &[&str] = match value.as_bytes()[0] {
        b'"' => &["3", "1.5", "true", "1979-05-27", "[3]", "[[]]", "{ x = 1 }"],
        b'[' => &["\"+\"", "3", "true", "1979-05-27", "{ x = 1 }", "[1.5]", "[true]", "[{ x = 1 }]", "[[3]]"],
        b't' | b'f' => &["\"true\"", "\"no\"", "0", "1", "0.5", "1979-05-27", "[true]", "{ x = 1 }"],
        _ if value.contains('.') => {
            &["\"0.5\"", "true", "1979-05-27", "[0.5]", "{ x = 1 }", "nan", "inf", "-inf", "-0.5", "1e999", "1e-400"]
        }
        _ => &["\"3\"", "1.5", "3.0", "-1", "nan", "true", "[3]", "1979-05-27", "{ x = 1 }", "99999999999999999999"],
    };
    // The one quantity that may be negative.
    let fits = |literal: &&&str| !(key == "ahead_ms" && **literal == "-0.5");
    literals.iter().filter(fits).map(|literal| (*literal).to_owned()).collect()
}

/// The files that come from one by making one line wrong, with the number of that line.
fn mutations(file: &str) -> Vec<(usize, String)> {
    let lines: Vec<&str> = file.lines().collect();
    let with = |at: usize, line: &str| {
        let mut lines = lines.clone();
        lines[at] = line;
        lines.join("\n") + "\n"
    };
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some((key, value)) = line.split_once('=').map(|(key, value)| (key.trim(), value.trim())) else {
            // Behind a header a key that no table has.
            if line.starts_with('[') {
                found.push((at + 2, with(at, &format!("{line}\nzzz = 1"))));
            }
            continue;
        };
        found.extend(wrong(key, value).iter().map(|wrong| (at + 1, with(at, &format!("{key} = {wrong}")))));
        found.push((at + 1, with(at, &format!("{key}s = {value}"))));
        found.push((at + 1, with(at, &format!("{} = {value}", key.to_uppercase()))));
        found.push((at + 2, with(at, &format!("{line}\n{line}"))));
    }
    found
}

#[test]
fn every_wrong_key_is_refused_at_its_place() {
    let mut wrong = Vec::new();
    for Format { name, read, files } in formats() {
        for file in files {
            if let Err(errors) = read(&file) {
                panic!("{name}: {errors}\nin\n{file}");
            }
            for (line, mutated) in mutations(&file) {
                wrong.extend(complaint(read(&mutated), line).map(|what| format!("{name}: {what}\nof\n{mutated}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{} wrong, among them\n{}", wrong.len(), wrong[..wrong.len().min(8)].join("\n"));
}

/// What is wrong with how a file was refused that is wrong in a line.
fn complaint(outcome: Result<(), Diagnostics>, line: usize) -> Option<String> {
    let Err(errors) = outcome else { return Some(format!("accepted, though wrong in line {line}")) };
    let Some(error) = errors.iter().find(|error| error.line() == line && !error.span.is_empty()) else {
        return Some(format!("nothing in line {line} is underlined:\n{errors}"));
    };
    if error.label.is_empty() && error.help.is_none() {
        return Some(format!("no word on what would be right:\n{errors}"));
    }
    let place = format!("file.toml:{line}:{}", error.column());
    (!errors.render(false).contains(&place)).then(|| format!("no {place} in\n{errors}"))
}

#[test]
fn a_table_that_is_a_list_or_a_list_that_is_a_table_is_refused() {
    for Format { name, read, files } in formats() {
        for file in files {
            for header in file.lines().filter(|line| line.starts_with('[')) {
                let other = match header.strip_prefix("[[").and_then(|rest| rest.strip_suffix("]]")) {
                    Some(inner) => format!("[{inner}]"),
                    None => format!("[{header}]"),
                };
                let mutated = file.replacen(header, &other, 1);
                assert!(read(&mutated).is_err(), "{name}: accepted {other}\n{mutated}");
            }
        }
    }
}

/// What the files above lack is not tested by them.
#[test]
fn the_files_have_every_key() {
    use super::super::keys::{
        BYZANTINE_KEYS, CLIENT_KEYS, CONSENSUS_KEYS, LINK_KEYS, NODE_KEYS, NODES_KEYS, WORKLOAD_KEYS, ZONE_KEYS,
    };
    let [definitions, _, faulty] = formats().map(|format| format.files.concat());
    for info in ALBUM {
        for parameter in info.parameters {
            assert!(definitions.contains(&format!("\n{} = ", parameter.key)), "{}: {}", info.name, parameter.key);
        }
    }
    let tables =
        [NODES_KEYS, NODE_KEYS, ZONE_KEYS, WORKLOAD_KEYS, BYZANTINE_KEYS, CLIENT_KEYS, LINK_KEYS, CONSENSUS_KEYS];
    for key in tables.into_iter().flatten() {
        let header = format!("[[workload.{key}]]");
        assert!(definitions.contains(&format!("\n{key} = ")) || definitions.contains(&header), "{key}");
    }
    for key in super::super::faults::keys() {
        let is_there = faulty.contains(&format!("\n{key} = ")) || faulty.contains(&format!(".{key}]"));
        assert!(is_there, "{key}");
    }
    for word in super::super::faults::words() {
        assert!(faulty.contains(&format!("= \"{word}\"\n")), "{word}");
    }
}

#[test]
fn faults_that_would_be_ignored_are_refused() {
    for (text, line, message) in [
        ("", 1, "without anything in it"),
        ("# nothing\n", 1, "without anything in it"),
        (
            "[drawn]\nuntil_ms = 100\ncrashes = { every_ms = 10, for_ms = 5, disk = \"no\" }\n",
            3,
            "must be true or false",
        ),
        ("[network]\nlatency = { law = \"constant\", ms = 1, weight = 3 }\n", 2, "unknown key `weight`"),
        (
            "[network]\nlatency = { law = \"shifted\", by_ms = 1, base = { law = \"constant\", ms = 1, weight = 3 } }\n",
            2,
            "unknown key `weight`",
        ),
        ("[drawn]\nuntil_ms = 100\n", 1, "no wave of faults"),
        ("[[message]]\nfrom = \"n1\"\nnumber = 1\nlost = false\n", 4, "can only be true"),
        ("[[message]]\nfrom = \"n1\"\nnumber = 1\nlost = \"yes\"\n", 4, "must be true or false"),
        (
            "[[message]]\nfrom = \"n1\"\nnumber = 1\nlost = true\n[[message]]\nfrom = \"n1\"\nnumber = 1\ndelay_ms = 2\n",
            5,
            "two fates for one message",
        ),
        ("[[operation]]\nclient = \"@client-1\"\naction = \"read\"\nvalue = 3\n", 4, "means nothing here"),
        ("[[operation]]\nclient = \"@client-1\"\naction = \"read\"\ndraw = \"+f\"\n", 4, "hexadecimal"),
        ("[[fault]]\nat_ms = 1e13\naction = \"heal\"\n", 2, "milliseconds"),
        ("[[fault]]\nat_ms = 1e-7\naction = \"heal\"\n", 2, "milliseconds"),
        ("[[fault]]\nat_ms = 1\naction = \"crash\"\nnodes = []\n", 4, "names nobody"),
        ("[[fault]]\nat_ms = 1\naction = \"crash\"\nnodes = [\"n1\", \"n1\"]\n", 4, "twice"),
        ("[[fault]]\nat_ms = 1\naction = \"crash\"\nnodes = \"n1\"\ndisk = false\n", 5, "nothing says when"),
        ("[[fault]]\nat_ms = 1\naction = \"clock\"\nnodes = \"n1\"\n", 1, "no `ahead_ms` and no `rate`"),
        ("[[fault]]\nat_ms = 1\naction = \"clock\"\nnodes = \"n1\"\nahead_ms = 1e13\n", 5, "between -1e12 and 1e12"),
        ("[[fault]]\nat_ms = 1\naction = \"partition\"\ngroups = [[\"@all\"]]\n", 4, "single group"),
        ("[[fault]]\nat_ms = 1\naction = \"partition\"\ngroups = []\n", 4, "single group"),
    ] {
        let errors = faults(text).expect_err(text);
        let found = errors.iter().any(|error| error.line() == line && error.to_string().contains(message));
        assert!(found, "{text}\n{errors}");
    }
    // Writes need all nodes: no crash is survived, and none would be drawn.
    let system = Family::Rowa { n: 3 }.system().unwrap();
    let wave = |at_most| format!("[drawn]\nuntil_ms = 100\ncrashes = {{ every_ms = 10, for_ms = 5{at_most} }}\n");
    let errors = read_faults("f.toml", wave("").as_bytes(), &system, 2).unwrap_err();
    assert!(errors.to_string().contains("nothing would be drawn"), "{errors}");
    assert!(read_faults("f.toml", wave(", at_most = 1").as_bytes(), &system, 2).is_ok());
}
