//! From a request to what will be sent: the page, the condition, the faults on demand and by chance, the compression.

use std::io::Write as _;
use std::time::Duration;

use flate2::{Compression, write::GzEncoder};
use tokio::sync::watch;

use crate::date::{http_date, parse_http_date};
use crate::desk::{page_key, path_of};
use crate::dice::Dice;
use crate::log::Logged;
use crate::plan::{Fault, Faults, Validators};
use crate::response::Response;
use crate::shared::{Shared, State};

/// The head of a request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) target: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What is decided when a request has been read: before the answer itself, which is written after the gates.
pub(crate) struct Admission {
    /// The request's number in the log.
    pub(crate) number: u64,
    pub(crate) gates: Vec<(u64, watch::Receiver<bool>)>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) latency: Duration,
}

/// Logs the request and throws its dice.
pub(crate) fn admit(shared: &Shared, desk: usize, connection: u64, request: &Request) -> Admission {
    let at_ms = shared.elapsed_ms();
    shared.change(|state| {
        let key = (desk, page_key(&request.target));
        let asked = state.asked.entry(key.clone()).or_default();
        asked.times += 1;
        let attempt = asked.times;
        let mut faults = on_demand(state, desk, &request.target);
        let mut words: Vec<String> = faults.iter().map(|fault| format!("{fault:?}")).collect();
        if faults.is_empty() && request.method == "GET" {
            let fault = by_chance(state, &key, attempt);
            words.extend(fault.iter().map(|fault| format!("chance: {fault:?}")));
            faults.extend(fault);
        }
        let meant: Vec<bool> = state.gates.iter().map(|gate| state.meant(&gate.scope, desk, &request.target)).collect();
        let mut gates = Vec::new();
        for (gate, _) in state.gates.iter_mut().zip(meant).filter(|(_, meant)| *meant) {
            gate.waiting += 1;
            gates.push((gate.number, gate.open.clone()));
        }
        let number = state.requests;
        state.requests += 1;
        let latency = latency(state, &key, attempt);
        state.log.push(Logged {
            number,
            at_ms,
            done_at_ms: None,
            agency: state.desks[desk].agency.name.clone(),
            connection,
            method: request.method.clone(),
            target: request.target.clone(),
            path: path_of(&request.target).to_owned(),
            host: request.header("host").unwrap_or_default().to_owned(),
            headers: request.headers.clone(),
            attempt,
            status: 0,
            bytes_sent: 0,
            complete: false,
            faults: words,
        });
        Admission { number, gates, faults, latency }
    })
}

/// The answer as it stands now, faults of the message itself included; those of the connection are the sender's.
pub(crate) fn answer(shared: &Shared, desk: usize, request: &Request, faults: &[Fault]) -> Response {
    let state = shared.read();
    if request.method != "GET" {
        let refusal = Response::status(405).with_header("Allow", "GET");
        return if request.method == "HEAD" { Response { body: Vec::new(), ..refusal } } else { refusal };
    }
    let desk = &state.desks[desk];
    let response = desk.respond(&request.target);
    let response = conditional(response, request, desk.agency.validators);
    let response = faults.iter().fold(response, |response, fault| spoil(response, fault, &request.target));
    let response = if desk.agency.gzip { compressed(response, request) } else { response };
    response.with_header("Date", &http_date(state.now()))
}

/// The faults armed for this request, in the order of their arming; those used up go.
fn on_demand(state: &mut State, desk: usize, target: &str) -> Vec<Fault> {
    let meant: Vec<bool> = state.armed.iter().map(|armed| state.meant(&armed.scope, desk, target)).collect();
    let mut faults = Vec::new();
    for (armed, _) in state.armed.iter_mut().zip(meant).filter(|(_, meant)| *meant) {
        faults.push(armed.fault.clone());
        armed.left = armed.left.map(|left| left.saturating_sub(1));
    }
    state.armed.retain(|armed| armed.left != Some(0));
    faults
}

fn by_chance(state: &mut State, key: &(usize, String), attempt: u32) -> Option<Fault> {
    let Faults { p503, p429, retry_after, preset, pcut, most_in_a_row, spare_robots, .. } = state.chance;
    let agency = state.desks[key.0].agency.name.clone();
    let asked = state.asked.get_mut(key)?;
    let spared = spare_robots && key.1 == "/robots.txt";
    let mut dice = Dice::new(state.seed, &["fault", &agency, &key.1], u64::from(attempt));
    let throw = dice.unit();
    let chances = [
        (p503, Fault::Status(503)),
        (p429, Fault::RetryAfter(429, retry_after.to_string())),
        (preset, Fault::Reset),
        (pcut, Fault::CutBody(dice.between(1, 2_000))),
    ];
    let mut edge = 0.0;
    let hit = chances.into_iter().find(|(chance, _)| {
        edge += chance;
        throw < edge
    });
    match hit {
        Some((_, fault)) if !spared && asked.faults_in_a_row < most_in_a_row => {
            asked.faults_in_a_row += 1;
            Some(fault)
        }
        _ => {
            asked.faults_in_a_row = 0;
            None
        }
    }
}

fn latency(state: &State, key: &(usize, String), attempt: u32) -> Duration {
    let (low, high) = state.chance.latency;
    let agency = &state.desks[key.0].agency.name;
    let mut dice = Dice::new(state.seed, &["latency", agency, &key.1], u64::from(attempt));
    low + high.saturating_sub(low).mul_f64(dice.unit())
}

/// 304 where the request's condition says the client has it already (RFC 9110 §13.2.2: the tag before the date).
fn conditional(response: Response, request: &Request, validators: Validators) -> Response {
    if response.status != 200 || validators == Validators::Ignored {
        return response;
    }
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let unchanged = match (request.header("if-none-match"), response.header("etag")) {
        (Some(tags), Some(own)) => tags.trim() == "*" || tags.split(',').any(|tag| opaque(tag) == opaque(own)),
        (Some(_), None) => false,
        (None, _) => {
            let since = request.header("if-modified-since").and_then(parse_http_date);
            let changed = response.header("last-modified").and_then(parse_http_date);
            since.zip(changed).is_some_and(|(since, changed)| changed <= since)
        }
    };
    if !unchanged {
        return response;
    }
    let kept = ["etag", "last-modified", "cache-control"];
    let headers = response.headers.into_iter().filter(|(name, _)| kept.contains(&name.to_ascii_lowercase().as_str()));
    Response { status: 304, headers: headers.collect(), body: Vec::new() }
}

/// What a fault of the message makes of it.
fn spoil(mut response: Response, fault: &Fault, target: &str) -> Response {
    match fault {
        Fault::Status(status) => Response::status(*status),
        Fault::RetryAfter(status, when) => Response::status(*status).with_header("Retry-After", when),
        Fault::WrongCharset(label) => {
            let kind = response.header("content-type").unwrap_or("text/html").split(';').next().unwrap_or_default().to_owned();
            response.with_header("Content-Type", &format!("{kind}; charset={label}"))
        }
        Fault::ContentType(kind) => response.with_header("Content-Type", kind),
        Fault::Redirect(to) => Response::status(302).with_header("Location", to),
        Fault::RedirectWith(status, to) => Response::status(*status).with_header("Location", to),
        Fault::RedirectLoop => Response::status(302).with_header("Location", target),
        Fault::Empty => Response { body: Vec::new(), ..response },
        Fault::Swell(bytes) => {
            response.body.resize(response.body.len() + bytes, b' ');
            response
        }
        Fault::GzipBomb(bytes) => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
            for start in (0..*bytes).step_by(1 << 16) {
                encoder.write_all(&[0; 1 << 16][..(bytes - start).min(1 << 16)]).expect("a vector takes every byte");
            }
            response.body = encoder.finish().expect("a vector takes every byte");
            response.with_header("Content-Encoding", "gzip")
        }
        Fault::BadGzip => response.with_header("Content-Encoding", "gzip"),
        Fault::HeaderFlood(bytes) => {
            (0..bytes.div_ceil(1024)).fold(response, |response, n| response.with_header(&format!("X-Flood-{n}"), &"x".repeat(1000)))
        }
        Fault::Reset
        | Fault::ResetAfter(_)
        | Fault::CutBody(_)
        | Fault::CutChunked(_)
        | Fault::Chunked
        | Fault::NoLength
        | Fault::Slow(_)
        | Fault::Drip(..)
        | Fault::Garbage
        | Fault::Silence => response,
    }
}

fn compressed(response: Response, request: &Request) -> Response {
    let asked = request.header("accept-encoding").is_some_and(|codings| {
        codings.split(',').any(|coding| {
            let mut parts = coding.split(';').map(str::trim);
            parts.next() == Some("gzip") && !parts.any(|weight| matches!(weight, "q=0" | "q=0.0"))
        })
    });
    if !asked || response.body.len() < 256 || response.header("content-encoding").is_some() {
        return response;
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(response.body.len() / 3), Compression::fast());
    encoder.write_all(&response.body).expect("a vector takes every byte");
    let body = encoder.finish().expect("a vector takes every byte");
    Response { body, ..response }.with_header("Content-Encoding", "gzip").with_header("Vary", "Accept-Encoding")
}
