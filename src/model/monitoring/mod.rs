//! Monitors, alerts and logs as facts.

use super::build::Scope;
use super::facts::monitoring::Monitoring;
use super::facts::network::Service;
use super::server::Effective;
use super::tracked::Tracked;

/// What watches the peers.
pub fn monitoring(_scope: &Scope<'_>, _effective: &Effective, _services: &[Tracked<Service>]) -> Monitoring {
    Monitoring::default()
}
