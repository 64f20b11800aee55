//! Waivers of the configuration, with the places where they are written.

use globset::Glob;

use super::Exemption;
use super::scope::{Base, Scope, Waiver, file_glob};
use crate::config::WaiverSetting;
use crate::finding::ExemptedBy;
use crate::resolve::one_line;
use crate::source::{Node, Origin};

/// The exemptions that waivers are. `list` is the node that they were read from.
pub fn read(waivers: &[WaiverSetting], list: Option<&Node>, base: &Base) -> Vec<Exemption> {
    let nodes = list.and_then(Node::as_sequence).unwrap_or_default();
    waivers.iter().enumerate().map(|(index, waiver)| exemption(waiver, nodes.get(index), base)).collect()
}

fn exemption(waiver: &WaiverSetting, node: Option<&Node>, base: &Base) -> Exemption {
    let origin = |key: &str| node.and_then(|node| node.get(key)).map_or(Origin::Derived, |value| value.origin.clone());
    let glob = |pattern: &Option<String>| Some(Glob::new(pattern.as_ref()?).ok()?.compile_matcher());
    let shown = |text: &Option<String>| text.as_ref().map(|text| one_line(text)).filter(|text| !text.is_empty());
    let scope = Scope::Waiver(Box::new(Waiver {
        deployment: glob(&waiver.deployment),
        object: glob(&waiver.object),
        path: waiver.path.as_deref().and_then(file_glob),
        base: base.clone(),
    }));
    let reason = waiver.reason.as_deref().unwrap_or_default();
    Exemption {
        owner: shown(&waiver.owner),
        ticket: shown(&waiver.ticket),
        // a date that cannot be read is an error of the configuration
        until: waiver.until.parse().ok(),
        until_origin: origin("until"),
        ..Exemption::new(ExemptedBy::Waiver, &waiver.rule, reason, scope, origin("rule"))
    }
}
