//! `qdrant-lint init`: a configuration for what is found here, with every choice explained beside it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};

use jiff::ToSpan as _;
use serde_json::Value;

use super::args::{Global, Init, Input};
use super::output::{self, Failure};
use super::plan::Plan;
use super::session::Session;
use crate::config::{Config, FILE_NAME};
use crate::model::build::{Built, Deployment};
use crate::report::{InputLine, count_of};

/// Days from now until the end of the waiver that is shown; the rules allow so many for a high finding.
const EXAMPLE: i64 = 90;

/// Looks at the folder and writes the file; one that is there stays unless `--force` is given.
pub(super) fn run(arguments: &Init, _: &Global) -> Result<u8, Failure> {
    let is_there = || {
        Failure::new(format!("`{FILE_NAME}` is there already"))
            .help("edit it, or replace it with `qdrant-lint init --force`")
    };
    // a link that leads nowhere is there too
    if !arguments.force && fs::symlink_metadata(FILE_NAME).is_ok() {
        return Err(is_there());
    }
    let input = Input { paths: arguments.paths.clone(), largest: "64MiB".to_owned(), ..Input::default() };
    let plan = Plan::bare(&input)?;
    let session = Session::new(&input, &plan, false)?;
    let built = session.built();
    let deployments: Vec<Deployment> = built.iter().map(|one| one.deployment.clone()).collect();
    let text = Found { built: &built, inputs: &session.inputs(&deployments), today: plan.now }.configuration();
    Config::parse(FILE_NAME, &text)?;
    write(&text, arguments.force).map_err(|error| match error.kind() {
        ErrorKind::AlreadyExists => is_there(),
        _ => Failure::new(format!("`{FILE_NAME}` cannot be written: {error}")),
    })?;
    let what = match built.len() {
        0 => "no deployment of Qdrant was found".to_owned(),
        found => format!("{} found", count_of(found, "deployment")),
    };
    output::print(&format!("wrote {FILE_NAME}: {what}; `qdrant-lint check` reads it from here on\n"));
    if !session.loaded.errors.is_empty() {
        let unread = count_of(session.loaded.errors.len(), "input");
        output::note(&format!("{unread} could not be read: `qdrant-lint check` says where and why\n"));
    }
    Ok(0)
}

fn write(text: &str, replace: bool) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true);
    if replace {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options.open(FILE_NAME)?.write_all(text.as_bytes())
}

/// What the file is made of.
struct Found<'a> {
    built: &'a [Built],
    inputs: &'a [InputLine],
    today: jiff::civil::Date,
}

impl Found<'_> {
    /// The text of the file.
    fn configuration(&self) -> String {
        let mut text = HEAD.to_owned();
        self.deployments(&mut text);
        let registries = self.facts(registries);
        let title = if registries.is_empty() {
            "registries that images may come from, for example:".to_owned()
        } else {
            format!("registries that images may come from; these are seen here: {}", listed(&registries))
        };
        let seen = if registries.is_empty() { quoted(["registry.example.com"]) } else { quoted(&registries) };
        let _ = write!(text, "\n# {title}\n# registries:\n#   allowed: [{seen}]\n");
        self.storage_classes(&mut text);
        let regions = self.facts(regions);
        let title = if regions.is_empty() {
            "where data may live (profile gcc-sovereign), for example:".to_owned()
        } else {
            format!("where data may live (profile gcc-sovereign), for example; regions seen here: {}", listed(&regions))
        };
        let _ = write!(text, "\n# {title}\n# residency:\n#   countries: [AE]\n#   regions: [\"aws:me-central-1\"]\n");
        text.push_str(RULES);
        let deployment = self.built.first().map_or("search/qdrant", |one| one.deployment.id.as_str());
        let until = self.today.checked_add(EXAMPLE.days()).unwrap_or(self.today);
        let _ = write!(text, "#     deployment: {}\n{WAIVER}#     until: {until}\n{LAST}", quoted([deployment]));
        text
    }

    fn deployments(&self, text: &mut String) {
        if self.built.is_empty() {
            text.push_str("\n# no deployment of Qdrant was found here; `qdrant-lint check -v` lists what was passed over and why\n");
            return;
        }
        text.push_str("\n# deployments seen here:\n");
        for Built { deployment, .. } in self.built {
            let chart = match &deployment.chart {
                Some((version, true)) => format!(", for no chart that anything names: {version} is assumed"),
                Some((version, false)) => format!(", chart {version}"),
                None => String::new(),
            };
            let _ = writeln!(text, "# * {}: {}{}", shown(&deployment.id), deployment.source, shown(&chart));
        }
        // one that a carrier describes is found by its carrier
        let bare = |one: &Built| one.deployment.chart.as_ref().is_some_and(|(_, assumed)| *assumed);
        if !self.built.iter().all(bare) {
            if self.built.iter().any(bare) {
                text.push_str("# say which chart is meant with `--chart-version`\n");
            }
            return;
        }
        text.push_str(
            "# what no file says can be said here; `check` without paths then judges these and nothing else\n# deployments:\n",
        );
        for Built { deployment, .. } in self.built {
            let _ = writeln!(text, "#   {}:", quoted([deployment.id.as_str()]));
            for (key, files) in self.files(&deployment.id) {
                let _ = writeln!(text, "#     {key}: [{}]", quoted(&files));
            }
            if let Some((version, _)) = &deployment.chart {
                let _ =
                    writeln!(text, "#     chart_version: {} # the one that is installed", quoted([version.as_str()]));
            }
            let _ = writeln!(text, "#     release: {}", quoted([deployment.name.as_str()]));
            if let Some(namespace) = &deployment.namespace {
                let _ = writeln!(text, "#     namespace: {}", quoted([namespace.as_str()]));
            }
        }
    }

    /// Files of a deployment by the key that names them.
    fn files(&self, deployment: &str) -> BTreeMap<&'static str, BTreeSet<&str>> {
        let mut files: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for input in self.inputs.iter().filter(|input| input.judged && input.deployment.as_deref() == Some(deployment))
        {
            let key = match input.kind.as_str() {
                "helm-values" => "values",
                "collection" | "recover" => "collections",
                _ => "manifests",
            };
            files.entry(key).or_default().insert(&input.file);
        }
        files
    }

    fn storage_classes(&self, text: &mut String) {
        let unknown = self.facts(unknown_classes);
        if unknown.is_empty() {
            text.push_str(
                "\n# what your storage classes are, where their names do not tell: ssd, hdd or network; for example:\n",
            );
            text.push_str("# storage_classes:\n#   fast: ssd\n");
            return;
        }
        text.push_str("\n# what these storage classes are only you know: ssd, hdd or network\n# storage_classes:\n");
        for class in &unknown {
            let _ = writeln!(text, "#   {}: ssd", quoted([class.as_str()]));
        }
    }

    fn facts(&self, pick: impl Fn(&Value) -> Vec<String>) -> BTreeSet<String> {
        let all = self.built.iter().flat_map(|one| pick(&one.facts));
        all.filter(|text| !text.is_empty() && !text.contains("{{") && !text.contains("${")).collect()
    }
}

const HEAD: &str = "\
# What qdrant-lint is told about this repository. Every key is optional.

# production: a cluster that people rely on; gcc-sovereign adds the Gulf's duties of data sovereignty;
# development asks only for what is wrong on one machine too
profile: production

# least severity that fails a run: critical, high, medium, low, info or never
fail_on: medium
";

const RULES: &str = "
# severity and parameters of a rule, or `off`; `qdrant-lint rules` lists them all, for example:
# rules:
#   storage/slow-media: low

# paths to leave out, for example:
# ignore_paths: [\"examples/**\"]

# findings that are accepted for a while; each needs a reason and an end, and is told when it is over, for example:
# waivers:
#   - rule: storage/slow-media
";

const WAIVER: &str = "\
#     reason: archive tier, read once a day
#     owner: platform@example.com
";

const LAST: &str = "
# one line is ignored where it stands: `# qdrant-lint: ignore[RULE] the reason`
";

fn registries(facts: &Value) -> Vec<String> {
    let images = facts["workload"]["images"].as_array().into_iter().flatten();
    images.filter_map(|image| Some(image["registry"].as_str()?.to_owned())).collect()
}

fn unknown_classes(facts: &Value) -> Vec<String> {
    let classes = ["data", "snapshots"].into_iter().map(|volume| &facts["storage"][volume]["class"]);
    let unknown = classes.filter(|class| class["media"] == "unknown");
    unknown.filter_map(|class| Some(class["name"].as_str()?.to_owned())).collect()
}

fn regions(facts: &Value) -> Vec<String> {
    let places = facts["platform"]["locations"].as_array().into_iter().flatten();
    places.filter_map(|place| Some(place["region"].as_str()?.to_owned())).collect()
}

/// Names come from strangers: nothing of them may end the comment.
fn shown(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

fn listed(names: &BTreeSet<String>) -> String {
    names.iter().map(|name| shown(name)).collect::<Vec<_>>().join(", ")
}

/// As JSON, which is YAML whatever the name is; control characters are escaped.
fn quoted<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let names = names.into_iter().map(|name| Value::from(name.as_ref()).to_string());
    names.collect::<Vec<_>>().join(", ")
}
