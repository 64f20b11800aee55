//! Text and spans. This layer knows YAML; it knows nothing of Kubernetes, Helm or Qdrant.

pub mod base64;
mod characters;
pub mod decode;
pub mod document;
pub mod embedded;
pub mod json;
pub mod limits;
pub mod node;
pub mod origin;
pub mod path;
mod place;
pub mod placeholder;
mod plain;
pub mod print;
mod problem;
pub mod scalar;
pub mod shared;
mod syntax;
pub mod text;
mod tree;
pub mod yaml;

pub use decode::{DecodeError, decode};
pub use document::{Comment, Document, Duplicate, Parsed, SyntaxError};
pub use embedded::{Piece, TextPlace, parse_embedded, parse_json_of, text_of};
pub use json::parse_json;
pub use limits::Limits;
pub use node::{Data, Field, Mapping, Node, Style};
pub use origin::{DefaultOrigin, Origin, Written};
pub use path::{Path, Segment};
pub use placeholder::is_filled_in_later;
pub use print::print;
pub use scalar::Schema;
pub use shared::{Shared, Texts};
pub use text::{LiveObject, Position, Source, SourceId, Sources, Span};
pub use yaml::{parse, parse_as};
