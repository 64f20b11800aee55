//! The live cluster: what is read of it, recordings of it, and both as inputs of the model.

pub mod kinds;
pub mod recording;
mod redact;
mod replay;
mod view;

pub use recording::{Cluster, Recording};
pub use redact::redact;
pub use replay::{is_recording, replay};
pub use view::{Taken, View, Views, views};
