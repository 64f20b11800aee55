//! The official Helm chart as a model: which versions exist, what they read, how Helm merges values for them, and
//! which Kubernetes objects they make of the result. Exact for 1.12.4 to 1.19.0, approximate before.

pub mod keys;
pub mod merge;
mod range;
pub mod render;
pub mod set;
mod set_reader;
pub mod versions;

pub use merge::{MergeWarning, Merged, effective_values};
pub use render::{ApiKey, Bootstrap, ReleaseInfo, RenderError, Rendered, RenderedObject, Templated, render};
pub use set::{SetArgument, SetError, SetKind, SetOrigin};
pub use versions::{ChartVersion, Fidelity, Resolution, Resolved};
