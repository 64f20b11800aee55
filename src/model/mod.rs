//! The normalised deployment: chart values become objects, objects are joined, leaves keep their origin. Pure: no I/O.

pub mod budgets;
pub mod chart;
pub mod exposure;
pub mod facts;
pub mod input;
pub mod network;
pub mod pod_security;
pub mod rejections;
pub mod routes;
pub mod services;
pub mod spread;
pub mod tracked;
