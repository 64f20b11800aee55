//! Ingresses and their classes.

use super::names;
use super::place::Place;

/// An Ingress.
pub(super) fn ingress(object: &Place<'_>) {
    let spec = object.get("spec");
    let (rules, default) = (spec.get("rules"), spec.get("defaultBackend"));
    if !rules.is_filled() && !default.is_set() {
        spec.refuse(spec.wrong("either `defaultBackend` or `rules` must be specified"));
    }
    if default.is_set() {
        backend(&default);
    }
    for rule in rules.items() {
        rule.get("host").check_filled(names::not_a_host);
        let http = rule.get("http");
        if http.is_set() {
            let paths = http.get("paths");
            paths.require();
            for path in paths.items() {
                ingress_path(&path);
            }
        }
    }
    for tls in spec.get("tls").items() {
        for host in tls.get("hosts").items() {
            host.check_word(
                |text| {
                    if text.contains('*') { names::not_a_host(text) } else { names::not_a_subdomain(text) }
                },
            );
        }
        tls.get("secretName").check_filled(names::not_a_subdomain);
    }
    let class = spec.get("ingressClassName");
    class.check(names::not_a_subdomain);
    let annotation = object.at(&["metadata", "annotations"]).entry("kubernetes.io/ingress.class");
    if let (Some(old), Some(new)) = (annotation.text(), class.text())
        && old != new
    {
        let mut refusal = annotation.wrong(&format!("{old:?}: must match `ingressClassName` when both are specified"));
        "annotations.kubernetes.io/ingress.class".clone_into(&mut refusal.field);
        refusal.collides_with = Some((class.path(), class.origin().clone()));
        annotation.refuse(refusal);
    }
}

fn ingress_path(path: &Place<'_>) {
    let kind = path.get("pathType");
    if !kind.is_set() {
        kind.required("pathType must be specified");
        return;
    }
    kind.set_to_one_of(&["Exact", "ImplementationSpecific", "Prefix"]);
    let url = path.get("path");
    let exact = matches!(kind.text(), Some("Exact" | "Prefix"));
    if let Some(text) = url.word()
        && (exact || kind.text() == Some("ImplementationSpecific") && !text.is_empty())
    {
        if !text.starts_with('/') {
            url.refuse(url.wrong(&format!("{text:?}: must be an absolute path")));
        }
        let sequence = ["//", "/./", "/../", "%2f", "%2F"].into_iter().find(|sequence| text.contains(sequence));
        if let Some(sequence) = sequence.filter(|_| exact) {
            url.invalid(&format!("must not contain '{sequence}'"));
        }
        let end = ["/..", "/."].into_iter().find(|end| text.ends_with(end));
        if let Some(end) = end.filter(|_| exact) {
            url.invalid(&format!("cannot end with '{end}'"));
        }
    }
    backend(&path.get("backend"));
}

fn backend(backend: &Place<'_>) {
    let (service, resource) = (backend.get("service"), backend.get("resource"));
    if service.is_set() && resource.is_set() {
        backend.refuse(backend.wrong("cannot set both resource and service backends"));
        return;
    }
    if resource.is_set() {
        reference(&resource);
        return;
    }
    if !service.is_set() {
        backend.refuse(backend.wrong("resource or service backend is required"));
        return;
    }
    let name = service.get("name");
    if name.require() {
        name.check(names::not_a_service_name);
    }
    let (number, named) = (service.at(&["port", "number"]), service.at(&["port", "name"]));
    match (named.is_filled(), number.node.is_some_and(|node| node.as_i64() != Some(0))) {
        (true, true) => backend.refuse(backend.wrong("cannot set both port name & port number")),
        (true, false) => named.check(names::not_a_port_name),
        (false, true) => number.port_number(),
        (false, false) => {
            // the place of the number, where the chart's values would hold it
            let mut refusal = number.missing("port name or number is required");
            refusal.field.clone_from(&backend.path());
            refusal.covered_by = Some("configuration/ingress-port-missing");
            backend.refuse(refusal);
        }
    }
}

/// An object of any kind in the same namespace.
fn reference(object: &Place<'_>) {
    object.get("apiGroup").check(names::not_a_subdomain);
    for field in ["kind", "name"] {
        let place = object.get(field);
        if place.require() {
            place.check(names::not_a_path_segment);
        }
    }
}

/// An IngressClass.
pub(super) fn class(object: &Place<'_>) {
    let controller = object.at(&["spec", "controller"]);
    if controller.text().is_some_and(|text| text.len() > 250) {
        controller.refuse_as("Too long: may not be more than 250 bytes".to_owned());
    } else if controller.require() {
        controller.check(names::not_a_domain_prefixed_path);
    }
    let parameters = object.at(&["spec", "parameters"]);
    if !parameters.is_set() {
        return;
    }
    reference(&parameters);
    let (scope, namespace) = (parameters.get("scope"), parameters.get("namespace"));
    scope.set_to_one_of(&["Cluster", "Namespace"]);
    match scope.text() {
        Some("Namespace") if !namespace.is_set() => namespace.required("`parameters.scope` is set to 'Namespace'"),
        Some("Namespace") => namespace.check(names::not_a_dotless_label),
        Some("Cluster") if namespace.is_set() => namespace.forbidden("`parameters.scope` is set to 'Cluster'"),
        None if namespace.is_set() && !scope.is_set() => {
            namespace.forbidden("`parameters.scope` is set to 'Cluster'");
        }
        _ => {}
    }
}
