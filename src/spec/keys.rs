//! The keys of the tables of a definition, and where each belongs.

/// The tables of a definition, the top level first, and their keys beside the parameters of the families.
pub(crate) const TABLES: &[(&str, &[&str])] = &[
    ("", &["name", "description", "links"]),
    ("[system]", &["family", "names", "dynamic", "witness", "tie_breaker"]),
    ("[nodes]", NODES_KEYS),
    ("[[node]]", NODE_KEYS),
    ("[[zone]]", ZONE_KEYS),
    ("[workload]", WORKLOAD_KEYS),
    ("[[client]]", CLIENT_KEYS),
    ("[[link]]", LINK_KEYS),
    ("[byzantine]", BYZANTINE_KEYS),
    ("[consensus]", CONSENSUS_KEYS),
];

/// Where a key belongs that stands in the wrong table.
pub(super) fn elsewhere(key: &str, here: &str) -> Option<String> {
    let owners = TABLES.iter().filter(|(table, keys)| keys.contains(&key) && *table != here);
    let place = |table: &str| {
        let top = "at the top of the file, before the first table";
        if table.is_empty() { top.to_owned() } else { format!("in {table}") }
    };
    let places: Vec<String> = owners.map(|(table, _)| place(table)).collect();
    let family = crate::families::ALBUM.iter().any(|info| info.parameters.iter().any(|parameter| parameter.key == key));
    match (places.is_empty(), family && here != "[system]") {
        (true, false) => None,
        (true, true) => Some(format!("{} belongs in [system]", super::wording::quoted(key))),
        (false, _) => Some(format!("{} belongs {}", super::wording::quoted(key), places.join(", or "))),
    }
}

/// The keys of `[workload]`.
pub(super) const WORKLOAD_KEYS: &[&str] = &["read_fraction", "read_fractions"];

/// The keys of `[byzantine]`.
pub(super) const BYZANTINE_KEYS: &[&str] = &["tolerate", "kind"];

/// The keys of `[consensus]`.
pub(super) const CONSENSUS_KEYS: &[&str] = &["fast", "leader", "reads"];

/// The keys of `[[client]]`.
pub(super) const CLIENT_KEYS: &[&str] = &["name", "zone", "node", "weight", "read_fraction"];

/// The keys of `[[link]]`.
pub(super) const LINK_KEYS: &[&str] = &["between", "round_trip_ms"];

/// The keys of `[nodes]`.
pub(super) const NODES_KEYS: &[&str] = &[
    "failure_probability",
    "byzantine_probability",
    "mttf_hours",
    "mttr_hours",
    "replace_hours",
    "capacity",
    "read_capacity",
    "write_capacity",
    "latency_ms",
];

/// The keys of `[[node]]`.
pub(super) const NODE_KEYS: &[&str] = &[
    "name",
    "zone",
    "zones",
    "failure_probability",
    "byzantine_probability",
    "mttf_hours",
    "mttr_hours",
    "replace_hours",
    "capacity",
    "read_capacity",
    "write_capacity",
    "latency_ms",
    "quorum_set",
];

/// The keys of `[[zone]]`.
pub(super) const ZONE_KEYS: &[&str] =
    &["name", "kind", "parent", "nodes", "failure_probability", "mttf_hours", "mttr_hours", "replace_hours"];
