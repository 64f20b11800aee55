//! The ports of the peers and what they ask of a caller.

use super::{Asks, Port};
use crate::reading::Reading;

/// Qdrant's own, where no configuration was given.
const DEFAULTS: [(&str, &str, u16); 3] = [
    ("p2p", "/qdrant/config/cluster/p2p/port", 6335),
    ("rest", "/qdrant/config/service/http_port", 6333),
    ("grpc", "/qdrant/config/service/grpc_port", 6334),
];

/// Ports that the peers listen on.
pub(super) fn ports(reading: Reading<'_>) -> Vec<Port> {
    let configured = reading.at("/qdrant/config").is_object();
    let mut ports: Vec<Port> = DEFAULTS
        .iter()
        .filter(|(role, ..)| *role != "p2p" || reading.flag("/qdrant/config/cluster/enabled") != Some(false))
        .filter_map(|(role, pointer, default)| {
            let written = reading.number(pointer).and_then(|port| u16::try_from(port).ok());
            // gRPC without a port is off; what was not given has its default
            let port = if configured && *role == "grpc" { written? } else { written.unwrap_or(*default) };
            Some(port_of(reading, role, port))
        })
        .collect();
    let metrics = reading.number("/qdrant/config/service/metrics_port").and_then(|port| u16::try_from(port).ok());
    ports.extend(metrics.map(|port| port_of(reading, "metrics", port)));
    ports
}

fn port_of(reading: Reading<'_>, role: &str, port: u16) -> Port {
    Port {
        role: role.to_owned(),
        port,
        asks: asks(reading, role),
        encrypted: encrypted(reading, role),
        ..Port::default()
    }
}

fn asks(reading: Reading<'_>, role: &str) -> Asks {
    let key = match reading.text("/qdrant/api_key/from") {
        Some("none") => Asks::Nothing,
        Some(_) => Asks::ApiKey,
        None => Asks::Unknown,
    };
    match role {
        "metrics" => Asks::Nothing,
        "p2p" => match reading.flag("/qdrant/config/service/enforce_internal_auth") {
            Some(true) => key,
            _ => Asks::Nothing,
        },
        _ => key,
    }
}

fn encrypted(reading: Reading<'_>, role: &str) -> Option<bool> {
    let (setting, mesh) = match role {
        "p2p" => ("/qdrant/config/cluster/p2p/enable_tls", "/mesh/peers"),
        _ => ("/qdrant/config/service/enable_tls", "/mesh/clients"),
    };
    let by_mesh = reading.text(mesh) == Some("strict");
    match reading.flag(setting) {
        Some(true) => Some(true),
        Some(false) if by_mesh => Some(true),
        Some(false) if reading.text(mesh) == Some("unknown") => None,
        Some(false) => Some(false),
        None => by_mesh.then_some(true),
    }
}
