//! Quantities of Kubernetes: `32Gi`, `500m`, `1.5e3`.

/// A quantity, exact in thousandths of a unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity(i128);

impl Quantity {
    /// Parses as Kubernetes does; `None` for anything it would refuse.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text
            .char_indices()
            .find(|(index, letter)| {
                !(letter.is_ascii_digit() || *letter == '.' || (*index == 0 && matches!(letter, '+' | '-')))
            })
            .map_or(text.len(), |(index, _)| index);
        let (number, suffix) = text.split_at(end);
        let (scale, exponent) = scale(suffix)?;
        let digits = number.trim_start_matches(['+', '-']);
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() || fraction.contains('.') || fraction.len() > 18 || whole.len() > 18
        {
            return None;
        }
        let mantissa: i128 = format!("{whole}{fraction}").parse().ok()?;
        let shift = exponent + 3 - i32::try_from(fraction.len()).ok()?;
        let scaled = mantissa.checked_mul(scale)?;
        let milli = if shift >= 0 {
            scaled.checked_mul(10_i128.checked_pow(u32::try_from(shift).ok()?)?)?
        } else {
            // below a thousandth Kubernetes rounds up
            let by = 10_i128.checked_pow(u32::try_from(-shift).ok()?)?;
            scaled.checked_add(by - 1)?.div_euclid(by)
        };
        Some(Self(if number.starts_with('-') { -milli } else { milli }))
    }

    /// Whole units (bytes, cores), rounded up; `None` below zero.
    pub fn units(self) -> Option<u64> {
        u64::try_from(self.0.checked_add(999)?.div_euclid(1000)).ok()
    }

    /// Thousandths; `None` below zero.
    pub fn millis(self) -> Option<u64> {
        u64::try_from(self.0).ok()
    }
}

/// Binary factor and decimal exponent of a suffix.
fn scale(suffix: &str) -> Option<(i128, i32)> {
    Some(match suffix {
        "" => (1, 0),
        "n" => (1, -9),
        "u" => (1, -6),
        "m" => (1, -3),
        "k" => (1, 3),
        "M" => (1, 6),
        "G" => (1, 9),
        "T" => (1, 12),
        "P" => (1, 15),
        "E" => (1, 18),
        "Ki" => (1 << 10, 0),
        "Mi" => (1 << 20, 0),
        "Gi" => (1 << 30, 0),
        "Ti" => (1 << 40, 0),
        "Pi" => (1 << 50, 0),
        "Ei" => (1 << 60, 0),
        _ => {
            let exponent: i32 = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
            (-18..=18).contains(&exponent).then_some((1, exponent))?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn quantities_are_read_as_kubernetes_reads_them() {
        let units = |text| Quantity::parse(text).and_then(Quantity::units);
        assert_eq!(units("32Gi"), Some(32 << 30));
        assert_eq!(units("1.5Gi"), Some(3 << 29));
        assert_eq!(units("0.5"), Some(1));
        assert_eq!(units("1e3"), Some(1000));
        assert_eq!(units("12E"), Some(12_000_000_000_000_000_000));
        assert_eq!(Quantity::parse("250m").and_then(Quantity::millis), Some(250));
        assert_eq!(Quantity::parse("2").and_then(Quantity::millis), Some(2000));
        for refused in ["", "Gi", "1 Gi", "1gb", "1GiB", "one", "1.2.3", "--1"] {
            assert_eq!(Quantity::parse(refused), None, "{refused}");
        }
    }

    proptest! {
        #[test]
        fn a_number_and_its_thousandths_are_the_same(count in 0_u64..1_000_000) {
            prop_assert_eq!(Quantity::parse(&format!("{count}")), Quantity::parse(&format!("{}m", count * 1000)));
            prop_assert_eq!(Quantity::parse(&format!("{count}Ki")), Quantity::parse(&format!("{}", count * 1024)));
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in ".{0,40}") {
            let _ = Quantity::parse(&text).map(|quantity| (quantity.units(), quantity.millis()));
        }
    }
}
