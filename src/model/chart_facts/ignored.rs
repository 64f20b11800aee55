//! Values that the user wrote and the chart version does not read.

use super::{lookalikes, suggestion};
use crate::model::build::RenderedRelease;
use crate::model::chart::keys::{Keys, Reading};
use crate::model::facts::IgnoredValue;
use crate::model::tracked::{Origins, Tracked};
use crate::source::{Data, Node, Origin};

/// Keys at the top that are Helm's own or that umbrellas use.
const OF_HELM: [&str; 3] = ["global", "enabled", "tags"];

/// Every written key that is not read; of a block only its own key.
pub(super) fn ignored_values(release: &RenderedRelease<'_>, origins: &Origins) -> Vec<Tracked<IgnoredValue>> {
    let keys = Keys::of(&release.chart.version);
    let mut walk = Walk { release, keys: &keys, found: Vec::new() };
    walk.fields(&release.merged.values, "", "");
    walk.found.into_iter().map(|(value, origin)| origins.track(value, &origin)).collect()
}

struct Walk<'w> {
    release: &'w RenderedRelease<'w>,
    keys: &'w Keys,
    found: Vec<(IgnoredValue, Origin)>,
}

impl Walk<'_> {
    /// `pattern` is the place in the table of keys, `path` the place in these values.
    fn fields(&mut self, node: &Node, pattern: &str, path: &str) {
        for (name, value) in node.fields(&[]).filter(|(_, value)| value.origin.is_written()) {
            if pattern.is_empty() && is_nobodys(name) {
                continue;
            }
            let (own, whole) = (below(pattern, name), below(path, name));
            match self.keys.reading(&own) {
                Reading::Whole => {}
                Reading::Parts => self.parts(value, &own, &whole),
                Reading::WithoutEffect => self.ignore(name, value, &own, whole, None, false),
                Reading::Never { since, once } => {
                    let since = since.map(|version| version.to_string());
                    self.ignore(name, value, &own, whole, since, once);
                }
            }
        }
    }

    fn parts(&mut self, value: &Node, pattern: &str, path: &str) {
        match &value.data {
            Data::Mapping(_) => self.fields(value, pattern, path),
            Data::Sequence(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.parts(item, &format!("{pattern}[]"), &format!("{path}[{index}]"));
                }
            }
            // another kind of value than the chart expects: rendering tells
            Data::Null | Data::Bool(_) | Data::Number(_) | Data::String(_) => {}
        }
    }

    fn ignore(&mut self, name: &str, value: &Node, own: &str, key: String, since: Option<String>, once: bool) {
        let known = lookalikes::find(own);
        if asks_for_nothing(value) {
            return;
        }
        let parent = own.rsplit_once('.').map_or("", |(parent, _)| parent);
        let guess = known.is_none().then(|| suggestion::suggest(self.keys, parent, name)).flatten();
        let instead = known
            .and_then(|known| known.instead.clone())
            .or_else(|| guess.as_ref().map(|guess| guess.key.clone()))
            .filter(|instead| *instead != own);
        let same = known.map_or_else(|| guess.as_ref().is_some_and(|guess| guess.certain), |known| known.same);
        let target = instead.as_deref();
        let rename = target.filter(|_| same).and_then(|target| self.rename(target, parent, value));
        let severe = known.map_or_else(
            || lookalikes::is_severe(own) || target.is_some_and(lookalikes::is_severe),
            |known| known.severe,
        );
        let effect = match known {
            Some(known) => known.effect.clone(),
            None => self.effect(target),
        };
        let harmless = known.and_then(|known| known.harmless.as_ref()).is_some_and(|same| *same == value.to_json());
        // a key that only a later chart reads names that version as its successor's too
        let since = since.or_else(|| match self.keys.reading(target?) {
            Reading::Never { since, .. } => since.map(|version| version.to_string()),
            Reading::Whole | Reading::Parts | Reading::WithoutEffect => None,
        });
        let fact = IgnoredValue { key, instead, since, once, effect, severe, harmless, rename };
        self.found.push((fact, value.origin.clone()));
    }

    /// The new name, when a rename alone mends it: the same parent, the other key not written, nothing below unread.
    fn rename(&self, target: &str, parent: &str, value: &Node) -> Option<String> {
        let (of, name) = target.rsplit_once('.').unwrap_or(("", target));
        if of != parent {
            return None;
        }
        let mut trial = Walk { release: self.release, keys: self.keys, found: Vec::new() };
        match self.keys.reading(target) {
            Reading::Whole => {}
            Reading::Parts if matches!(value.data, Data::Mapping(_) | Data::Sequence(_)) => {
                trial.parts(value, target, target);
            }
            Reading::Parts | Reading::WithoutEffect | Reading::Never { .. } => return None,
        }
        let taken = !target.contains("[]")
            && self.written(target).is_some_and(|node| node.origin.is_written() && !node.is_null());
        (trial.found.is_empty() && !taken).then(|| name.to_owned())
    }

    fn written(&self, key: &str) -> Option<&Node> {
        let keys: Vec<&str> = key.split('.').collect();
        self.release.value(&keys)
    }

    /// What stays as it was, when another key was probably meant.
    fn effect(&self, target: Option<&str>) -> String {
        let Some(target) = target else { return "the deployment is the same without it".to_owned() };
        match self.written(target).and_then(Node::scalar_text) {
            Some(value) if !value.is_empty() => format!("`{target}` stays {value}"),
            _ => format!("`{target}` stays as it is"),
        }
    }
}

/// Keys that are no values: Helm's, and anchors that are kept under `x-…` or `_…`.
fn is_nobodys(name: &str) -> bool {
    OF_HELM.contains(&name) || name.starts_with("x-") || name.starts_with(['_', '.'])
}

fn below(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}

/// Null, an empty text, list or mapping, and blocks that are switched off: they ask for nothing that could be missed.
fn asks_for_nothing(value: &Node) -> bool {
    match &value.data {
        Data::Null => true,
        Data::String(text) => text.is_empty(),
        Data::Sequence(items) => items.is_empty(),
        Data::Mapping(fields) => {
            let off = |key: &str| fields.get(key).is_some_and(|value| value.as_bool() == Some(false));
            off("enabled") || off("create") || fields.values().all(asks_for_nothing)
        }
        Data::Bool(_) | Data::Number(_) => false,
    }
}
