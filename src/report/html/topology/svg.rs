//! SVG as text. Everything a stranger wrote passes through here: escaped, cut to the room there is, whole in its title.

use std::fmt::Write as _;

use crate::report::html::text::{escaped, visible};

/// Characters of a name in a title.
const TITLE: usize = 300;

/// Shapes, one after the other.
#[derive(Default)]
pub(super) struct Svg(String);

impl Svg {
    pub(super) fn markup(self) -> String {
        self.0
    }

    pub(super) fn append(&mut self, other: &Self) {
        self.0.push_str(&other.0);
    }

    /// A rounded rectangle.
    pub(super) fn rect(&mut self, class: &str, (x, y, width, height): (i32, i32, i32, i32), radius: i32) {
        self.put(format_args!(
            r#"<rect class="{class}" x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}"/>"#
        ));
    }

    /// A path; `data` is the program's own.
    pub(super) fn path(&mut self, class: &str, data: &str) {
        self.put(format_args!(r#"<path class="{class}" d="{data}"/>"#));
    }

    /// The same, moved.
    pub(super) fn icon(&mut self, class: &str, (x, y): (i32, i32), data: &str) {
        self.put(format_args!(r#"<path class="{class}" transform="translate({x} {y})" d="{data}"/>"#));
    }

    /// One line of text, which is cut to its room.
    pub(super) fn text(&mut self, face: Face, (x, y): (i32, i32), room: i32, text: &str) {
        let shown = escaped(&face.fit(&visible(text), room));
        self.put(format_args!(r#"<text class="{}" x="{x}" y="{y}">{shown}</text>"#, face.class()));
    }

    /// A few words of the program's own, centred.
    pub(super) fn middle(&mut self, class: &str, (x, y): (i32, i32), text: &str) {
        self.put(format_args!(
            r#"<text class="{class}" x="{x}" y="{y}" text-anchor="middle">{}</text>"#,
            escaped(text)
        ));
    }

    /// Shapes that belong together, with the whole text that a pointer shows.
    pub(super) fn group(&mut self, class: &str, title: &str, inside: impl FnOnce(&mut Self)) {
        self.put(format_args!(r#"<g class="{class}"><title>{}</title>"#, escaped(&whole(title))));
        inside(self);
        self.0.push_str("</g>");
    }

    /// A link to a finding. The words for a pointer stand around it: within, they would count as its text.
    pub(super) fn link(&mut self, class: &str, anchor: &str, label: &str, inside: impl FnOnce(&mut Self)) {
        self.group("", label, |svg| {
            let label = escaped(&whole(label));
            svg.put(format_args!(r##"<a class="{class}" href="#{}" aria-label="{label}">"##, escaped(anchor)));
            inside(svg);
            svg.0.push_str("</a>");
        });
    }

    fn put(&mut self, markup: std::fmt::Arguments<'_>) {
        self.0.write_fmt(markup).expect("a String takes all text");
    }
}

/// Text as a title shows it.
pub(super) fn whole(text: &str) -> String {
    crate::report::html::text::cut(&visible(text), TITLE)
}

/// How a text looks; the style knows the classes.
#[derive(Clone, Copy)]
pub(super) enum Face {
    /// A sentence.
    Plain,
    /// Less important.
    Soft,
    /// What has no copy, or stands open.
    Alarm,
    /// A heading.
    Strong,
    /// A name.
    Name,
    /// A name, less important.
    Small,
}

impl Face {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "t",
            Self::Soft => "t soft",
            Self::Alarm => "t alarm",
            Self::Strong => "t strong",
            Self::Name => "t name",
            Self::Small => "t name small",
        }
    }

    /// Hundredths of a unit that a character takes, in the widest of the fonts that the style names.
    fn width(self, letter: char) -> usize {
        let mono = |size: usize| if is_wide(letter) { 2 * size } else { size };
        let sans = |size: usize| {
            let share = match letter {
                _ if is_wide(letter) => 110,
                'i' | 'j' | 'l' | 't' | 'f' | '.' | ',' | ':' | ';' | '\'' | '|' | ' ' | '!' | '(' | ')' | '['
                | ']' => 40,
                'm' | 'w' | 'M' | 'W' | '@' | '%' | '—' => 101,
                'A'..='Z' | '&' | '+' | '=' | '<' | '>' | '~' => 84,
                letter if letter.is_ascii() => 64,
                _ => 80,
            };
            size * share
        };
        match self {
            Self::Plain | Self::Soft | Self::Alarm => sans(12),
            Self::Strong => sans(15),
            Self::Name => mono(790),
            Self::Small => mono(670),
        }
    }

    /// At most so many units, `…` for what is cut.
    pub(super) fn fit(self, text: &str, room: i32) -> String {
        let room = usize::try_from(room).unwrap_or_default() * 100;
        let mut taken = 0;
        let ellipsis = self.width('…');
        let mut keeps = 0;
        for (at, letter) in text.char_indices() {
            if taken + ellipsis <= room {
                keeps = at;
            }
            taken += self.width(letter);
            if taken > room {
                return format!("{}…", text[..keeps].trim_end());
            }
        }
        text.to_owned()
    }

    /// Lines of at most so many units; the last one is cut.
    pub(super) fn lines(self, text: &str, room: i32, most: usize) -> Vec<String> {
        let text = visible(text);
        let mut lines = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let shown = self.fit(rest, room);
            if shown == rest || lines.len() + 1 == most {
                lines.push(shown);
                break;
            }
            let whole = shown.trim_end_matches('…').len();
            // at a space of the second half, else in the middle of a word
            let ends_a_word = rest[whole..].starts_with(' ');
            let space = if ends_a_word { Some(whole) } else { rest[..whole].rfind(' ') };
            let end = space.filter(|at| *at > whole / 3).unwrap_or(whole.max(1));
            let end = (end..=rest.len()).find(|at| rest.is_char_boundary(*at)).unwrap_or(rest.len());
            lines.push(rest[..end].trim_end().to_owned());
            rest = rest[end..].trim_start();
        }
        lines
    }
}

/// Takes the room of two letters.
fn is_wide(letter: char) -> bool {
    matches!(letter, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ffef}' | '\u{fffd}' | '\u{1f000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_to_its_room_and_whole_in_the_title() {
        let mut svg = Svg::default();
        let name = format!("</text><script>{}\u{202e}", "x".repeat(10_000));
        svg.group("peer", &name, |svg| svg.text(Face::Name, (0, 0), 80, &name));
        let markup = svg.markup();
        assert!(markup.len() < 800, "{}", markup.len());
        assert!(markup.contains("<title>&lt;/text&gt;&lt;script&gt;") && !markup.contains("<script"));
        assert!(!markup.contains('\u{202e}'));
    }

    #[test]
    fn lines_break_at_spaces_and_always_end() {
        assert_eq!(Face::Plain.lines("every pod of the cluster", 100, 2), ["every pod of", "the cluster"]);
        let lines = Face::Plain.lines(&"W".repeat(500), 100, 2);
        assert!(lines.len() == 2 && lines[1].ends_with('…'), "{lines:?}");
        assert!(Face::Plain.lines("a b", 0, 3).len() <= 3);
        assert!(Face::Plain.lines("", 100, 2).is_empty());
    }
}
