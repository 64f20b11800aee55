//! Keys are taken out of objects before anything is judged, kept or written. What stands in their place has the same
//! length and the same faults, so that every verdict stays as it is, of the cluster and of its recording alike.

use serde_json::Value;

/// Ends of names whose value nobody shall read, in lower case without `_` and `-`.
const SECRET: [&str; 13] = [
    "apikey",
    "accesskey",
    "secretkey",
    "secretaccesskey",
    "accountkey",
    "privatekey",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "credential",
    "credentials",
];
/// Words whose value nobody shall read wherever they stand in the name of an environment variable.
const IN_VARIABLES: [&str; 8] =
    ["APIKEY", "API_KEY", "PASSWORD", "PASSWD", "SECRET", "TOKEN", "ACCESS_KEY", "CONNECTION_STRING"];
/// What stands for a key.
const STAND_IN: &str = "redacted-";
/// What stands for a text that asks to be replaced.
const PLACEHOLDER: &str = "changeme-";
/// What stands for a value of a Secret, of which only the key's existence is kept: Base64 of 32 letters.
const OF_A_SECRET: &str = "cmVkYWN0ZWQtcmVkYWN0ZWQtcmVkYWN0ZWQtcmVkYWM=";
/// Beside one of these, `secretKey` names a key of the Secret that an ExternalSecret writes.
const REFERENCES: [&str; 2] = ["remoteRef", "sourceRef"];
/// What ends a value without quotes.
const ENDS: &[u8] = b" \t\n\r\"',&;)}";
/// Annotations that repeat the object as somebody wrote it.
const REPEATING: [&str; 2] = ["kubectl.kubernetes.io/last-applied-configuration", "kapp.k14s.io/original"];

/// Takes out of an object what no audit needs: managed fields, repetitions of the object, keys, data of Secrets.
pub fn redact(object: &mut Value) {
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("managedFields");
        if let Some(annotations) = metadata.get_mut("annotations").and_then(Value::as_object_mut) {
            annotations.retain(|name, _| !REPEATING.contains(&name.as_str()));
        }
    }
    if object.get("kind").and_then(Value::as_str) == Some("Secret") {
        secret(object);
        return;
    }
    if object.get("kind").and_then(Value::as_str) == Some("Node") {
        // the names of the images on a node are most of it and tell nothing
        if let Some(status) = object.get_mut("status").and_then(Value::as_object_mut) {
            status.remove("images");
        }
    }
    walk(object);
}

/// Of a Secret only the names of its keys stay.
fn secret(object: &mut Value) {
    for field in ["data", "stringData"] {
        for (_, value) in object.get_mut(field).and_then(Value::as_object_mut).into_iter().flatten() {
            *value = OF_A_SECRET.into();
        }
    }
    if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("annotations");
    }
}

fn walk(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is_variable = fields.get("name").and_then(Value::as_str).is_some_and(is_secret_variable);
            let is_reference = REFERENCES.iter().any(|field| fields.contains_key(*field));
            for (name, field) in fields.iter_mut() {
                match field {
                    Value::String(text) if is_variable && name == "value" => *text = stand_in(text),
                    Value::String(_) if is_reference && name == "secretKey" => {}
                    Value::String(text) if is_secret_name(name) => *text = stand_in(text),
                    field => walk(field),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(walk),
        Value::String(text) => {
            if let Some(clean) = clean(text) {
                *text = clean;
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_secret_variable(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    IN_VARIABLES.iter().any(|word| name.contains(word)) && !name.ends_with("_FILE") && !name.ends_with("_PATH")
}

/// Whether the name of a field, of a line or of an argument ends in a word for a key.
fn is_secret_name(name: &str) -> bool {
    let bare: String =
        name.chars().filter(|letter| !matches!(letter, '_' | '-')).map(|letter| letter.to_ascii_lowercase()).collect();
    SECRET.iter().any(|end| bare.ends_with(end))
}

/// The text without the keys in it: `api_key: …`, `--password=…`, `Authorization: Bearer …`, `https://user:…@host`.
/// None when there are none.
fn clean(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        let found = match bytes[at] {
            b':' | b'=' => after_name(text, at),
            b'@' => before_host(text, at, copied),
            b' ' => after_flag(text, at),
            _ => None,
        };
        match found {
            Some((start, end)) if start >= copied && start < end => {
                out.push_str(&text[copied..start]);
                out.push_str(&stand_in(&text[start..end]));
                copied = end;
                at = end.max(at + 1);
            }
            _ => at += 1,
        }
    }
    if copied == 0 {
        return None;
    }
    out.push_str(&text[copied..]);
    Some(out)
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// The name that ends before a byte: quotes and spaces between do not count.
fn name_before(text: &str, at: usize) -> &str {
    let bytes = text.as_bytes();
    let mut end = at;
    while end > 0 && matches!(bytes[end - 1], b' ' | b'"' | b'\'' | b'\\') {
        end -= 1;
    }
    let mut start = end;
    while start > 0 && is_name_byte(bytes[start - 1]) {
        start -= 1;
    }
    &text[start..end]
}

/// The value behind `name:` or `name=`.
fn after_name(text: &str, at: usize) -> Option<(usize, usize)> {
    let name = name_before(text, at);
    let is_authorization = name.eq_ignore_ascii_case("authorization");
    if !is_secret_name(name) && !is_authorization {
        return None;
    }
    let (mut start, mut end) = value_from(text, at + 1)?;
    if is_authorization {
        // the scheme tells nothing: the key is the word behind it
        let word = text[start..end].split(' ').next().unwrap_or_default();
        if matches!(word.to_ascii_lowercase().as_str(), "bearer" | "basic" | "token") {
            (start, end) = value_from(text, start + word.len())?;
        }
    }
    Some((start, end))
}

/// The value behind `--password `.
fn after_flag(text: &str, at: usize) -> Option<(usize, usize)> {
    let name = name_before(text, at);
    (name.starts_with("--") && is_secret_name(name)).then(|| value_from(text, at + 1)).flatten()
}

/// The password of `scheme://user:password@host`.
fn before_host(text: &str, at: usize, from: usize) -> Option<(usize, usize)> {
    let before = &text[from..at];
    let scheme = from + before.rfind("://")? + 3;
    let user_info = &text[scheme..at];
    if user_info.contains(['/', ' ', '\n', '"', '\'']) {
        return None;
    }
    let colon = user_info.find(':')?;
    let (start, end) = (scheme + colon + 1, at);
    (!is_variable_or_word(&text[start..end])).then_some((start, end))
}

/// The value that begins at or after an offset, on the same line: up to its quote, or one word.
fn value_from(text: &str, at: usize) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut start = at;
    while start < bytes.len() && matches!(bytes[start], b' ' | b'\t') {
        start += 1;
    }
    // `\"` inside a string of a shell
    if bytes.get(start) == Some(&b'\\') && bytes.get(start + 1) == Some(&b'"') {
        start += 1;
    }
    let quote = bytes.get(start).copied().filter(|byte| matches!(byte, b'"' | b'\''));
    let end = if let Some(quote) = quote {
        start += 1;
        let length = bytes[start..].iter().position(|byte| *byte == quote || *byte == b'\n')?;
        let end = start + length;
        if length > 0 && bytes[end - 1] == b'\\' { end - 1 } else { end }
    } else {
        let rest = bytes.get(start..)?;
        start + rest.iter().position(|byte| ENDS.contains(byte)).unwrap_or(rest.len())
    };
    (start < end && !is_variable_or_word(&text[start..end])).then_some((start, end))
}

/// References to what stands elsewhere, and words of a language.
fn is_variable_or_word(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    ["${", "$(", "{{", "<path:", "vault:", "ref+"].iter().any(|mark| text.starts_with(mark))
        || (text.starts_with('$') && text[1..].bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'))
        || matches!(lower.as_str(), "true" | "false" | "null" | "~" | "|" | "|-" | ">" | ">-" | "{" | "[" | "{}" | "[]")
}

/// A text of the same length: breaks and blanks stay where they are, a placeholder stays one.
fn stand_in(text: &str) -> String {
    if is_variable_or_word(text) || text.is_empty() {
        return text.to_owned();
    }
    let lower = text.to_ascii_lowercase();
    let is_placeholder = crate::model::server::is_placeholder_key(text);
    let short = is_placeholder && text.len() < PLACEHOLDER.len();
    // texts that are nothing but a number or a word of YAML keep their kind, else they would be read as something else
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let mut letters = if is_placeholder { PLACEHOLDER } else { STAND_IN }.chars().cycle();
    let mut made = String::with_capacity(text.len());
    for letter in lower.chars() {
        if letter.is_control() || letter == ' ' {
            made.push(letter);
        } else {
            for _ in 0..letter.len_utf8() {
                made.push(if short {
                    'x'
                } else if is_digits {
                    '1'
                } else {
                    letters.next().unwrap_or('-')
                });
            }
        }
    }
    made
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_key_that_an_external_secret_writes_keeps_its_name() {
        let data = |field: &str| json!([{"secretKey": "QDRANT__SERVICE__API_KEY", field: {"key": "search/qdrant"}}]);
        for field in REFERENCES {
            let mut object = json!({"kind": "ExternalSecret", "spec": {"data": data(field)}});
            redact(&mut object);
            assert_eq!(object["spec"]["data"], data(field));
        }
        let mut store = json!({"kind": "SecretStore", "spec": {"secretKey": "hunter2hunter2"}});
        redact(&mut store);
        assert_eq!(store["spec"]["secretKey"], "redacted-redac");
    }

    #[test]
    fn keys_are_replaced_wherever_a_name_tells_them() {
        let mut object = json!({
            "kind": "StatefulSet",
            "metadata": {"managedFields": [1], "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "a": "b"}},
            "spec": {"env": [
                {"name": "QDRANT__SERVICE__API_KEY", "value": "hunter2hunter2"},
                {"name": "QDRANT__SERVICE__API_KEY_FILE", "value": "/etc/key"},
                {"name": "DATABASE_URL", "value": "postgres://u:hunter2@db/x"},
                {"name": "MODE", "value": "fast"}
            ], "args": ["--api-key=hunter2", "curl -H 'api-key: hunter2' -H \"Authorization: Bearer hunter2\" http://q"]},
        });
        redact(&mut object);
        assert!(!object.to_string().contains("hunter2"), "{object}");
        assert_eq!(object["metadata"], json!({"annotations": {"a": "b"}}));
        assert_eq!(object["spec"]["env"][0]["value"], "redacted-redac");
        assert_eq!(object["spec"]["env"][1]["value"], "/etc/key");
        assert_eq!(object["spec"]["env"][2]["value"], "postgres://u:redacte@db/x");
        assert_eq!(object["spec"]["env"][3]["value"], "fast");
        assert_eq!(
            object["spec"]["args"],
            json!(["--api-key=redacte", "curl -H 'api-key: redacte' -H \"Authorization: Bearer redacte\" http://q"])
        );
    }

    #[test]
    fn texts_of_config_maps_keep_everything_but_the_keys() {
        let text = "service:\n  enable_tls: true\n  api_key: hunter2hunter2\n  read_only_api_key: \"hunter3\"\n  alt_api_key: ''\n\
                    x: {\"password\": \"hunter4\", \"secret\": null}\nexport TOKEN=$OTHER\nAWS_SECRET_ACCESS_KEY=hunter5\n";
        let mut object = json!({"kind": "ConfigMap", "data": {"production.yaml": text}});
        redact(&mut object);
        let clean = object["data"]["production.yaml"].as_str().unwrap();
        assert!(!clean.contains("hunter"), "{clean}");
        assert_eq!(clean.len(), text.len());
        for kept in ["enable_tls: true", "alt_api_key: ''", "\"secret\": null", "TOKEN=$OTHER"] {
            assert!(clean.contains(kept), "{clean}");
        }
    }

    #[test]
    fn of_a_secret_only_the_names_of_its_keys_stay() {
        let mut object = json!({"kind": "Secret", "metadata": {"name": "q", "annotations": {"a": "hunter2"}}, "data": {"api-key": "aHVudGVyMg=="}});
        redact(&mut object);
        assert_eq!(object, json!({"kind": "Secret", "metadata": {"name": "q"}, "data": {"api-key": OF_A_SECRET}}));
    }

    #[test]
    fn the_faults_of_a_key_stay() {
        assert_eq!(stand_in("hunter2\n"), "redacte\n");
        assert_eq!(stand_in(" hunter2"), " redacte");
        assert_eq!(stand_in("CHANGEME"), "xxxxxxxx");
        assert_eq!(stand_in("your-api-key-here"), "changeme-changeme");
        assert_eq!(stand_in("12345"), "11111");
        assert_eq!(stand_in("$(OTHER)"), "$(OTHER)");
    }
}
