//! Sound objects with one fault each: every value replaced, every field taken away, doubled, misspelt, and every field of
//! the type that is absent added with values that are often wrong.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Value, json};

/// Field types of Kubernetes, as in `data/kubernetes-types.json`.
#[derive(Deserialize)]
pub(super) struct Types {
    kinds: BTreeMap<String, Vec<(String, String)>>,
    types: BTreeMap<String, BTreeMap<String, String>>,
}

/// An object with one change, and the change in words.
pub(super) struct Mutant {
    pub(super) change: String,
    pub(super) object: Value,
}

/// Every object that differs from a sound one in one place.
pub(super) fn mutants(object: &Value, types: &Types) -> Vec<Mutant> {
    let mut found = Mutants { root: object, types, all: Vec::new() };
    let versions = &types.kinds[object["kind"].as_str().unwrap()];
    let (_, name) = versions.iter().find(|(version, _)| object["apiVersion"] == version.as_str()).unwrap();
    found.walk("", object, name);
    found.all
}

struct Mutants<'a> {
    root: &'a Value,
    types: &'a Types,
    all: Vec<Mutant>,
}

/// Fields that say what and where an object is, and what only a server writes.
const KEPT: [&str; 5] = ["/apiVersion", "/kind", "/metadata/namespace", "/metadata/managedFields", "/status"];

impl Mutants<'_> {
    fn walk(&mut self, pointer: &str, value: &Value, expected: &str) {
        if KEPT.contains(&pointer) {
            return;
        }
        if !pointer.is_empty() {
            for other in replacements(value) {
                self.put(pointer, other);
            }
        }
        match value {
            Value::Object(fields) => {
                let known = self.types.types.get(expected);
                for (key, inner) in fields {
                    let path = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                    if !KEPT.contains(&path.as_str()) {
                        self.remove(pointer, key);
                    }
                    let of = known.and_then(|known| known.get(key)).map(String::as_str);
                    let of = of.or_else(|| expected.strip_prefix('{')).unwrap_or("any");
                    self.walk(&path, inner, of);
                }
                if let Some(known) = known {
                    self.add(pointer, "unknownField", json!("x"));
                    let absent: Vec<(String, String)> = known
                        .iter()
                        .filter(|(field, _)| !fields.contains_key(*field))
                        .map(|(field, of)| (field.clone(), of.clone()))
                        .collect();
                    for (field, of) in absent {
                        if !KEPT.contains(&format!("{pointer}/{field}").as_str()) {
                            for sample in samples(&of) {
                                self.add(pointer, &field, sample);
                            }
                        }
                    }
                } else if let Some(value) = fields.values().next() {
                    for key in ["Not A Key!", "example.com/a/b", "_a"] {
                        self.add(pointer, key, value.clone());
                    }
                }
            }
            Value::Array(items) => {
                if let Some(first) = items.first() {
                    let mut doubled = items.clone();
                    doubled.push(first.clone());
                    self.put(pointer, Value::Array(doubled));
                }
                for (index, item) in items.iter().enumerate() {
                    self.walk(&format!("{pointer}/{index}"), item, expected.strip_prefix('[').unwrap_or("any"));
                }
            }
            _ => {}
        }
    }

    fn put(&mut self, pointer: &str, value: Value) {
        let mut object = self.root.clone();
        let place = object.pointer_mut(pointer).unwrap();
        if *place == value {
            return;
        }
        let change = format!("{pointer} = {}", shown(&value));
        *place = value;
        self.all.push(Mutant { change, object });
    }

    fn remove(&mut self, pointer: &str, key: &str) {
        let mut object = self.root.clone();
        object.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(key);
        self.all.push(Mutant { change: format!("{pointer} without {key}"), object });
    }

    fn add(&mut self, pointer: &str, key: &str, value: Value) {
        let mut object = self.root.clone();
        let change = format!("{pointer}/{key} + {}", shown(&value));
        object.pointer_mut(pointer).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
        self.all.push(Mutant { change, object });
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.len() > 80 { format!("{}… ({} bytes)", &text[..40], text.len()) } else { text }
}

fn replacements(value: &Value) -> Vec<Value> {
    let long = "a".repeat(300);
    match value {
        Value::String(text) => vec![
            json!(""),
            json!("Not_A Name!"),
            json!(long),
            json!("a".repeat(64)),
            json!("UPPER"),
            json!("a.b"),
            json!("-x"),
            json!("0"),
            json!("/"),
            json!("a/b"),
            json!("../x"),
            json!(1),
            json!(true),
            json!([text]),
            json!({"a": "b"}),
            Value::Null,
        ],
        Value::Number(_) => vec![
            json!(-1),
            json!(0),
            json!(1),
            json!(101),
            json!(70_000),
            json!(2_147_483_648_i64),
            json!(1.5),
            json!("1"),
            json!("50%"),
            json!("x y"),
            json!(true),
            json!([1]),
            Value::Null,
        ],
        Value::Bool(flag) => vec![json!(!flag), json!("true"), json!(1), json!([true]), Value::Null],
        Value::Array(_) => vec![json!([]), json!("x"), json!(1), json!({}), json!([{}]), json!([null]), Value::Null],
        Value::Object(_) => vec![json!({}), json!("x"), json!(1), json!([]), Value::Null],
        Value::Null => Vec::new(),
    }
}

/// Values for a field that is absent.
fn samples(of: &str) -> Vec<Value> {
    match of {
        "string" => vec![json!("x"), json!("Not_A Name!"), json!("")],
        "bytes" => vec![json!("eA=="), json!("!")],
        "bool" => vec![json!(true), json!(false)],
        "int32" | "int64" => vec![json!(1), json!(-1), json!(0), json!(100_000)],
        "number" => vec![json!(0.5)],
        "int-or-string" => vec![json!(1), json!(-1), json!("10%"), json!("x"), json!("x y")],
        "quantity" => vec![json!("1"), json!("-1"), json!("1Gx")],
        "time" => vec![json!("2026-01-01T00:00:00Z"), json!("yesterday")],
        _ => match (of.strip_prefix('['), of.strip_prefix('{')) {
            (Some(item), _) => {
                let items = samples(item).into_iter().map(|sample| json!([sample]));
                std::iter::once(json!([])).chain(items).collect()
            }
            (_, Some(entry)) => {
                let entries = samples(entry).into_iter().map(|sample| json!({"a": sample}));
                entries.chain([json!({"Not A Key!": "x"})]).collect()
            }
            _ => vec![json!({})],
        },
    }
}
