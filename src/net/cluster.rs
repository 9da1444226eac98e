//! Which cluster: processes of different definitions or protocols do not talk to each other.

use sha2::{Digest, Sha256};

use crate::model::{Gate, Kind, System};

/// A hash of the protocol, the nodes in their order and both formulas: what all processes must agree on.
pub(super) fn fingerprint(system: &System, protocol: &str) -> [u8; 16] {
    let mut hash = Sha256::new();
    let mut text = |text: &str| {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    };
    text("quorate cluster 1");
    text(protocol);
    system.nodes().iter().for_each(|node| text(&node.name));
    for kind in Kind::BOTH {
        text(kind.name());
        for (_, gate) in system.formula(kind).gates() {
            let (what, children, votes) = match gate {
                Gate::Leaf(node) => (format!("leaf {}", node.index()), &[][..], &[][..]),
                Gate::Threshold { k, children } => (format!("threshold {k}"), children, &[][..]),
                Gate::Weighted { quota, children, votes } => (format!("weighted {quota}"), children, votes),
            };
            let children: Vec<String> = children.iter().map(|child| child.index().to_string()).collect();
            text(&format!("{what}; {}; {votes:?}", children.join(" ")));
        }
    }
    let digest = hash.finalize();
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_agrees_on_less_is_another_cluster() {
        let system = |text: &str| System::from_expression(text).unwrap();
        let one = fingerprint(&system("majority(a, b, c)"), "atomic");
        assert_eq!(one, fingerprint(&system("majority(a, b, c)"), "atomic"));
        for (text, protocol) in [
            ("majority(a, b, c)", "regular"),
            ("majority(a, b, d)", "atomic"),
            ("majority(b, a, c)", "atomic"),
            ("choose(1, a, b, c)", "atomic"),
            ("weighted(2, a=1, b=1, c=2)", "atomic"),
        ] {
            assert_ne!(one, fingerprint(&system(text), protocol), "{text} {protocol}");
        }
    }
}
