//! `qdrant-lint init`: a configuration for what is found here, with every choice explained beside it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use super::args::{Global, Init, Input};
use super::output::{self, Failure};
use super::plan::Plan;
use super::session::Session;
use crate::config::{Config, FILE_NAME};
use crate::model::build::Built;

/// Looks at the folder and writes the file; one that is there stays unless `--force` is given.
pub(super) fn run(arguments: &Init, _: &Global) -> Result<u8, Failure> {
    if Path::new(FILE_NAME).exists() && !arguments.force {
        return Err(Failure::new(format!("`{FILE_NAME}` is there already"))
            .help("edit it, or replace it with `qdrant-lint init --force`"));
    }
    let input = Input { paths: arguments.paths.clone(), largest: "64MiB".to_owned(), ..Input::default() };
    let plan = Plan::bare(&input)?;
    let session = Session::new(&input, &plan, false)?;
    let text = configuration(&session.built());
    Config::parse(FILE_NAME, &text)?;
    std::fs::write(FILE_NAME, &text)
        .map_err(|error| Failure::new(format!("`{FILE_NAME}` cannot be written: {error}")))?;
    output::print(&format!("wrote {FILE_NAME}; `qdrant-lint check` reads it from here on\n"));
    Ok(0)
}

/// The text of the file.
fn configuration(built: &[Built]) -> String {
    let mut text = String::from("# What qdrant-lint is told about this repository. Every key is optional.\n\n");
    let production = built.iter().find(|one| {
        let name = format!("{} {}", one.deployment.id, one.deployment.name).to_ascii_lowercase();
        ["prod", "live", "gov", "bank"].iter().any(|word| name.contains(word))
    });
    let why = production.map_or_else(
        || "the strictest reading that suits most; `development` forgives what a laptop may do".to_owned(),
        |one| format!("{} looks like production", comment(&one.deployment.id)),
    );
    let _ = writeln!(text, "# production, gcc-sovereign or development: {why}");
    text.push_str("profile: production\n\n# least severity that fails a run: critical, high, medium, low, info or never\nfail_on: medium\n");
    if built.is_empty() {
        text.push_str("\n# no deployment of Qdrant was found below this folder; `qdrant-lint check -v` lists what was passed over\n");
    } else {
        text.push_str("\n# deployments seen here:\n");
        for one in built {
            let chart = one.deployment.chart.as_ref().map_or_else(String::new, |(version, assumed)| {
                format!(", chart {version}{}", if *assumed { " (assumed; say which with --chart-version)" } else { "" })
            });
            let _ =
                writeln!(text, "#   {} ({}{})", comment(&one.deployment.id), one.deployment.source, comment(&chart));
        }
    }
    section(&mut text, "registries that images may come from; seen here", &facts_of(built, registries), |seen| {
        let seen = if seen.is_empty() { "registry.example.com".to_owned() } else { quoted(seen) };
        format!("# registries:\n#   allowed: [{seen}]\n")
    });
    section(
        &mut text,
        "what your storage classes are: ssd, hdd or network; seen here",
        &facts_of(built, storage_classes),
        |seen| {
            let mut lines = "# storage_classes:\n".to_owned();
            for class in seen.iter().map(String::as_str).chain(seen.is_empty().then_some("fast")) {
                let _ = writeln!(lines, "#   {}: ssd", serde_json::Value::from(class));
            }
            lines
        },
    );
    section(
        &mut text,
        "where data may live (profile gcc-sovereign); regions seen here",
        &facts_of(built, regions),
        |_| "# residency:\n#   countries: [AE]\n#   regions: [\"aws:me-central-1\"]\n".to_owned(),
    );
    text.push_str(
        "\n# severity and parameters of a rule, or `off`; `qdrant-lint rules` lists them all\n# rules:\n#   storage/slow-media: low\n\n# paths to leave out\n# ignore_paths: [\"examples/**\"]\n",
    );
    text.push_str(WAIVERS);
    text
}

/// An exception that a person answers for.
const WAIVERS: &str = "
# findings that are accepted for a while; each needs a reason and an end, and is told when it is over
# waivers:
#   - rule: storage/slow-media
#     deployment: \"*\"
#     reason: archive tier, read once a day
#     owner: platform@example.com
#     until: 2027-03-31

# one line is ignored where it stands: `# qdrant-lint: ignore[RULE] the reason`
";

fn section(text: &mut String, title: &str, seen: &BTreeSet<String>, example: impl Fn(&BTreeSet<String>) -> String) {
    let shown: Vec<String> = seen.iter().map(|one| comment(one)).collect();
    let shown = if shown.is_empty() { "none".to_owned() } else { shown.join(", ") };
    let _ = write!(text, "\n# {title}: {shown}\n{}", example(seen));
}

fn facts_of(built: &[Built], pick: impl Fn(&serde_json::Value) -> Vec<String>) -> BTreeSet<String> {
    built.iter().flat_map(|one| pick(&one.facts)).filter(|text| !text.is_empty() && !text.contains("{{")).collect()
}

fn registries(facts: &serde_json::Value) -> Vec<String> {
    let images = facts["workload"]["images"].as_array().into_iter().flatten();
    images.filter_map(|image| Some(image["registry"].as_str()?.to_owned())).collect()
}

fn storage_classes(facts: &serde_json::Value) -> Vec<String> {
    let volumes = ["data", "snapshots"].into_iter().map(|volume| &facts["storage"][volume]["class"]);
    volumes.filter_map(|class| Some(class["name"].as_str()?.to_owned())).collect()
}

fn regions(facts: &serde_json::Value) -> Vec<String> {
    let places = facts["platform"]["locations"].as_array().into_iter().flatten();
    places.filter_map(|place| Some(place["region"].as_str()?.to_owned())).collect()
}

/// Names come from strangers: nothing of them may end the comment.
fn comment(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).collect()
}

fn quoted(names: &BTreeSet<String>) -> String {
    let names: Vec<String> = names.iter().map(|name| serde_json::Value::from(name.as_str()).to_string()).collect();
    names.join(", ")
}
