//! What is known besides a configuration file.

use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};

use super::numbers::at_least_one;
use crate::spec::{Configuration, ImportOptions};

/// What configuration files do not say.
#[derive(Debug, Args)]
#[command(next_help_heading = "Configuration files")]
pub(super) struct ImportArgs {
    /// What a configuration file is, instead of what its content says
    #[arg(long, value_enum, value_name = "KIND")]
    from: Option<Configuration>,
    /// Consistency level of reads, which the keyspaces of Cassandra do not have; of PostgreSQL how many standbys a failover asks
    #[arg(long, value_name = "LEVEL")]
    read_level: Option<String>,
    /// Consistency level of writes: of Cassandra, and of MongoDB instead of what its file says
    #[arg(long, value_name = "LEVEL")]
    write_level: Option<String>,
    /// Data centre of the client, for LOCAL_QUORUM and LOCAL_ONE of Cassandra
    #[arg(long, value_name = "ZONE")]
    client_zone: Option<String>,
    /// Nodes that the file does not list: sentinels of Redis, standbys behind `*` of PostgreSQL, nodes of the ring of Cassandra
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    nodes: Option<usize>,
}

impl ImportArgs {
    pub(super) fn options(&self) -> ImportOptions {
        ImportOptions {
            from: self.from,
            read_level: self.read_level.clone(),
            write_level: self.write_level.clone(),
            client_zone: self.client_zone.clone(),
            nodes: self.nodes,
        }
    }
}

impl ValueEnum for Configuration {
    fn value_variants<'a>() -> &'a [Self] {
        &Configuration::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.description()))
    }
}
