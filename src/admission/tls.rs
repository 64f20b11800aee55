//! The serving certificate. It is exchanged while connections stay open: only new handshakes see the new one.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

/// Why a certificate cannot be used; the operator's to mend.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// No certificate or no key in the PEM.
    #[error("{0}")]
    Pem(&'static str),
    /// Key and certificate do not fit, or are of a kind that is not spoken.
    #[error("certificate and key cannot be used together: {0}")]
    Unusable(#[from] rustls::Error),
}

/// The certificate in use.
#[derive(Debug, Default)]
pub struct Certificate {
    current: RwLock<Option<Current>>,
}

#[derive(Debug)]
struct Current {
    key: Arc<CertifiedKey>,
    pem: (Vec<u8>, Vec<u8>),
    expires: Option<i64>,
}

impl Certificate {
    /// Takes a new certificate. True when it is another one than before; a broken one leaves the old one in place.
    pub fn exchange(&self, chain: &[u8], key: &[u8]) -> Result<bool, TlsError> {
        let is_same = |current: &Current| current.pem.0 == chain && current.pem.1 == key;
        if self.current.read().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(is_same) {
            return Ok(false);
        }
        let certificates: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(chain)
            .collect::<Result<_, _>>()
            .map_err(|_| TlsError::Pem("the certificate file is no PEM"))?;
        let Some(leaf) = certificates.first() else {
            return Err(TlsError::Pem("no certificate in the certificate file"));
        };
        let expires = read(leaf).map(|leaf| leaf.expires);
        let private =
            PrivateKeyDer::from_pem_slice(key).map_err(|_| TlsError::Pem("no private key in the key file"))?;
        let key_pair = CertifiedKey::from_der(certificates, private, &ring::default_provider())?;
        key_pair.keys_match()?;
        let current = Current { key: Arc::new(key_pair), pem: (chain.to_vec(), key.to_vec()), expires };
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Some(current);
        Ok(true)
    }

    /// There is one.
    pub fn is_loaded(&self) -> bool {
        self.current.read().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Unix time at which it ends.
    pub fn expires(&self) -> Option<i64> {
        self.current.read().unwrap_or_else(PoisonError::into_inner).as_ref()?.expires
    }
}

impl ResolvesServerCert for Certificate {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.as_ref().map(|current| Arc::clone(&current.key))
    }
}

/// TLS 1.2 and 1.3, HTTP/1.1 and 2, whatever certificate is current at the handshake.
pub fn config(certificate: Arc<Certificate>) -> Result<rustls::ServerConfig, TlsError> {
    let mut config = rustls::ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificate);
    // API servers do not resume sessions: tickets would only cost each handshake time, and memory
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// What is read of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Read {
    /// Name of the authority, in DER.
    pub issuer: Vec<u8>,
    /// Its own name, in DER.
    pub subject: Vec<u8>,
    /// Unix time at which it ends.
    pub expires: i64,
}

/// Reads a certificate in DER: serial number, algorithm, issuer, validity and subject follow each other.
pub fn read(certificate: &[u8]) -> Option<Read> {
    let (_, certificate, _) = element(certificate)?;
    let (_, mut rest, _) = element(certificate)?;
    let (tag, _, after) = element(rest)?;
    if tag == 0xa0 {
        rest = after;
    }
    for _ in 0..2 {
        rest = element(rest)?.2;
    }
    let (_, issuer, rest) = element(rest)?;
    let (_, validity, rest) = element(rest)?;
    let (_, subject, _) = element(rest)?;
    let (_, _, after) = element(validity)?;
    let (tag, time, _) = element(after)?;
    Some(Read { issuer: issuer.to_vec(), subject: subject.to_vec(), expires: time_of(tag, time)? })
}

fn time_of(tag: u8, time: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(time).ok()?.strip_suffix('Z')?;
    let (year, rest) = match tag {
        0x17 => {
            let short: i16 = text.get(..2)?.parse().ok()?;
            (if short < 50 { 2000 + short } else { 1900 + short }, text.get(2..)?)
        }
        0x18 => (text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => return None,
    };
    let part = |at: usize| rest.get(at..at + 2)?.parse::<i8>().ok();
    let time = jiff::civil::DateTime::new(year, part(0)?, part(2)?, part(4)?, part(6)?, part(8)?, 0).ok()?;
    Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
}

/// Tag, content and what follows of a DER element.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = bytes.split_first()?;
    let (&first, rest) = rest.split_first()?;
    let (length, rest) = if first < 0x80 {
        (usize::from(first), rest)
    } else {
        let count = usize::from(first & 0x7f);
        let (digits, rest) = rest.split_at_checked(count).filter(|_| count <= 4)?;
        (digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(year: i32) -> (String, String) {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_after = rcgen::date_time_ymd(year, 3, 4);
        let key = rcgen::KeyPair::generate().unwrap();
        (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    #[test]
    fn a_broken_certificate_leaves_the_old_one_in_place() {
        let certificate = Certificate::default();
        let (chain, key) = made(2030);
        assert!(certificate.exchange(chain.as_bytes(), key.as_bytes()).unwrap());
        assert!(!certificate.exchange(chain.as_bytes(), key.as_bytes()).unwrap(), "the same one is no change");
        let (_, other) = made(2031);
        assert!(certificate.exchange(chain.as_bytes(), other.as_bytes()).is_err(), "a key of another certificate");
        assert!(certificate.exchange(b"half writ", key.as_bytes()).is_err());
        assert_eq!(certificate.expires(), Some(1_898_812_800));
    }

    #[test]
    fn the_end_is_read_in_both_forms_of_time() {
        for (year, end) in [(2030, 1_898_812_800), (2055, 2_687_731_200)] {
            let certificate = Certificate::default();
            let (chain, key) = made(year);
            certificate.exchange(chain.as_bytes(), key.as_bytes()).unwrap();
            assert_eq!(certificate.expires(), Some(end));
        }
    }
}
