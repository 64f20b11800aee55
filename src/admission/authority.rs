//! A certificate of the webhook's own making, for clusters without cert-manager: an authority and a leaf in one Secret,
//! which all replicas share, and the authority's certificate in the webhook configuration.
//!
//! Nothing is ever signed by an authority that the API server does not trust yet: a new authority first joins the old one
//! in the bundle; only when that has settled does it sign. An old one leaves the bundle when it has ended.

use std::time::{Duration, Instant};

use hyper::http::Method;
use jiff::Timestamp;
use k8s_openapi::ByteString;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

use super::tls;
use crate::load::live::client::{ApiError, Asker};

/// An authority lives so many times as long as what it signs.
const AUTHORITY: u32 = 2;
/// The API server learns of a new bundle by a watch.
const SETTLING: Duration = Duration::from_secs(10);
/// Clocks of two machines differ.
const SKEW: Duration = Duration::from_mins(5);
/// Of what this webhook makes only its authorities are named so.
const NAME: &str = "qdrant-lint webhook authority ";

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// The Secret or the configuration cannot be read or written.
    #[error("{what}: {error}")]
    Api {
        /// What was asked for.
        what: String,
        /// The API server's answer.
        error: ApiError,
    },
    /// A certificate cannot be made.
    #[error("the certificate cannot be made: {0}")]
    Made(#[from] rcgen::Error),
}

/// Keeps the certificate of a webhook.
pub struct Authority {
    /// The cluster.
    pub asker: Asker,
    /// Namespace of the Secret.
    pub namespace: String,
    /// The Secret.
    pub secret: String,
    /// The webhook configuration whose bundle is kept; none when somebody else does that.
    pub configuration: Option<String>,
    /// Names that the API server calls the webhook by.
    pub names: Vec<String>,
    /// How long a leaf lives.
    pub lifetime: Duration,
    /// The bundle that is in the configuration, and since when.
    pub settled: Option<(String, Instant)>,
}

/// What the Secret holds.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Kept {
    /// Authorities, newest first.
    bundle: String,
    authority_key: String,
    /// Certificate and key to serve with.
    leaf: String,
    key: String,
}

impl Authority {
    /// Makes or renews what must be, and gives certificate and key to serve with.
    pub async fn tend(&mut self) -> Result<(String, String), AuthorityError> {
        let (kept, version) = self.kept().await?;
        self.trust(&kept.bundle).await?;
        let now = Timestamp::now().as_second();
        let renewed = self.renewed(&kept, now)?;
        let Some(renewed) = renewed else { return Ok((kept.leaf, kept.key)) };
        match self.asker.send(Method::PUT, &self.path(true), &self.secret(&renewed, Some(&version))).await {
            Ok(_) => {
                tracing::info!(secret = self.secret, "the certificate was renewed");
                Ok((renewed.leaf, renewed.key))
            }
            // another replica was faster; what it made is read the next time
            Err(ApiError::Refused { code: 409, .. }) => Ok((kept.leaf, kept.key)),
            Err(error) => Err(self.failed("the Secret cannot be written", error)),
        }
    }

    /// The Secret as it is, made where there is none, with its version.
    async fn kept(&self) -> Result<(Kept, String), AuthorityError> {
        let version = |secret: &Value| secret["metadata"]["resourceVersion"].as_str().unwrap_or_default().to_owned();
        let read = |error| self.failed("the Secret cannot be read", error);
        let found = match self.asker.get(&self.path(true)).await {
            Ok(secret) => secret,
            Err(ApiError::NotFound) => {
                let first = self.secret(&self.made()?, None);
                match self.asker.send(Method::POST, &self.path(false), &first).await {
                    Ok(_) | Err(ApiError::Refused { code: 409, .. }) => {}
                    Err(error) => return Err(self.failed("the Secret cannot be made", error)),
                }
                self.asker.get(&self.path(true)).await.map_err(read)?
            }
            Err(error) => return Err(read(error)),
        };
        if let Some(kept) = Kept::read(&found) {
            return Ok((kept, version(&found)));
        }
        // empty, or not ours: begin again in it
        let made = self.made()?;
        let written = self.asker.send(Method::PUT, &self.path(true), &self.secret(&made, Some(&version(&found)))).await;
        let written = written.map_err(|error| self.failed("the Secret cannot be written", error))?;
        Ok((made, version(&written)))
    }

    /// The configuration trusts a bundle.
    async fn trust(&mut self, bundle: &str) -> Result<(), AuthorityError> {
        let Some(name) = &self.configuration else {
            self.settle(bundle);
            return Ok(());
        };
        let path = format!("/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/{name}");
        let failed = |error| AuthorityError::Api { what: format!("webhook configuration {name}"), error };
        let mut configuration = self.asker.get(&path).await.map_err(failed)?;
        let wanted = serde_json::to_value(ByteString(bundle.as_bytes().to_vec())).unwrap_or_default();
        let mut changed = false;
        for hook in configuration["webhooks"].as_array_mut().into_iter().flatten() {
            if hook["clientConfig"]["caBundle"] != wanted {
                hook["clientConfig"]["caBundle"] = wanted.clone();
                changed = true;
            }
        }
        if changed {
            match self.asker.send(Method::PUT, &path, &configuration).await {
                // another replica or the administrator was faster: seen the next time
                Ok(_) | Err(ApiError::Refused { code: 409, .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        self.settle(bundle);
        Ok(())
    }

    fn settle(&mut self, bundle: &str) {
        if self.settled.as_ref().is_none_or(|(known, _)| known != bundle) {
            self.settled = Some((bundle.to_owned(), Instant::now()));
        }
    }

    /// What has to be otherwise now; one step at a time.
    fn renewed(&self, kept: &Kept, now: i64) -> Result<Option<Kept>, AuthorityError> {
        let lifetime = self.lifetime.as_secs() as i64;
        let authorities = kept.authorities();
        let newest = authorities.first().map(|(_, read)| read);
        let is_due = |expires: i64, lifetime: i64| expires - now < lifetime / 3;
        let Some(newest) = newest.filter(|newest| !is_due(newest.expires, lifetime * i64::from(AUTHORITY))) else {
            let (certificate, key) = self.authority(now)?;
            let old = authorities.iter().filter(|(_, read)| read.expires > now).map(|(pem, _)| pem.as_str());
            let bundle = std::iter::once(certificate.as_str()).chain(old).collect();
            return Ok(Some(Kept { bundle, authority_key: key, ..kept.clone() }));
        };
        let leaf = first(&kept.leaf);
        let is_current =
            leaf.as_ref().is_some_and(|leaf| leaf.issuer == newest.subject && !is_due(leaf.expires, lifetime));
        let is_ended = leaf.as_ref().is_none_or(|leaf| leaf.expires <= now);
        let has_settled = self.settled.as_ref().is_some_and(|(_, since)| since.elapsed() >= SETTLING);
        if is_current || !(has_settled || is_ended) {
            return Ok(None);
        }
        let Some(name) = common_name(&newest.subject) else { return Ok(None) };
        let issuer = Issuer::new(of_authority(&name)?, KeyPair::from_pem(&kept.authority_key)?);
        let (leaf, key) = self.leaf(&issuer)?;
        Ok(Some(Kept { leaf, key, ..kept.clone() }))
    }

    /// An authority and what it signs, all new.
    fn made(&self) -> Result<Kept, AuthorityError> {
        let now = Timestamp::now();
        let (bundle, authority_key) = self.authority(now.as_second())?;
        let name = first(&bundle).and_then(|read| common_name(&read.subject)).unwrap_or_default();
        let issuer = Issuer::new(of_authority(&name)?, KeyPair::from_pem(&authority_key)?);
        let (leaf, key) = self.leaf(&issuer)?;
        Ok(Kept { bundle, authority_key, leaf, key })
    }

    fn authority(&self, now: i64) -> Result<(String, String), AuthorityError> {
        let mut params = of_authority(&format!("{NAME}{now}"))?;
        valid(&mut params, self.lifetime * AUTHORITY);
        let key = KeyPair::generate()?;
        let text = key.serialize_pem();
        Ok((CertifiedIssuer::self_signed(params, key)?.pem(), text))
    }

    fn leaf(&self, issuer: &Issuer<'_, KeyPair>) -> Result<(String, String), AuthorityError> {
        let mut params = CertificateParams::new(self.names.clone())?;
        params.distinguished_name.push(DnType::CommonName, "qdrant-lint webhook");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        valid(&mut params, self.lifetime);
        let key = KeyPair::generate()?;
        Ok((params.signed_by(&key, issuer)?.pem(), key.serialize_pem()))
    }

    fn secret(&self, kept: &Kept, version: Option<&str>) -> Value {
        let mut secret = json!({"apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/tls",
            "metadata": {"name": self.secret, "namespace": self.namespace,
                "labels": {"app.kubernetes.io/managed-by": "qdrant-lint"}},
            "stringData": {"ca.crt": kept.bundle, "ca.key": kept.authority_key, "tls.crt": kept.leaf,
                "tls.key": kept.key}});
        if let Some(version) = version {
            secret["metadata"]["resourceVersion"] = version.into();
        }
        secret
    }

    fn path(&self, named: bool) -> String {
        let base = format!("/api/v1/namespaces/{}/secrets", self.namespace);
        if named { format!("{base}/{}", self.secret) } else { base }
    }

    fn failed(&self, what: &str, error: ApiError) -> AuthorityError {
        AuthorityError::Api { what: format!("{what} ({}/{})", self.namespace, self.secret), error }
    }
}

impl Kept {
    fn read(secret: &Value) -> Option<Self> {
        let text = |key: &str| {
            let bytes: ByteString = serde_json::from_value(secret["data"][key].clone()).ok()?;
            String::from_utf8(bytes.0).ok().filter(|text| !text.is_empty())
        };
        let kept = Self {
            bundle: text("ca.crt")?,
            authority_key: text("ca.key")?,
            leaf: text("tls.crt")?,
            key: text("tls.key")?,
        };
        let is_ours = kept.authorities().first().is_some_and(|(_, read)| common_name(&read.subject).is_some());
        (is_ours && first(&kept.leaf).is_some()).then_some(kept)
    }

    /// Each authority of the bundle, newest first.
    fn authorities(&self) -> Vec<(String, tls::Read)> {
        const END: &str = "-----END CERTIFICATE-----";
        let each = self.bundle.split_inclusive(END).filter(|part| part.contains(END));
        each.filter_map(|part| {
            let pem = format!("{}\n", part.trim());
            let read = first(&pem)?;
            Some((pem, read))
        })
        .collect()
    }
}

fn first(pem: &str) -> Option<tls::Read> {
    let certificate = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    tls::read(&certificate)
}

fn of_authority(name: &str) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(Vec::<String>::new())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign, KeyUsagePurpose::DigitalSignature];
    Ok(params)
}

fn valid(params: &mut CertificateParams, lifetime: Duration) {
    let now = Duration::from_secs(Timestamp::now().as_second().unsigned_abs());
    let start = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = start + now.saturating_sub(SKEW);
    params.not_after = start + (now + lifetime);
}

/// The common name of an authority that was made here: it is all that its name holds.
fn common_name(subject: &[u8]) -> Option<String> {
    let at = subject.windows(NAME.len()).position(|part| part == NAME.as_bytes())?;
    String::from_utf8(subject[at..].to_vec()).ok()
}
