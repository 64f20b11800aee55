//! Connections: over the network or through the API server into a pod, with TLS or without.

use std::io;
use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt as _;
use k8s_openapi::api::core::v1::Pod;
use kube::{Api, Client};
use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::address::Address;

/// Anything that bytes go through.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// How a connection is made.
#[derive(Clone)]
pub(super) enum Way {
    /// To the address.
    Direct,
    /// Through the API server to a port of a pod.
    Forward { client: Client, namespace: String, pod: String },
}

/// Trust in the certificates of Qdrant.
#[derive(Clone, Debug)]
pub struct Trust {
    config: Arc<ClientConfig>,
    /// Name that the certificate must hold, where the address does not say it.
    name: Option<String>,
}

/// Why no certificate could be trusted.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    /// The file holds no certificate.
    #[error("the file of authorities holds no certificate in PEM")]
    Pem,
    /// A certificate that is none, or no protocol in common.
    #[error("TLS cannot be set up: {0}")]
    Tls(#[from] rustls::Error),
}

impl Trust {
    /// The authorities in a PEM text, else those of this machine. `name` stands for the host where that is another one,
    /// as through a port-forward.
    pub fn new(authorities: Option<&[u8]>, name: Option<String>) -> Result<Self, TrustError> {
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()?;
        let config = match authorities {
            Some(pem) => {
                let mut roots = rustls::RootCertStore::empty();
                for certificate in CertificateDer::pem_slice_iter(pem) {
                    roots.add(certificate.map_err(|_| TrustError::Pem)?)?;
                }
                if roots.is_empty() {
                    return Err(TrustError::Pem);
                }
                builder.with_root_certificates(roots).with_no_client_auth()
            }
            // an image without authorities can still ask over http; https then says that nothing is trusted
            None => match builder.clone().with_native_roots() {
                Ok(builder) => builder.with_no_client_auth(),
                Err(_) => builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth(),
            },
        };
        Ok(Self { config: Arc::new(config), name })
    }

    fn name_for(&self, address: &Address) -> io::Result<ServerName<'static>> {
        let name = self.name.clone().unwrap_or_else(|| address.host.clone());
        ServerName::try_from(name).map_err(io::Error::other)
    }
}

/// Opens a connection; with `tls` only when the other side shows a certificate that is trusted.
pub(super) async fn open(way: &Way, address: &Address, tls: Option<&Trust>) -> io::Result<Box<dyn Stream>> {
    let plain: Box<dyn Stream> = match way {
        Way::Direct => Box::new(TcpStream::connect((address.host.as_str(), address.port)).await?),
        Way::Forward { client, namespace, pod } => {
            let pods: Api<Pod> = Api::namespaced(client.clone(), namespace);
            let mut forwarded =
                pods.portforward(pod, &[address.port]).await.map_err(|error| io::Error::other(forwarding(&error)))?;
            let stream = forwarded.take_stream(address.port).ok_or_else(|| io::Error::other("no stream was opened"))?;
            Box::new(Forwarded { stream, _forwarder: forwarded })
        }
    };
    match tls {
        Some(trust) => {
            let name = trust.name_for(address)?;
            Ok(Box::new(TlsConnector::from(Arc::clone(&trust.config)).connect(name, plain).await?))
        }
        None => Ok(plain),
    }
}

/// Why the API server forwards nothing, in its words where it has any.
fn forwarding(error: &kube::Error) -> String {
    match error {
        kube::Error::Api(status) if status.code == 403 => {
            format!("{}; `qdrant-lint audit --print-rbac` prints the role that lets it", status.message)
        }
        kube::Error::Api(status) => format!("the API server does not forward the port: {}", status.message),
        error => crate::load::live::client::in_words(error),
    }
}

/// A forwarded port; what forwards it lives as long as it.
struct Forwarded<S> {
    stream: S,
    _forwarder: kube::api::Portforwarder,
}

impl<S: AsyncRead + Unpin> AsyncRead for Forwarded<S> {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        buffer: &mut tokio::io::ReadBuf<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::pin::Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Forwarded<S> {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
        bytes: &[u8],
    ) -> std::task::Poll<io::Result<usize>> {
        std::pin::Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::pin::Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<io::Result<()>> {
        std::pin::Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
