//! Arguments and configuration → what one run does. Reads the configuration and the policies, nothing else.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::args::{Input, Policy};
use super::output::Failure;
use crate::config::{Config, ConfigFile, FILE_NAME, WaiverSetting, WaiversFile, WaiversSetting};
use crate::policy::engine::{self, Engine};
use crate::policy::{Profile, Registry};
use crate::report::checklist;
use crate::source::Limits;

/// One run.
pub(super) struct Plan {
    /// The configuration; empty when there is none.
    pub(super) config: Config,
    /// Profile.
    pub(super) profile: Profile,
    /// `--rule`.
    pub(super) only: GlobSet,
    /// `--skip`.
    pub(super) skip: GlobSet,
    /// The date to judge by.
    pub(super) now: jiff::civil::Date,
    /// Bounds of each file.
    pub(super) limits: Limits,
    /// Globs of paths that are left out, relative to the working folder.
    pub(super) ignore_paths: Vec<String>,
    /// Waivers, wherever they are written.
    pub(super) waivers: Vec<WaiverSetting>,
    /// Texts that findings about waivers and evidence point into: the configuration, then the file of its waivers.
    pub(super) governing: Governing,
    rules: Rules,
}

/// Texts of the configuration by name, and the folder that its paths are relative to.
#[derive(Debug, Default)]
pub(super) struct Governing {
    /// The configuration.
    pub(super) config: Option<(String, String)>,
    /// The file that holds the waivers, when they are not in the configuration.
    pub(super) waivers: Option<(String, String)>,
    /// Relative to the working folder.
    pub(super) folder: PathBuf,
}

/// Built-in rules are compiled once for the process; with the user's own there is a set for this run.
enum Rules {
    BuiltIn(&'static (Registry, Engine)),
    WithOwn(Arc<Registry>, Arc<Engine>),
}

impl Plan {
    /// Resolves arguments and configuration.
    pub(super) fn new(input: &Input, policy: &Policy) -> Result<Self, Failure> {
        let (path, read) = configuration(policy.config.as_deref())?.unzip();
        let (read, text) = read.unzip();
        let folder = path.as_deref().and_then(Path::parent).map(Path::to_path_buf).unwrap_or_default();
        let policies = read.as_ref().map(|read| read.config.policies.clone()).unwrap_or_default();
        let own: Vec<PathBuf> =
            policy.folders.iter().cloned().chain(policies.iter().map(|policies| folder.join(policies))).collect();
        let rules = load_rules(&own)?;
        if let Some(read) = &read {
            read.check(rules.registry(), &evidence_keys(rules.registry()))?;
        }
        let config = read.map(|read| read.config).unwrap_or_default();
        let (waivers, waivers_text) = waivers(&config, &folder)?;
        let named = |text| path.as_ref().map(|path| path.display().to_string()).zip(text);
        let governing = Governing { config: named(text), waivers: waivers_text, folder: folder.clone() };
        let prefix = folder.to_string_lossy().replace('\\', "/");
        let ignore_paths = config
            .ignore_paths
            .iter()
            .map(
                |pattern| {
                    if prefix.is_empty() || prefix == "." { pattern.clone() } else { format!("{prefix}/{pattern}") }
                },
            )
            .collect();
        Ok(Self {
            profile: policy.profile.or(config.profile).unwrap_or_default(),
            only: globs("--rule", &policy.rule)?,
            skip: globs("--skip", &policy.skip)?,
            now: policy.effective_date.unwrap_or_else(|| jiff::Zoned::now().date()),
            limits: Limits::for_input(size(&input.largest)?),
            ignore_paths,
            waivers,
            governing,
            config,
            rules,
        })
    }

    /// The built-in rules and no configuration: what a first look at a folder needs.
    pub(super) fn bare(input: &Input) -> Result<Self, Failure> {
        Ok(Self {
            config: Config::default(),
            profile: Profile::default(),
            only: GlobSet::empty(),
            skip: GlobSet::empty(),
            now: jiff::Zoned::now().date(),
            limits: Limits::for_input(size(&input.largest)?),
            governing: Governing::default(),
            waivers: Vec::new(),
            ignore_paths: Vec::new(),
            rules: load_rules(&[])?,
        })
    }

    /// What one case of the user's own rules needs.
    pub(super) fn of_case(
        config: Config,
        profile: Option<Profile>,
        now: Option<jiff::civil::Date>,
        limits: Limits,
        (registry, engine): (&Arc<Registry>, &Arc<Engine>),
    ) -> Self {
        Self {
            profile: profile.or(config.profile).unwrap_or_default(),
            config,
            only: GlobSet::empty(),
            skip: GlobSet::empty(),
            now: now.unwrap_or_else(|| jiff::Zoned::now().date()),
            limits,
            governing: Governing::default(),
            waivers: Vec::new(),
            ignore_paths: Vec::new(),
            rules: Rules::WithOwn(Arc::clone(registry), Arc::clone(engine)),
        }
    }

    /// All rules.
    pub(super) fn registry(&self) -> &Registry {
        self.rules.registry()
    }

    /// The rules, compiled.
    pub(super) fn engine(&self) -> &Engine {
        self.rules.engine()
    }
}

impl Rules {
    fn registry(&self) -> &Registry {
        match self {
            Self::BuiltIn(rules) => &rules.0,
            Self::WithOwn(registry, _) => registry,
        }
    }

    fn engine(&self) -> &Engine {
        match self {
            Self::BuiltIn(rules) => &rules.1,
            Self::WithOwn(_, engine) => engine,
        }
    }
}

fn load_rules(own: &[PathBuf]) -> Result<Rules, Failure> {
    if own.is_empty() {
        return Ok(Rules::BuiltIn(engine::built_in()?));
    }
    let mut registry = Registry::built_in()?;
    for folder in own {
        registry.add_folder(folder)?;
    }
    let engine = Engine::new(&registry)?;
    Ok(Rules::WithOwn(Arc::new(registry), Arc::new(engine)))
}

/// The registry for `rules` and `explain`, which need no compiled rules.
pub(super) fn registry(own: &[PathBuf]) -> Result<Registry, Failure> {
    let mut registry = Registry::built_in()?;
    for folder in own {
        registry.add_folder(folder)?;
    }
    Ok(registry)
}

/// The waivers, and the name and text of their file when it is one of its own.
type Waivers = (Vec<WaiverSetting>, Option<(String, String)>);

fn waivers(config: &Config, folder: &Path) -> Result<Waivers, Failure> {
    match &config.waivers {
        None => Ok((Vec::new(), None)),
        Some(WaiversSetting::List(list)) => Ok((list.clone(), None)),
        Some(WaiversSetting::File(file)) => {
            let path = folder.join(file);
            let shown = path.display().to_string();
            let text = std::fs::read_to_string(&path).map_err(|error| {
                Failure::new(format!("waivers `{shown}` cannot be read: {error}"))
                    .help("`waivers:` names a file relative to the configuration, or holds the list itself")
            })?;
            let read = WaiversFile::parse(&shown, &text)?;
            Ok((read.waivers, Some((shown, text))))
        }
    }
}

/// What may be attested: what rules ask for, and every statement of the checklist.
fn evidence_keys(registry: &Registry) -> Vec<String> {
    let asked: BTreeSet<&String> = registry.rules().flat_map(|rule| &rule.evidence).collect();
    asked.into_iter().chain(checklist::items().iter().map(|item| &item.id)).cloned().collect()
}

/// The path of a configuration, what it says, and its text.
type Configuration = (PathBuf, (ConfigFile, String));

/// The configuration of the run.
fn configuration(given: Option<&Path>) -> Result<Option<Configuration>, Failure> {
    let Some(path) = given.map(Path::to_path_buf).or_else(nearest) else { return Ok(None) };
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(&path)
        .map_err(|error| Failure::new(format!("configuration `{shown}` cannot be read: {error}")))?;
    let read = ConfigFile::parse(&shown, &text)?;
    Ok(Some((path, (read, text))))
}

/// The nearest configuration upwards, as a path relative to the working folder.
fn nearest() -> Option<PathBuf> {
    let here = std::env::current_dir().ok()?;
    let mut prefix = PathBuf::new();
    for _ in here.ancestors() {
        let candidate = prefix.join(FILE_NAME);
        if candidate.is_file() {
            return Some(candidate);
        }
        prefix.push("..");
    }
    None
}

fn globs(flag: &str, patterns: &[String]) -> Result<GlobSet, Failure> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(|error| Failure::new(format!("`{flag} {pattern}`: {}", error.kind())))?);
    }
    set.build().map_err(|error| Failure::new(format!("`{flag}`: {error}")))
}

/// `64MiB`, `100MB`, `1048576`: bytes.
fn size(text: &str) -> Result<u64, Failure> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let unit: Option<u64> = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => Some(1),
        "k" | "kb" => Some(1_000),
        "ki" | "kib" => Some(1 << 10),
        "m" | "mb" => Some(1_000_000),
        "mi" | "mib" => Some(1 << 20),
        "g" | "gb" => Some(1_000_000_000),
        "gi" | "gib" => Some(1 << 30),
        _ => None,
    };
    let bytes = text[..digits].parse::<u64>().ok().zip(unit).and_then(|(count, unit)| count.checked_mul(unit));
    bytes.filter(|bytes| *bytes > 0).ok_or_else(|| {
        Failure::new(format!("`--max-input {text}` is no size")).help("write a number and a unit: `--max-input 256MiB`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_binary_and_decimal_units() {
        assert_eq!(size("64MiB").unwrap(), 64 << 20);
        assert_eq!(size("1k").unwrap(), 1_000);
        assert!(size("lots").is_err());
        assert!(size("0").is_err());
    }

    #[test]
    fn a_broken_glob_names_its_flag() {
        assert!(globs("--rule", &["[".to_owned()]).unwrap_err().0.message.starts_with("`--rule [`"));
    }
}
