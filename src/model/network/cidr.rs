//! Address ranges: what an `ipBlock` holds once its exceptions are taken out.

use std::net::IpAddr;

use ipnet::IpNet;

/// Ranges that no address of the public internet lies in (RFC 1918, 6598, 3927, 4193, 4291, 5771 and the like).
const NOT_PUBLIC: [&str; 16] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
    "::/127",
];

/// Ranges that pods, Services and node-local resolvers commonly have.
const INSIDE: [&str; 6] =
    ["10.0.0.0/8", "100.64.0.0/10", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

/// An `ipBlock`: a range without its exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The range.
    pub cidr: IpNet,
    /// What is taken out.
    pub except: Vec<IpNet>,
}

impl Block {
    /// Reads a block; `None` when the range is no CIDR (the API server refuses it).
    pub fn parse<'a>(cidr: &str, except: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let except = except.into_iter().map(|text| text.parse().ok()).collect::<Option<Vec<IpNet>>>()?;
        Some(Self { cidr: cidr.parse().ok()?, except })
    }

    /// Whether an address lies in the block.
    pub fn contains(&self, address: IpAddr) -> bool {
        self.cidr.contains(&address) && !self.except.iter().any(|except| except.contains(&address))
    }

    /// Whether some address of the public internet lies in the block.
    pub fn is_public(&self) -> bool {
        !self.without(NOT_PUBLIC.iter().filter_map(|text| text.parse().ok())).is_empty()
    }

    /// Whether it is the whole internet, but for exceptions.
    pub fn is_everything(&self) -> bool {
        self.cidr.prefix_len() == 0
    }

    /// Whether it may hold addresses of pods or of the node-local resolver.
    pub fn may_hold_pods(&self) -> bool {
        let left = self.without(std::iter::empty());
        INSIDE.iter().filter_map(|text| text.parse::<IpNet>().ok()).any(|inside| {
            inside.addr().is_ipv4() == self.cidr.addr().is_ipv4()
                && left.iter().any(|(low, high)| *low <= last(&inside) && first(&inside) <= *high)
        })
    }

    /// Inclusive ranges of addresses that are left when the exceptions and `more` are taken out.
    fn without(&self, more: impl Iterator<Item = IpNet>) -> Vec<(u128, u128)> {
        let mut left = vec![(first(&self.cidr), last(&self.cidr))];
        let family = self.cidr.addr().is_ipv4();
        for hole in self.except.iter().copied().chain(more).filter(|hole| hole.addr().is_ipv4() == family) {
            let (low, high) = (first(&hole), last(&hole));
            left = left
                .into_iter()
                .flat_map(|(start, end)| {
                    if high < start || end < low {
                        return vec![(start, end)];
                    }
                    let mut parts = Vec::new();
                    if start < low {
                        parts.push((start, low - 1));
                    }
                    if high < end {
                        parts.push((high + 1, end));
                    }
                    parts
                })
                .collect();
        }
        left
    }
}

fn number(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(u32::from(address)),
        IpAddr::V6(address) => u128::from(address),
    }
}

fn first(net: &IpNet) -> u128 {
    number(net.network())
}

fn last(net: &IpNet) -> u128 {
    number(net.broadcast())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(cidr: &str, except: &[&str]) -> Block {
        Block::parse(cidr, except.iter().copied()).expect("a block")
    }

    #[test]
    fn everything_is_public_unless_the_exceptions_leave_only_private_ranges() {
        assert!(block("0.0.0.0/0", &["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"]).is_public());
        assert!(!block("0.0.0.0/0", &["0.0.0.0/1", "128.0.0.0/1"]).is_public());
        assert!(!block("10.1.0.0/16", &[]).is_public());
        assert!(!block("192.168.0.0/16", &[]).is_public());
        assert!(block("192.168.0.0/15", &[]).is_public());
        assert!(block("::/0", &[]).is_public());
        assert!(!block("fd00::/8", &[]).is_public());
    }

    #[test]
    fn a_block_may_hold_pods_unless_private_ranges_are_excepted() {
        assert!(block("0.0.0.0/0", &[]).may_hold_pods());
        assert!(block("10.2.3.0/24", &[]).may_hold_pods());
        assert!(block("169.254.20.10/32", &[]).may_hold_pods());
        assert!(!block("52.0.0.0/8", &[]).may_hold_pods());
        assert!(!block("10.0.0.0/8", &["10.0.0.0/8"]).may_hold_pods());
    }

    #[test]
    fn exceptions_are_not_contained() {
        let block = block("10.0.0.0/8", &["10.1.0.0/16"]);
        assert!(block.contains("10.2.0.1".parse().expect("an address")));
        assert!(!block.contains("10.1.0.1".parse().expect("an address")));
        assert!(!block.contains("11.0.0.1".parse().expect("an address")));
    }

    #[test]
    fn what_is_no_range_is_no_block() {
        assert_eq!(Block::parse("10.0.0.0", []), None);
        assert_eq!(Block::parse("10.0.0.0/8", ["x"]), None);
    }
}
