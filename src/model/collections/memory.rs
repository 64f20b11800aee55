//! Memory of one collection on one peer, with the arithmetic in words.

use super::vectors::bytes_of;
use crate::model::facts::collections::{MemoryEstimate, Vector};

/// Bytes of a link in the graph and its share of the upper layers.
const BYTES_PER_LINK: f64 = 12.0;
/// Rule of thumb of Qdrant's documentation: vectors take half as much again.
const COMFORT: f64 = 1.5;

/// The estimate; none when no vector has a size.
pub(super) fn estimate(points: u64, vectors: &[&Vector], copies: u64, peers: u64) -> Option<MemoryEstimate> {
    if peers == 0 || vectors.iter().all(|vector| vector.size.is_none()) {
        return None;
    }
    let copies = copies.min(peers);
    let share = copies as f64 / peers as f64;
    let mut searched = 0.0;
    let mut graph = 0.0;
    let mut cached = 0.0;
    let mut terms = Vec::new();
    for vector in vectors {
        let Some(size) = vector.size else { continue };
        let original = bytes_of(&vector.datatype);
        let on_disk = vector.on_disk.as_ref().is_some_and(|on_disk| on_disk.value);
        let quantization = vector.quantization.as_ref().map(|quantization| &quantization.value);
        let (bytes, what) = match quantization {
            Some(quantization) if quantization.in_ram => (quantization.bytes_per_dimension, quantization.kind.as_str()),
            Some(_) => (0.0, ""),
            None if on_disk => (0.0, ""),
            None => (original, vector.datatype.as_str()),
        };
        if bytes > 0.0 {
            searched += size as f64 * bytes;
            terms.push(format!("{size} × {bytes} B {what}"));
        }
        if quantization.is_some() && !on_disk {
            cached += size as f64 * original;
        }
        if !vector.hnsw_on_disk && vector.hnsw_m > 0 {
            graph += vector.hnsw_m as f64 * BYTES_PER_LINK;
            terms.push(format!("{} × {BYTES_PER_LINK} B graph", vector.hnsw_m));
        }
    }
    let bytes_per_point = searched + graph;
    let on_peer = points as f64 * share;
    let required = (on_peer * bytes_per_point).ceil();
    let comfortable = (on_peer * searched * COMFORT).ceil().max(required);
    let terms = if terms.is_empty() { "0 B".to_owned() } else { terms.join(" + ") };
    let several = vectors.iter().any(|vector| vector.multivector);
    Some(MemoryEstimate {
        points,
        share,
        bytes_per_point,
        bytes_per_point_cached: cached,
        required_bytes: required as u64,
        comfortable_bytes: comfortable as u64,
        arithmetic: format!(
            "{} points × {copies} {} / {peers} {} × ({terms}) = {}{}",
            grouped(points),
            if copies == 1 { "copy" } else { "copies" },
            if peers == 1 { "peer" } else { "peers" },
            in_gib(required),
            if several { ", counting one vector for each multivector" } else { "" },
        ),
    })
}

fn in_gib(bytes: f64) -> String {
    format!("{:.1} GiB", bytes / f64::from(1 << 30))
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::collections::Quantization;
    use crate::model::tracked::Origins;
    use crate::source::Origin;

    fn vector(size: u64) -> Vector {
        Vector { size: Some(size), datatype: "float32".to_owned(), hnsw_m: 16, ..Vector::default() }
    }

    #[test]
    fn originals_and_graph_of_unquantized_vectors() {
        let estimate = estimate(1_000_000, &[&vector(768)], 1, 1).unwrap();
        assert_eq!(estimate.required_bytes, 1_000_000 * (768 * 4 + 16 * 12));
        assert_eq!(estimate.comfortable_bytes, 4_608_000_000);
        assert_eq!(
            estimate.arithmetic,
            "1,000,000 points × 1 copy / 1 peer × (768 × 4 B float32 + 16 × 12 B graph) = 3.0 GiB"
        );
    }

    #[test]
    fn quantized_vectors_replace_originals_which_become_page_cache() {
        let origins = Origins::default();
        let quantization = Quantization {
            kind: "scalar".to_owned(),
            bytes_per_dimension: 1.0,
            in_ram: true,
            ..Quantization::default()
        };
        let quantized = Vector { quantization: Some(origins.track(quantization, &Origin::Derived)), ..vector(768) };
        let estimate = estimate(100_000_000, &[&quantized], 2, 3).unwrap();
        assert_eq!(estimate.required_bytes, 64_000_000_000);
        assert!((estimate.bytes_per_point_cached - 3072.0).abs() < f64::EPSILON);
    }

    #[test]
    fn more_copies_than_peers_are_clamped_and_nothing_is_made_up_without_sizes() {
        assert!((estimate(1, &[&vector(4)], 5, 3).unwrap().share - 1.0).abs() < f64::EPSILON);
        assert!(estimate(1, &[&Vector::default()], 1, 1).is_none());
        assert!(estimate(1, &[&vector(4)], 1, 0).is_none());
    }
}
