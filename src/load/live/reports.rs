//! Reports in a cluster: one object a workload. Written by server-side apply, so that what others add to them stays; what
//! was written here and is not written again is removed.

use std::collections::BTreeSet;

use hyper::http::Method;
use serde_json::{Value, json};

use super::client::{ApiError, Asker};

/// Who writes, as server-side apply knows it.
const MANAGER: &str = "qdrant-lint";
/// Set on what is written here: a report that somebody applied from a file is not ours to remove.
const LABEL: &str = "qdrant-lint.dev/written-by";
const WRITER: &str = "audit";
/// Reports of one page of a list.
const PAGE: usize = 500;

/// A kind of report that clusters may serve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportKind {
    /// `openreports.io/v1alpha1`
    pub api_version: &'static str,
    resource: &'static str,
}

/// The successor first.
const KINDS: [ReportKind; 2] = [
    ReportKind { api_version: "openreports.io/v1alpha1", resource: "reports" },
    ReportKind { api_version: "wgpolicyk8s.io/v1alpha2", resource: "policyreports" },
];

/// What was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Written {
    /// Reports that are as given now.
    pub applied: usize,
    /// Reports that were removed.
    pub removed: usize,
}

/// The versions that are looked for.
pub fn api_versions() -> [&'static str; 2] {
    KINDS.map(|kind| kind.api_version)
}

/// Makes a report one about this workload, which goes with it. The workload is as references have it, with `uid`.
pub fn belongs_to(report: &mut Value, workload: &Value) {
    let mut owner = workload.clone();
    if let Some(owner) = owner.as_object_mut() {
        // an owner is in the namespace of what it owns
        owner.remove("namespace");
    }
    report["metadata"]["ownerReferences"] = json!([owner]);
    report["scope"] = workload.clone();
}

/// The kind of report that a cluster serves; none when nobody has installed one.
pub async fn served(asker: &Asker) -> Result<Option<ReportKind>, ApiError> {
    for kind in KINDS {
        match asker.get(&format!("/apis/{}", kind.api_version)).await {
            Ok(list) => {
                let resources = list["resources"].as_array().map(Vec::as_slice).unwrap_or_default();
                if resources.iter().any(|resource| resource["name"] == kind.resource) {
                    return Ok(Some(kind));
                }
            }
            Err(ApiError::NotFound) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(None)
}

/// Writes reports and removes older ones that are not among them, in these namespaces; none = in all. Reports without a
/// namespace are left out: there is no place for them.
pub async fn write(
    asker: &Asker,
    kind: ReportKind,
    reports: impl Iterator<Item = Value>,
    namespaces: Option<&[String]>,
) -> Result<Written, ApiError> {
    let mut written = Written::default();
    let mut current = BTreeSet::new();
    for mut report in reports {
        let Some((namespace, name)) = name_of(&report) else { continue };
        report["metadata"]["labels"][LABEL] = WRITER.into();
        let path = format!("{}/{name}?fieldManager={MANAGER}&force=true", path(kind, Some(&namespace)));
        asker.send(Method::PATCH, &path, &report).await?;
        current.insert((namespace, name));
        written.applied += 1;
    }
    let places = match namespaces {
        None => vec![None],
        Some(namespaces) => namespaces.iter().map(|namespace| Some(namespace.as_str())).collect(),
    };
    for place in places {
        for (namespace, name) in ours(asker, kind, place).await? {
            if current.contains(&(namespace.clone(), name.clone())) {
                continue;
            }
            let path = format!("{}/{name}", path(kind, Some(&namespace)));
            match asker.send(Method::DELETE, &path, &json!({})).await {
                Ok(_) => written.removed += 1,
                Err(ApiError::NotFound) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(written)
}

/// What was written here before.
async fn ours(asker: &Asker, kind: ReportKind, namespace: Option<&str>) -> Result<Vec<(String, String)>, ApiError> {
    let base = format!("{}?labelSelector={LABEL}%3D{WRITER}&limit={PAGE}", path(kind, namespace));
    let mut found = Vec::new();
    let mut next = String::new();
    loop {
        let page = asker.get(&format!("{base}{next}")).await?;
        let items = page["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        found.extend(items.iter().filter_map(name_of));
        match page["metadata"]["continue"].as_str().filter(|token| !token.is_empty()) {
            Some(token) => next = format!("&continue={token}"),
            None => return Ok(found),
        }
    }
}

fn name_of(report: &Value) -> Option<(String, String)> {
    let part = |key: &str| report["metadata"][key].as_str().map(str::to_owned);
    Some((part("namespace")?, part("name")?))
}

fn path(kind: ReportKind, namespace: Option<&str>) -> String {
    let place = namespace.map_or_else(String::new, |namespace| format!("/namespaces/{namespace}"));
    format!("/apis/{}{place}/{}", kind.api_version, kind.resource)
}
