//! The live cluster: what is read of it, recordings of it, and both as inputs of the model.

mod answers;
#[cfg(feature = "live")]
pub mod changes;
mod chart_secret;
#[cfg(feature = "live")]
pub mod client;
#[cfg(feature = "live")]
mod discovery;
#[cfg(feature = "live")]
pub mod gather;
pub mod kinds;
#[cfg(feature = "live")]
mod list;
#[cfg(feature = "live")]
pub mod qdrant;
pub mod rbac;
pub mod recording;
mod redact;
#[cfg(feature = "live")]
mod references;
mod replay;
#[cfg(feature = "live")]
pub mod reports;
#[cfg(feature = "live")]
mod start_log;
mod view;

pub use recording::{Cluster, Recording};
pub use redact::redact;
pub use replay::{is_recording, read, replay};
pub use view::{Common, Taken, View, Views, views};
