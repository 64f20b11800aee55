//! The admission webhook: the verdicts of `check` at the door of the cluster. A review becomes objects, these are judged
//! alone and beside what is known of their namespace, and the mode decides what the API server is told.
//!
//! `review` (JSON in, JSON out) → `subject` (what is asked) → `judging` by a `view` → `decision` → `message`; `server`,
//! `tls`, `authority` and `cluster` are the rim, `background` judges what is there already, on the replica that holds the
//! `lease`. `workers` are the threads that judge, and `warm` makes the first review no slower than the others.

pub mod authority;
pub mod background;
mod ballast;
pub mod cluster;
pub mod context;
pub mod decision;
pub mod door;
pub mod judging;
pub mod lately;
pub mod lease;
pub mod message;
pub mod metrics;
pub mod mode;
pub mod review;
pub mod server;
pub mod subject;
pub mod tls;
pub mod view;
pub mod warm;
pub mod workers;
