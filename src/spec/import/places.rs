//! Which failure domain labels name.

/// Labels of a failure domain, the one that is lost most often first.
const LABELS: &[&str] = &[
    "zone",
    "az",
    "availability_zone",
    "availabilityzone",
    "dc",
    "datacenter",
    "data_center",
    "room",
    "region",
    "rack",
];

/// The failure domain among labels, if one of them names one, and its key.
pub(super) fn zone<'a>(labels: &[(&'a str, &'a str)]) -> Option<(&'a str, &'a str)> {
    let of = |label: &&str| labels.iter().find(|(key, _)| key.eq_ignore_ascii_case(label)).copied();
    LABELS.iter().find_map(of).filter(|(_, value)| !value.is_empty())
}
