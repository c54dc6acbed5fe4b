//! HTTP/1.1 by hand (RFC 9112): bounded heads in, answers out, whole or broken as decided.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};

use crate::answer::{self, Request};
use crate::plan::Fault;
use crate::response::{Response, reason};
use crate::shared::Shared;

/// A request head larger than this is refused.
const MAX_HEAD: usize = 64 * 1024;
const MAX_TARGET: usize = 16 * 1024;
const MAX_FIELDS: usize = 128;
/// How long an open connection may say nothing, and how long a head may take: longer than clients keep idle
/// connections, so that none is closed under a request.
const IDLE: Duration = Duration::from_secs(300);

/// Serves until `stop` is raised or dropped; every connection ends with it.
pub(crate) async fn serve(shared: Arc<Shared>, listeners: Vec<TcpListener>, mut stop: watch::Receiver<bool>) {
    let mut listening = JoinSet::new();
    for (desk, listener) in listeners.into_iter().enumerate() {
        listening.spawn(listen(Arc::clone(&shared), desk, listener));
    }
    // An error means that the web was dropped: as good a reason to stop.
    let _ = stop.wait_for(|stop| *stop).await;
}

async fn listen(shared: Arc<Shared>, desk: usize, listener: TcpListener) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => if let Ok((stream, _)) = accepted {
                connections.spawn(connection(Arc::clone(&shared), desk, stream));
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(shared: Arc<Shared>, desk: usize, mut stream: TcpStream) {
    let _ = stream.set_nodelay(true);
    let number = shared.change(|state| {
        state.connections += 1;
        state.connections
    });
    let mut read = Vec::new();
    loop {
        let request = match timeout(IDLE, head(&mut stream, &mut read)).await {
            Ok(Ok(Some(request))) => request,
            Ok(Ok(None)) | Ok(Err(Refusal::Gone)) => return,
            Ok(Err(Refusal::Status(status))) => {
                let _ = send(&mut stream, Response::status(status), &[], true, &mut Sent::default()).await;
                return;
            }
            Err(_) => return,
        };
        if !respond(&shared, desk, number, &mut stream, &request).await {
            return;
        }
    }
}

/// Answers one request; `false` when the connection ends with it.
async fn respond(shared: &Shared, desk: usize, connection: u64, stream: &mut TcpStream, request: &Request) -> bool {
    let admission = answer::admit(shared, desk, connection, request);
    let mut sent = Sent::default();
    let mut keep = false;
    if stand_before_gates(shared, admission.gates, stream).await {
        sleep_for(admission.latency).await;
        let response = answer::answer(shared, desk, request, &admission.faults);
        // A body we would not read ends the connection, as does the client's wish.
        let close =
            request.method != "GET" || request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        keep = send(stream, response, &admission.faults, close, &mut sent).await.unwrap_or(false);
    }
    let at_ms = shared.elapsed_ms();
    shared.change(|state| {
        // The log may have been cleared since.
        if let Some(row) = state.log.iter_mut().rev().find(|row| row.number == admission.number) {
            row.status = sent.status;
            row.bytes_sent = sent.body;
            row.complete = sent.complete;
            row.done_at_ms = Some(at_ms);
        }
    });
    keep
}

/// Waits until all gates are open; `false` when the client went away meanwhile.
async fn stand_before_gates(shared: &Shared, gates: Vec<(u64, watch::Receiver<bool>)>, stream: &TcpStream) -> bool {
    let mut here = true;
    for (number, mut open) in gates {
        if here {
            tokio::select! {
                // A gate that is dropped is open.
                _ = open.wait_for(|open| *open) => {}
                () = gone(stream) => here = false,
            }
        }
        shared.change(|state| {
            if let Some(gate) = state.gates.iter_mut().find(|gate| gate.number == number) {
                gate.waiting -= 1;
            }
        });
    }
    here
}

/// Returns when the other side has closed; never while it is there.
async fn gone(stream: &TcpStream) {
    match stream.peek(&mut [0]).await {
        Ok(0) | Err(_) => {}
        // It sent a further request: it is there, and whether it stays cannot be seen behind those bytes.
        Ok(_) => std::future::pending().await,
    }
}

enum Refusal {
    Status(u16),
    Gone,
}

impl From<io::Error> for Refusal {
    fn from(_: io::Error) -> Self {
        Refusal::Gone
    }
}

/// Reads one request head; what was read beyond it stays in `read`. `None` when the client closed between requests.
async fn head(stream: &mut TcpStream, read: &mut Vec<u8>) -> Result<Option<Request>, Refusal> {
    let end = loop {
        if let Some(end) = read.windows(4).position(|window| window == b"\r\n\r\n") {
            break end;
        }
        if read.len() > MAX_HEAD {
            return Err(Refusal::Status(431));
        }
        let mut block = [0; 4096];
        match stream.read(&mut block).await? {
            0 if read.is_empty() => return Ok(None),
            0 => return Err(Refusal::Status(400)),
            count => read.extend_from_slice(&block[..count]),
        }
    };
    let head: Vec<u8> = read.drain(..end + 4).take(end).collect();
    parse(&String::from_utf8_lossy(&head)).map(Some)
}

fn parse(head: &str) -> Result<Request, Refusal> {
    let mut lines = head.split("\r\n");
    let first: Vec<&str> = lines.next().unwrap_or_default().split(' ').collect();
    let [method, target, version @ ("HTTP/1.1" | "HTTP/1.0")] = first[..] else { return Err(Refusal::Status(400)) };
    if target.len() > MAX_TARGET {
        return Err(Refusal::Status(414));
    }
    let mut headers = Vec::new();
    for line in lines {
        let (name, value) = line.split_once(':').ok_or(Refusal::Status(400))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    if headers.len() > MAX_FIELDS {
        return Err(Refusal::Status(431));
    }
    if version == "HTTP/1.0" {
        headers.push(("connection".to_owned(), "close".to_owned()));
    }
    // A target in absolute form is legal (RFC 9112 §3.2.2).
    let target = match target.strip_prefix("http://") {
        Some(rest) => rest.find('/').map_or("/", |slash| &rest[slash..]),
        None => target,
    };
    Ok(Request { method: method.to_owned(), target: target.to_owned(), headers })
}

/// What left the house.
#[derive(Debug, Default)]
struct Sent {
    status: u16,
    body: u64,
    complete: bool,
}

/// How a body ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Framing {
    Length,
    Chunks,
    Connection,
}

/// Sends the answer through the connection's faults; `Ok(true)` when another request may follow.
async fn send(stream: &mut TcpStream, response: Response, faults: &[Fault], close: bool, sent: &mut Sent) -> io::Result<bool> {
    let (mut framing, mut cut, mut drip, mut reset, mut close) = (Framing::Length, None, None, false, close);
    for fault in faults {
        match fault {
            Fault::Reset => {
                stream.set_zero_linger()?;
                return Ok(false);
            }
            Fault::Garbage => {
                stream.write_all(b"\x16\x03\x01 this is no HTTP\r\n\r\n\x00\x00").await?;
                return Ok(false);
            }
            Fault::Silence => std::future::pending().await,
            Fault::Slow(time) => sleep_for(*time).await,
            Fault::Drip(bytes, time) => drip = Some((*bytes, *time)),
            Fault::CutBody(bytes) => cut = Some(*bytes),
            Fault::CutChunked(bytes) => (cut, framing) = (Some(*bytes), Framing::Chunks),
            Fault::ResetAfter(bytes) => (cut, reset) = (Some(*bytes), true),
            Fault::Chunked => framing = Framing::Chunks,
            Fault::NoLength => (framing, close) = (Framing::Connection, true),
            _ => {}
        }
    }
    let bodiless = matches!(response.status, 204 | 304);
    if bodiless {
        framing = Framing::Length;
    }
    stream.write_all(write_head(&response, framing, close, bodiless).as_bytes()).await?;
    sent.status = response.status;
    // A cut at or beyond the end still cuts: the last byte is kept back.
    let whole = response.body.len();
    let end = cut.map_or(whole, |cut| cut.min(whole.saturating_sub(1)));
    let (step, pause) = drip.unwrap_or((64 * 1024, Duration::ZERO));
    for block in response.body[..end].chunks(step.max(1)) {
        if framing == Framing::Chunks {
            stream.write_all(format!("{:x}\r\n", block.len()).as_bytes()).await?;
        }
        write_counted(stream, block, &mut sent.body).await?;
        if framing == Framing::Chunks {
            stream.write_all(b"\r\n").await?;
        }
        sleep_for(pause).await;
    }
    if cut.is_some() {
        if reset {
            stream.set_zero_linger()?;
        }
        return Ok(false);
    }
    if framing == Framing::Chunks {
        stream.write_all(b"0\r\n\r\n").await?;
    }
    sent.complete = true;
    Ok(!close)
}

async fn write_counted(stream: &mut TcpStream, mut bytes: &[u8], count: &mut u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = stream.write(bytes).await?;
        *count += written as u64;
        bytes = &bytes[written..];
    }
    Ok(())
}

fn write_head(response: &Response, framing: Framing, close: bool, bodiless: bool) -> String {
    let mut head = format!("HTTP/1.1 {} {}\r\nServer: newsweb\r\n", response.status, reason(response.status));
    for (name, value) in &response.headers {
        head += &format!("{name}: {value}\r\n");
    }
    match framing {
        Framing::Length if bodiless => {}
        Framing::Length => head += &format!("Content-Length: {}\r\n", response.body.len()),
        Framing::Chunks => head += "Transfer-Encoding: chunked\r\n",
        Framing::Connection => {}
    }
    if close {
        head += "Connection: close\r\n";
    }
    head + "\r\n"
}

/// The fault itself is the waiting here; nothing of a test's order hangs on it.
async fn sleep_for(time: Duration) {
    if !time.is_zero() {
        sleep(time).await;
    }
}
