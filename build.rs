//! Embeds every file of `policies/` that ends in `.rego`, and of each rule's cases one bad and one good file for
//! `explain` and the docs, so that the binary needs nothing beside it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// A longer case explains nothing at a glance.
const LONGEST_EXAMPLE: usize = 1_600;

fn main() {
    println!("cargo::rerun-if-changed=policies");
    println!("cargo::rerun-if-changed=testdata/rules");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("policies"), &mut files);
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rego"));
    files.retain(|file| !file.to_string_lossy().ends_with("_test.rego"));
    let mut code = String::from(
        "/// Built-in policies: path below `policies/`, text.\npub(crate) static POLICIES: &[(&str, &str)] = &[\n",
    );
    for file in files {
        let relative = file.strip_prefix(root.join("policies")).expect("collected below policies");
        let name = relative.to_string_lossy().replace('\\', "/");
        writeln!(code, "    ({name:?}, include_str!({:?})),", file.to_string_lossy()).expect("a String takes all text");
    }
    code.push_str("];\n");
    write("policies.rs", &code);
    let cases = root.join("testdata/rules");
    write("examples.rs", &(examples(&cases) + &twins(&cases)));
}

/// Cases by rule: the shortest bad and the shortest good one.
fn examples(cases: &Path) -> String {
    let mut files = Vec::new();
    collect(cases, &mut files);
    let mut chosen: BTreeMap<(String, bool), (usize, PathBuf)> = BTreeMap::new();
    for file in files {
        let relative = file.strip_prefix(cases).expect("collected below the cases");
        let parts: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let (concern, rule, case) = match parts.as_slice() {
            [concern, rule, case] => (concern, rule, case),
            // rules about exemptions speak of the configuration
            [concern, rule, case, file] if file == ".qdrant-lint.yaml" => (concern, rule, case),
            _ => continue,
        };
        let is_bad = case.starts_with("bad-");
        let length = std::fs::metadata(&file).map_or(usize::MAX, |metadata| metadata.len() as usize);
        if !(is_bad || case.starts_with("good-"))
            || case.ends_with(".expect")
            || case.contains(".fixed")
            || length > LONGEST_EXAMPLE
        {
            continue;
        }
        let key = (format!("{concern}/{rule}").replace('_', "-"), is_bad);
        if chosen.get(&key).is_none_or(|(shortest, _)| length < *shortest) {
            chosen.insert(key, (length, file));
        }
    }
    let mut code = String::from(
        "/// Cases of rules: id, whether it is a bad one, text.\npub(crate) static EXAMPLES: &[(&str, bool, &str)] = &[\n",
    );
    for ((rule, is_bad), (_, file)) in chosen {
        writeln!(code, "    ({rule:?}, {is_bad}, include_str!({:?})),", file.to_string_lossy())
            .expect("a String takes all text");
    }
    code.push_str("];\n");
    code
}

/// Twins by rule: the shortest text that `fix` changes, before and after.
fn twins(cases: &Path) -> String {
    let mut files = Vec::new();
    collect(cases, &mut files);
    let mut chosen: BTreeMap<String, (usize, PathBuf, PathBuf)> = BTreeMap::new();
    for after in files {
        let relative = after.strip_prefix(cases).expect("collected below the cases");
        let parts: Vec<String> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let [concern, rule, ..] = parts.as_slice() else { continue };
        if !parts.iter().any(|part| part.contains(".fixed")) {
            continue;
        }
        let before: PathBuf =
            parts.iter().fold(cases.to_path_buf(), |path, part| path.join(part.replace(".fixed", "")));
        let length = std::fs::metadata(&after).map_or(usize::MAX, |metadata| metadata.len() as usize);
        let id = format!("{concern}/{rule}").replace('_', "-");
        if before.exists() && chosen.get(&id).is_none_or(|(shortest, ..)| length < *shortest) {
            chosen.insert(id, (length, before, after));
        }
    }
    let mut code = String::from(
        "/// Texts that `fix` changes: rule, before, after.\npub(crate) static TWINS: &[(&str, &str, &str)] = &[\n",
    );
    for (rule, (_, before, after)) in chosen {
        let (before, after) = (before.to_string_lossy(), after.to_string_lossy());
        writeln!(code, "    ({rule:?}, include_str!({before:?}), include_str!({after:?})),")
            .expect("a String takes all text");
    }
    code.push_str("];\n");
    code
}

fn write(name: &str, code: &str) {
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    std::fs::write(out.join(name), code).expect("OUT_DIR is writable");
}

/// Every file below a folder, in order.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}
