//! Values of a release that could not be read (`valuesFrom` a Secret, a file that is missing): whether they decide
//! what a finding rests on.

use crate::model::input::{Release, Unseen};
use crate::source::{Origin, Path, SourceId, Written};

/// Facts that speak of what is written, not of the value that is in effect: no other layer can take that back.
const OF_THE_TEXT: [&[&str]; 5] = [
    &["duplicate_keys"],
    &["chart", "ignored_values"],
    &["qdrant", "ignored_config"],
    &["qdrant", "plain_text_keys"],
    &["qdrant", "unread_files"],
];

/// What may lie over the values that were read.
///
/// A default is certain only when nothing hidden may set it, and a written value only when it lies above all that is
/// hidden. Only findings are held back for it. A rule that passes on a default stays passed: hidden values are few
/// (keys, a size) and mostly better than the default; to call every such rule unknown would leave nothing to read.
#[derive(Debug, Default)]
pub struct HiddenValues {
    unseen: Vec<Unseen>,
    /// Files of the release: a default that would be set elsewhere has nothing to do with its values.
    files: Vec<SourceId>,
}

impl HiddenValues {
    pub(super) fn of(release: &Release) -> Self {
        Self { unseen: release.unseen.clone(), files: release.files.clone() }
    }

    /// What may decide the fact at a path instead, in words; none when its value is certain.
    pub fn may_decide(&self, fact: &Path, origin: &Origin) -> Option<&str> {
        let of_the_text = OF_THE_TEXT.iter().any(|keys| fact.0.starts_with(&Path::keys(keys.iter().copied()).0));
        let decides = |unseen: &&Unseen| match origin {
            Origin::Default(default) => {
                default.anchor.is_none_or(|anchor| self.files.contains(&anchor.source))
                    && unseen.only.as_ref().is_none_or(|only| is_one_line(only, &default.path))
            }
            Origin::Written(written) | Origin::Set(written) => !of_the_text && is_below(*written, unseen),
            Origin::Derived => false,
        };
        self.unseen.iter().find(decides).map(|unseen| unseen.what.as_str())
    }
}

/// One of the two leads to the other.
fn is_one_line(one: &Path, other: &Path) -> bool {
    one.0.starts_with(&other.0) || other.0.starts_with(&one.0)
}

fn is_below(written: Written, unseen: &Unseen) -> bool {
    let place = written.value_span();
    unseen.over.iter().any(|over| over.source == place.source && over.start <= place.start && place.end <= over.end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn hidden(only: Option<&[&str]>) -> HiddenValues {
        let only = only.map(|keys| Path::keys(keys.iter().copied()));
        let over = vec![Span { source: SourceId(1), start: 10, end: 90 }];
        HiddenValues { unseen: vec![Unseen { what: "Secret s".to_owned(), only, over }], files: vec![SourceId(1)] }
    }

    fn written(source: u32, start: u32) -> Origin {
        Origin::Written(place(source, start))
    }

    fn place(source: u32, start: u32) -> Written {
        Written { source: SourceId(source), key: (start, start + 1), value: (start + 2, start + 3) }
    }

    fn default(source: u32, keys: &[&str]) -> Origin {
        Origin::default_of(&"chart 1.15.4".into(), Path::keys(keys.iter().copied()), Some(place(source, 1)))
    }

    #[test]
    fn what_is_written_below_may_be_replaced_and_what_is_written_above_may_not() {
        let fact = Path::keys(["workload", "replicas"]);
        assert_eq!(hidden(None).may_decide(&fact, &written(1, 20)), Some("Secret s"));
        assert_eq!(hidden(None).may_decide(&fact, &written(1, 95)), None);
        assert_eq!(hidden(None).may_decide(&fact, &written(2, 20)), None);
    }

    #[test]
    fn what_is_wrong_with_a_text_stays_wrong_under_any_value() {
        let fact = Path::keys(["qdrant", "plain_text_keys"]).index(0);
        assert_eq!(hidden(None).may_decide(&fact, &written(1, 20)), None);
    }

    #[test]
    fn a_source_of_one_value_hides_only_the_defaults_in_its_line() {
        let fact = Path::keys(["qdrant", "api_key"]);
        let hidden = hidden(Some(&["config", "service"]));
        assert_eq!(hidden.may_decide(&fact, &default(1, &["config", "service", "api_key"])), Some("Secret s"));
        assert_eq!(hidden.may_decide(&fact, &default(1, &["config"])), Some("Secret s"));
        assert_eq!(hidden.may_decide(&fact, &default(1, &["apiKey"])), None);
    }

    #[test]
    fn a_default_that_would_be_set_in_another_file_is_certain() {
        let fact = Path::keys(["backup", "jobs"]);
        assert_eq!(hidden(None).may_decide(&fact, &default(2, &["spec"])), None);
    }
}
