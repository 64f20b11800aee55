//! A pod as the admission plugin visits it: init containers, containers, ephemeral containers.

use crate::source::{Node, Origin};

/// A pod template.
pub(super) struct Pod<'a> {
    /// `spec`, or the template where it is missing.
    pub(super) spec: &'a Node,
    /// `metadata.annotations`.
    pub(super) annotations: Option<&'a Node>,
    /// Every container, in the order of the plugin.
    pub(super) containers: Vec<Container<'a>>,
    /// `spec.os.name: windows`
    pub(super) windows: bool,
}

/// A container.
pub(super) struct Container<'a> {
    /// Name.
    pub(super) name: &'a str,
    /// The container.
    pub(super) node: &'a Node,
}

/// A control that is broken.
pub(super) struct Breach<'a> {
    /// Name of the control in messages.
    pub(super) control: &'static str,
    /// What is in parentheses.
    pub(super) detail: String,
    /// Containers that break it.
    pub(super) containers: Vec<String>,
    /// The nearest thing that is written.
    pub(super) origin: &'a Origin,
    /// Control of `restricted` that replaces this one there.
    pub(super) superseded_by: Option<&'static str>,
}

impl<'a> Pod<'a> {
    /// Reads a template; a bare Pod is one.
    pub(super) fn of(template: &'a Node) -> Self {
        let spec = template.at(&["spec"]).unwrap_or(template);
        let containers = ["initContainers", "containers", "ephemeralContainers"]
            .iter()
            .flat_map(|list| spec.items(&[*list]))
            .map(|node| Container { name: node.text(&["name"]).unwrap_or_default(), node })
            .collect();
        Self {
            spec,
            annotations: template.at(&["metadata", "annotations"]),
            containers,
            windows: spec.text(&["os", "name"]) == Some("windows"),
        }
    }

    /// A field of the pod's own `securityContext`.
    pub(super) fn security(&self, field: &[&str]) -> Option<&'a Node> {
        self.spec.at(&["securityContext"])?.at(field)
    }
}

impl<'a> Container<'a> {
    /// A field of the container's `securityContext`.
    pub(super) fn security(&self, field: &[&str]) -> Option<&'a Node> {
        self.node.at(&["securityContext"])?.at(field)
    }

    /// Where a missing field of the `securityContext` would stand.
    pub(super) fn security_origin(&self) -> &'a Origin {
        &self.node.at(&["securityContext"]).unwrap_or(self.node).origin
    }
}

/// Who broke a control, in the order of the plugin: the pod, then containers.
#[derive(Default)]
pub(super) struct Breakers<'a> {
    pod: bool,
    /// Names of the containers.
    pub(super) containers: Vec<String>,
    /// Bad values, each once, sorted.
    pub(super) values: std::collections::BTreeSet<String>,
    /// Where the first one stands.
    pub(super) origin: Option<&'a Origin>,
}

impl<'a> Breakers<'a> {
    /// The pod itself broke it.
    pub(super) fn pod(&mut self, origin: &'a Origin) {
        self.pod = true;
        self.origin.get_or_insert(origin);
    }

    /// A container broke it.
    pub(super) fn container(&mut self, container: &Container<'_>, origin: &'a Origin) {
        if self.containers.last().is_none_or(|last| last != container.name) {
            self.containers.push(container.name.to_owned());
        }
        self.origin.get_or_insert(origin);
    }

    /// `pod and containers "a", "b"`
    pub(super) fn in_words(&self) -> String {
        let mut setters = Vec::new();
        if self.pod {
            setters.push("pod".to_owned());
        }
        if !self.containers.is_empty() {
            setters.push(containers_in_words(&self.containers));
        }
        setters.join(" and ")
    }

    /// The breach, when anyone broke it.
    pub(super) fn breach(self, control: &'static str, detail: impl FnOnce(&Self) -> String) -> Option<Breach<'a>> {
        let origin = self.origin?;
        let detail = detail(&self);
        Some(Breach { control, detail, containers: self.containers, origin, superseded_by: None })
    }
}

/// `container "a"`, `containers "a", "b"`
pub(super) fn containers_in_words(names: &[String]) -> String {
    format!("{} {}", plural("container", "containers", names.len()), quoted(names))
}

/// `"a", "b"`
pub(super) fn quoted<S: AsRef<str>>(items: impl IntoIterator<Item = S>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| format!("\"{}\"", item.as_ref())).collect();
    items.join(", ")
}

/// The singular for one.
pub(super) fn plural<'a>(one: &'a str, many: &'a str, count: usize) -> &'a str {
    if count == 1 { one } else { many }
}
