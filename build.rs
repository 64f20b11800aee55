//! Embeds every file of `policies/` that ends in `.rego`, so that the binary needs nothing beside it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-changed=policies");
    let root = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    collect(&root.join("policies"), &mut files);
    files.sort();
    let mut code = String::from(
        "/// Built-in policies: path below `policies/`, text.\npub(crate) static POLICIES: &[(&str, &str)] = &[\n",
    );
    for file in files {
        let relative = file.strip_prefix(root.join("policies")).expect("collected below policies");
        let name = relative.to_string_lossy().replace('\\', "/");
        writeln!(code, "    ({name:?}, include_str!({:?})),", file.to_string_lossy()).expect("a String takes all text");
    }
    code.push_str("];\n");
    let out = PathBuf::from(std::env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    std::fs::write(out.join("policies.rs"), code).expect("OUT_DIR is writable");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            println!("cargo::rerun-if-changed={}", path.display());
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rego")
            && !path.to_string_lossy().ends_with("_test.rego")
        {
            files.push(path);
        }
    }
}
