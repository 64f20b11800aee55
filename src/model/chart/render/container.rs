//! The containers of the pods: Qdrant, and the one before it that gives it its folders.

use super::block::{Block, paste_items};
use super::changes::Change;
use super::context::{Context, Value};
use super::service::list;
use super::{probes, storage};
use crate::source::{Data, Node};

/// `containers`: sidecars first, then Qdrant under the name of the chart.
pub(super) fn containers(context: &Context<'_>) -> Node {
    let mut items = Vec::new();
    paste_items(&mut items, &context.value("sidecarContainers"));
    items.push(qdrant(context));
    Node::sequence(items, context.fixed_origin())
}

fn qdrant(context: &Context<'_>) -> Node {
    let mut container = Block::new(context)
        .with(
            "name",
            context.unquoted(&context.release.chart_name, &context.fixed_origin(), &context.value("image").path),
        )
        .with("image", image(context, true))
        .with("imagePullPolicy", context.value("image.pullPolicy").unquoted())
        .with("env", environment(context));
    let shell = ["/bin/bash", "-c"].map(|word| context.fixed(word));
    container.put("command", Node::sequence(shell.to_vec(), context.fixed_origin()));
    if let Some(args) = context.value("args").when_true() {
        container.put("args", args.yaml());
    }
    let ports = context.value("service.ports");
    let items = ports.items().into_iter().map(|port| {
        Block::new(context)
            .with("name", port.get("name").unquoted())
            .with("containerPort", port.get("targetPort").unquoted())
            .with("protocol", port.get("protocol").unquoted())
            .node_at(port.origin())
    });
    container.put("ports", list(items.collect(), &ports.origin()));
    probes::add(context, &mut container);
    container.put("resources", context.value("resources").yaml());
    for (key, value) in [("securityContext", "containerSecurityContext"), ("lifecycle", "lifecycle")] {
        if let Some(value) = context.value(value).when_true() {
            container.put(key, value.yaml());
        }
    }
    container.put("volumeMounts", storage::mounts(context));
    container.node()
}

/// `repository:tag`; the tag defaults to the Qdrant that the chart ships. The origin is that of the tag when it is
/// written, else of the repository.
fn image(context: &Context<'_>, for_qdrant: bool) -> Node {
    let values = context.value("image");
    let (repository, tag) = (values.get("repository"), values.get("tag"));
    let mut text = format!("{}:", repository.text());
    text.push_str(&if tag.truth() { tag.text() } else { context.chart.app_version.to_string() });
    if for_qdrant {
        let unprivileged = values.get("useUnprivilegedImage");
        match unprivileged.node.map(|node| &node.data) {
            Some(Data::Bool(true)) => text.push_str("-unprivileged"),
            Some(Data::Bool(false)) => {}
            None if context.chart.fidelity == crate::model::chart::Fidelity::Approximate => {}
            _ => unprivileged.refuse(format!("{} must be true or false", unprivileged.path)),
        }
    }
    let at = if repository.origin().is_written() && !tag.origin().is_written() { repository } else { tag };
    Node::string(text, at.origin())
}

fn environment(context: &Context<'_>) -> Node {
    let values = context.value("env");
    let mut items = vec![
        Block::new(context)
            .with_fixed("name", "QDRANT_INIT_FILE_PATH")
            .with_fixed("value", "/qdrant/init/.qdrant-initialized")
            .node(),
    ];
    items.extend(values.items().iter().map(|variable| {
        let block = Block::new(context).with("name", variable.get("name").unquoted());
        let from = variable.get("valueFrom");
        let block = if from.truth() {
            block.with("valueFrom", from.yaml())
        } else {
            block.with("value", variable.get("value").quoted())
        };
        block.node_at(variable.origin())
    }));
    Node::sequence(items, values.origin())
}

/// `initContainers`: a chown, unless it is switched off or nothing says whose the files are. It has no security context
/// and runs as the user of the image.
pub(super) fn init_containers(context: &Context<'_>) -> Node {
    let switch = context.value("updateVolumeFsOwnership");
    let unprivileged = context.value("image").get("useUnprivilegedImage");
    let user = context.value("containerSecurityContext");
    let wanted = switch.truth()
        && !(context.has(Change::UnprivilegedNeedsNoChown) && unprivileged.truth())
        && user.truth()
        && user.get("runAsUser").truth();
    if !wanted {
        return Node::null(switch.origin());
    }
    let (user, group) = (user.get("runAsUser"), context.value("podSecurityContext").get("fsGroup"));
    let number = |value: &Value<'_>| {
        if context.has(Change::WholeOwnerNumbers) { whole_number(value).to_string() } else { value.text() }
    };
    let owner = format!("{}:{}", number(&user), number(&group));
    let mut command: Vec<_> = ["chown", "-R"].map(|word| context.fixed(word)).to_vec();
    // a missing group leaves "1000:", which YAML reads as a mapping
    command.push(if let Some(name) = owner.strip_suffix(':') {
        Block::new(context).with(name, Node::null(user.origin())).node_at(user.origin())
    } else {
        context.unquoted(&owner, &user.origin(), &user.path)
    });
    command.extend(["/qdrant/storage", "/qdrant/snapshots"].map(|folder| context.fixed(folder)));
    if storage::restored_claim(context).is_some() {
        command.push(context.value("snapshotRestoration").get("mountPath").unquoted());
    }
    let container = Block::new(context)
        .with_fixed("name", "ensure-dir-ownership")
        .with("image", image(context, false))
        .with("command", Node::sequence(command, context.fixed_origin()))
        .with("volumeMounts", storage::init_mounts(context))
        .node_at(switch.origin());
    Node::sequence(vec![container], switch.origin())
}

/// What `int64` makes of a value: 0 of everything that is no number.
fn whole_number(value: &Value<'_>) -> i64 {
    match value.node.map(|node| &node.data) {
        Some(Data::Bool(value)) => i64::from(*value),
        Some(Data::Number(number)) => {
            number.as_i64().or_else(|| number.as_f64().map(|number| number as i64)).unwrap_or_default()
        }
        Some(Data::String(text)) => text.parse().unwrap_or_default(),
        _ => 0,
    }
}
