//! Where the peers may connect to outside the cluster.

use super::View;
use super::dns::is_only_dns;
use super::policy::Who;
use crate::model::tracked::{Origins, Tracked};
use crate::source::Origin;

/// `any`, `some` or `none`, and the ranges when only some. Rules about DNS ports alone are not counted.
pub(super) fn internet(view: &View<'_>, origins: &Origins) -> (Option<Tracked<String>>, Vec<String>) {
    let Some(isolating) = view.egress_origin() else {
        return (Some(origins.track("any".to_owned(), &Origin::Derived)), Vec::new());
    };
    let mut some: Vec<(&Origin, String)> = Vec::new();
    for rule in view.egress().flat_map(|policy| &policy.egress).filter(|rule| !is_only_dns(rule)) {
        if rule.ends.is_empty() {
            return (Some(origins.track("any".to_owned(), &rule.origin)), Vec::new());
        }
        for end in &rule.ends {
            let Who::Block(block) = &end.who else { continue };
            if !block.is_public() {
                continue;
            }
            if block.is_everything() {
                return (Some(origins.track("any".to_owned(), &end.origin)), Vec::new());
            }
            some.push((&end.origin, block.cidr.to_string()));
        }
    }
    let mut cidrs: Vec<String> = some.iter().map(|(_, cidr)| cidr.clone()).collect();
    cidrs.sort();
    cidrs.dedup();
    match some.first() {
        Some((origin, _)) => (Some(origins.track("some".to_owned(), origin)), cidrs),
        None => (Some(origins.track("none".to_owned(), isolating)), cidrs),
    }
}
