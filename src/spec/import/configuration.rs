//! The kinds of configuration files that are understood.

/// A kind of configuration file that says who votes.
///
/// # Examples
/// ```
/// use quorate::spec::Configuration;
/// assert_eq!(Configuration::from_name("kafka"), Some(Configuration::Kafka));
/// assert_eq!(Configuration::Kafka.name(), "kafka");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Configuration {
    /// `zoo.cfg` or the file that its `dynamicConfigFile` names.
    ZooKeeper,
    /// `corosync.conf`.
    Corosync,
    /// What `rs.conf()` prints, as JavaScript or JSON.
    MongoDb,
    /// `postgresql.conf`, or the settings of Patroni.
    PostgreSql,
    /// The `/sync` key of Patroni.
    Patroni,
    /// `CREATE KEYSPACE`, as `DESCRIBE KEYSPACE` prints it.
    Cassandra,
    /// `stellar-core.cfg`.
    Stellar,
    /// A list of the nodes of a Stellar network, with the quorum set of each.
    Stellarbeat,
    /// What `etcdctl member list` prints, or an initial cluster.
    Etcd,
    /// What `consul operator raft list-peers` prints.
    Consul,
    /// `server.properties` of a KRaft controller.
    Kafka,
    /// What `ceph mon dump -f json` prints.
    Ceph,
    /// `sentinel.conf`.
    Sentinel,
}

impl Configuration {
    /// All kinds.
    pub const ALL: [Configuration; 13] = [
        Configuration::ZooKeeper,
        Configuration::Corosync,
        Configuration::MongoDb,
        Configuration::PostgreSql,
        Configuration::Patroni,
        Configuration::Cassandra,
        Configuration::Stellar,
        Configuration::Stellarbeat,
        Configuration::Etcd,
        Configuration::Consul,
        Configuration::Kafka,
        Configuration::Ceph,
        Configuration::Sentinel,
    ];

    /// What it is called behind `--from`.
    pub fn name(self) -> &'static str {
        match self {
            Configuration::ZooKeeper => "zookeeper",
            Configuration::Corosync => "corosync",
            Configuration::MongoDb => "mongodb",
            Configuration::PostgreSql => "postgresql",
            Configuration::Patroni => "patroni",
            Configuration::Cassandra => "cassandra",
            Configuration::Stellar => "stellar",
            Configuration::Stellarbeat => "stellarbeat",
            Configuration::Etcd => "etcd",
            Configuration::Consul => "consul",
            Configuration::Kafka => "kafka",
            Configuration::Ceph => "ceph",
            Configuration::Sentinel => "sentinel",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Configuration::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// What a file of it is, for people.
    pub fn description(self) -> &'static str {
        match self {
            Configuration::ZooKeeper => "a configuration of ZooKeeper (zoo.cfg)",
            Configuration::Corosync => "a configuration of corosync (corosync.conf)",
            Configuration::MongoDb => "a replica set of MongoDB (rs.conf())",
            Configuration::PostgreSql => "synchronous_standby_names of PostgreSQL",
            Configuration::Patroni => "the /sync key of Patroni",
            Configuration::Cassandra => "a keyspace of Cassandra (CREATE KEYSPACE)",
            Configuration::Stellar => "the quorum set of one Stellar node (stellar-core.cfg)",
            Configuration::Stellarbeat => "the nodes of a Stellar network with their quorum sets",
            Configuration::Etcd => "the members of an etcd cluster",
            Configuration::Consul => "the Raft peers of Consul, Nomad or Vault",
            Configuration::Kafka => "a configuration of a Kafka KRaft controller",
            Configuration::Ceph => "the monitors of a Ceph cluster (ceph mon dump)",
            Configuration::Sentinel => "a configuration of Redis Sentinel (sentinel.conf)",
        }
    }
}
