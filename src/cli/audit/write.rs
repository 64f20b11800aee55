//! `--write-reports`: what was found becomes objects of the cluster, one a workload and owned by it, as the background audit
//! of `serve` writes them.

use std::collections::BTreeMap;

use serde_json::Value;
use tokio::runtime::Runtime;

use super::judge::Run;
use crate::load::live::View;
use crate::load::live::client::{ApiError, Asker};
use crate::load::live::gather::Scope;
use crate::load::live::reports::{self as cluster_reports, ReportKind};
use crate::model::build::Pods;
use crate::policy::Severity;
use crate::report::policyreport::{self, Api};
use crate::report::{DeploymentSummary, ErrorLine, Report};

/// A workload that was judged.
#[derive(Clone, Debug)]
struct Workload {
    /// Position of its cluster.
    cluster: usize,
    namespace: String,
    /// As references to objects have it, with `uid`.
    reference: Value,
}

/// The workloads behind deployments, by the ids of these.
#[derive(Debug, Default)]
pub(super) struct Workloads(BTreeMap<String, Workload>);

impl Workloads {
    /// Remembers the workloads of a namespace that was judged.
    pub(super) fn keep(&mut self, cluster: usize, view: &View, deployments: &[DeploymentSummary]) {
        let mut running: Vec<_> = view.inputs.objects.iter().filter(|object| Pods::of(object).is_some()).collect();
        for deployment in deployments.iter().filter(|one| one.namespace.as_deref() == Some(view.namespace.as_str())) {
            let is_it = |position: &usize| {
                let object = running[*position];
                object.name() == deployment.name && object.namespace() == deployment.namespace.as_deref()
            };
            let Some(position) = (0..running.len()).find(is_it) else { continue };
            // of two that are called the same each has its own
            let object = running.remove(position);
            let Some(uid) = object.node.text(&["metadata", "uid"]) else { continue };
            let reference = serde_json::json!({"apiVersion": object.api_version(), "kind": object.kind(),
                "name": object.name(), "namespace": view.namespace, "uid": uid});
            let workload = Workload { cluster, namespace: view.namespace.clone(), reference };
            self.0.insert(deployment.id.clone(), workload);
        }
    }

    /// One after the other: a report is large, and a fleet has many.
    fn items<'a>(
        &'a self,
        report: &'a Report,
        cluster: usize,
        kind: ReportKind,
        threshold: Option<Severity>,
    ) -> impl Iterator<Item = Value> + 'a {
        let items = Api::of(kind.api_version).map(|api| policyreport::items(report, api, threshold));
        items.into_iter().flatten().zip(&report.deployments).filter_map(move |(mut item, deployment)| {
            let workload = self.0.get(&deployment.id).filter(|workload| workload.cluster == cluster)?;
            cluster_reports::belongs_to(&mut item, &workload.reference);
            Some(item)
        })
    }

    /// Where older reports are removed. A report goes with its workload anyway; where only some of the workloads were
    /// looked at, or not all could be read, those of the others stay.
    fn places(&self, run: &Run, cluster: usize, scope: &Scope) -> Vec<String> {
        if scope.selector.is_some() || !run.report.errors.is_empty() {
            return Vec::new();
        }
        let own = self.0.values().filter(|workload| workload.cluster == cluster);
        let mut places: Vec<String> = own.map(|workload| workload.namespace.clone()).collect();
        places.extend(scope.namespaces.iter().cloned());
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// Writes the reports of each cluster; what cannot be written is an error of the run.
pub(super) fn reports(run: &mut Run, askers: &[Asker], scope: &Scope, threshold: Option<Severity>, runtime: &Runtime) {
    let Some(workloads) = &run.workloads else { return };
    let mut errors = Vec::new();
    for (cluster, asker) in askers.iter().enumerate() {
        let kind = match runtime.block_on(cluster_reports::served(asker)) {
            Ok(Some(kind)) => kind,
            Ok(None) => {
                errors.push(not_served(&asker.context));
                continue;
            }
            Err(error) => {
                errors.push(unwritten(&asker.context, &error));
                continue;
            }
        };
        let written = workloads.items(&run.report, cluster, kind, threshold);
        let places = workloads.places(run, cluster, scope);
        if let Err(error) = runtime.block_on(cluster_reports::write(asker, kind, written, Some(&places))) {
            errors.push(unwritten(&asker.context, &error));
        }
    }
    for error in errors {
        run.error(error);
    }
}

fn not_served(context: &str) -> ErrorLine {
    let kinds = cluster_reports::api_versions().join(" nor ");
    ErrorLine {
        message: format!("{context}: no reports were written: the cluster serves neither {kinds}"),
        help: Some("install the definitions of OpenReports, or take `--format policyreport=FILE`".to_owned()),
        ..ErrorLine::default()
    }
}

fn unwritten(context: &str, error: &ApiError) -> ErrorLine {
    let help = match error {
        ApiError::Forbidden(_) => "grant what `qdrant-lint audit --write-reports --print-rbac` prints",
        _ => "what was found is reported all the same; run it again",
    };
    ErrorLine {
        message: format!("{context}: the reports could not be written: {error}"),
        help: Some(help.to_owned()),
        ..ErrorLine::default()
    }
}
