//! The chart model against Helm: every fixture of `testdata/chart`, with every chart version of the folder that
//! `QDRANT_LINT_CHARTS` names (one folder per version with the unpacked chart in it), object by object.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::{Arc, Mutex, OnceLock};

use qdrant_lint::model::chart::{
    self, ApiKey, ChartVersion, ReleaseInfo, Rendered, SetArgument, SetKind, SetOrigin, effective_values, set,
};
use qdrant_lint::model::input::Layer;
use qdrant_lint::source::{Limits, Node, Origin, Schema, Source, Sources, yaml};
use rayon::prelude::*;
use serde_json::{Map, Value, json};

pub(crate) const NAMESPACE: &str = "vectors-ns";

/// A values file, and what its comments ask for: `# release: NAME`, `# set: …`, `# set-string: …`, ….
pub(crate) struct Fixture {
    pub(crate) name: String,
    pub(crate) file: PathBuf,
    text: String,
}

#[test]
fn the_model_renders_what_helm_renders() {
    let Some(charts) = charts() else { return };
    let fixtures = fixtures();
    assert!(fixtures.len() >= 25, "only {} fixtures", fixtures.len());
    let pairs: Vec<_> = charts.iter().flat_map(|chart| fixtures.iter().map(move |fixture| (chart, fixture))).collect();
    let differences: Vec<String> = pairs
        .par_iter()
        .flat_map_iter(|((version, folder), fixture)| {
            let told = compare(version, folder, fixture, "qdrant");
            told.into_iter().map(|line| format!("{version} {}: {line}", fixture.name)).collect::<Vec<_>>()
        })
        .collect();
    eprintln!("{} charts x {} fixtures: {} differences", charts.len(), fixtures.len(), differences.len());
    assert!(differences.is_empty(), "{}", differences.iter().take(60).cloned().collect::<Vec<_>>().join("\n"));
}

#[test]
fn an_alias_is_the_name_of_the_chart() {
    let Some(charts) = charts() else { return };
    let fixtures = fixtures();
    for (version, folder) in [&charts[0], &charts[charts.len() - 1]] {
        let copy = tempfile::tempdir().unwrap();
        copy_folder(folder, copy.path());
        let file = copy.path().join("Chart.yaml");
        fs::write(&file, fs::read_to_string(&file).unwrap().replace("name: qdrant\n", "name: vectordb\n")).unwrap();
        for fixture in fixtures.iter().filter(|fixture| ["defaults", "placement"].contains(&&*fixture.name)) {
            assert_eq!(compare(version, copy.path(), fixture, "vectordb"), Vec::<String>::new(), "{version}");
        }
    }
}

#[test]
fn nulls_of_an_umbrella_reach_the_chart_only_beside_another_layer() {
    let Some(charts) = charts() else { return };
    let (version, folder) = &charts[charts.len() - 1];
    let own = "qdrant:\n  podDisruptionBudget: {enabled: true, maxUnavailable: null, minAvailable: 2}\n";
    let other = "qdrant: {replicaCount: 3}\n";
    for (layers, kept) in [(vec![own], true), (vec![own, other], false)] {
        let umbrella = tempfile::tempdir().unwrap();
        copy_folder(folder, &umbrella.path().join("charts/qdrant"));
        let dependency = format!("dependencies:\n- {{name: qdrant, version: {version}}}\n");
        fs::write(umbrella.path().join("Chart.yaml"), format!("apiVersion: v2\nname: u\nversion: 0.1.0\n{dependency}"))
            .unwrap();
        fs::write(umbrella.path().join("values.yaml"), own).unwrap();
        let mut helm = Command::new("helm");
        helm.args(["template", "r"]).arg(umbrella.path());
        if let Some(other) = layers.get(1) {
            let file = umbrella.path().join("other.yaml");
            fs::write(&file, other).unwrap();
            helm.arg("-f").arg(file);
        }
        let out = String::from_utf8(helm.output().unwrap().stdout).unwrap();
        assert_eq!(out.contains("maxUnavailable: 1"), kept, "helm");
        let layers: Vec<_> = layers
            .iter()
            .enumerate()
            .map(|(index, text)| Layer {
                values: parse(text, Schema::Yaml11).remove(0).get("qdrant").unwrap().clone(),
                null_keeps_default: index == 0,
                name: String::new(),
            })
            .collect();
        let merged = effective_values(&ChartVersion::resolve(version).chart, &layers, &Origin::Derived);
        assert_eq!(merged.values.at(&["podDisruptionBudget", "maxUnavailable"]).is_some(), kept, "the model");
    }
}

/// Versions and folders of the charts; tells why there are none.
pub(crate) fn charts() -> Option<Vec<(String, PathBuf)>> {
    let Some(folder) = std::env::var_os("QDRANT_LINT_CHARTS") else {
        eprintln!(
            "SKIPPED: QDRANT_LINT_CHARTS names no folder of charts, so the chart model is not compared with Helm"
        );
        return None;
    };
    if Command::new("helm").arg("version").output().is_err() {
        eprintln!("SKIPPED: there is no helm on the PATH, so the chart model is not compared with it");
        return None;
    }
    let mut charts: Vec<_> = fs::read_dir(folder)
        .expect("QDRANT_LINT_CHARTS is a folder")
        .map(|entry| entry.unwrap())
        .map(|entry| (entry.file_name().into_string().unwrap(), entry.path().join("qdrant")))
        .filter(|(_, chart)| chart.join("Chart.yaml").is_file())
        .collect();
    charts.sort_by_key(|(version, _)| ChartVersion::resolve(version).chart.version);
    assert!(!charts.is_empty(), "QDRANT_LINT_CHARTS holds no chart");
    Some(charts)
}

pub(crate) fn fixtures() -> Vec<Fixture> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/chart");
    let only = std::env::var("QDRANT_LINT_CHART_FIXTURE").ok();
    let mut fixtures: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|file| Fixture {
            name: file.file_stem().unwrap().to_str().unwrap().to_owned(),
            text: fs::read_to_string(&file).unwrap(),
            file,
        })
        .filter(|fixture| only.as_ref().is_none_or(|only| *only == fixture.name))
        .collect();
    fixtures.sort_by(|a, b| a.name.cmp(&b.name));
    fixtures
}

impl Fixture {
    fn wishes(&self, wish: &str) -> impl Iterator<Item = &str> {
        let prefix = format!("# {wish}: ");
        self.text.lines().filter_map(move |line| line.strip_prefix(&*prefix))
    }

    pub(crate) fn release(&self) -> &str {
        self.wishes("release").next().unwrap_or("rel")
    }

    pub(crate) fn arguments(&self) -> Vec<(&'static str, SetKind, &str)> {
        let flags = [
            ("--set-literal", SetKind::Literal),
            ("--set", SetKind::Typed),
            ("--set-string", SetKind::String),
            ("--set-json", SetKind::Json),
        ];
        let of = |(flag, kind): (&'static str, SetKind)| {
            self.wishes(&flag[2..]).map(move |text| (flag, kind, text)).collect::<Vec<_>>()
        };
        flags.into_iter().flat_map(of).collect()
    }
}

/// Every difference between Helm and the model, in words.
fn compare(version: &str, folder: &Path, fixture: &Fixture, chart_name: &str) -> Vec<String> {
    let output = template(folder, fixture);
    let rendered = model(version, fixture, chart_name);
    let refusals: Vec<_> = rendered.errors.iter().map(|error| error.message.clone()).collect();
    match (output.status.success(), refusals.is_empty()) {
        (true, true) => {}
        (false, false) => return Vec::new(),
        (true, false) => return vec![format!("only the model refuses: {refusals:?}")],
        (false, true) => {
            return vec![format!("only helm refuses: {}", String::from_utf8_lossy(&output.stderr).trim())];
        }
    }
    let theirs: BTreeMap<_, _> = parse(&String::from_utf8(output.stdout.clone()).unwrap(), Schema::Yaml11)
        .iter()
        .map(Node::to_json)
        .filter(|object| !object.is_null())
        .map(|object| normal_helm(&object, &rendered))
        .map(|object| (identity(&object), object))
        .collect();
    let ours: BTreeMap<_, _> = normal_model(&rendered).into_iter().map(|object| (identity(&object), object)).collect();
    let mut told = Vec::new();
    for name in theirs.keys().chain(ours.keys().filter(|name| !theirs.contains_key(*name))) {
        let (theirs, ours) = (theirs.get(name).unwrap_or(&Value::Null), ours.get(name).unwrap_or(&Value::Null));
        differences(name, theirs, ours, &mut told);
    }
    told
}

/// What `helm template` says; asked once of each chart and fixture.
pub(crate) fn template(folder: &Path, fixture: &Fixture) -> Arc<Output> {
    type Cells = Mutex<BTreeMap<(PathBuf, String), Arc<OnceLock<Arc<Output>>>>>;
    static KNOWN: Cells = Mutex::new(BTreeMap::new());
    let key = (folder.to_path_buf(), fixture.name.clone());
    let cell = Arc::clone(KNOWN.lock().unwrap().entry(key).or_default());
    let ask = || {
        let mut helm = Command::new("helm");
        helm.args(["template", fixture.release()]).arg(folder);
        helm.args(["-n", NAMESPACE, "--skip-tests", "-f"]).arg(&fixture.file);
        for (flag, _, text) in fixture.arguments() {
            helm.args([flag, text]);
        }
        Arc::new(helm.output().unwrap())
    };
    Arc::clone(cell.get_or_init(ask))
}

fn model(version: &str, fixture: &Fixture, chart_name: &str) -> Rendered {
    let root = parse(&fixture.text, Schema::Yaml11).into_iter().next();
    let empty = || Node::mapping(qdrant_lint::source::Mapping::new(), Origin::Derived);
    let base = root.filter(|root| root.as_mapping().is_some()).unwrap_or_else(empty);
    let mut sources = Sources::default();
    let arguments: Vec<_> = fixture
        .arguments()
        .into_iter()
        .map(|(_, kind, text)| {
            let origin = SetOrigin::Text(sources.add(Source::new("--set", text)), 0);
            SetArgument { kind, text: text.into(), origin }
        })
        .collect();
    let values = set::apply(base, &arguments, &|_| Err("no files".to_owned())).unwrap();
    let layers = [Layer { values, null_keeps_default: false, name: "values".to_owned() }];
    let chart = ChartVersion::resolve(version).chart;
    let merged = effective_values(&chart, &layers, &Origin::Derived);
    let release = ReleaseInfo {
        name: fixture.release().into(),
        namespace: Some(NAMESPACE.into()),
        chart_name: chart_name.into(),
        service: "Helm".into(),
    };
    chart::render(&merged.values, &release, &chart)
}

fn parse(text: &str, schema: Schema) -> Vec<Node> {
    let mut sources = Sources::default();
    let id = sources.add(Source::new("text", Arc::from(text)));
    let parsed = yaml::parse_as(&sources, id, schema, &Limits::default());
    assert!(parsed.errors.is_empty(), "{:?} in\n{text}", parsed.errors);
    parsed.documents.into_iter().map(|document| document.root).collect()
}

/// Their object, with the configuration read as Qdrant reads it, the script reduced to its arguments, and random text
/// masked.
fn normal_helm(object: &Value, rendered: &Rendered) -> Value {
    let mut object = object.clone();
    if object["kind"] == "ConfigMap" {
        let file = object["data"]["production.yaml"].as_str().unwrap_or_default().to_owned();
        object["data"]["production.yaml"] = parse(&file, Schema::Core12).first().map_or(Value::Null, Node::to_json);
    }
    mask(&mut object, rendered);
    normal(&object)
}

fn normal_model(rendered: &Rendered) -> Vec<Value> {
    let object = |object: &chart::RenderedObject| {
        let mut plain = object.object.to_json();
        if let Some(file) = object.configs.get("production.yaml") {
            plain["data"]["production.yaml"] = file.to_json();
        }
        mask(&mut plain, rendered);
        normal(&plain)
    };
    rendered.objects.iter().map(object).collect()
}

fn mask(object: &mut Value, rendered: &Rendered) {
    if object["kind"] == "ConfigMap" {
        let script = object["data"]["initialize.sh"].as_str().unwrap_or_default().to_owned();
        object["data"]["initialize.sh"] = arguments_of(&script);
    }
    let generated = |key: &ApiKey| matches!(key, ApiKey::Generated { .. });
    if object["kind"] == "Secret" && object["data"].is_object() {
        for (key, random) in [
            ("api-key", generated(&rendered.api_key)),
            ("read-only-api-key", generated(&rendered.read_only_api_key)),
            ("local.yaml", generated(&rendered.api_key) || generated(&rendered.read_only_api_key)),
        ] {
            if random && object["data"][key].is_string() {
                object["data"][key] = json!("random");
            }
        }
    }
    if let Some(annotations) = object.pointer_mut("/spec/template/metadata/annotations").and_then(Value::as_object_mut)
    {
        for (key, value) in annotations {
            if key.starts_with("checksum/") {
                *value = json!("masked");
            }
        }
    }
}

/// `--uri`, `--bootstrap` and `--snapshot` of every start of Qdrant in the script.
fn arguments_of(script: &str) -> Value {
    let starts = script.lines().filter(|line| line.trim().starts_with("exec ./entrypoint.sh"));
    let arguments = |line: &str| {
        let line = line.replace("'\"$SET_INDEX\"'", "N").replace('\'', "");
        let words: Vec<_> = line.split_whitespace().skip(2).map(str::to_owned).collect();
        json!(words)
    };
    starts.map(arguments).collect()
}

/// Without nulls, and with every number a float.
fn normal(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64()),
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(fields) => {
            let kept = fields.iter().filter(|(_, value)| !value.is_null());
            Value::Object(kept.map(|(key, value)| (key.clone(), normal(value))).collect::<Map<_, _>>())
        }
        scalar => scalar.clone(),
    }
}

fn identity(object: &Value) -> String {
    format!("{}/{}", object["kind"].as_str().unwrap_or_default(), object["metadata"]["name"])
}

fn differences(path: &str, theirs: &Value, ours: &Value, told: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                differences(&format!("{path}.{key}"), a, b, told);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differences(&format!("{path}[{index}]"), a, b, told);
            }
        }
        _ if theirs == ours => {}
        _ => told.push(format!("{path}: helm {theirs}, model {ours}")),
    }
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
