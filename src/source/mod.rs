//! Text and spans. This layer knows YAML; it knows nothing of Kubernetes, Helm or Qdrant.

pub mod node;
pub mod origin;
pub mod path;
pub mod text;

pub use node::{Data, Field, Mapping, Node, Style};
pub use origin::{DefaultOrigin, Origin, Written};
pub use path::{Path, Segment};
pub use text::{Position, Source, SourceId, Sources, Span};
