//! A scripted server on loopback: raw bytes prepared a path, faults on demand, a log of what was asked.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::Instant;
use wireroom::model::Url;

/// What the server does with one request, step by step.
#[derive(Clone)]
pub(crate) enum Step {
    Send(Vec<u8>),
    /// Sends the same bytes again and again, with pauses, until the other side goes away.
    Endless(Vec<u8>, Duration),
    Hang,
    Reset,
    Close,
}

pub(crate) type Reply = Vec<Step>;

/// One request as it came in.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) at: Instant,
    pub(crate) path: String,
    /// The head as sent, without the last empty line.
    pub(crate) head: String,
    pub(crate) connection: usize,
}

impl Hit {
    /// A field's value, if it was sent exactly once.
    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        let mut values =
            self.head.lines().skip(1).filter_map(|line| line.split_once(": ")).filter(|(key, _)| key.eq_ignore_ascii_case(name));
        let (_, value) = values.next()?;
        assert!(values.next().is_none(), "{name} sent twice");
        Some(value)
    }
}

/// A server on loopback that answers each path with the replies prepared for it, the last one again and again.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) port: u16,
    replies: Arc<Mutex<HashMap<String, VecDeque<Reply>>>>,
    log: Arc<Mutex<Vec<Hit>>>,
    /// Requests being answered now, and the most there ever were.
    pub(crate) open: Arc<Mutex<(usize, usize)>>,
}

impl Server {
    pub(crate) async fn start() -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Server { port, replies: Arc::default(), log: Arc::default(), open: Arc::default() };
        let answering = server.clone();
        tokio::spawn(async move {
            let mut connection = 0;
            while let Ok((stream, _)) = listener.accept().await {
                connection += 1;
                tokio::spawn(answering.clone().serve(stream, connection));
            }
        });
        server
    }

    /// Prepares the replies to a path.
    pub(crate) fn on(&self, path: &str, replies: impl IntoIterator<Item = Reply>) -> &Server {
        self.replies.lock().unwrap().insert(path.to_owned(), replies.into_iter().collect());
        self
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        self.url_at("127.0.0.1", path)
    }

    pub(crate) fn url_at(&self, host: &str, path: &str) -> Url {
        format!("http://{host}:{}{path}", self.port).parse().unwrap()
    }

    pub(crate) fn hits(&self) -> Vec<Hit> {
        self.log.lock().unwrap().clone()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.hits().into_iter().map(|hit| hit.path).collect()
    }

    pub(crate) fn last(&self) -> Hit {
        self.hits().pop().expect("a request came")
    }

    async fn serve(self, mut stream: TcpStream, connection: usize) {
        let mut received = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            let end = loop {
                if let Some(at) = received.windows(4).position(|window| window == b"\r\n\r\n") {
                    break at;
                }
                match stream.read(&mut chunk).await {
                    Ok(0) | Err(_) => return,
                    Ok(n) => received.extend_from_slice(&chunk[..n]),
                }
            };
            let head = String::from_utf8_lossy(&received[..end]).into_owned();
            received.drain(..end + 4);
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            self.log.lock().unwrap().push(Hit { at: Instant::now(), path: path.clone(), head, connection });
            self.count(1);
            let goes_on = self.answer(&mut stream, &path).await;
            self.count(-1);
            if !goes_on {
                return;
            }
        }
    }

    fn count(&self, change: isize) {
        let mut open = self.open.lock().unwrap();
        open.0 = open.0.checked_add_signed(change).unwrap();
        open.1 = open.1.max(open.0);
    }

    fn reply(&self, path: &str) -> Reply {
        let mut replies = self.replies.lock().unwrap();
        match replies.get_mut(path) {
            Some(queue) if queue.len() > 1 => queue.pop_front().unwrap(),
            Some(queue) => queue.front().unwrap().clone(),
            None => status("404 Not Found", ""),
        }
    }

    async fn answer(&self, stream: &mut TcpStream, path: &str) -> bool {
        for step in self.reply(path) {
            match step {
                Step::Send(bytes) => {
                    if stream.write_all(&bytes).await.is_err() {
                        return false;
                    }
                }
                Step::Endless(bytes, pause) => loop {
                    if stream.write_all(&bytes).await.is_err() {
                        return false;
                    }
                    tokio::time::sleep(pause).await;
                },
                Step::Hang => std::future::pending().await,
                Step::Reset => {
                    stream.set_zero_linger().unwrap();
                    return false;
                }
                Step::Close => return false,
            }
        }
        true
    }
}

pub(crate) fn raw(bytes: impl AsRef<[u8]>) -> Reply {
    vec![Step::Send(bytes.as_ref().to_vec())]
}

/// A whole answer; `fields` are lines ended by `\r\n`.
fn answer(status: &str, fields: &str, body: &[u8]) -> Reply {
    let head = format!("HTTP/1.1 {status}\r\n{fields}Content-Length: {}\r\n\r\n", body.len());
    raw([head.as_bytes(), body].concat())
}

pub(crate) fn ok(fields: &str) -> Reply {
    answer("200 OK", fields, b"<rss/>")
}

pub(crate) fn ok_with(fields: &str, body: &[u8]) -> Reply {
    answer("200 OK", fields, body)
}

pub(crate) fn status(status: &str, fields: &str) -> Reply {
    answer(status, fields, b"")
}

pub(crate) fn unchanged(fields: &str) -> Reply {
    raw(format!("HTTP/1.1 304 Not Modified\r\n{fields}\r\n"))
}

pub(crate) fn redirect(code: u16, location: &str) -> Reply {
    answer(&format!("{code} Moved"), &format!("Location: {location}\r\n"), b"")
}

pub(crate) fn robots(text: &str) -> Reply {
    answer("200 OK", "Content-Type: text/plain\r\n", text.as_bytes())
}
