//! Where a Qdrant answers: `http://10.0.0.7:6333`, `https://qdrant.example.ae`.

use std::fmt;
use std::net::IpAddr;

use hyper::Uri;

/// Port of the REST API.
pub(super) const REST: u16 = 6333;

/// A scheme, a host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// Asked over TLS.
    pub tls: bool,
    /// Name or IP address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// What stands before every path, without a slash at its end; where a route puts Qdrant below one.
    pub prefix: String,
}

/// Why a text is no address of a Qdrant.
#[derive(Debug, thiserror::Error)]
pub enum AddressError {
    /// No URL at all.
    #[error("`{0}` is no URL; write `http://HOST:6333` or `https://HOST:6333`")]
    NoUrl(String),
    /// A key in the address would be shown wherever the address is.
    #[error("the URL holds credentials; give the key in QDRANT_API_KEY or with --api-key-file")]
    Credentials,
}

impl Address {
    /// Reads a URL. Without a port it is Qdrant's 6333.
    pub fn read(text: &str) -> Result<Self, AddressError> {
        let wrong = || AddressError::NoUrl(text.split('@').next_back().unwrap_or_default().to_owned());
        if text.split(['?', '#']).next().is_some_and(|text| text.contains('@')) {
            return Err(AddressError::Credentials);
        }
        let uri: Uri = text.trim().parse().map_err(|_| wrong())?;
        let tls = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(wrong()),
        };
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || uri.query().is_some() {
            return Err(wrong());
        }
        let prefix = uri.path().trim_end_matches('/').to_owned();
        Ok(Self { tls, host, port: uri.port_u16().unwrap_or(REST), prefix })
    }

    /// Nobody but this machine carries what is sent there.
    pub(super) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }

    /// `host:port`, as a `Host` header and a connection want it.
    pub(super) fn authority(&self) -> String {
        if self.host.contains(':') {
            format!("[{}]:{}", self.host, self.port)
        } else {
            format!("{}:{}", self.host, self.port)
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(out, "{scheme}://{}{}", self.authority(), self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_and_credentials_refused() {
        let shown = |text: &str| Address::read(text).map(|address| address.to_string());
        assert_eq!(shown("http://q.example/").unwrap(), "http://q.example:6333");
        assert_eq!(shown("https://[::1]:443/qdrant/").unwrap(), "https://[::1]:443/qdrant");
        assert!(matches!(shown("https://key@host"), Err(AddressError::Credentials)));
        for wrong in ["", "host:6333", "ftp://host", "http://", "http://host/?a=b"] {
            assert!(matches!(shown(wrong), Err(AddressError::NoUrl(_))), "{wrong}");
        }
    }
}
