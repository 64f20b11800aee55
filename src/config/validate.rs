//! What a schema cannot say: dates that exist, countries, regions with their cloud, globs, names of rules and parameters.

use jiff::civil::Date;
use serde_json::Value;

use super::schema::nearest;
use crate::policy::{Registry, Rule};
use crate::source::{Node, Path};

/// Something that is wrong at a place of the configuration.
#[derive(Debug)]
pub(super) struct Problem {
    /// Where.
    pub(super) path: Path,
    /// What is wrong.
    pub(super) message: String,
    /// The next step.
    pub(super) help: Option<String>,
}

impl Problem {
    pub(super) fn new(path: Path, message: impl Into<String>) -> Self {
        Self { path, message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// ISO 3166-1 alpha-2, without blanks between them.
const COUNTRIES: &str = "ADAEAFAGAIALAMAOAQARASATAUAWAXAZBABBBDBEBFBGBHBIBJBLBMBNBOBQBRBSBTBVBWBYBZCACCCDCFCGCHCICKCLCMCNCOCRCUCVCWCXCYCZDEDJDKDMDODZECEEEGEHERESETFIFJFKFMFOFRGAGBGDGEGFGGGHGIGLGMGNGPGQGRGSGTGUGWGYHKHMHNHRHTHUIDIEILIMINIOIQIRISITJEJMJOJPKEKGKHKIKMKNKPKRKWKYKZLALBLCLILKLRLSLTLULVLYMAMCMDMEMFMGMHMKMLMMMNMOMPMQMRMSMTMUMVMWMXMYMZNANCNENFNGNINLNONPNRNUNZOMPAPEPFPGPHPKPLPMPNPRPSPTPWPYQARERORSRURWSASBSCSDSESGSHSISJSKSLSMSNSOSRSSSTSVSXSYSZTCTDTFTGTHTJTKTLTMTNTOTRTTTVTWTZUAUGUMUSUYUZVAVCVEVGVIVNVUWFWSYEYTZAZMZW";

/// What people write for the countries of the Gulf.
const OTHER_NAMES: &[(&str, &[&str])] = &[
    ("AE", &["uae", "are", "emirates", "united arab emirates", "dubai", "abu dhabi"]),
    ("SA", &["ksa", "sau", "saudi", "saudi arabia"]),
    ("QA", &["qat", "qatar"]),
    ("BH", &["bhr", "bahrain"]),
    ("KW", &["kwt", "kuwait"]),
    ("OM", &["omn", "oman"]),
];

/// Problems that show without knowing the rules.
pub(super) fn of_values(root: &Node) -> Option<Problem> {
    countries(root)
        .or_else(|| regions(root))
        .or_else(|| globs(root))
        .or_else(|| waivers(&Path::keys(["waivers"]), root.get("waivers")))
        .or_else(|| evidence(root))
        .or_else(|| deployments(root))
}

fn countries(root: &Node) -> Option<Problem> {
    strings(root, &["residency", "countries"]).find_map(|(path, code)| {
        let known = code.len() == 2 && COUNTRIES.as_bytes().chunks(2).any(|known| known == code.as_bytes());
        if known {
            return None;
        }
        let meant = meant_country(code).map_or_else(
            || "write the two letters of ISO 3166: `[AE]`; of the Gulf AE, SA, QA, BH, KW, OM".to_owned(),
            |meant| format!("did you mean `{meant}`? countries are the two letters of ISO 3166"),
        );
        Some(Problem::new(path, format!("no country has the code `{code}`")).help(meant))
    })
}

fn meant_country(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let named = OTHER_NAMES.iter().find(|(_, names)| names.contains(&lower.as_str())).map(|(code, _)| *code);
    let upper = lower.to_ascii_uppercase();
    let cased = upper.len() == 2 && COUNTRIES.as_bytes().chunks(2).any(|known| known == upper.as_bytes());
    named.map(str::to_owned).or_else(|| cased.then_some(upper))
}

fn regions(root: &Node) -> Option<Problem> {
    strings(root, &["residency", "regions"]).find_map(|(path, region)| {
        let whole = region.split_once(':').is_some_and(|(cloud, id)| {
            !cloud.is_empty() && !id.is_empty() && !region.contains(char::is_whitespace) && !id.contains(':')
        });
        (!whole).then(|| {
            Problem::new(path, format!("region `{region}` does not name its cloud"))
                .help("write `<cloud>:<region>`, as in `aws:me-central-1`: the same id lies in another country at another cloud")
        })
    })
}

fn globs(root: &Node) -> Option<Problem> {
    let paths = strings(root, &["ignore_paths"]);
    let ids = root.fields(&["rules"]).map(|(key, _)| (Path::keys(["rules", key]), key.as_ref()));
    paths.chain(ids).find_map(|(path, pattern)| glob(path, pattern))
}

fn glob(path: Path, pattern: &str) -> Option<Problem> {
    let error = globset::Glob::new(pattern).err()?;
    Some(Problem::new(path, format!("`{pattern}` is not a glob: {}", error.kind())))
}

/// Problems of a list of waivers that stands at a path.
pub(super) fn waivers(path: &Path, list: Option<&Node>) -> Option<Problem> {
    list.and_then(Node::as_sequence).into_iter().flatten().enumerate().find_map(|(index, waiver)| {
        let path = path.index(index);
        ["rule", "deployment", "object", "path"]
            .iter()
            .find_map(|key| glob(path.key(key), waiver.text(&[key])?))
            .or_else(|| date(path.key("until"), waiver.get("until")?))
    })
}

fn evidence(root: &Node) -> Option<Problem> {
    root.items(&["evidence"]).iter().enumerate().find_map(|(index, entry)| {
        let path = Path::keys(["evidence"]).index(index);
        let digest = || {
            let digest = entry.text(&["sha256"])?;
            let whole = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
            (!whole).then(|| {
                Problem::new(path.key("sha256"), format!("`{digest}` is no SHA-256 digest"))
                    .help("write the 64 hexadecimal digits that `sha256sum FILE` prints")
            })
        };
        date(path.key("until"), entry.get("until")?).or_else(digest)
    })
}

/// A date of the calendar.
fn date(path: Path, node: &Node) -> Option<Problem> {
    let text = node.scalar_text().unwrap_or_default();
    let whole = text.len() == 10 && text.parse::<Date>().is_ok();
    (!whole).then(|| {
        Problem::new(path, format!("`{text}` is no date")).help("write the last day on which it counts: `2027-03-31`")
    })
}

fn deployments(root: &Node) -> Option<Problem> {
    root.fields(&["deployments"]).find_map(|(name, entry)| {
        let given = ["values", "manifests", "collections"].iter().any(|key| !entry.items(&[key]).is_empty());
        (!given).then(|| {
            Problem::new(Path::keys(["deployments", name]), format!("deployment `{name}` names nothing to judge"))
                .help("give `values`, `manifests` or `collections`, with paths relative to this file")
        })
    })
}

/// Problems that show when the rules are known: ids, parameters and their types, keys of evidence.
pub(super) fn of_names(root: &Node, registry: &Registry, evidence: &[String]) -> Option<Problem> {
    let rules = root.fields(&["rules"]).find_map(|(id, setting)| rule(id, setting, registry));
    rules.or_else(|| {
        root.items(&["evidence"]).iter().enumerate().find_map(|(index, entry)| {
            let key = entry.text(&["key"])?;
            if evidence.iter().any(|known| known == key) {
                return None;
            }
            let words = || evidence.iter().filter(|known| !is_row(known)).cloned().collect::<Vec<_>>().join(", ");
            let help = nearest(key, evidence.iter().map(String::as_str)).filter(|_| !is_row(key)).map_or_else(
                || format!("known: {}; or a row of `--format checklist`, such as `G6`", words()),
                |near| format!("did you mean `{near}`? docs/configuration.md lists the keys"),
            );
            let path = Path::keys(["evidence"]).index(index).key("key");
            Some(Problem::new(path, format!("nothing asks for evidence called `{key}`")).help(help))
        })
    })
}

fn is_row(key: &str) -> bool {
    key.strip_prefix('G').is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn rule(id: &str, setting: &Node, registry: &Registry) -> Option<Problem> {
    let path = Path::keys(["rules", id]);
    if id.contains('*') {
        let matcher = globset::Glob::new(id).ok()?.compile_matcher();
        let some = registry.rules().any(|rule| matcher.is_match(&rule.id));
        return (!some)
            .then(|| Problem::new(path, format!("no rule matches `{id}`")).help("`qdrant-lint rules` lists them all"));
    }
    let Some(rule) = registry.get(id) else {
        let help = registry.nearest(id).map_or_else(
            || "`qdrant-lint rules` lists them all".to_owned(),
            |near| format!("did you mean `{near}`? `qdrant-lint rules` lists them all"),
        );
        return Some(Problem::new(path, format!("no rule is called `{id}`")).help(help));
    };
    setting.fields(&["params"]).find_map(|(name, value)| {
        let path = path.key("params").key(name);
        parameter(path, rule, name, &value.to_json())
    })
}

fn parameter(path: Path, rule: &Rule, name: &str, value: &Value) -> Option<Problem> {
    let Some(known) = rule.params.get(name) else {
        let names: Vec<&str> = rule.params.keys().map(String::as_str).collect();
        let message = format!("rule `{}` has no parameter `{name}`", rule.id);
        let help = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`? it has {}", names.join(", ")),
            None if names.is_empty() => "it has no parameters".to_owned(),
            None => format!("it has {}", names.join(", ")),
        };
        return Some(Problem::new(path, message).help(help));
    };
    let wrong = |wanted: &str| {
        Problem::new(path.clone(), format!("parameter `{name}` of `{}` must be {wanted}, found {value}", rule.id))
            .help(format!("{}; its default is {}", known.description, known.default))
    };
    match (&known.default, value) {
        (Value::Number(_), Value::Number(number)) => {
            number.as_f64().is_some_and(|number| number < 0.0).then(|| wrong("a number that is not negative"))
        }
        (Value::Number(_), _) => Some(wrong("a number")),
        (Value::Null, _)
        | (Value::Bool(_), Value::Bool(_))
        | (Value::String(_), Value::String(_))
        | (Value::Object(_), Value::Object(_)) => None,
        (Value::Array(defaults), Value::Array(values)) => {
            let kind = defaults.first().map(std::mem::discriminant);
            let fits = kind.is_none_or(|kind| values.iter().all(|value| std::mem::discriminant(value) == kind));
            (!fits).then(|| wrong("a list like its default"))
        }
        (Value::Bool(_), _) => Some(wrong("true or false")),
        (Value::String(_), _) => Some(wrong("a text")),
        (Value::Array(_), _) => Some(wrong("a list")),
        (Value::Object(_), _) => Some(wrong("a mapping")),
    }
}

/// The strings of a list, with their paths.
fn strings<'a>(root: &'a Node, keys: &[&'a str]) -> impl Iterator<Item = (Path, &'a str)> + use<'a> {
    let path = Path::keys(keys.iter().copied());
    root.items(keys).iter().enumerate().filter_map(move |(index, item)| Some((path.index(index), item.as_str()?)))
}
