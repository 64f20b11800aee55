//! The outside world becomes inputs: files are found, read, recognised and unwrapped from what carries them.

mod carriers;
mod chart;
mod context;
#[cfg(test)]
mod corpus;
mod discover;
mod identity;
mod kustomize;
pub mod live;
mod loaded;
mod names;
mod options;
mod session;
pub mod sniff;
mod store;
#[cfg(test)]
mod tests;

pub use loaded::{InputEntry, LoadError, Loaded};
pub use options::{AsKind, LoadOptions};
pub use session::load;
