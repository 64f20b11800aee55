//! The normalised deployment: chart values become objects, objects are joined, leaves keep their origin. Pure: no I/O.

pub mod access;
pub mod autoscalers;
pub mod backup;
pub mod budgets;
pub mod build;
pub mod chart;
pub mod chart_facts;
mod clients;
pub mod collections;
pub mod exposure;
pub mod facts;
pub mod input;
pub mod mesh;
pub mod monitoring;
pub mod network;
mod peer_address;
pub mod platform;
pub mod pod_security;
pub mod quantity;
pub mod rejections;
pub mod routes;
pub mod server;
pub mod services;
pub mod spread;
pub mod storage;
pub mod tracked;
pub mod workload;
