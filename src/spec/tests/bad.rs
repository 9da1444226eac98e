//! One case for each way in which a definition can be wrong.

use super::{bad, system};

struct Case {
    text: String,
    /// Place, and parts of the message and the help, of each error in the order of the file.
    errors: &'static [(usize, usize, &'static str)],
}

#[track_caller]
fn check(cases: &[Case]) {
    for Case { text, errors } in cases {
        let found = bad(text);
        let places: Vec<_> = found.iter().map(|error| (error.line(), error.column())).collect();
        let expected: Vec<_> = errors.iter().map(|(line, column, _)| (*line, *column)).collect();
        assert_eq!(places, expected, "in\n{text}\n{found}");
        for (error, (_, _, fragment)) in found.iter().zip(*errors) {
            assert!(error.to_string().contains(fragment), "no {fragment:?} in {error}\nof\n{text}");
        }
    }
}

fn case(text: impl Into<String>, errors: &'static [(usize, usize, &'static str)]) -> Case {
    Case { text: text.into(), errors }
}

/// A good system, and these lines from line 5 on.
fn after(lines: &str) -> String {
    system("family = \"majority\"\nn = 3") + lines
}

/// A custom system with these lines from line 4 on.
fn custom(lines: &str) -> String {
    system("family = \"custom\"") + lines
}

#[test]
fn documents() {
    check(&[
        case("", &[(1, 1, "has no `name`"), (1, 1, "no [system] table")]),
        case("name = \"x\"", &[(1, 1, "no [system] table")]),
        case("[system]\nfamily = \"majority\"\nn = 3", &[(1, 1, "has no `name`")]),
        case(
            "name = 3\nsystem = 4",
            &[(1, 8, "`name` must be a string"), (2, 10, "`system` must be a table [system]")],
        ),
        case("name = \" \"\n[system]\nfamily = \"rowa\"\nn = 1", &[(1, 8, "an empty name")]),
        case("name = \"a\\u001b[31m\"\n[system]\nfamily = \"rowa\"\nn = 1", &[(1, 8, "control character \\u{1b}")]),
        case(
            format!("name = \"{}\"\n[system]\nfamily = \"rowa\"\nn = 1", "x".repeat(256)),
            &[(1, 8, "256 bytes: the limit is 255")],
        ),
        case("name = \"x\"\ndescription = 3\n[system]\nfamily = \"rowa\"\nn = 1", &[(2, 15, "must be a string")]),
        case(
            "name = \"x\"\ndescription = \"\\u0007\"\n[system]\nfamily = \"rowa\"\nn = 1",
            &[(2, 15, "control character")],
        ),
        case(
            "nam = \"x\"\n[system]\nfamily = \"rowa\"\nn = 1",
            &[(1, 1, "has no `name`"), (1, 1, "did you mean `name`?")],
        ),
        case("[[system]]\nfamily = \"rowa\"\nn = 1", &[(1, 1, "has no `name`"), (1, 1, "one pair of brackets")]),
        case(after("[sistem]"), &[(5, 2, "did you mean `system`?")]),
        case(after("[node]\nname = \"n1\""), &[(5, 1, "two pairs of brackets")]),
        case(after("[[nodes]]\ncapacity = 1"), &[(5, 1, "one pair of brackets")]),
    ]);
}

#[test]
fn syntax() {
    check(&[
        case("name = ", &[(1, 8, "not valid TOML")]),
        case("name = \"x\nfoo = 3\nbar == 4", &[(1, 10, "not valid TOML"), (3, 6, "not valid TOML")]),
        case("name = \"x\"\nname = \"y\"", &[(2, 1, "`name` is defined twice")]),
        case("[system]\n[nodes]\n[system]", &[(3, 2, "`system` is defined twice")]),
        case("\u{feff}name = ", &[(1, 8, "not valid TOML")]),
    ]);
}

#[test]
fn keys() {
    check(&[
        case(
            system("family = \"grid\"\nrows = 3\ncolz = 3"),
            &[(2, 1, "has no `cols`, which `grid` needs"), (5, 1, "did you mean `cols`?")],
        ),
        case(
            system("family = \"majority\"\nn = 3\nrows = 2"),
            &[(5, 1, "it is a parameter of `grid`, `triangle`, `cwlog`; those of `majority` are: `n`")],
        ),
        case(
            system("family = \"majority\"\nn = 3\nname = \"y\""),
            &[(5, 1, "`name` belongs at the top of the file, before the first table, or in [[node]]")],
        ),
        case(
            system("family = \"majority\"\nn = 3\nread_fraction = 1"),
            &[(5, 1, "`read_fraction` belongs in [workload]")],
        ),
        case(system("family = \"custom\"\nreads = \"a\"\nnames = [\"a\"]"), &[(5, 1, "named where its quorums are")]),
        case(after("[nodes]\nzone = \"eu\""), &[(6, 1, "`zone` belongs in [[node]]")]),
        case(after("[nodes]\nlatency = 2"), &[(6, 1, "unknown key `latency` in [nodes]")]),
        case(after("[nodes]\nn1 = { capacity = 3 }"), &[(6, 1, "stands in a [[node]] table of its own")]),
        case(after("[nodes]\nn1 = 3"), &[(6, 1, "the keys of [nodes] are")]),
        case(
            after("[[node]]\nname = \"n1\"\nfailure_probabillity = 0.1"),
            &[(7, 1, "did you mean `failure_probability`?")],
        ),
        case(
            after("[[zone]]\nname = \"eu\"\ncapacity = 2"),
            &[(7, 1, "`capacity` belongs in [nodes], or in [[node]]")],
        ),
        case(
            after("[workload]\nreadfraction = 1\nrows = 3"),
            &[(6, 1, "did you mean `read_fraction`?"), (7, 1, "`rows` belongs in [system]")],
        ),
    ]);
}

#[test]
fn families() {
    check(&[
        case(system("n = 3"), &[(2, 1, "[system] has no `family`")]),
        case(system("family = 3"), &[(3, 10, "`family` must be a string")]),
        case(system("family = \"majorty\"\nn = 3"), &[(3, 10, "did you mean `majority`?")]),
        case(system("family = \"zzz\"\nn = 3"), &[(3, 10, "the families are: majority, threshold")]),
        case(system("family = \"majority\""), &[(2, 1, "for example `n = 5`")]),
        case(system("family = \"majority\"\nn = 0"), &[(4, 5, "`n` must be at least 1")]),
        case(system("family = \"majority\"\nn = -3"), &[(4, 5, "`n` is `-3`")]),
        case(system("family = \"majority\"\nn = \"3\""), &[(4, 5, "leave out the quotes")]),
        case(system("family = \"majority\"\nn = 3.0"), &[(4, 5, "must be a whole number")]),
        case(system("family = \"majority\"\nn = 1000000000"), &[(4, 5, "1,000,000,000 nodes: the limit is 1,000,000")]),
        case(system("family = \"rowa\"\nn = 99999999999999999999"), &[(4, 5, "`n` is `99999999999999999999`")]),
        case(system("family = \"threshold\"\nn = 3\nread = 4\nwrite = 5"), &[(5, 8, "at most 3"), (6, 9, "at most 3")]),
        case(system("family = \"threshold\"\nn = 3\nread = 0"), &[(2, 1, "has no `write`"), (5, 8, "at least 1")]),
        case(system("family = \"grid\"\nrows = 0\ncols = 0"), &[(4, 8, "at least 1"), (5, 8, "at least 1")]),
        case(system("family = \"grid\"\nrows = 4000000000\ncols = 4000000000"), &[(4, 8, "nodes: the limit is")]),
        case(system("family = \"grid\"\nrows = 2\ncols = 2\nvariant = \"line\""), &[(6, 11, "did you mean `lines`?")]),
        case(system("family = \"grid\"\nrows = 2\ncols = 2\nvariant = 1"), &[(6, 11, "must be a string")]),
        case(
            system("family = \"b-grid\"\nwidth = 2\nbands = 2\nband_row = 1"),
            &[(2, 1, "has no `band_rows`"), (6, 1, "did you mean `band_rows`?")],
        ),
        case(system("family = \"singleton\"\nn = 3\nnode = \"n4\""), &[(5, 8, "unknown node `n4`")]),
        case(system("family = \"singleton\"\nn = 3\nnode = 2"), &[(5, 8, "must be a string")]),
    ]);
}

#[test]
fn trees_hierarchies_walls_and_planes() {
    let hierarchical = |lines: &str| system(&format!("family = \"hierarchical\"\n{lines}"));
    check(&[
        case(system("family = \"tree\""), &[(2, 1, "for example `height = 2`")]),
        case(system("family = \"tree\"\nheight = 2\ndegree = 1"), &[(5, 10, "must be at least 2")]),
        case(system("family = \"tree\"\nheight = -1"), &[(4, 10, "`height` is `-1`")]),
        case(
            system("family = \"tree\"\nheight = 1000000000000"),
            &[(4, 10, "more than 1,000,000 nodes: the limit is")],
        ),
        case(hierarchical("read = [2, 2]\nwrite = [2, 2]"), &[(2, 1, "for example `branching = [3, 3]`")]),
        case(hierarchical("groups = [3, 2]\nvotes = [[1, 1], [1, 1]]"), &[(5, 9, "has other groups than `groups`")]),
        case(hierarchical("groups = [3, 2]\nquorum = [2]"), &[(5, 10, "how many votes in each")]),
        case(hierarchical("branching = []\nquorum = [2]"), &[(4, 13, "`branching` is empty")]),
        case(hierarchical("branching = 3\nquorum = [2]"), &[(4, 13, "must be a list of whole numbers")]),
        case(hierarchical("branching = [3, 3]\nquorum = [2]"), &[(5, 10, "1 levels, but `branching` has 2")]),
        case(hierarchical("branching = [3, 3]\nquorum = [2, 4]"), &[(5, 14, "at most 3 is possible here")]),
        case(hierarchical("branching = [3, 3]\nquorum = [2, 0]"), &[(5, 14, "must be at least 1")]),
        case(hierarchical("branching = [3, 3]\nread = [2, 2]"), &[(2, 1, "has no `write`")]),
        case(
            hierarchical("branching = [3]\nread = [1]\nwrite = [3]\nquorum = [2]"),
            &[(7, 1, "`read` together with `quorum`"), (7, 1, "`write` together with `quorum`")],
        ),
        case(hierarchical("branching = [1000, 1001]\nquorum = [2, 2]"), &[(4, 13, "1,001,000 nodes: the limit is")]),
        case(system("family = \"wall\"\nwidths = [1, 0, 2]"), &[(4, 14, "must be at least 1")]),
        case(system("family = \"wall\"\nwidths = []"), &[(4, 10, "`widths` is empty")]),
        case(system("family = \"wall\"\nwidths = [1, 2]\nrows = 2"), &[(5, 1, "those of `wall` are: `widths`")]),
        case(system("family = \"triangle\"\nrows = 1414"), &[(4, 8, "1,000,405 nodes: the limit is 1,000,000")]),
        case(system("family = \"cwlog\"\nrows = 18446744073709551615"), &[(4, 8, "nodes: the limit is")]),
        case(system("family = \"cwlog\"\nrows = 9223372036854775807"), &[(4, 8, "nodes: the limit is 1,000,000")]),
        case(system("family = \"wheel\"\nn = 2"), &[(4, 5, "must be at least 3")]),
        case(system("family = \"fpp\"\norder = 6"), &[(4, 9, "not a power of a prime")]),
        case(system("family = \"fpp\"\norder = 10"), &[(4, 9, "not a power of a prime")]),
        case(system("family = \"fpp\"\norder = 1"), &[(4, 9, "not a power of a prime")]),
        case(system("family = \"paths\"\nsize = 31"), &[(4, 8, "at most 30")]),
        case(system("family = \"y\"\nsize = 0"), &[(4, 8, "at least 1")]),
        case(system("family = \"y\"\nsize = 151"), &[(4, 8, "at most 150")]),
        case(system("family = \"fpp\"\norder = 137"), &[(4, 9, "at most 131")]),
    ]);
}

#[test]
fn votes() {
    check(&[
        case(
            system("family = \"weighted\"\nvotes = [2, 1]"),
            &[(2, 1, "has neither `quota`, nor `read_votes` and `write_votes`")],
        ),
        case(
            system("family = \"weighted\"\nvotes = [2, 1]\nread_votes = 2"),
            &[(2, 1, "has no `write_votes`, which `weighted` needs (`write_votes` is: votes that a write needs)")],
        ),
        case(system("family = \"weighted\"\nquota = 2"), &[(2, 1, "has no `votes`")]),
        case(
            system("family = \"weighted\"\nvotes = [2, 1]\nread_votes = 2\nquota = 2"),
            &[(6, 1, "`read_votes` together with `quota`")],
        ),
        case(system("family = \"weighted\"\nvotes = []\nquota = 2"), &[(4, 9, "nobody has a vote")]),
        case(system("family = \"weighted\"\nvotes = [0, 0]\nquota = 2"), &[(4, 9, "nobody has a vote")]),
        case(
            system("family = \"weighted\"\nvotes = [1, -1, \"x\"]\nquota = 2"),
            &[(4, 13, "an element of `votes` is `-1`"), (4, 17, "an element of `votes` must be")],
        ),
        case(system("family = \"weighted\"\nvotes = 3\nquota = 2"), &[(4, 9, "must be a list of whole numbers")]),
        case(system("family = \"weighted\"\nvotes = [2, 1]\nquota = 4"), &[(5, 9, "`quota` is 4, but at most 3")]),
        case(system("family = \"weighted\"\nvotes = [2, 1]\nquota = 0"), &[(5, 9, "at least 1")]),
        case(
            system("family = \"weighted\"\nvotes = [2, 1]\nread_votes = 4\nwrite_votes = 5"),
            &[(5, 14, "at most 3"), (6, 15, "at most 3")],
        ),
        case(
            system("family = \"weighted\"\nvotes = [9223372036854775807, 1]\nquota = 1"),
            &[(4, 9, "more than 2^63 - 1")],
        ),
        case(
            system("family = \"weighted\"\nvotes = [18446744073709551615, 1]\nread_votes = 1\nwrite_votes = 1"),
            &[(4, 9, "more than 2^63 - 1")],
        ),
    ]);
}

#[test]
fn names() {
    check(&[
        case(after("names = [\"a\", \"b\"]"), &[(5, 9, "2 names for 3 nodes")]),
        case(after("names = [\"a\", \"b\", \"a\\u202eb\"]"), &[(5, 20, "control character \\u{202e}")]),
        case(after("names = \"abc\""), &[(5, 9, "must be a list of names")]),
        case(after("names = [\"a\", \"b\", \"a\"]"), &[(5, 20, "two nodes are called `a` (the first is on line 5)")]),
        case(after("names = [\"a\", \"\", 3]"), &[(5, 15, "an empty name"), (5, 19, "must be a string")]),
        case(after("names = [\"a\", \"b\", \"c\"]\n[[node]]\nname = \"n1\""), &[(7, 8, "unknown node `n1`")]),
    ]);
}

#[test]
fn nodes() {
    check(&[
        case(after("[nodes]\nfailure_probability = 1.5"), &[(6, 23, "`1.5`, which is not a probability in [0, 1]")]),
        case(after("[nodes]\nfailure_probability = 1e-400"), &[(6, 23, "too small for a 64-bit float")]),
        case(after("[nodes]\ncapacity = 1e-320"), &[(6, 12, "not a positive, finite number of operations")]),
        case(after("[nodes]\nmttf_hours = 3"), &[(5, 1, "no `mttr_hours` beside its `mttf_hours`")]),
        case(after("[nodes]\nfailure_probability = 5"), &[(6, 23, "5 percent is written 0.05")]),
        case(after("[nodes]\nfailure_probability = -0.1"), &[(6, 23, "not a probability")]),
        case(after("[nodes]\nfailure_probability = nan"), &[(6, 23, "`nan`")]),
        case(after("[nodes]\nfailure_probability = \"0.1\""), &[(6, 23, "must be a number")]),
        case(after("[nodes]\ncapacity = 0"), &[(6, 12, "not a positive, finite number")]),
        case(after("[nodes]\ncapacity = inf"), &[(6, 12, "`inf`")]),
        case(after("[nodes]\ncapacity = 1e999"), &[(6, 12, "`1e999`")]),
        case(
            after("[nodes]\nread_capacity = -1\nwrite_capacity = nan"),
            &[(6, 17, "not a positive"), (7, 18, "not a positive")],
        ),
        case(
            after("[nodes]\ncapacity = 1\nread_capacity = 1\nwrite_capacity = 1"),
            &[(7, 1, "`read_capacity` together with `capacity`"), (8, 1, "`write_capacity` together")],
        ),
        case(after("[nodes]\nlatency_ms = -1"), &[(6, 14, "not a finite number of milliseconds")]),
        case(
            after("[[node]]\nname = \"n1\"\ncapacity = 1\nread_capacity = 1"),
            &[(8, 1, "(the first is on line 7; keep `capacity` or `read_capacity`)")],
        ),
        case(after("[[node]]\nzone = \"eu\""), &[(5, 1, "[[node]] has no `name`")]),
        case(after("[[node]]\nname = \"n4\""), &[(6, 8, "the nodes are: `n1`, `n2`, `n3`")]),
        case(
            after("[[node]]\nname = \"n1\"\n[[node]]\nname = \"n1\""),
            &[(8, 8, "described twice (the first is on line 6")],
        ),
        case(after("[[node]]\nname = \"\""), &[(6, 8, "an empty name")]),
        case(after("[[node]]\nname = 1"), &[(6, 8, "`name` must be a string")]),
        case(custom("quorums = \"a\"\n[[node]]\nname = \"b\\n\""), &[(6, 8, "control character")]),
    ]);
}

/// Zones of which each but the last stands in the next one.
fn chain(zones: usize) -> String {
    let zone = |i| format!("[[zone]]\nname = \"z{i}\"\nparent = \"z{}\"\n", i + 1);
    (1..zones).map(zone).chain([format!("[[zone]]\nname = \"z{zones}\"")]).collect()
}

#[test]
fn zones() {
    check(&[
        case(after("[[node]]\nname = \"n1\"\nzone = \"\""), &[(7, 8, "an empty name")]),
        case(after("[[node]]\nname = \"n1\"\nzone = 3"), &[(7, 8, "must be a string")]),
        case(
            after("[[zone]]\nname = \"east\"\n[[node]]\nname = \"n1\"\nzone = \"eats\""),
            &[(9, 8, "did you mean `east`?")],
        ),
        case(after("zone = 3"), &[(5, 1, "belongs")]),
        case(after("[[zone]]\nname = \"a\"\n[[zone]]\nname = \"a\""), &[(8, 8, "[[zone]] `a` is described twice")]),
        case(
            after("[[zone]]\nfailure_probability = 2"),
            &[(5, 1, "[[zone]] has no `name`"), (6, 23, "not a probability")],
        ),
        case(after("[zone]\nname = \"a\""), &[(5, 1, "two pairs of brackets")]),
        case(after("[[zone]]\nname = \"a\"\nparent = \"b\""), &[(7, 10, "unknown zone `b`")]),
        case(after("[nodes]\nmttf_hours = 3"), &[(5, 1, "[nodes] has no `mttr_hours` beside its `mttf_hours`")]),
        case(after("[[node]]\nname = \"n1\"\nmttr_hours = 3"), &[(5, 1, "[[node]] has no `mttf_hours`")]),
        case(after("[nodes]\nmttf_hours = 0\nmttr_hours = 1"), &[(6, 14, "positive, finite number of hours")]),
        case(
            after("[nodes]\nmttf_hours = 3\nmttr_hours = 1\nfailure_probability = 0.1"),
            &[(8, 1, "keep `failure_probability`"), (8, 1, "keep `failure_probability`")],
        ),
        case(
            after("[[zone]]\nname = \"a\"\nmttr_hours = 3"),
            &[(5, 1, "[[zone]] has no `mttf_hours` beside its `mttr_hours`")],
        ),
        case(
            after("[[zone]]\nname = \"a\"\nmttf_hours = 3\nmttr_hours = -1\nfailure_probability = 0.1"),
            &[
                (8, 14, "positive, finite number of hours"),
                (9, 1, "keep `failure_probability`"),
                (9, 1, "keep `failure_probability`"),
            ],
        ),
        case(after("[[zone]]\nname = \"a\"\nparent = 3"), &[(7, 10, "`parent` must be a string")]),
        case(after("[[zone]]\nname = \"a\"\nparent = \"a\""), &[(7, 10, "zone `a` stands in itself")]),
        case(
            after("[[zone]]\nname = \"a\"\nparent = \"b\"\n[[zone]]\nname = \"b\"\nparent = \"a\""),
            &[(10, 10, "zone `b` stands in itself")],
        ),
        case(after("[[zone]]\nname = \"a\"\nnodes = \"n1\""), &[(7, 9, "must be a list of names of nodes")]),
        case(after("[[zone]]\nname = \"a\"\nnodes = [\"n1\", 3]"), &[(7, 16, "must be a string")]),
        case(after("[[zone]]\nname = \"a\"\nnodes = [\"m1\"]"), &[(7, 10, "unknown node `m1`")]),
        case(after("[[zone]]\nname = \"a\"\nnodes = [\"n1\", \"n1\"]"), &[(7, 16, "node `n1` is in zone `a` already")]),
        case(
            after("[[zone]]\nname = \"a\"\nnodes = [\"n1\"]\n[[zone]]\nname = \"b\"\nparent = \"a\"\nnodes = [\"n1\"]"),
            &[(11, 10, "node `n1` is in zone `a` already")],
        ),
        case(
            after("[[zone]]\nname = \"a\"\nnodes = [\"n1\"]\n[[node]]\nname = \"n1\"\nzone = \"a\""),
            &[(7, 10, "name each node once")],
        ),
        case(
            "name = \"x\"\n[system]\nfamily = \"custom\"\nreads = \"a*b\"\n[[zone]]\nname = \"z\"\nnodes = [\"c\"]",
            &[(7, 10, "unknown node `c`")],
        ),
        case(after(&chain(40)), &[(7, 10, "zones nested deeper than 32")]),
    ]);
}

#[test]
fn workloads() {
    check(&[
        case(after("[workload]\nread_fraction = 1.5"), &[(6, 17, "not a fraction in [0, 1]")]),
        case(after("[workload]\nread_fraction = [1]"), &[(6, 17, "must be a number")]),
        case(
            after("[workload]\nread_fraction = 1\nread_fractions = [ { fraction = 1, weight = 1 } ]"),
            &[(7, 1, "`read_fractions` together with `read_fraction`")],
        ),
        case(after("[workload]\nread_fractions = []"), &[(6, 18, "is empty")]),
        case(after("[workload]\nread_fractions = 3"), &[(6, 18, "must be a list")]),
        case(after("[workload]\nread_fractions = [3]"), &[(6, 19, "must be a table")]),
        case(
            after("[workload]\nread_fractions = [ { fraction = 2, weight = 0 } ]"),
            &[(6, 33, "not a fraction"), (6, 45, "not a positive")],
        ),
        case(
            after("[workload]\nread_fractions = [ { fraction = 1, weigth = 1 } ]"),
            &[(6, 20, "has no `weight`"), (6, 36, "did you mean `weight`?")],
        ),
        case(
            after(&format!("[workload]\nread_fractions = [{}]", "{fraction=1,weight=1},".repeat(1001))),
            &[(6, 18, "1,001 read fractions: the limit is 1,000")],
        ),
        case(after("[[workload]]"), &[(5, 1, "one pair of brackets")]),
    ]);
}

#[test]
fn custom_systems() {
    check(&[
        case(custom(""), &[(2, 1, "has no `reads`, `writes` or `quorums`")]),
        case(
            custom("quorums = \"a\"\nreads = \"a\"\nwrites = \"b\""),
            &[(5, 1, "`reads` together with `quorums`"), (6, 1, "`writes` together with `quorums`")],
        ),
        case(
            custom("reads = [[\"a\"]]\nquorums = [[\"a\"]]"),
            &[(5, 1, "`reads` together with `quorums` in [system] (the first is on line 4; keep")],
        ),
        case(custom("reads = 3"), &[(4, 9, "must be an expression, or a list of sets")]),
        case(custom("reads = []"), &[(4, 9, "lists no quorum")]),
        case(custom("reads = [[]]"), &[(4, 10, "an empty quorum")]),
        case(
            custom("reads = [[\"a\"], [], [\"b\", \"b\"]]"),
            &[(4, 17, "an empty quorum"), (4, 27, "node `b` stands twice")],
        ),
        case(custom("reads = [\"a\", \"b\"]"), &[(4, 10, "must be a set of nodes"), (4, 15, "a list of its own")]),
        case(
            custom("reads = [[\"a\", 1]]\nwrites = [3]"),
            &[(4, 16, "must be a string"), (5, 11, "must be a set of nodes")],
        ),
        case(custom("reads = [[\"\"]]"), &[(4, 11, "an empty name")]),
        case(custom("n = 3\nquorums = \"a\""), &[(4, 1, "it is a parameter of")]),
    ]);
}

#[test]
fn expressions_at_their_places_in_the_file() {
    check(&[
        case(custom("reads = \"a * (b + c\""), &[(4, 14, "not closed")]),
        case(
            custom("reads = 'a + choose(3, b, c)'\nwrites = 'mayority(a, b)'"),
            &[(4, 21, "asks for 3 of 2 members"), (5, 11, "did you mean `majority`?")],
        ),
        case(custom("reads = '''\na +\n  b ** c\n'''"), &[(6, 6, "an operand is missing")]),
        case(custom("reads = \"\"\"\na + \\\n  b ** c\n\"\"\""), &[(6, 6, "an operand is missing")]),
        case(custom("reads = \"\\u00e9\\\"b\\\" + c\""), &[(4, 16, "two operands without an operator")]),
        case(custom("reads = \"\""), &[(4, 10, "an empty expression")]),
        case("name = \"é\"\nsystem = { family = \"custom\", reads = \"ä + ö |\" }", &[(2, 46, "write `+` for either")]),
    ]);
}

#[test]
fn bytes_that_are_no_text() {
    let errors = super::read("test.toml", b"name = \"x\"\nd = \"\xff\"").expect_err("no UTF-8");
    let error = errors.iter().next().expect("an error");
    assert_eq!((error.line(), error.column(), error.span.clone()), (2, 6, 16..17));
    assert!(error.message.contains("not UTF-8 text from byte 16 on"));
    assert!(super::read("test.toml", b"\xff\xfen\0").expect_err("no UTF-8").to_string().contains("UTF-16"));
}
