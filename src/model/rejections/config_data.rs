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
        data_key(&data, &data, key);
        if binary.keys().contains(&key) {
            data.entry(key).refuse(data.entry(key).wrong("duplicate of key present in binaryData"));
        }
    }
    for key in binary.keys() {
        data_key(&binary, &binary, key);
    }
    let encoded = binary.keys().into_iter().filter_map(|key| base64::decode(binary.entry(key).text()?));
    if size(&data) + encoded.map(|bytes| bytes.len()).sum::<usize>() > MOST_BYTES {
        object.called("[]".to_owned()).refuse_as(format!("Too long: may not be more than {MOST_BYTES} bytes"));
    }
}

/// A Secret. What stands below `stringData` goes into `data`, where the server looks for it.
pub(super) fn secret(object: &Place<'_>) {
    let (data, plain) = (object.get("data"), object.get("stringData"));
    for key in data.keys() {
        data_key(&data, &data, key);
    }
    for key in plain.keys() {
        data_key(&plain, &data, key);
    }
    let has = |key: &str| data.keys().contains(&key) || plain.keys().contains(&key);
    let encoded = data.keys().into_iter().filter_map(|key| base64::decode(data.entry(key).text()?));
    if size(&plain) + encoded.map(|bytes| bytes.len()).sum::<usize>() > MOST_BYTES {
        data.refuse_as(format!("Too long: may not be more than {MOST_BYTES} bytes"));
    }
    let needed: &[&str] = match object.get("type").text() {
        Some("kubernetes.io/tls") => &["tls.crt", "tls.key"],
        Some("kubernetes.io/dockerconfigjson") => &[".dockerconfigjson"],
        Some("kubernetes.io/dockercfg") => &[".dockercfg"],
        Some("kubernetes.io/basic-auth") if !has("username") && !has("password") => &["username", "password"],
        Some("kubernetes.io/ssh-auth") => &["ssh-privatekey"],
        Some("kubernetes.io/service-account-token") => {
            let annotation = object.at(&["metadata", "annotations"]).entry("kubernetes.io/service-account.name");
            annotation.require();
            &[]
        }
        _ => &[],
    };
    for key in needed.iter().filter(|key| !has(key)) {
        data.entry(key).required("");
    }
    for key in needed.iter().filter(|key| key.starts_with(".docker") && has(key)) {
        let (written, encoded) = (plain.entry(key), data.entry(key));
        let place = if written.is_set() { &written } else { &encoded };
        let bytes = match (written.text(), encoded.text()) {
            (Some(text), _) => Some(text.as_bytes().to_vec()),
            (None, Some(text)) => base64::decode(text),
            (None, None) => None,
        };
        let is_json =
            |bytes: &[u8]| serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(bytes).is_ok();
        if bytes.is_some_and(|bytes| !is_json(&bytes)) {
            let place = place.called(data.entry(key).path());
            place.refuse(place.wrong("\"<secret contents redacted>\": no JSON object"));
        }
    }
}

fn size(data: &Place<'_>) -> usize {
    data.keys().iter().filter_map(|key| Some(data.entry(key).node?.as_str()?.len())).sum()
}

/// A key, and where the server says that it stands.
fn data_key(data: &Place<'_>, shown: &Place<'_>, key: &str) {
    if let Some(reason) = Some(key).filter(|key| !super::place::is_open(key)).and_then(names::not_a_data_key) {
        let entry = data.entry(key).called(shown.entry(key).path());
        entry.refuse(entry.wrong(&format!("{key:?}: {reason}")));
    }
}
