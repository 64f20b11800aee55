//! The Kubernetes objects that the chart makes of merged values. Every leaf has the origin of the value it comes from;
//! what the templates fix is a default of the chart.

mod block;
mod budget;
mod changes;
mod config;
mod container;
mod context;
mod ingress;
mod monitor;
mod names;
mod pod;
mod probes;
mod scalar;
mod secret;
mod service;
mod stateful_set;
mod storage;
mod template;

use std::collections::BTreeMap;
use std::sync::Arc;

use self::context::Context;
use super::ChartVersion;
use crate::source::{Node, Origin, Path};

/// What the templates know of a release beside its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseInfo {
    /// `.Release.Name`
    pub name: Arc<str>,
    /// `.Release.Namespace`, where it is known.
    pub namespace: Option<Arc<str>>,
    /// `.Chart.Name`: `qdrant`, or the alias of an umbrella's dependency.
    pub chart_name: Arc<str>,
    /// `.Release.Service`: `Helm`.
    pub service: Arc<str>,
}

/// The outcome.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// The objects in the order StatefulSet, ConfigMap, Services, ServiceAccount, then what is switched on. Test hooks
    /// are left out; `metadata.namespace` is set nowhere, as in the chart.
    pub objects: Vec<RenderedObject>,
    /// Why Helm refuses these values; the objects are then a best guess.
    pub errors: Vec<RenderError>,
    /// Name of the StatefulSet, the Service and most others.
    pub full_name: String,
    /// How the start script tells peers of each other.
    pub bootstrap: Bootstrap,
    /// What `apiKey` asks for.
    pub api_key: ApiKey,
    /// What `readOnlyApiKey` asks for.
    pub read_only_api_key: ApiKey,
    /// Values with templates that were not evaluated: their text is unknown.
    pub templated: Vec<Templated>,
}

/// One object, and the configuration files in it.
#[derive(Clone, Debug)]
pub struct RenderedObject {
    /// The object.
    pub object: Node,
    /// Files in its data by key (`production.yaml`, `local.yaml`), as trees that keep their origins.
    pub configs: BTreeMap<String, Node>,
}

impl RenderedObject {
    /// `kind`.
    pub fn kind(&self) -> &str {
        self.object.text(&["kind"]).unwrap_or_default()
    }
}

/// A reason why Helm refuses to render.
#[derive(Clone, Debug, PartialEq)]
pub struct RenderError {
    /// In words, lower case.
    pub message: String,
    /// The value at fault, or where it would be set.
    pub at: Origin,
    /// Its path in the values.
    pub values_path: Path,
}

/// A value whose template was not evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Templated {
    /// The value.
    pub at: Origin,
    /// Its path in the values.
    pub values_path: Path,
    /// Its text.
    pub text: Arc<str>,
}

/// What the start script passes to Qdrant: the first peer a URI of its own, the others the first one to bootstrap from.
/// It passes on nothing of `args`.
#[derive(Clone, Debug, PartialEq)]
pub struct Bootstrap {
    /// `http` or `https`.
    pub scheme: &'static str,
    /// Port as printed; usually 6335.
    pub port: String,
    /// `--uri` of the first peer, and `--bootstrap` of the others: `http://qdrant-0.qdrant-headless:6335`.
    pub first_peer: String,
    /// Where scheme and port come from; the scheme's value when it is written, else the port's.
    pub at: Origin,
    /// `--snapshot` arguments; only a single replica with `snapshotRestoration.enabled` gets any.
    pub snapshots: Vec<String>,
    /// The script starts one peer with snapshots and never bootstraps.
    pub restores: bool,
}

/// What a value for an API key asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiKey {
    /// Nothing: absent, `false`, empty.
    None,
    /// A text in the values.
    Text {
        /// The key as Helm prints it.
        text: Arc<str>,
        /// The value.
        at: Origin,
    },
    /// `true`: a random key, a new one with every render that sees no cluster.
    Generated {
        /// The value.
        at: Origin,
    },
    /// `valueFrom.secretKeyRef`: looked up in the cluster while rendering; without one the key is lost.
    Lookup {
        /// The value.
        at: Origin,
        /// Name of the Secret.
        secret: Arc<str>,
        /// Key in the Secret.
        key: Arc<str>,
    },
    /// Something the chart makes no key of: a mapping without `valueFrom`, a number, a list.
    Lost {
        /// The value.
        at: Origin,
    },
}

/// Renders merged values (see [`super::effective_values`]).
pub fn render(values: &Node, release: &ReleaseInfo, chart: &ChartVersion) -> Rendered {
    let context = Context::new(values, release, chart);
    let (api_key, read_only_api_key) = secret::keys(&context);
    let bootstrap = config::bootstrap(&context);
    let full_name = context.full_name().0;
    let plain = |object| RenderedObject { object, configs: BTreeMap::new() };
    let mut objects = vec![
        plain(stateful_set::render(&context)),
        config::render(&context, &bootstrap),
        plain(service::render(&context)),
        plain(service::render_headless(&context)),
        plain(service::render_account(&context)),
    ];
    objects.extend(secret::render(&context, &api_key, &read_only_api_key));
    objects.extend(budget::render(&context).map(plain));
    objects.extend(ingress::render(&context).map(plain));
    objects.extend(monitor::render(&context).map(plain));
    let (errors, templated) = context.into_remarks();
    Rendered { objects, errors, full_name, bootstrap, api_key, read_only_api_key, templated }
}
