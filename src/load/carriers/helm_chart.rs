//! k3s and RKE2: a `HelmChart`, and the `HelmChartConfig` of the same name.

use super::installation::{Wanted, add_inline, install, written};
use super::set::with_arguments;
use super::{Carrier, Draft, Stack, Unwrapped};
use crate::load::context::{Context, Seen};
use crate::load::sniff::Kind;
use crate::model::chart::{SetArgument, SetKind, SetOrigin};
use crate::model::input;
use crate::source::{Data, Node};

/// `helm.cattle.io` `HelmChart`.
#[derive(Debug)]
pub(super) struct HelmChart;

impl Carrier for HelmChart {
    fn unwrap(&self, seen: &Seen, context: &mut Context<'_>) -> Option<Unwrapped> {
        if seen.sniffed.kind != Kind::HelmChart {
            return None;
        }
        let root = &seen.document.root;
        if root.at(&["spec", "chartContent"]).is_some() {
            return Some(Unwrapped::passed("its chart is an archive inside the object"));
        }
        let text = |keys: &[&str]| root.text(keys).unwrap_or_default().to_owned();
        let name = text(&["metadata", "name"]);
        let spec = root.at(&["spec"]).unwrap_or(root);
        let reason = format!("HelmChart {name}");
        let mut draft = Draft::new(input::Carrier::Other, context.folder(seen.file), spec.origin.clone(), reason);
        let namespace = root.text(&["spec", "targetNamespace"]).or_else(|| root.text(&["metadata", "namespace"]));
        draft.release.namespace = namespace.map(str::to_owned);
        draft.release.name.clone_from(&name);
        draft.release.files.push(seen.document.source);
        let mut stack = Stack { draft, layers: Vec::new(), files: Vec::new() };
        add_values(context, root, &mut stack);
        for secret in root.items(&["spec", "valuesSecrets"]) {
            let secret = secret.text(&["name"]).unwrap_or_default();
            stack.hide(format!("Secret {secret} cannot be seen"));
        }
        let arguments: Vec<SetArgument> =
            root.fields(&["spec", "set"]).map(|(key, value)| argument(key, value)).collect();
        if let Some(config) = context.object(seen.file, "HelmChartConfig", &name).cloned() {
            add_values(context, &config.document.root, &mut stack);
            stack.files.push(config.document.source);
        }
        stack.layers = with_arguments(context, std::mem::take(&mut stack.layers), &arguments);
        let wanted = Wanted::Chart { chart: text(&["spec", "chart"]), repository: text(&["spec", "repo"]) };
        Some(install(context, seen, &wanted, written(root, &["spec", "version"]), stack))
    }
}

/// The text, then the mapping.
fn add_values(context: &mut Context<'_>, root: &Node, stack: &mut Stack) {
    if let Some(text) = root.at(&["spec", "valuesContent"]).filter(|text| text.as_str().is_some()) {
        for values in context.values_inside(text) {
            add_inline(stack, values, "valuesContent");
        }
    }
    if let Some(values) = root.at(&["spec", "values"]) {
        add_inline(stack, values.clone(), "spec.values");
    }
}

/// The controller types only numbers that are written as such, and the words true, false and null.
fn argument(key: &str, value: &Node) -> SetArgument {
    let text = value.scalar_text().unwrap_or_default();
    let is_typed = !matches!(value.data, Data::String(_))
        || ["true", "false", "null"].iter().any(|word| text.eq_ignore_ascii_case(word));
    let kind = if is_typed { SetKind::Typed } else { SetKind::String };
    let text = format!("{key}={}", text.replace(',', "\\,"));
    SetArgument { kind, text: text.into(), origin: SetOrigin::Place(value.origin.clone()) }
}
