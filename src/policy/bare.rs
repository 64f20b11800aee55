//! Rego without its strings and comments, for those who look for names in it.

/// The text with strings and comments blanked out; lines stay where they are.
pub(super) fn bare(text: &str) -> String {
    let (mut quote, mut comment, mut escaped) = (None, false, false);
    text.chars()
        .map(|letter| {
            if letter == '\n' {
                comment = false;
                if quote == Some('"') {
                    quote = None;
                }
                return letter;
            }
            match quote {
                Some(end) => {
                    if escaped {
                        escaped = false;
                    } else if letter == '\\' && end == '"' {
                        escaped = true;
                    } else if letter == end {
                        quote = None;
                    }
                    ' '
                }
                None if comment => ' ',
                None if letter == '#' => {
                    comment = true;
                    ' '
                }
                None if matches!(letter, '"' | '`') => {
                    quote = Some(letter);
                    ' '
                }
                None => letter,
            }
        })
        .collect()
}

/// Letters of a Rego name.
pub(super) fn is_part_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}
