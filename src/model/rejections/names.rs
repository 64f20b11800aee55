//! The forms of names. Each check gives the API server's reason, or nothing.

/// A DNS label: names of containers, volumes, port names of Services.
pub(super) fn not_a_label(text: &str) -> Option<String> {
    if text.len() > 63 {
        return Some("must be no more than 63 bytes".to_owned());
    }
    (!is_label(text)).then(|| {
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end \
         with an alphanumeric character"
            .to_owned()
    })
}

/// A DNS label that begins with a letter: names of Services.
pub(super) fn not_a_service_name(text: &str) -> Option<String> {
    if text.len() > 63 {
        return Some("must be no more than 63 bytes".to_owned());
    }
    let starts = text.starts_with(|first: char| first.is_ascii_lowercase());
    (!is_label(text) || !starts).then(|| {
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic \
         character, and end with an alphanumeric character"
            .to_owned()
    })
}

/// A DNS name: names of most objects, hosts.
pub(super) fn not_a_subdomain(text: &str) -> Option<String> {
    if text.len() > 253 {
        return Some("must be no more than 253 bytes".to_owned());
    }
    (!text.split('.').all(is_label)).then(|| {
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start \
         and end with an alphanumeric character"
            .to_owned()
    })
}

/// A host of a route: a DNS name, or a wildcard over one.
pub(super) fn not_a_host(text: &str) -> Option<String> {
    if text.parse::<std::net::IpAddr>().is_ok() {
        return Some("must be a DNS name, not an IP address".to_owned());
    }
    if !text.contains('*') {
        return not_a_subdomain(text);
    }
    text.strip_prefix("*.").is_none_or(|rest| not_a_subdomain(rest).is_some()).then(|| {
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of \
         lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character"
            .to_owned()
    })
}

/// The key of a label or annotation: an optional DNS prefix and a name.
pub(super) fn not_a_qualified_name(text: &str) -> Option<String> {
    let name = match text.split_once('/') {
        Some((prefix, _)) if prefix.is_empty() || not_a_subdomain(prefix).is_some() => {
            return Some("prefix part must be a lowercase RFC 1123 subdomain".to_owned());
        }
        Some((_, name)) => name,
        None => text,
    };
    if name.is_empty() {
        return Some("name part must be non-empty".to_owned());
    }
    if name.len() > 63 {
        return Some("name part must be no more than 63 bytes".to_owned());
    }
    (!is_name(name)).then(|| {
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric \
         character"
            .to_owned()
    })
}

/// The value of a label.
pub(super) fn not_a_label_value(text: &str) -> Option<String> {
    if text.len() > 63 {
        return Some("must be no more than 63 bytes".to_owned());
    }
    (!text.is_empty() && !is_name(text)).then(|| {
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start \
         and end with an alphanumeric character"
            .to_owned()
    })
}

/// The name of a container's port.
pub(super) fn not_a_port_name(text: &str) -> Option<String> {
    if text.len() > 15 {
        return Some("must be no more than 15 bytes".to_owned());
    }
    if !text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-') || text.is_empty() {
        return Some("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)".to_owned());
    }
    if !text.bytes().any(|byte| byte.is_ascii_lowercase()) {
        return Some("must contain at least one letter (a-z)".to_owned());
    }
    if text.contains("--") {
        return Some("must not contain consecutive hyphens".to_owned());
    }
    (text.starts_with('-') || text.ends_with('-')).then(|| "must not begin or end with a hyphen".to_owned())
}

/// The name of a namespace or a pod's volume: a label whose dots get a reason of their own.
pub(super) fn not_a_dotless_label(text: &str) -> Option<String> {
    if text.contains('.') { Some("must not contain dots".to_owned()) } else { not_a_label(text) }
}

/// A name that stands in a path of the API: RBAC objects, references.
pub(super) fn not_a_path_segment(text: &str) -> Option<String> {
    if text == "." || text == ".." {
        return Some(format!("may not be '{text}'"));
    }
    ["/", "%"].iter().find(|part| text.contains(**part)).map(|part| format!("may not contain '{part}'"))
}

/// A DNS prefix, a slash and a path.
pub(super) fn not_a_domain_prefixed_path(text: &str) -> Option<String> {
    match text.split_once('/') {
        Some((domain, path)) if !domain.is_empty() && !path.is_empty() => not_a_subdomain(domain).or_else(|| {
            let known = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=:".contains(&byte);
            (!path.bytes().all(known)).then(|| "must consist of characters of a URL path".to_owned())
        }),
        _ => Some("must be a domain-prefixed path (such as \"acme.io/foo\")".to_owned()),
    }
}

/// A path that stays below where it starts.
pub(super) fn not_a_descending_path(text: &str) -> Option<String> {
    if text.starts_with('/') {
        return Some("must be a relative path".to_owned());
    }
    not_without_backsteps(text)
}

/// A path without `..`.
pub(super) fn not_without_backsteps(text: &str) -> Option<String> {
    text.split('/').any(|part| part == "..").then(|| "must not contain '..'".to_owned())
}

/// A path that stays below where it starts and whose first part the kubelet does not use itself.
pub(super) fn not_a_local_path(text: &str) -> Option<String> {
    not_a_descending_path(text).or_else(|| text.starts_with("..").then(|| "must not start with '..'".to_owned()))
}

/// An address as Kubernetes has always read it: four numbers with leading zeros too.
pub(super) fn not_an_address(text: &str) -> Option<String> {
    let octet = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_digit())
            && part.trim_start_matches('0').parse::<u16>().unwrap_or(0) < 256
            && part.trim_start_matches('0').len() < 4
    };
    let parts: Vec<&str> = text.split('.').collect();
    let legacy = parts.len() == 4 && parts.iter().all(|part| octet(part));
    (!legacy && text.parse::<std::net::IpAddr>().is_err())
        .then(|| "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)".to_owned())
}

/// A key of a ConfigMap or Secret.
pub(super) fn not_a_data_key(text: &str) -> Option<String> {
    if text.len() > 253 {
        return Some("must be no more than 253 bytes".to_owned());
    }
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    (text.is_empty() || text == "." || text.starts_with("..") || !text.bytes().all(known)).then(|| {
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.', and must not be or start with '..'"
            .to_owned()
    })
}

fn is_label(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_name(text: &str) -> bool {
    let ends = |letter: char| letter.is_ascii_alphanumeric();
    text.starts_with(ends)
        && text.ends_with(ends)
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
