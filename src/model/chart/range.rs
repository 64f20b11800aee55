//! Version ranges as Helm reads them (Masterminds semver): `~1.12`, `^1.12`, `>=1.10 <1.14 || 1.16.x`, `1.2 - 1.5`, `*`.

use semver::Version;

/// Alternatives; a version satisfies the range when it satisfies every bound of one of them.
#[derive(Debug)]
pub(super) struct Range(Vec<Vec<Bound>>);

/// A half-open interval, or all but one interval.
#[derive(Debug)]
enum Bound {
    /// `low <= version`, and `version < high` where there is a high end.
    Within(Triple, Option<Triple>),
    /// Everything that lies not within.
    Without(Triple, Option<Triple>),
}

type Triple = [u64; 3];

impl Range {
    /// Reads a range; `None` when it is none.
    pub(super) fn parse(text: &str) -> Option<Self> {
        text.split("||").map(parse_alternative).collect::<Option<Vec<_>>>().map(Self)
    }

    /// Whether a released version lies in the range.
    pub(super) fn matches(&self, version: &Version) -> bool {
        let version = [version.major, version.minor, version.patch];
        self.0.iter().any(|bounds| bounds.iter().all(|bound| bound.admits(version)))
    }
}

impl Bound {
    fn admits(&self, version: Triple) -> bool {
        let within = |low: &Triple, high: &Option<Triple>| version >= *low && high.is_none_or(|high| version < high);
        match self {
            Self::Within(low, high) => within(low, high),
            Self::Without(low, high) => !within(low, high),
        }
    }
}

fn parse_alternative(text: &str) -> Option<Vec<Bound>> {
    if let Some((from, to)) = text.split_once(" - ") {
        let (from, to) = (Partial::parse(from.trim())?, Partial::parse(to.trim())?);
        return Some(vec![Bound::Within(from.low(), to.after())]);
    }
    let mut bounds = Vec::new();
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let operator_end = rest.find(|c: char| !"=!<>~^".contains(c))?;
        let (operator, tail) = rest.split_at(operator_end);
        let tail = tail.trim_start();
        let end = tail.find(|c: char| c == ',' || c.is_whitespace()).unwrap_or(tail.len());
        let (version, tail) = tail.split_at(end);
        bounds.push(parse_bound(operator, &Partial::parse(version)?)?);
        rest = tail.trim_start_matches(|c: char| c == ',' || c.is_whitespace());
    }
    Some(bounds)
}

fn parse_bound(operator: &str, version: &Partial) -> Option<Bound> {
    let low = version.low();
    Some(match operator {
        "" | "=" => Bound::Within(low, version.after()),
        "!=" => Bound::Without(low, version.after()),
        ">" => Bound::Within(version.after()?, None),
        ">=" | "=>" => Bound::Within(low, None),
        "<" => Bound::Within([0; 3], Some(low)),
        "<=" | "=<" => Bound::Within([0; 3], version.after()),
        "~" | "~>" => Bound::Within(low, Some(version.next(if version.given < 2 { version.given } else { 2 })?)),
        "^" => {
            let leading = version.numbers[..version.given].iter().position(|number| *number > 0);
            Bound::Within(low, version.next(leading.map_or(version.given, |zeros| zeros + 1)))
        }
        _ => return None,
    })
}

/// A version of which only the first numbers may be given.
struct Partial {
    numbers: Triple,
    given: usize,
}

impl Partial {
    fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = text.split(['-', '+']).next()?;
        let (mut numbers, mut given) = ([0; 3], 0);
        for (position, part) in text.split('.').enumerate() {
            if position > 2 {
                return None;
            }
            if matches!(part, "x" | "X" | "*") {
                break;
            }
            numbers[position] = part.parse().ok()?;
            given = position + 1;
        }
        Some(Self { numbers, given })
    }

    fn low(&self) -> Triple {
        self.numbers
    }

    /// The first version after all that this one stands for; `None` when it stands for every version.
    fn after(&self) -> Option<Triple> {
        self.next(self.given)
    }

    /// The version with the `count`-th number one higher and zeros behind it.
    fn next(&self, count: usize) -> Option<Triple> {
        let mut next = [0; 3];
        let last = count.checked_sub(1)?;
        next[..last].copy_from_slice(&self.numbers[..last]);
        next[last] = self.numbers[last].saturating_add(1);
        Some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admits(range: &str, version: &str) -> bool {
        Range::parse(range).unwrap().matches(&Version::parse(version).unwrap())
    }

    #[test]
    fn ranges_admit_what_helm_admits() {
        for (range, inside, outside) in [
            ("~1.12", "1.12.6", "1.13.0"),
            ("~1.12.5", "1.12.6", "1.12.4"),
            ("^1.12", "1.19.0", "1.11.5"),
            ("^0.9", "0.9.4", "0.10.0"),
            ("1.12", "1.12.6", "1.13.0"),
            ("1.16.x", "1.16.3", "1.17.0"),
            (">=1.10 <1.14", "1.13.6", "1.14.0"),
            (">= 1.10, < 1.14", "1.12.4", "0.10.1"),
            (">1.12", "1.13.0", "1.12.6"),
            ("<=1.12", "1.12.6", "1.13.0"),
            ("1.12.4 || 1.14.x", "1.14.1", "1.13.0"),
            ("1.12 - 1.14", "1.14.1", "1.15.0"),
            ("!=1.19.0", "1.18.3", "1.19.0"),
        ] {
            assert!(admits(range, inside), "{range} admits {inside}");
            assert!(!admits(range, outside), "{range} does not admit {outside}");
        }
        for everything in ["*", "*.*.*", ">=0.8.0", "x", ">0.0.0-0"] {
            assert!(admits(everything, "1.19.0"), "{everything}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in ["", "latest", "{{ version }}", "1.2.3.4", "><", ">*"] {
            assert!(Range::parse(text).is_none(), "{text}");
        }
    }
}
