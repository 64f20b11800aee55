//! Whole repositories in a scratch folder: what carriers make of them.

use std::fs;

use super::{LoadOptions, Loaded, load};
use crate::model::chart::set::{SetArgument, SetKind, SetOrigin};
use crate::model::chart::{ChartVersion, effective_values};
use crate::model::input::Release;
use crate::source::{Origin, Source, Sources};

/// Loads a repository; its files as name and text.
fn repository(files: &[(&str, &str)], with: impl FnOnce(&mut LoadOptions, &mut Sources)) -> (Loaded, Sources) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join(".git")).unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let mut sources = Sources::default();
    let mut options = LoadOptions::new(folder.path());
    with(&mut options, &mut sources);
    let loaded = load(&options, &mut sources);
    (loaded, sources)
}

fn plain(files: &[(&str, &str)]) -> (Loaded, Sources) {
    repository(files, |_, _| {})
}

fn only(loaded: &Loaded) -> &Release {
    assert_eq!(loaded.inputs.releases.len(), 1, "{:#?}", loaded.listing);
    &loaded.inputs.releases[0]
}

/// A merged value of the only release, and the line where it is written.
fn value(loaded: &Loaded, sources: &Sources, path: &[&str]) -> (serde_json::Value, usize) {
    let release = only(loaded);
    let merged = effective_values(&ChartVersion::newest(), &release.layers, &release.anchor).values;
    let node = merged.at(path).unwrap_or_else(|| panic!("{path:?} is set"));
    let place = node.origin.place().map(|written| sources.get(written.source).position(written.value.0).line);
    (node.to_json(), place.unwrap_or_default())
}

fn reason<'l>(loaded: &'l Loaded, file: &str) -> &'l str {
    &loaded.listing.iter().find(|entry| entry.file == file).expect("it is listed").reason
}

const ARGO: &str = "\
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: vectors, namespace: argocd}
spec:
  destination: {namespace: search}
";

#[test]
fn an_application_with_text_values_points_into_the_text() {
    let application = format!(
        "{ARGO}  source:
    chart: qdrant
    repoURL: https://qdrant.github.io/qdrant-helm
    targetRevision: 1.12.4
    helm:
      values: |
        replicaCount: 3
      parameters:
        - name: persistence.size
          value: 80Gi
"
    );
    let (loaded, sources) = plain(&[("app.yaml", &application)]);
    let release = only(&loaded);
    assert_eq!((release.name.as_str(), release.namespace.as_deref()), ("vectors", Some("search")));
    assert_eq!(release.chart_version.as_ref().map(|(version, _)| version.as_str()), Some("1.12.4"));
    assert!(release.rendered_offline);
    assert_eq!(value(&loaded, &sources, &["replicaCount"]), (3.into(), 12));
    assert_eq!(value(&loaded, &sources, &["persistence", "size"]), ("80Gi".into(), 15));
}

#[test]
fn sources_win_over_source_and_references_reach_the_repository() {
    let application = format!(
        "{ARGO}  source: {{chart: other, repoURL: https://charts.example}}
  sources:
    - chart: qdrant
      repoURL: https://qdrant.to/helm
      targetRevision: 1.15.*
      helm:
        releaseName: q
        valueFiles: [$values/env/prod.yaml, $values/env/gone.yaml]
        valuesObject: {{replicaCount: 5}}
        values: 'replicaCount: 1'
    - {{repoURL: https://git.example/r.git, ref: values}}
"
    );
    let values = "replicaCount: 3\nconfig: {cluster: {enabled: true}}\n";
    let (loaded, sources) = plain(&[("apps/a.yaml", &application), ("env/prod.yaml", values)]);
    assert_eq!(only(&loaded).name, "q");
    assert_eq!(unseen(only(&loaded)), ["$values/env/gone.yaml is not in this repository"]);
    let over = &only(&loaded).unseen[0].over;
    let layers = &only(&loaded).layers;
    let spans: Vec<_> = layers.iter().filter_map(|layer| Some(layer.values.origin.place()?.value_span())).collect();
    assert_eq!((over.len(), spans.len()), (1, 2));
    assert_eq!(over[0], spans[0], "the file before the missing one may be overridden, `valuesObject` may not");
    assert_eq!(value(&loaded, &sources, &["replicaCount"]).0, 5);
    assert_eq!(value(&loaded, &sources, &["config", "cluster", "enabled"]), (true.into(), 2));
    assert_eq!(reason(&loaded, "env/prod.yaml"), "values of Argo CD Application vectors");
}

#[test]
fn an_application_of_an_umbrella_lays_its_values_over_the_chart() {
    let application = format!(
        "{ARGO}  source:
    repoURL: https://git.example/r.git
    path: charts/search
    helm:
      valueFiles: [prod.yaml]
"
    );
    let chart = "name: search\nversion: 0.1.0\ndependencies:\n  - {name: qdrant, alias: vectors, version: 1.14.0, repository: 'https://qdrant.to/helm'}\n";
    let (loaded, sources) = plain(&[
        ("apps/a.yaml", &application),
        ("charts/search/Chart.yaml", chart),
        ("charts/search/values.yaml", "vectors: {replicaCount: 1, persistence: {size: 20Gi}}\n"),
        ("charts/search/prod.yaml", "vectors: {replicaCount: 3}\n"),
    ]);
    assert_eq!(only(&loaded).chart_name, "vectors");
    assert_eq!(value(&loaded, &sources, &["replicaCount"]).0, 3);
    assert_eq!(value(&loaded, &sources, &["persistence", "size"]).0, "20Gi");
}

#[test]
fn an_application_set_keeps_no_templates_in_names() {
    let set = "\
apiVersion: argoproj.io/v1alpha1
kind: ApplicationSet
metadata: {name: vectors}
spec:
  template:
    metadata: {name: 'vectors-{{ .env }}'}
    spec:
      destination: {namespace: '{{ .namespace }}'}
      source:
        chart: qdrant
        repoURL: https://qdrant.to/helm
        targetRevision: 1.16.0
        helm:
          valuesObject: {replicaCount: 3}
";
    let (loaded, _) = plain(&[("set.yaml", set)]);
    let release = only(&loaded);
    assert_eq!((release.name.as_str(), release.namespace.as_deref()), ("vectors", None));
}

#[test]
fn a_mirror_is_told_by_its_values() {
    let application = |values: &str| {
        format!(
            "{ARGO}  source:\n    chart: qdrant\n    repoURL: https://mirror.example\n    helm:\n      valuesObject: {values}\n"
        )
    };
    let (loaded, _) = plain(&[("a.yaml", &application("{replicaCount: 3, persistence: {size: 9Gi}}"))]);
    assert_eq!(loaded.inputs.releases.len(), 1);
    let (loaded, _) = plain(&[("a.yaml", &application("{controllers: {main: {}}, persistence: {size: 9Gi}}"))]);
    assert!(loaded.inputs.releases.is_empty());
    assert!(reason(&loaded, "a.yaml").contains("controllers"), "{}", reason(&loaded, "a.yaml"));
}

const FLUX: &str = "\
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: upstream}
spec: {url: https://qdrant.github.io/qdrant-helm}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: qdrant, namespace: flux-system}
spec:
  targetNamespace: search
  chart:
    spec: {chart: qdrant, version: 1.15.4, sourceRef: {kind: HelmRepository, name: upstream}}
";

#[test]
fn a_helm_release_joins_its_config_maps_under_its_own_values() {
    let release = format!(
        "{FLUX}  valuesFrom:
    - {{kind: ConfigMap, name: base}}
    - {{kind: Secret, name: keys, valuesKey: key, targetPath: apiKey}}
  values:
    replicaCount: 3
"
    );
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\ndata:\n  values.yaml: |\n    replicaCount: 1\n    persistence:\n      size: 30Gi\n";
    let (loaded, sources) = plain(&[("flux.yaml", &release), ("map.yaml", map)]);
    let found = only(&loaded);
    assert_eq!((found.name.as_str(), found.namespace.as_deref()), ("search-qdrant", Some("search")));
    assert_eq!(unseen(found), ["Secret keys for apiKey cannot be seen"]);
    assert!(found.substitutes && !found.rendered_offline);
    assert_eq!(value(&loaded, &sources, &["replicaCount"]), (3.into(), 17));
    assert_eq!(value(&loaded, &sources, &["persistence", "size"]), ("30Gi".into(), 8));
}

#[test]
fn a_config_map_that_kustomize_makes_is_followed_to_its_file() {
    let release = format!("{FLUX}  valuesFrom: [{{kind: ConfigMap, name: base}}]\n");
    let kustomization = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nconfigMapGenerator:\n  - {name: base, files: [values.yaml=./helm/base.yaml]}\n";
    let (loaded, sources) = plain(&[
        ("apps/q/flux.yaml", &release),
        ("apps/q/kustomization.yaml", kustomization),
        ("apps/q/helm/base.yaml", "replicaCount: 5\n"),
    ]);
    assert_eq!(value(&loaded, &sources, &["replicaCount"]), (5.into(), 1));
}

#[test]
fn a_chart_reference_is_followed_to_its_source() {
    let release = |url: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: q}}\nspec: {{url: '{url}', ref: {{tag: 1.17.0}}}}\n---\napiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: qdrant}}\nspec:\n  chartRef: {{kind: OCIRepository, name: q}}\n  values: {{replicaCount: 3}}\n"
        )
    };
    let (loaded, _) = plain(&[("flux.yaml", &release("oci://mirror.example/charts/qdrant"))]);
    assert_eq!(only(&loaded).chart_version.as_ref().map(|(version, _)| version.as_str()), Some("1.17.0"));
    let (loaded, _) = plain(&[("flux.yaml", &release("oci://ghcr.io/bjw-s-labs/helm/app-template"))]);
    assert!(loaded.inputs.releases.is_empty());
}

#[test]
fn a_helm_chart_of_k3s_takes_its_config_above_and_set_highest() {
    let chart = "\
apiVersion: helm.cattle.io/v1
kind: HelmChart
metadata: {name: qdrant, namespace: kube-system}
spec:
  chart: qdrant
  repo: https://qdrant.to/helm
  targetNamespace: search
  set: {replicaCount: 5, image.tag: '1.10'}
  valuesContent: |
    replicaCount: 1
    persistence: {size: 10Gi}
---
apiVersion: helm.cattle.io/v1
kind: HelmChartConfig
metadata: {name: qdrant, namespace: kube-system}
spec:
  valuesContent: |
    persistence: {size: 40Gi}
";
    let (loaded, sources) = plain(&[("chart.yaml", chart)]);
    assert_eq!(only(&loaded).namespace.as_deref(), Some("search"));
    assert_eq!(value(&loaded, &sources, &["replicaCount"]), (5.into(), 8));
    assert_eq!(value(&loaded, &sources, &["image", "tag"]).0, "1.10");
    assert_eq!(value(&loaded, &sources, &["persistence", "size"]), ("40Gi".into(), 18));
}

#[test]
fn broken_values_inside_a_carrier_are_an_error_at_their_line() {
    let application = format!(
        "{ARGO}  source:\n    chart: qdrant\n    repoURL: https://qdrant.to/helm\n    helm:\n      values: |\n        a:\n        \tb: 2\n"
    );
    let (loaded, _) = plain(&[("app.yaml", &application)]);
    assert_eq!(loaded.errors.iter().map(|error| error.line).collect::<Vec<_>>(), [Some(12)], "{:?}", loaded.errors);
}

fn set(text: &str) -> impl FnOnce(&mut LoadOptions, &mut Sources) {
    let text = text.to_owned();
    move |options, sources| {
        let id = sources.add(Source::new("--set", text.as_str()));
        options.set.push(SetArgument { kind: SetKind::Typed, text: text.into(), origin: SetOrigin::Text(id, 0) });
    }
}

#[test]
fn set_changes_one_item_of_a_list_in_the_files() {
    let values = "env:\n  - {name: QDRANT__LOG_LEVEL, value: INFO}\n  - {name: QDRANT__SERVICE__API_KEY, value: a}\nsnapshotPersistence: {enabled: true}\n";
    let (loaded, sources) = repository(&[("values.yaml", values)], set("env[1].value=b"));
    let expected = serde_json::json!([{"name": "QDRANT__LOG_LEVEL", "value": "INFO"}, {"name": "QDRANT__SERVICE__API_KEY", "value": "b"}]);
    assert_eq!(value(&loaded, &sources, &["env"]).0, expected);
    let release = only(&loaded);
    let merged = effective_values(&ChartVersion::newest(), &release.layers, &release.anchor).values;
    let items = merged.items(&["env"]);
    assert!(matches!(items[1].get("value").map(|node| &node.origin), Some(Origin::Set(_))));
    assert!(matches!(items[0].get("value").map(|node| &node.origin), Some(Origin::Written(_))));
}

#[test]
fn set_speaks_of_the_umbrella_and_never_sees_its_defaults() {
    let chart = "name: search\nversion: 0.1.0\ndependencies: [{name: qdrant, version: 1.14.0, repository: 'https://qdrant.to/helm', condition: qdrant.enabled}]\n";
    let files = [
        ("Chart.yaml", chart),
        ("values.yaml", "qdrant: {enabled: false, env: [{name: A, value: '1'}, {name: B, value: '2'}]}\n"),
    ];
    let (loaded, _) = plain(&files);
    assert!(loaded.inputs.releases.is_empty());
    let (loaded, sources) = repository(&files, set("qdrant.enabled=true,qdrant.replicaCount=3,qdrant.env[0].name=C"));
    assert_eq!(value(&loaded, &sources, &["replicaCount"]).0, 3);
    // Helm makes a new list: an item of a chart's default list cannot be set
    assert_eq!(value(&loaded, &sources, &["env"]).0, serde_json::json!([{"name": "C"}]));
}

#[test]
fn an_argument_that_does_not_fit_the_files_is_an_error() {
    let (loaded, _) = repository(&[("values.yaml", "env: []\nsnapshotPersistence: {}\n")], set("env.a=1"));
    assert_eq!(loaded.errors.len(), 1);
    assert!(loaded.errors[0].message.contains("env is no mapping"), "{}", loaded.errors[0].message);
    assert_eq!(loaded.inputs.releases.len(), 1);
}

fn unseen(release: &Release) -> Vec<&str> {
    release.unseen.iter().map(|unseen| unseen.what.as_str()).collect()
}
