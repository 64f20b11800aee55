//! Runs the library on files as the command does, without a process.

#[cfg(feature = "live")]
pub(crate) mod apiserver;
#[cfg(feature = "live")]
pub(crate) mod kubelet;
#[cfg(feature = "live")]
pub(crate) mod qdrant;
pub(crate) mod replayed;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

use qdrant_lint::config::{Config, FILE_NAME, WaiverSetting, WaiversSetting};
use qdrant_lint::lint;
use qdrant_lint::load::{self, LoadOptions};
use qdrant_lint::model::build::{self, Built, Settings};
use qdrant_lint::policy::engine::Engine;
use qdrant_lint::policy::{Profile, Registry};
use qdrant_lint::report::Report;
use qdrant_lint::source::{self, Document, Limits, Source, SourceId, Sources, Span};
use qdrant_lint::suppress;

/// Flags of a case, written as comments in its first lines: `# chart: 1.12.4`.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flags {
    pub(crate) chart: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) release: Option<String>,
    pub(crate) profile: Profile,
    pub(crate) date: Option<String>,
    pub(crate) config: String,
    pub(crate) skipped: Vec<(String, String)>,
    /// The only rule to judge by; none = all.
    pub(crate) only: Option<String>,
}

impl Flags {
    /// Reads the comments at the top of a text.
    pub(crate) fn read(text: &str) -> Self {
        let mut flags = Self::default();
        let top = text.lines().take_while(|line| line.starts_with('#') || line.trim().is_empty());
        for line in top {
            let Some((name, value)) = line.trim_start_matches('#').trim().split_once(':') else { continue };
            let value = value.trim();
            match name {
                "chart" => flags.chart = Some(value.to_owned()),
                "namespace" => flags.namespace = Some(value.to_owned()),
                "release" => flags.release = Some(value.to_owned()),
                "effective-date" => flags.date = Some(value.to_owned()),
                "config" => flags.config = format!("{}{value}\n", flags.config),
                "profile" => {
                    flags.profile =
                        Profile::ALL.into_iter().find(|profile| profile.as_str() == value).expect("a known profile");
                }
                "skipped" => {
                    let (rule, kind) = value.split_once(' ').expect("`# skipped: RULE KIND`");
                    flags.skipped.push((rule.to_owned(), kind.trim().to_owned()));
                }
                _ => {}
            }
        }
        flags
    }
}

/// Deployments and the report on them.
pub(crate) struct Judged {
    pub(crate) report: Report,
    pub(crate) built: Vec<Built>,
    pub(crate) errors: Vec<String>,
    /// What the rules about exemptions saw.
    pub(crate) governance: Option<serde_json::Value>,
}

/// Judges paths by all built-in rules.
pub(crate) fn judge(paths: &[PathBuf], flags: &Flags) -> Judged {
    let options = LoadOptions { paths: paths.to_vec(), ..LoadOptions::new(env!("CARGO_MANIFEST_DIR")) };
    judge_with(options, flags, &mut Sources::default())
}

/// Likewise with options of the caller's, under those of the flags.
pub(crate) fn judge_with(mut options: LoadOptions, flags: &Flags, sources: &mut Sources) -> Judged {
    let (registry, engine) = rules();
    let (file, text) = configuration(&mut options.paths, flags);
    let config = Config::parse(&file, &text).expect("configuration of the case");
    let options = LoadOptions {
        chart_version: flags.chart.clone(),
        release: flags.release.clone(),
        namespace: flags.namespace.clone(),
        ..options
    };
    let loaded = load::load(&options, sources);
    let now = flags.date.clone().unwrap_or_else(|| "2026-11-22".to_owned());
    let folder = project(&file).parent().map(Path::to_path_buf).unwrap_or_default();
    let id = sources.add(Source::new(file.as_str(), text));
    let root = source::parse(sources, id, &Limits::default()).documents.remove(0).root;
    let record = |link: &str| std::fs::read(folder.join(link)).ok();
    let evidence = suppress::evidence::read(&config.evidence, root.get("evidence"), &record);
    let settings = Settings {
        profile: flags.profile.to_string(),
        evidence: suppress::evidence::facts(&evidence, now.parse().expect("a date")),
        now,
        params: registry.params(&config.params()),
        residency: qdrant_lint::model::facts::Residency {
            countries: config.residency.countries.clone(),
            regions: config.residency.regions.clone(),
        },
        registries: config.registries.allowed.clone(),
        expected: config.expected.clone(),
        advisories: config
            .advisories
            .iter()
            .map(|own| serde_json::from_value(serde_json::to_value(own).unwrap()).expect("an advisory of the case"))
            .collect(),
        storage_classes: config.storage_classes.clone(),
        ..Settings::default()
    };
    let sources: &Sources = sources;
    let mut built: Vec<Built> = build::build(&loaded.inputs, sources, &settings);
    // files beside a recording are what is declared, as in `audit PATH`
    let mut running: Vec<Built> =
        loaded.live.iter().flat_map(|inputs| build::build(inputs, sources, &settings)).collect();
    for one in &mut running {
        one.declare(&built);
    }
    built.extend(running);
    let mut documents: BTreeMap<SourceId, Vec<Arc<Document>>> = BTreeMap::new();
    for document in &loaded.documents {
        documents.entry(document.source).or_default().push(Arc::clone(document));
    }
    let document_at = |span: Span| {
        let of_source = documents.get(&span.source).map(Vec::as_slice).unwrap_or_default();
        of_source.iter().rfind(|document| document.span.start <= span.start).cloned()
    };
    let judging = lint::Options {
        profile: flags.profile,
        config: &config,
        only: flags.only.as_deref().map_or_else(globset::GlobSet::empty, only),
        skip: globset::GlobSet::empty(),
        document_at: &document_at,
        progress: &|| {},
    };
    let mut report = lint::judge(&built, registry, engine, sources, &judging);
    let exemptions = suppress::inline(loaded.documents.iter().map(AsRef::as_ref), sources)
        .into_iter()
        .chain(suppress::waivers::read(&waivers_of(&config), root.get("waivers"), &suppress::scope::Base::default()));
    let exemptions: Vec<_> = exemptions.collect();
    let governance = lint::Governance {
        exemptions: &exemptions,
        evidence: &evidence,
        objects: &[],
        now: settings.now.parse().expect("a date"),
    };
    let governance = lint::govern(&mut report, &governance, registry, engine, sources, &judging);
    let errors = loaded.errors.iter().map(ToString::to_string).collect();
    Judged { report, built, errors, governance }
}

/// The configuration of a case: its flags, or a file `.qdrant-lint.yaml` in its folder.
fn configuration(paths: &mut Vec<PathBuf>, flags: &Flags) -> (String, String) {
    let is_configuration = |path: &PathBuf| path.file_name().is_some_and(|name| name == FILE_NAME);
    let Some(at) = paths.iter().position(is_configuration) else { return ("config".to_owned(), flags.config.clone()) };
    let path = paths.remove(at);
    let shown = path.strip_prefix(project("")).unwrap_or(&path).to_string_lossy().replace('\\', "/");
    (shown, std::fs::read_to_string(path).expect("the configuration of the case is readable"))
}

/// Matches one rule.
fn only(rule: &str) -> globset::GlobSet {
    globset::GlobSet::new([globset::Glob::new(rule).expect("an id is a glob")]).expect("one glob")
}

fn waivers_of(config: &Config) -> Vec<WaiverSetting> {
    match &config.waivers {
        Some(WaiversSetting::List(list)) => list.clone(),
        _ => Vec::new(),
    }
}

/// The built-in rules, read from `policies/`: a changed rule is tested without building anything.
pub(crate) fn rules() -> &'static (Registry, Engine) {
    static RULES: LazyLock<(Registry, Engine)> = LazyLock::new(|| {
        let registry = Registry::built_in_from(&project("policies")).expect("built-in rules are valid");
        let engine = Engine::new(&registry).expect("built-in rules compile");
        (registry, engine)
    });
    &RULES
}

/// Asserts that `check` says of a recording what was said of the cluster when it was made.
#[cfg(feature = "live")]
pub(crate) fn assert_replays(recording: &Path, live: &serde_json::Value) {
    let text = std::fs::read_to_string(recording).expect("a recording");
    let validator = jsonschema::validator_for(&load::live::recording::schema()).expect("a schema");
    assert!(validator.is_valid(&serde_json::from_str(&text).expect("JSON")));
    let mut command = assert_cmd::Command::cargo_bin("qdrant-lint").expect("the binary under test");
    let output = command.arg("check").arg(recording).args(["--format", "json"]).output().expect("it runs");
    let replay: serde_json::Value = serde_json::from_slice(&output.stdout).expect("a report");
    for part in ["deployments", "findings", "rules", "summary"] {
        assert_eq!(live[part], replay[part], "{part}");
    }
}

/// A path below the project.
pub(crate) fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
