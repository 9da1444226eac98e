//! Stores that others wrote, driven as one's own.

mod driver;
mod endpoint;
mod etcd;
mod postgresql;
mod redis;

pub use driver::{Driver, DriverClient, DriverError};
pub use etcd::Etcd;
pub use postgresql::Postgresql;
pub use redis::Redis;
