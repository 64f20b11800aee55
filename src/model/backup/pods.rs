//! Pods that run to an end or beside the peers, and may back them up: their containers, scripts and environment.

use std::collections::BTreeMap;

use super::environment::Environment;
use super::script::{Interpreter, Script, scripts};
use crate::model::build::is_qdrant_container;
use crate::model::input::Object;
use crate::model::monitoring::Watched;
use crate::source::Node;

/// Words of a script that makes snapshots.
const SNAPSHOT_CALLS: [&str; 4] = ["/snapshots", "create_snapshot", "create_full_snapshot", "createSnapshot"];
/// Programs and libraries that carry files to an object store.
const UPLOADERS: [&str; 14] = [
    "aws s3",
    "s3api",
    "gsutil",
    "gcloud storage",
    "az storage",
    "azcopy",
    "rclone",
    "mc cp",
    "mc mirror",
    "restic",
    "s3cmd",
    "s5cmd",
    "boto3",
    "s3://",
];

/// A pod template that is no peer.
pub(crate) struct JobPods<'a> {
    /// CronJob, Job, Argo CronWorkflow, Deployment, …
    pub(crate) object: &'a Object,
    /// The pod template; of an Argo workflow the object itself.
    pub(crate) template: &'a Node,
    /// The pod spec.
    pub(crate) spec: &'a Node,
    /// Containers that may call the peers.
    pub(crate) containers: Vec<JobContainer<'a>>,
    /// Something in it makes snapshots.
    pub(crate) calls_peers: bool,
    /// Something in it uploads.
    pub(crate) uploads: bool,
}

/// A container of such a pod.
pub(crate) struct JobContainer<'a> {
    /// The container.
    pub(crate) node: &'a Node,
    /// What it runs.
    pub(crate) scripts: Vec<Script>,
    /// A script file that it runs is not in the input.
    pub(crate) unseen_script: Option<(String, &'a Node)>,
    /// Its variables.
    pub(crate) environment: Environment,
}

impl<'a> JobPods<'a> {
    /// Every pod template that is no peer, in the order of the input.
    pub(crate) fn of(watched: &Watched<'a>) -> Vec<Self> {
        let scope = watched.scope;
        let config_maps: BTreeMap<&str, &Object> =
            scope.objects.iter().filter(|object| object.kind() == "ConfigMap").map(|one| (one.name(), one)).collect();
        scope
            .objects
            .iter()
            .flat_map(|object| specs(object).into_iter().map(move |(template, spec)| (object, template, spec)))
            .map(|(object, template, spec)| {
                let containers: Vec<JobContainer<'a>> = containers(spec)
                    .into_iter()
                    .filter(|container| is_qdrant_container(container).is_none() || runs_a_script(container))
                    .map(|node| {
                        let environment = Environment::of(node, &config_maps);
                        let (scripts, unseen_script) = scripts(node, spec, &config_maps, scope.sources);
                        JobContainer { node, scripts, unseen_script, environment }
                    })
                    .collect();
                Self::new(object, template, spec, containers)
            })
            .collect()
    }

    fn new(object: &'a Object, template: &'a Node, spec: &'a Node, containers: Vec<JobContainer<'a>>) -> Self {
        let says = |word: &str| {
            containers.iter().any(|container| container.scripts.iter().any(|script| script.text.contains(word)))
        };
        let makes = SNAPSHOT_CALLS.iter().any(|word| says(word));
        // what it runs may be inside its image: then its own words must do
        let named = matches!(object.kind(), "CronJob" | "CronWorkflow") && {
            let words = spec.to_json().to_string().to_ascii_lowercase();
            let about = |word: &str| object.name().contains(word) || words.contains(word);
            about("qdrant") && (about("backup") || about("snapshot"))
        };
        let uploads = UPLOADERS.iter().any(|word| says(word));
        Self { object, template, spec, containers, calls_peers: makes || named, uploads }
    }

    /// `CronJob/qdrant-snapshot`.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.object.kind(), self.object.name())
    }

    /// Whether what it runs could be read.
    pub(crate) fn is_readable(&self) -> bool {
        self.containers
            .iter()
            .any(|container| container.scripts.iter().any(|script| script.interpreter != Interpreter::Unknown))
    }
}

/// Pod templates of an object with their pod specs. An Argo workflow has one container a template.
fn specs(object: &Object) -> Vec<(&Node, &Node)> {
    let template = match object.kind() {
        "CronJob" => object.node.at(&["spec", "jobTemplate", "spec", "template"]),
        "Job" | "Deployment" | "StatefulSet" | "DaemonSet" => object.node.at(&["spec", "template"]),
        "CronWorkflow" => {
            return object.node.items(&["spec", "workflowSpec", "templates"]).iter().map(|one| (one, one)).collect();
        }
        "Workflow" | "WorkflowTemplate" | "ClusterWorkflowTemplate" => {
            return object.node.items(&["spec", "templates"]).iter().map(|one| (one, one)).collect();
        }
        _ => None,
    };
    template.and_then(|template| Some((template, template.at(&["spec"])?))).into_iter().collect()
}

fn containers(spec: &Node) -> Vec<&Node> {
    let of_workflow = ["container", "script"].iter().filter_map(|field| spec.at(&[field]));
    spec.items(&["initContainers"]).iter().chain(spec.items(&["containers"])).chain(of_workflow).collect()
}

/// The Qdrant image as a job: it runs a command of its own instead of the server.
fn runs_a_script(container: &Node) -> bool {
    let text = |field: &str| container.at(&[field]).map(|node| node.to_json().to_string()).unwrap_or_default();
    SNAPSHOT_CALLS.iter().any(|word| text("command").contains(word) || text("args").contains(word))
}
