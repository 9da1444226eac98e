//! What a configuration file does not say.

use super::configuration::Configuration;

/// What is known besides the file.
///
/// # Examples
/// ```
/// let options = quorate::spec::ImportOptions { read_level: Some("QUORUM".into()), ..Default::default() };
/// assert_eq!(options.nodes, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImportOptions {
    /// What the file is; absent: what its content says.
    pub from: Option<Configuration>,
    /// The consistency level of reads; of PostgreSQL: how many standbys a failover asks.
    pub read_level: Option<String>,
    /// The consistency level of writes.
    pub write_level: Option<String>,
    /// The data centre of the client.
    pub client_zone: Option<String>,
    /// Nodes of the cluster, where the file does not list them.
    pub nodes: Option<usize>,
}
