//! The one integration binary: everything that needs more than one module.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests fail by panicking, and say what they skip")]

#[cfg(unix)]
mod action;
#[cfg(feature = "webhook")]
mod admission;
mod architecture;
#[cfg(feature = "live")]
mod audit;
#[cfg(feature = "live")]
mod audit_acceptance;
#[cfg(feature = "live")]
mod audit_lost;
#[cfg(feature = "live")]
mod audit_reports;
#[cfg(all(unix, feature = "live"))]
mod audit_side_by_side;
#[cfg(all(unix, feature = "live"))]
mod audit_watch;
mod browser;
mod catalogue;
mod chart_conformance;
mod clean;
mod cli;
mod consumers;
mod corpus;
#[cfg(feature = "webhook")]
mod deploy;
#[cfg(all(unix, feature = "webhook"))]
mod docs;
mod facts_conformance;
mod fix;
mod fix_corpus;
#[cfg(feature = "live")]
mod fix_guide;
mod fix_properties;
mod formats;
mod guide;
mod html;
mod init;
mod inputs;
mod memo;
mod opa;
mod oscal;
#[cfg(unix)]
mod packaging;
#[cfg(feature = "live")]
mod pod_security;
mod policies;
#[cfg(feature = "live")]
mod qdrant;
#[cfg(all(target_os = "linux", feature = "live"))]
mod qdrant_dns;
mod registry;
#[cfg(feature = "live")]
mod rejections;
mod replay;
mod rules;
mod support;
mod suppress;
mod twins;
mod views;
