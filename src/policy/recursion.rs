//! Functions that call themselves, in one step or several. Rego forbids them; regorus would follow them until the stack
//! ends, and the whole process with it.

use std::collections::{BTreeMap, BTreeSet};

use super::PolicyError;
use super::bare::{bare, is_part_of_name};
use super::registry::Module;

/// Functions by full name, with the module and line of their first definition and the functions that they call.
type Graph<'m> = BTreeMap<String, (&'m Module, usize, BTreeSet<String>)>;

/// Refuses modules in which a function calls itself.
pub(super) fn refuse(modules: &[Module]) -> Result<(), PolicyError> {
    let mut graph = Graph::new();
    for module in modules {
        read(module, &mut graph);
    }
    let mut done = BTreeSet::new();
    for name in graph.keys() {
        let mut way = Vec::new();
        if let Some(again) = cycle(name, &graph, &mut way, &mut done)
            && let Some((module, line, _)) = graph.get(&again)
        {
            let short = again.rsplit('.').next().unwrap_or_default();
            let message = format!("function `{short}` calls itself; Rego has no recursion");
            return Err(PolicyError::Broken { file: module.shown.clone(), line: *line, message });
        }
    }
    Ok(())
}

/// The first function on the way that is met again. Depth is bounded by the number of functions of a bounded file.
fn cycle(name: &str, graph: &Graph<'_>, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> Option<String> {
    if way.iter().any(|own| own == name) {
        return Some(name.to_owned());
    }
    if done.contains(name) {
        return None;
    }
    let (_, _, calls) = graph.get(name)?;
    way.push(name.to_owned());
    let found = calls.iter().find_map(|called| cycle(called, graph, way, done));
    way.pop();
    done.insert(name.to_owned());
    found
}

fn read<'m>(module: &'m Module, graph: &mut Graph<'m>) {
    let text = bare(&module.text);
    let mut package = String::new();
    let mut imports: BTreeMap<&str, &str> = BTreeMap::new();
    let mut function: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        let starts_rule = line.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_');
        let mut rest = line;
        if starts_rule {
            function = None;
            let mut words = line.split_whitespace();
            match words.next() {
                Some("package") => package = format!("data.{}", words.next().unwrap_or_default()),
                Some("import") => {
                    let path = words.next().unwrap_or_default();
                    let alias = words.nth(1).or_else(|| path.rsplit('.').next()).unwrap_or_default();
                    imports.insert(alias, path);
                }
                // `else` at the start of a line goes on with the rule above; it never stands there in formatted text
                _ => {
                    let head = line.trim_start_matches("default ");
                    let length = head.find(|letter: char| !is_part_of_name(letter)).unwrap_or(head.len());
                    if head[length..].starts_with('(') {
                        let name = format!("{package}.{}", &head[..length]);
                        graph.entry(name.clone()).or_insert_with(|| (module, index + 1, BTreeSet::new()));
                        function = Some(name);
                    }
                    rest = &head[length..];
                }
            }
        }
        let Some((_, _, calls)) = function.as_ref().and_then(|name| graph.get_mut(name)) else { continue };
        for (at, _) in rest.match_indices('(') {
            let start =
                rest[..at].rfind(|letter: char| !is_part_of_name(letter) && letter != '.').map_or(0, |at| at + 1);
            let called = &rest[start..at];
            let (first, path) = called.split_once('.').unwrap_or((called, ""));
            calls.insert(match imports.get(first) {
                Some(import) if !path.is_empty() => format!("{import}.{path}"),
                _ if first == "data" => called.to_owned(),
                _ => format!("{package}.{called}"),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(texts: &[&str]) -> Option<String> {
        let modules: Vec<Module> = texts
            .iter()
            .enumerate()
            .map(|(index, text)| Module {
                file: format!("{index}.rego"),
                shown: format!("{index}.rego"),
                text: (*text).to_owned(),
            })
            .collect();
        refuse(&modules).err().map(|error| error.to_string())
    }

    #[test]
    fn a_function_that_calls_itself_is_refused_at_its_line() {
        let said = refused(&["package a\n\n# f(x) := f(x)\nf(x) := y if {\n\ty := f(x + 1)\n}\n"]);
        assert_eq!(said.as_deref(), Some("0.rego:4: function `f` calls itself; Rego has no recursion"));
        assert!(refused(&["package a\n\nf(x) := f(x - 1) if x > 0\n\nelse := 1\n"]).is_some());
    }

    #[test]
    fn several_steps_and_modules_are_followed() {
        let one = "package a.one\n\nimport data.a.two\n\nf(x) := two.g(x)\n";
        assert!(refused(&[one, "package a.two\n\ng(x) := data.a.one.f(x)\n"]).is_some());
        assert!(refused(&[one, "package a.two\n\nimport data.a.one as first\n\ng(x) := first.f(x)\n"]).is_some());
        assert_eq!(refused(&[one, "package a.two\n\ng(x) := f(x)\n\nf(x) := x\n"]), None);
    }

    #[test]
    fn calls_of_others_and_texts_are_no_recursion() {
        assert_eq!(refused(&["package a\n\nf(x) := sprintf(\"f(%d)\", [x])\n\nr := f(1) + f(2)\n"]), None);
        assert_eq!(refused(&["package a\n\nf(1) := 2\n\nf(2) := g(3)\n\ng(x) := x\n"]), None);
    }
}
