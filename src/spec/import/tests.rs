mod answers;
mod hostile;
mod refusals;

use super::*;

/// The samples that are shipped, with what else they need.
fn samples() -> Vec<(Configuration, &'static str, &'static [u8], ImportOptions)> {
    macro_rules! sample {
        ($kind:ident, $name:literal) => {
            sample!($kind, $name, ImportOptions::default())
        };
        ($kind:ident, $name:literal, $options:expr) => {
            (
                Configuration::$kind,
                $name,
                include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/quorum-defs/import/", $name)).as_slice(),
                $options,
            )
        };
    }
    let level = |level: &str| Some(level.to_owned());
    let quorum = ImportOptions { read_level: level("QUORUM"), write_level: level("QUORUM"), ..Default::default() };
    vec![
        sample!(ZooKeeper, "zoo.cfg"),
        sample!(ZooKeeper, "zoo-observers.cfg"),
        sample!(Corosync, "corosync.conf"),
        sample!(Corosync, "corosync-device.conf"),
        sample!(MongoDb, "replica-set.js"),
        sample!(PostgreSql, "postgresql.conf"),
        sample!(Cassandra, "keyspace.cql", quorum),
        sample!(Stellar, "stellar-core.cfg"),
        sample!(Stellar, "stellar-domains.cfg"),
        sample!(Stellarbeat, "network.json"),
        sample!(Etcd, "etcd-members.json"),
        sample!(Etcd, "etcd-compose.yaml"),
        sample!(Patroni, "patroni-sync.json"),
        sample!(Consul, "consul-peers.txt"),
        sample!(Kafka, "server.properties"),
        sample!(Ceph, "ceph-mons.json"),
        sample!(Sentinel, "sentinel.conf", ImportOptions { nodes: Some(5), ..Default::default() }),
    ]
}

#[track_caller]
fn imported(text: &str, options: &ImportOptions) -> Imported {
    import("file", text.as_bytes(), options).unwrap_or_else(|errors| panic!("{errors}\n{text}"))
}

#[test]
fn every_sample_is_known_by_its_content_and_read_again_as_the_same_system() {
    for (kind, name, bytes, options) in samples() {
        let imported = import(name, bytes, &options).unwrap_or_else(|errors| panic!("{errors}"));
        assert_eq!(imported.kind, kind, "{name}");
        let again = crate::spec::read(name, imported.definition.as_bytes()).unwrap();
        assert_eq!(again, imported.system, "{name}");
        assert!(imported.definition.contains("# line "), "{name}");
        let (direct, known) = read_or_import(name, bytes, &options).unwrap();
        assert_eq!((direct, known.map(|one| one.kind)), (again.of_configuration(), Some(kind)), "{name}");
        let (definition, none) = read_or_import(name, imported.definition.as_bytes(), &options).unwrap();
        assert_eq!((definition, none), (imported.system, None), "{name}");
    }
    assert!(Configuration::ALL.iter().all(|kind| samples().iter().any(|sample| sample.0 == *kind)));
}

#[test]
fn every_line_that_a_comment_names_has_what_it_says() {
    for (_, name, bytes, options) in samples() {
        let text = std::str::from_utf8(bytes).unwrap();
        let definition = import(name, bytes, &options).unwrap().definition;
        let lines: Vec<&str> = definition.lines().collect();
        for pair in lines.windows(2) {
            let number = pair[0].strip_prefix("# line ").and_then(|rest| rest.split(':').next()?.parse::<usize>().ok());
            let node = pair[1].strip_prefix("name = \"").and_then(|rest| rest.strip_suffix('"'));
            let (Some(number), Some(node)) = (number, node) else { continue };
            let line = text.lines().nth(number - 1).unwrap();
            // Nodes that the file does not name itself.
            let short = node.trim_start_matches("server.").trim_start_matches("controller.");
            let made_up =
                ["primary", "qnetd", "east-", "west-", "sentinel-"].iter().any(|start| node.starts_with(start));
            assert!(made_up || line.contains(short), "{name}: {node} is not in line {number}: {line}");
        }
    }
}
