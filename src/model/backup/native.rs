//! Snapshots that the server itself keeps in S3, and cloud credentials that never change.

use super::BTreeMap;
use super::environment::Environment;
use super::pods::JobPods;
use crate::model::facts::backup::{NativeStorage, StaticCredential};
use crate::model::input::Object;
use crate::model::monitoring::Watched;
use crate::model::tracked::Tracked;

/// Variables that hold a credential, and the cloud they open.
const CREDENTIALS: [&str; 9] = [
    "AWS_SECRET_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_CLIENT_SECRET",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "S3_SECRET_KEY",
    "QDRANT__STORAGE__SNAPSHOTS_CONFIG__S3_CONFIG__SECRET_KEY",
];
/// Variables that name another store than the cloud's own.
const ENDPOINTS: [&str; 4] = ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "S3_ENDPOINT", "S3_ENDPOINT_URL"];

const REGION: &str = "AWS_REGION";
const DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";
const ENDPOINT: &str = "AWS_ENDPOINT_URL";
const ENCRYPTION: &str = "AWS_SERVER_SIDE_ENCRYPTION";
const KEY: &str = "AWS_SSE_KMS_KEY_ID";
/// Variables that stand in for settings of the snapshot storage.
const VARIABLES: [&str; 5] = [REGION, DEFAULT_REGION, ENDPOINT, ENCRYPTION, KEY];

/// Snapshot storage of the server.
pub(super) fn native(watched: &Watched<'_>) -> Option<Tracked<NativeStorage>> {
    let origins = &watched.scope.origins;
    let effective = watched.effective;
    let storage = effective.get("storage.snapshots_config.snapshots_storage")?;
    let of = |key: &str| {
        let setting = effective.get(&format!("storage.snapshots_config.s3_config.{key}"))?;
        Some(origins.track(setting.node.scalar_text()?, &setting.node.origin))
    };
    let wanted = |name: &str| VARIABLES.contains(&name);
    let pods = watched.scope.pods.as_ref();
    let environment = pods.map(|pods| Environment::among(&pods.container, &config_maps(watched), &wanted));
    let variable = |name: &str| {
        let (text, origin) = environment.as_ref()?.text(name)?;
        Some(origins.track(text.to_owned(), origin))
    };
    let region = of("region").or_else(|| variable(REGION)).or_else(|| variable(DEFAULT_REGION));
    let fact = NativeStorage {
        storage: storage.node.as_str()?.to_ascii_lowercase(),
        bucket: of("bucket").map(|bucket| bucket.value),
        region,
        endpoint: of("endpoint_url").or_else(|| variable(ENDPOINT)),
        sse: variable(ENCRYPTION),
        kms_key: variable(KEY).map(|key| key.value),
    };
    Some(origins.track(fact, &storage.node.origin))
}

fn config_maps<'a>(watched: &Watched<'a>) -> BTreeMap<&'a str, &'a Object> {
    let objects = watched.scope.objects.iter().filter(|object| object.kind() == "ConfigMap");
    objects.map(|object| (object.name(), object)).collect()
}

/// Whether an endpoint is that of a cloud that gives identities to workloads.
fn is_of_a_cloud(endpoint: &str) -> bool {
    ["amazonaws.com", "googleapis.com", "windows.net", "aliyuncs.com", "oraclecloud.com", "myhuaweicloud.com"]
        .iter()
        .any(|domain| endpoint.contains(domain))
}

/// Credentials in the configuration of the server and in the environment of the peers and the jobs.
pub(super) fn static_credentials(watched: &Watched<'_>, pods: &[JobPods<'_>]) -> Vec<Tracked<StaticCredential>> {
    let mut found = Vec::new();
    let origins = &watched.scope.origins;
    let endpoint = watched.effective.text("storage.snapshots_config.s3_config.endpoint_url");
    for key in ["secret_key", "access_key"] {
        let name = format!("storage.snapshots_config.s3_config.{key}");
        let Some(setting) = watched.effective.get(&name) else { continue };
        if setting.node.is_null() || !setting.node.origin.is_written() || setting.layer == "environment" {
            continue;
        }
        let fact = StaticCredential {
            name,
            from: "literal".to_owned(),
            place: "the server's configuration".to_owned(),
            own_store: endpoint.is_some_and(|endpoint| !is_of_a_cloud(endpoint)),
        };
        found.push(origins.track(fact, &setting.node.origin));
        break;
    }
    if let Some(peers) = &watched.scope.pods {
        let wanted = |name: &str| CREDENTIALS.contains(&name) || ENDPOINTS.contains(&name);
        let environment = Environment::among(&peers.container, &config_maps(watched), &wanted);
        found.extend(credential(watched, &environment, "the peers", endpoint));
    }
    for job in pods.iter().filter(|job| job.calls_peers) {
        for container in &job.containers {
            let told = container.scripts.iter().find_map(|script| {
                let at = script.text.find("--endpoint-url")?;
                script.text[at..].split(['\n', '\\']).next()
            });
            found.extend(credential(watched, &container.environment, &job.name(), told));
        }
    }
    found
}

fn credential(
    watched: &Watched<'_>,
    environment: &Environment,
    place: &str,
    endpoint: Option<&str>,
) -> Option<Tracked<StaticCredential>> {
    let (name, variable) = CREDENTIALS.iter().find_map(|name| Some((*name, environment.get(name)?)))?;
    let endpoint = ENDPOINTS
        .iter()
        .find_map(|name| environment.get(name))
        .map(|variable| variable.text.as_deref().unwrap_or("hidden"))
        .or(endpoint);
    let fact = StaticCredential {
        name: name.to_owned(),
        from: if variable.from.is_none() || variable.from == Some("config-map") { "literal" } else { "secret" }
            .to_owned(),
        place: place.to_owned(),
        own_store: endpoint.is_some_and(|endpoint| !is_of_a_cloud(endpoint)),
    };
    Some(watched.scope.origins.track(fact, &variable.origin))
}
