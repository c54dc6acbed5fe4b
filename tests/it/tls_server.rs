//! A TLS server on loopback with certificates made for the occasion, which speaks HTTP/1.1 or HTTP/2 as it is told.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;
use wireroom::model::Url;

/// The name that certificates are made for.
pub(crate) const NAME: &str = "news.example.test";

/// An issuer of certificates.
pub(crate) struct Authority {
    params: CertificateParams,
    key: KeyPair,
    /// Its own certificate, for those who shall trust it.
    pub(crate) root: Vec<u8>,
}

/// A certificate with its key.
pub(crate) struct Identity(CertificateDer<'static>, PrivatePkcs8KeyDer<'static>);

impl Authority {
    pub(crate) fn new() -> Authority {
        let mut params = CertificateParams::new(Vec::<String>::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        let root = params.self_signed(&key).unwrap().der().to_vec();
        Authority { params, key, root }
    }

    /// A certificate for a name, good until the end of a year.
    pub(crate) fn issue(&self, name: &str, until: i32) -> Identity {
        let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        (params.not_before, params.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(until, 12, 31));
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.params, &self.key);
        let certificate = params.signed_by(&key, &issuer).unwrap();
        Identity(certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der()))
    }
}

/// A certificate that vouches for itself.
pub(crate) fn self_signed(name: &str) -> Identity {
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
    Identity(certificate.der().clone(), PrivatePkcs8KeyDer::from(key.serialize_der()))
}

/// What is said once the connection is secure.
#[derive(Clone)]
pub(crate) enum Speech {
    /// HTTP/1.1: the same bytes to every request.
    Http1(Vec<u8>),
    /// HTTP/2: this body to every request.
    Http2(Vec<u8>),
    /// After the preface of HTTP/2: these bytes, and then those again and again.
    Flood(Vec<u8>, Vec<u8>),
}

/// The server.
#[derive(Clone)]
pub(crate) struct TlsServer {
    port: u16,
    /// Connections that came, secure or not.
    pub(crate) connections: Arc<AtomicUsize>,
    /// What was asked for, with the version of HTTP.
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
}

impl TlsServer {
    pub(crate) async fn start(identity: Identity, speech: Speech) -> TlsServer {
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = builder.with_no_client_auth().with_single_cert(vec![identity.0], identity.1.into()).unwrap();
        config.alpn_protocols = match speech {
            Speech::Http1(_) => vec![b"http/1.1".to_vec()],
            _ => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        };
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = TlsServer { port: listener.local_addr().unwrap().port(), connections: Arc::default(), asked: Arc::default() };
        let answering = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                answering.connections.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(answering.clone().serve(acceptor.clone(), stream, speech.clone()));
            }
        });
        server
    }

    pub(crate) fn url(&self, host: &str, path: &str) -> Url {
        format!("https://{host}:{}{path}", self.port).parse().unwrap()
    }

    async fn serve(self, acceptor: TlsAcceptor, stream: TcpStream, speech: Speech) {
        let Ok(stream) = acceptor.accept(stream).await else { return };
        match speech {
            Speech::Http1(answer) => self.http1(stream, &answer).await,
            Speech::Http2(body) => self.http2(stream, body).await,
            Speech::Flood(first, again) => flood(stream, &first, &again).await,
        }
    }

    async fn http1(&self, mut stream: TlsStream<TcpStream>, answer: &[u8]) {
        let (mut received, mut chunk) = (Vec::new(), [0; 4096]);
        loop {
            match stream.read(&mut chunk).await {
                Ok(0) | Err(_) => return,
                Ok(read) => received.extend_from_slice(&chunk[..read]),
            }
            if let Some(end) = received.windows(4).position(|window| window == b"\r\n\r\n") {
                let line = String::from_utf8_lossy(&received[..end]).lines().next().unwrap_or_default().to_owned();
                self.asked.lock().unwrap().push(line);
                received.drain(..end + 4);
                if stream.write_all(answer).await.is_err() {
                    return;
                }
            }
        }
    }

    async fn http2(&self, stream: TlsStream<TcpStream>, body: Vec<u8>) {
        let Ok(mut connection) = h2::server::handshake(stream).await else { return };
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            self.asked.lock().unwrap().push(format!("{:?} {}", request.version(), request.uri().path()));
            let head = http::Response::builder().header("etag", "\"h2\"").body(()).unwrap();
            if let Ok(mut send) = respond.send_response(head, false) {
                let _ = send.send_data(body.clone().into(), true);
            }
        }
    }
}

/// Writes until the other side has had enough.
async fn flood(mut stream: TlsStream<TcpStream>, first: &[u8], again: &[u8]) {
    let mut preface = [0; 24];
    if stream.read_exact(&mut preface).await.is_err() || stream.write_all(first).await.is_err() {
        return;
    }
    let _ = stream.flush().await;
    while stream.write_all(again).await.is_ok() {}
}

/// A frame of HTTP/2 (RFC 9113 §4.1).
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}
