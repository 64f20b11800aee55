//! ConfigMaps and Secrets. Nothing of a Secret is shown.

use super::names;
use super::place::Place;
use crate::source::base64;

/// The API server's bound on all data of one object.
const MOST_BYTES: usize = 1 << 20;

/// A ConfigMap.
pub(super) fn config_map(object: &Place<'_>) {
    let (data, binary) = (object.get("data"), object.get("binaryData"));
    for key in data.keys() {
        data_key(&data, key);
        if binary.keys().contains(&key) {
            data.entry(key).invalid("duplicate of key present in binaryData");
        }
    }
    let size: usize = data.keys().iter().filter_map(|key| Some(data.entry(key).node?.as_str()?.len())).sum();
    if size > MOST_BYTES {
        object.refuse(object.wrong(&format!("must have at most {MOST_BYTES} bytes")));
    }
}

/// A Secret.
pub(super) fn secret(object: &Place<'_>) {
    let (data, plain) = (object.get("data"), object.get("stringData"));
    for key in data.keys() {
        data_key(&data, key);
        let entry = data.entry(key);
        if entry.text().is_some_and(|text| base64::decode(text).is_none()) {
            let mut refusal = entry.wrong("");
            "illegal base64 data".clone_into(&mut refusal.message);
            refusal.instead = Some("base64 of the value, or the value itself below `stringData`".to_owned());
            entry.refuse(refusal);
        }
    }
    for key in plain.keys() {
        data_key(&plain, key);
    }
    let has = |key: &str| data.keys().contains(&key) || plain.keys().contains(&key);
    let needed: &[&str] = match object.get("type").text() {
        Some("kubernetes.io/tls") => &["tls.crt", "tls.key"],
        Some("kubernetes.io/dockerconfigjson") => &[".dockerconfigjson"],
        _ => &[],
    };
    for key in needed.iter().filter(|key| !has(key)) {
        data.entry(key).required("");
    }
}

fn data_key(data: &Place<'_>, key: &str) {
    if let Some(reason) = Some(key).filter(|key| !super::place::is_open(key)).and_then(names::not_a_data_key) {
        let entry = data.entry(key);
        entry.refuse(entry.wrong(&format!("{key:?}: {reason}")));
    }
}
