//! The bad and the good case that explain a rule.

include!(concat!(env!("OUT_DIR"), "/examples.rs"));

/// A case of a rule, without the comments that only tests read.
pub struct Example {
    /// What is wrong, each place marked by a comment.
    pub bad: Option<String>,
    /// How it may look instead.
    pub good: Option<String>,
}

/// The shortest bad and good case of a rule.
pub fn example(rule: &str) -> Example {
    let of = |bad: bool| {
        EXAMPLES.iter().find(|(id, is_bad, _)| *id == rule && *is_bad == bad).map(|(_, _, text)| readable(text))
    };
    Example { bad: of(true), good: of(false) }
}

/// `# expect: rule` becomes a mark; the flags of the case go.
fn readable(text: &str) -> String {
    let is_flag = |line: &&str| {
        const FLAGS: [&str; 7] =
            ["chart:", "namespace:", "release:", "profile:", "effective-date:", "config:", "skipped:"];
        line.strip_prefix("# ").is_some_and(|rest| FLAGS.iter().any(|flag| rest.starts_with(flag)))
    };
    let lines: Vec<String> = text
        .lines()
        .filter(|line| !is_flag(line))
        .map(|line| match line.split_once("# expect:") {
            Some((before, _)) => format!("{before}# <-- here"),
            None => line.to_owned(),
        })
        .collect();
    lines.join("\n").trim().to_owned()
}
