//! The one integration binary: everything that needs more than one module.

mod architecture;
mod chart_conformance;
mod cli;
mod corpus;
mod facts_conformance;
mod formats;
mod guide;
mod opa;
mod registry;
mod rules;
mod support;
