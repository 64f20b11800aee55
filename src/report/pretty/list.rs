//! Findings that are not shown in full, a line each.

use std::fmt::Write as _;

use super::super::count_of;
use super::block::{Block, count};
use super::{Screen, cut};
use crate::policy::Severity;

/// Lines that low and info may take; what is worse always gets its own.
const MINOR: usize = 4;

impl Screen<'_> {
    /// The rest, a line each.
    pub(super) fn list(&mut self, rest: &[Block<'_>], room: &mut usize) {
        const PLACE: usize = 26;
        let is_minor = |block: &&Block<'_>| matches!(block.findings[0].severity, Severity::Low | Severity::Info);
        let minor = rest.iter().filter(is_minor).count();
        let lines = if minor > MINOR && !self.look.verbose { rest.len() - minor } else { rest.len() };
        let (shown, left_out) = rest.split_at(lines.min(*room));
        let rule = |block: &Block<'_>| {
            let first = block.findings[0];
            let times = if block.findings.len() > 1 { format!(" ×{}", block.findings.len()) } else { String::new() };
            format!("{}{}", first.rule, if self.look.unicode { times } else { times.replace('×', "x") })
        };
        let place = |block: &Block<'_>| {
            let location = &block.findings[0].location;
            location
                .file
                .as_ref()
                .map_or_else(String::new, |file| cut_left(&format!("{file}:{}", location.line), PLACE))
        };
        let width_of = |text: &dyn Fn(&Block<'_>) -> String| {
            shown.iter().map(|block| text(block).chars().count()).max().unwrap_or_default()
        };
        let (rules, places) = (width_of(&rule), width_of(&place));
        let mut lines = String::new();
        for block in shown {
            let first = block.findings[0];
            let severity = self.severity(first.severity, &format!("{:<8}", first.severity));
            let text = if block.findings.len() > 1 { &first.title } else { &first.label };
            let left = self.look.width.saturating_sub(2 + 8 + 2 + rules + 2 + places + 2);
            let text = if left < 16 { String::new() } else { cut(text, left) };
            let line = format!("  {severity}  {:<rules$}  {:<places$}  {text}", rule(block), place(block));
            let _ = writeln!(lines, "{}", line.trim_end());
        }
        self.out.push_str(&lines);
        *room -= shown.len();
        if !left_out.is_empty() {
            let worst = left_out[0].findings[0].severity;
            let _ = writeln!(
                self.out,
                "  … and {}, none above {worst}; all of them with `-v`",
                count_of(count(left_out), "more finding")
            );
        }
        if !rest.is_empty() {
            self.out.push('\n');
        }
    }
}

/// Of a path that is too long the file is what tells.
fn cut_left(path: &str, width: usize) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    let length = file.chars().count();
    if path.chars().count() <= width {
        path.to_owned()
    } else if length + 2 <= width {
        format!("…/{file}")
    } else {
        std::iter::once('…').chain(file.chars().skip((length + 1).saturating_sub(width))).collect()
    }
}
