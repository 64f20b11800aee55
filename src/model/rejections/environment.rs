//! Environment variables and where they come from.

use super::names;
use super::place::Place;

/// Fields of its own that a pod may read into a variable.
pub(super) const VARIABLE_FIELDS: &[&str] = &[
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Fields of its own that a pod may read into a file.
pub(super) const VOLUME_FIELDS: &[&str] =
    &["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

const RESOURCES: [&str; 6] = [
    "limits.cpu",
    "limits.memory",
    "limits.ephemeral-storage",
    "requests.cpu",
    "requests.memory",
    "requests.ephemeral-storage",
];

/// `env` of a container.
pub(super) fn variables(list: &Place<'_>) {
    for variable in list.items() {
        let name = variable.get("name");
        if name.require() {
            name.check(not_a_variable);
        }
        let from = variable.get("valueFrom");
        if from.is_set() {
            sources(&from, variable.get("value").is_filled());
        }
    }
}

/// `envFrom` of a container.
pub(super) fn collections(list: &Place<'_>) {
    for one in list.items() {
        one.get("prefix").check_filled(not_a_variable);
        let kinds = ["configMapRef", "secretRef"];
        for reference in kinds.map(|kind| one.get(kind)).iter().filter(|reference| reference.is_set()) {
            let name = reference.get("name");
            if name.require() {
                name.check(names::not_a_subdomain);
            }
        }
        let count = kinds.iter().filter(|kind| one.get(kind).is_set()).count();
        let whole = one.called(list.path());
        if count == 0 {
            whole.refuse(whole.wrong("must specify one of: `configMapRef` or `secretRef`"));
        } else if count > 1 {
            whole.refuse(whole.wrong("may not have more than one field specified at a time"));
        }
    }
}

fn not_a_variable(text: &str) -> Option<String> {
    (text.contains('=') || !text.bytes().all(|byte| (0x20..0x7f).contains(&byte))).then(|| {
        "a valid environment variable name must consist only of printable ASCII characters other than '='".to_owned()
    })
}

fn sources(from: &Place<'_>, has_value: bool) {
    let kinds = ["fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef"];
    let sources = kinds.iter().filter(|kind| from.get(kind).is_set()).count();
    // a gate closes this one, which leaves nothing
    let dropped = from.get("fileKeyRef").is_set();
    if sources == 0 {
        if dropped && from.keys().len() > 1 {
            return;
        }
        from.refuse(
            from.wrong("must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"),
        );
    } else if has_value {
        from.refuse(from.wrong("may not be specified when `value` is not empty"));
    } else if sources > 1 {
        from.refuse(from.wrong("may not have more than one field specified at a time"));
    }
    for kind in ["configMapKeyRef", "secretKeyRef"] {
        let reference = from.get(kind);
        if reference.is_set() {
            reference.get("name").check_word(names::not_a_subdomain);
            let key = reference.get("key");
            if key.require() {
                key.check(names::not_a_data_key);
            }
        }
    }
    if from.get("fieldRef").is_set() {
        field_reference(&from.get("fieldRef"), VARIABLE_FIELDS);
    }
    if from.get("resourceFieldRef").is_set() {
        resource_reference(&from.get("resourceFieldRef"));
    }
}

/// A field of the pod.
pub(super) fn field_reference(reference: &Place<'_>, known: &[&str]) {
    let (version, path) = (reference.get("apiVersion"), reference.get("fieldPath"));
    if !path.require() {
        return;
    }
    let Some(text) = path.text() else { return };
    if version.text().is_some_and(|version| !version.is_empty() && version != "v1") {
        path.invalid("error converting fieldPath: the version is not supported");
    } else if let Some((outer, subscript)) = text.strip_suffix(']').and_then(|text| text.split_once("['")) {
        let key = subscript.strip_suffix('\'').unwrap_or(subscript);
        let key = if outer == "metadata.annotations" { key.to_ascii_lowercase() } else { key.to_owned() };
        if !["metadata.annotations", "metadata.labels"].contains(&outer) {
            path.invalid("error converting fieldPath: field label does not support subscript");
        } else if let Some(reason) = names::not_a_qualified_name(&key) {
            reference.refuse(reference.wrong(&format!("{key:?}: {reason}")));
        }
    } else if !known.contains(&text) {
        let all = [VARIABLE_FIELDS, VOLUME_FIELDS];
        if all.iter().any(|fields| fields.contains(&text)) {
            path.exactly_one_of(known);
        } else {
            path.invalid("error converting fieldPath: field label not supported");
        }
    }
}

/// What a container asks for or is given at most.
pub(super) fn resource_reference(reference: &Place<'_>) {
    let resource = reference.get("resource");
    if !resource.require() {
        return;
    }
    let huge = |text: &str| text.starts_with("limits.hugepages-") || text.starts_with("requests.hugepages-");
    if resource.text().is_some_and(|text| !huge(text)) {
        resource.exactly_one_of(&RESOURCES);
    }
}
