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

/// What `fix` does to the shortest text that it changes, as a diff.
pub(super) fn fixed(rule: &str) -> Option<String> {
    const CONTEXT: usize = 2;
    let (_, before, after) = TWINS.iter().find(|(id, ..)| *id == rule)?;
    let (before, after) = (plain(before), plain(after));
    let diff = similar::TextDiff::from_lines(&before, &after);
    let shown = diff.unified_diff().context_radius(CONTEXT).to_string();
    Some(shown.lines().map(str::trim_end).collect::<Vec<_>>().join("\n"))
}

/// A case as a user would have written it, without what only tests read.
fn plain(text: &str) -> String {
    let lines = readable(text);
    let lines = lines.lines().map(|line| line.split_once("# <-- here").map_or(line, |(before, _)| before).trim_end());
    lines.fold(String::new(), |text, line| text + line + "\n")
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
