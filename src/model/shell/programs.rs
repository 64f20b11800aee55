//! What the containers of an object run: scripts and argument lists, with the variables they see.

use std::collections::BTreeMap;

use super::{Command, Word, commands};
use crate::model::input::Object;
use crate::source::Node;

/// Values of environment variables, as far as they are literals.
pub type Variables = BTreeMap<String, Node>;

/// What one container runs.
#[derive(Clone, Debug)]
pub struct Program {
    /// Its commands.
    pub commands: Vec<Command>,
    /// Environment of the container.
    pub variables: Variables,
}

const SHELLS: [&str; 6] = ["sh", "bash", "ash", "dash", "zsh", "busybox"];

/// The programs of an object's pod template. `config_map` finds a ConfigMap's `data` by name, `file` a mounted file by
/// its name.
pub fn programs<'n>(
    object: &'n Object,
    config_map: &dyn Fn(&str) -> Option<&'n Node>,
    file: &dyn Fn(&str) -> Option<&'n Node>,
) -> Vec<Program> {
    let Some(spec) = pod_spec(object) else { return Vec::new() };
    let containers = ["initContainers", "containers"].into_iter().flat_map(|field| spec.items(&[field]));
    containers
        .flat_map(|container| {
            let main: Vec<&Node> = container.items(&["command"]).iter().chain(container.items(&["args"])).collect();
            let image_is_curl = container.items(&["command"]).is_empty()
                && container.text(&["image"]).is_some_and(|image| image.contains("curl"));
            let hook = container.items(&["lifecycle", "postStart", "exec", "command"]).iter().collect();
            // nearly no container says what it runs
            [(main, image_is_curl), (hook, false)].into_iter().filter_map(move |(words, is_curl)| {
                let commands = run(&words, is_curl, file)?;
                Some(Program { commands, variables: variables(container, config_map) })
            })
        })
        .collect()
}

fn pod_spec(object: &Object) -> Option<&Node> {
    match object.kind() {
        "Pod" => object.node.at(&["spec"]),
        "CronJob" => object.node.at(&["spec", "jobTemplate", "spec", "template", "spec"]),
        _ => object.node.at(&["spec", "template", "spec"]),
    }
}

fn variables<'n>(container: &'n Node, config_map: &dyn Fn(&str) -> Option<&'n Node>) -> Variables {
    let mut found = Variables::new();
    for from in container.items(&["envFrom"]) {
        let data = from.text(&["configMapRef", "name"]).and_then(config_map);
        let fields = data.and_then(Node::as_mapping).into_iter().flatten();
        found.extend(fields.map(|(name, value)| (name.to_string(), value.clone())));
    }
    for variable in container.items(&["env"]) {
        let Some(name) = variable.text(&["name"]) else { continue };
        let reference = variable.at(&["valueFrom", "configMapKeyRef"]);
        let referred =
            reference.and_then(|reference| config_map(reference.text(&["name"])?)?.get(reference.text(&["key"])?));
        if let Some(value) = variable.at(&["value"]).or(referred) {
            found.insert(name.to_owned(), value.clone());
        }
    }
    found
}

/// The commands of an argument list: a script after `-c`, a script file, or one command.
fn run<'n>(words: &[&'n Node], is_curl: bool, file: &dyn Fn(&str) -> Option<&'n Node>) -> Option<Vec<Command>> {
    let first = words.first()?.as_str()?;
    let program = first.rsplit('/').next().unwrap_or(first);
    if SHELLS.contains(&program) {
        let flag = words.iter().position(|word| {
            word.as_str().is_some_and(|text| text.starts_with('-') && !text.starts_with("--") && text.ends_with('c'))
        });
        if let Some(script) = flag.and_then(|at| words.get(at + 1)) {
            return Some(commands(script));
        }
        return words.iter().skip(1).find_map(|word| file(base_name(word.as_str()?))).map(commands);
    }
    if let Some(script) = file(base_name(first)) {
        return Some(commands(script));
    }
    let mut listed: Vec<Word> = words.iter().map(|word| Word::whole(word)).collect();
    if is_curl && program != "curl" {
        listed.insert(0, Word::whole(&Node::string("curl", crate::source::Origin::Derived)));
    }
    Some(vec![Command { words: listed, ..Command::default() }])
}

fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
