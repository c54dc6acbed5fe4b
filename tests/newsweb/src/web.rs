//! The web as tests hold it: start it, publish, break things, read the log.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::runtime::{Builder, Handle};
use tokio::sync::watch;
use tokio::task::AbortHandle;

use crate::desk::Desk;
use crate::event::{Deed, Event};
use crate::gate::Gate;
use crate::log::{Logged, TimedOut, tsv};
use crate::plan::{Agency, Fault, Faults, Format, Plan, Scope};
use crate::response::Response;
use crate::server;
use crate::shared::{Armed, Shared, State};
use crate::story::{self, Article, Origin, Reprint, Story, Truth};

/// How many requests a `TimedOut` shows.
const LAST: usize = 20;

/// A running web. All methods are synchronous and may be called from any thread; dropping it stops everything.
#[derive(Debug)]
pub struct NewsWeb {
    shared: Arc<Shared>,
    stop: watch::Sender<bool>,
    runtime: Handle,
    thread: Option<JoinHandle<()>>,
    ticking: Mutex<Option<AbortHandle>>,
}

/// Something that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The page.
    pub url: String,
    /// The article's number at its agency.
    pub id: u64,
}

impl NewsWeb {
    /// Starts the web on a thread of its own: all its ports are open when this returns, whatever the caller's runtime.
    pub fn start(plan: Plan) -> io::Result<Self> {
        let now = plan.clock.now();
        let (mut desks, mut listeners) = (Vec::new(), Vec::new());
        for (number, agency) in plan.agencies.into_iter().enumerate() {
            let listener = bind(plan.own_addresses, number)?;
            listener.set_nonblocking(true)?;
            desks.push(Desk::open(agency, listener.local_addr()?, plan.seed, now));
            listeners.push(listener);
        }
        let runtime = Builder::new_current_thread().enable_io().enable_time().build()?;
        let listeners = {
            let _entered = runtime.enter();
            listeners.into_iter().map(tokio::net::TcpListener::from_std).collect::<io::Result<Vec<_>>>()?
        };
        let shared = Arc::new(Shared::new(desks, plan.seed, plan.faults, plan.clock));
        let (stop, stopped) = watch::channel(false);
        let handle = runtime.handle().clone();
        let serving = server::serve(Arc::clone(&shared), listeners, stopped);
        let thread = std::thread::Builder::new().name("newsweb".to_owned()).spawn(move || runtime.block_on(serving))?;
        Ok(NewsWeb { shared, stop, runtime: handle, thread: Some(thread), ticking: Mutex::new(None) })
    }

    /// The names of the agencies, in the plan's order.
    pub fn agencies(&self) -> Vec<String> {
        self.shared.read().desks.iter().map(|desk| desk.agency.name.clone()).collect()
    }

    /// `http://host:port` of an agency.
    pub fn base(&self, agency: &str) -> String {
        self.with_desk(agency, |desk| desk.base.clone())
    }

    /// `host:port` of an agency.
    pub fn host(&self, agency: &str) -> String {
        self.base(agency).trim_start_matches("http://").to_owned()
    }

    /// Where an agency listens.
    pub fn address(&self, agency: &str) -> SocketAddr {
        self.with_desk(agency, |desk| desk.address)
    }

    /// The agency's principal feed.
    pub fn feed(&self, agency: &str) -> String {
        self.with_desk(agency, |desk| format!("{}{}", desk.base, desk.agency.format.path()))
    }

    /// The agency's feed of a format; all agencies have all formats.
    pub fn feed_url(&self, agency: &str, format: Format) -> String {
        format!("{}{}", self.base(agency), format.path())
    }

    /// The URL of a path at an agency.
    pub fn url(&self, agency: &str, path: &str) -> String {
        format!("{}{path}", self.base(agency))
    }

    /// Changes an agency's habits while the web runs (its host, its name and its archive stay).
    pub fn change_agency(&self, agency: &str, change: impl FnOnce(&mut Agency)) {
        self.shared.change(|state| {
            let desk = state.desk(agency);
            change(&mut state.desks[desk].agency);
        });
    }

    /// Changes the chances of faults while the web runs.
    pub fn change_faults(&self, faults: Faults) {
        self.shared.change(|state| state.chance = faults);
    }

    /// What should be found out about every page that was ever published by `publish`, `reprint` or the plan.
    pub fn truth(&self) -> Vec<Truth> {
        self.shared.read().desks.iter().flat_map(Desk::truth).collect()
    }

    /// What should be found out about one page.
    pub fn truth_of(&self, url: &str) -> Truth {
        let state = self.shared.read();
        let (desk, index) = state.article(url);
        state.desks[desk].truth().nth(index).expect("the index was found a line above")
    }

    fn with_desk<T>(&self, agency: &str, look: impl FnOnce(&Desk) -> T) -> T {
        let state = self.shared.read();
        look(&state.desks[state.desk(agency)])
    }
}

/// Publishing.
impl NewsWeb {
    /// Publishes a story; the generator fills its blanks.
    pub fn publish(&self, agency: &str, story: Story) -> Published {
        self.act(|state| {
            let desk = state.desk(agency);
            let now = state.present();
            let index = state.desks[desk].publish(story, now);
            (desk, index, Deed::Published)
        })
    }

    /// Publishes at `agency` the text that stands at `of`, an article of another agency, with a credit line.
    pub fn reprint(&self, agency: &str, of: &str, how: Reprint) -> Published {
        self.act(|state| {
            let desk = state.desk(agency);
            reprint(state, desk, state.article(of), how)
        })
    }

    /// The next development of a story under its URL: another headline, one more paragraph, a later `modified`.
    pub fn update(&self, url: &str) -> Published {
        self.act(|state| {
            let seed = state.seed;
            edit(state, url, Deed::Updated, |article| story::update(article, seed))
        })
    }

    /// A wrong figure put right: one digit changes and a last paragraph says so.
    pub fn correct(&self, url: &str) -> Published {
        self.act(|state| edit(state, url, Deed::Corrected, story::correct))
    }

    /// Any other change of an article; its page, its entry and its truth change with it.
    pub fn edit(&self, url: &str, change: impl FnOnce(&mut Article)) -> Published {
        self.act(|state| edit(state, url, Deed::Edited, change))
    }

    /// Takes an article down: its page answers 410, feeds no longer list it.
    pub fn withdraw(&self, url: &str) -> Published {
        self.act(|state| edit(state, url, Deed::Withdrawn, |article| article.withdrawn = true))
    }

    /// Puts an answer at a path, in place of whatever stood there: a page, a feed, robots.txt. Returns the URL.
    /// With a query in `path`, for that query alone.
    pub fn set_page(&self, agency: &str, path: &str, response: Response) -> String {
        self.shared.change(|state| {
            let desk = state.desk(agency);
            state.desks[desk].by_hand.insert(path.to_owned(), response);
        });
        self.url(agency, path)
    }

    /// Puts these bytes in place of a feed, with validators made from them. Returns the URL.
    pub fn set_feed_raw(&self, agency: &str, format: Format, bytes: impl Into<Vec<u8>>) -> String {
        self.set_page(agency, format.path(), Response::bytes(format.media_type(), bytes).with_etag())
    }

    /// Takes away what `set_page` put there.
    pub fn unset_page(&self, agency: &str, path: &str) {
        self.shared.change(|state| {
            let desk = state.desk(agency);
            state.desks[desk].by_hand.remove(path);
        });
    }

    /// One more thing happens, always the same one in a plan with this seed: the agencies take turns; who reprints or
    /// updates does so at every second turn, all others publish.
    pub fn tick(&self) -> Event {
        tick(&self.shared)
    }

    /// Ticks by itself from now on, until `stop_ticking` or the end of the web.
    pub fn tick_every(&self, period: Duration) {
        let shared = Arc::clone(&self.shared);
        let ticking = self.runtime.spawn(async move {
            let mut interval = tokio::time::interval(period);
            interval.tick().await;
            loop {
                interval.tick().await;
                tick(&shared);
            }
        });
        if let Some(before) = self.ticking().replace(ticking.abort_handle()) {
            before.abort();
        }
    }

    /// Ends `tick_every`.
    pub fn stop_ticking(&self) {
        if let Some(ticking) = self.ticking().take() {
            ticking.abort();
        }
    }

    /// What happened since the web started (the archive it started with is not in it).
    pub fn events(&self) -> Vec<Event> {
        self.shared.read().events.clone()
    }

    fn ticking(&self) -> std::sync::MutexGuard<'_, Option<AbortHandle>> {
        self.ticking.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act(&self, deed: impl FnOnce(&mut State) -> (usize, usize, Deed)) -> Published {
        act(&self.shared, deed).0
    }
}

/// Faults and gates.
impl NewsWeb {
    /// From now on every answer in `scope` has this fault, until `heal`. Several faults add up in order.
    pub fn fault(&self, scope: impl Into<Scope>, fault: Fault) {
        self.arm(scope.into(), fault, None);
    }

    /// The next `times` answers in `scope` have this fault.
    pub fn fault_times(&self, times: u32, scope: impl Into<Scope>, fault: Fault) {
        self.arm(scope.into(), fault, Some(times));
    }

    /// Takes all faults on demand away that were armed with this scope.
    pub fn heal(&self, scope: impl Into<Scope>) {
        let scope = scope.into();
        self.shared.change(|state| state.armed.retain(|armed| armed.scope != scope));
    }

    /// Takes all faults away, those on demand and those by chance.
    pub fn heal_all(&self) {
        self.shared.change(|state| {
            state.armed.clear();
            state.chance = Faults::default();
        });
    }

    /// Holds every answer in `scope` back: requests are read and logged, answers wait until the gate is released.
    pub fn hold(&self, scope: impl Into<Scope>) -> Gate {
        Gate::close(&self.shared, scope.into())
    }

    fn arm(&self, scope: Scope, fault: Fault, left: Option<u32>) {
        if left != Some(0) {
            self.shared.change(|state| state.armed.push(Armed { scope, fault, left }));
        }
    }
}

/// The request log.
impl NewsWeb {
    /// Every request so far, in the order of arrival.
    pub fn log(&self) -> Vec<Logged> {
        self.shared.read().log.clone()
    }

    /// The requests for a URL, an agency or a bare path.
    pub fn requests_for(&self, scope: impl Into<Scope>) -> Vec<Logged> {
        matching(&self.shared.read(), &scope.into()).cloned().collect()
    }

    /// How many answers had this status.
    pub fn count_status(&self, status: u16) -> usize {
        self.shared.read().log.iter().filter(|row| row.status == status).count()
    }

    /// How many connections were accepted.
    pub fn connections(&self) -> u64 {
        self.shared.read().connections
    }

    /// How many requests are being answered now, those before a gate included.
    pub fn in_flight(&self) -> usize {
        self.shared.read().log.iter().filter(|row| row.done_at_ms.is_none()).count()
    }

    /// Forgets the log; numbers, attempts and chances go on.
    pub fn clear_log(&self) {
        self.shared.change(|state| state.log.clear());
    }

    /// Writes the log to a file as tab-separated lines.
    pub fn write_log(&self, path: impl AsRef<Path>) -> io::Result<()> {
        std::fs::write(path, tsv(&self.log()))
    }

    /// Blocks until the log is as wished. Within a single-threaded runtime use `wait_for_async`.
    pub fn wait_for(&self, limit: Duration, mut wish: impl FnMut(&[Logged]) -> bool) -> Result<(), TimedOut> {
        let came = self.shared.wait(limit, |state| wish(&state.log));
        self.came(came)
    }

    /// Waits until the log is as wished, on the caller's runtime.
    pub async fn wait_for_async(&self, limit: Duration, mut wish: impl FnMut(&[Logged]) -> bool) -> Result<(), TimedOut> {
        let came = self.shared.wait_async(limit, |state| wish(&state.log)).await;
        self.came(came)
    }

    /// Blocks until `count` requests in `scope` have been answered, or given up.
    pub fn wait_for_answers(&self, limit: Duration, count: usize, scope: impl Into<Scope>) -> Result<(), TimedOut> {
        let scope = scope.into();
        let came = self.shared.wait(limit, |state| matching(state, &scope).filter(|row| row.done_at_ms.is_some()).count() >= count);
        self.came(came)
    }

    fn came(&self, came: bool) -> Result<(), TimedOut> {
        if came {
            return Ok(());
        }
        let state = self.shared.read();
        Err(TimedOut { last: state.log[state.log.len().saturating_sub(LAST)..].to_vec() })
    }
}

impl Drop for NewsWeb {
    fn drop(&mut self) {
        self.stop_ticking();
        self.stop.send_replace(true);
        if let Some(thread) = self.thread.take() {
            // A panic of the server's thread was printed there; a second one here would hide it.
            let _ = thread.join();
        }
    }
}

fn bind(own_addresses: bool, number: usize) -> io::Result<TcpListener> {
    let address = Ipv4Addr::new(127, 0, (number / 250) as u8, (number % 250 + 2) as u8);
    if own_addresses {
        // Not every system has the whole of 127.0.0.0/8 on loopback.
        if let Ok(listener) = TcpListener::bind((IpAddr::V4(address), 0)) {
            return Ok(listener);
        }
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

fn matching<'a>(state: &'a State, scope: &'a Scope) -> impl Iterator<Item = &'a Logged> {
    state.log.iter().filter(move |row| state.meant(scope, state.desk(&row.agency), &row.target))
}

fn act(shared: &Shared, deed: impl FnOnce(&mut State) -> (usize, usize, Deed)) -> (Published, Event) {
    let at_ms = shared.elapsed_ms();
    shared.change(|state| {
        let (desk, index, deed) = deed(state);
        let desk = &state.desks[desk];
        let (article, url) = (desk.article(index), desk.url(index));
        let published = Published { url: url.clone(), id: article.id };
        let event = Event { at_ms, agency: desk.agency.name.clone(), deed, url, title: article.title.clone() };
        state.events.push(event.clone());
        (published, event)
    })
}

fn edit(state: &mut State, url: &str, deed: Deed, change: impl FnOnce(&mut Article)) -> (usize, usize, Deed) {
    let (desk, index) = state.article(url);
    let now = state.present();
    state.desks[desk].edit(index, now, change);
    (desk, index, deed)
}

fn reprint(state: &mut State, desk: usize, (from, index): (usize, usize), how: Reprint) -> (usize, usize, Deed) {
    let now = state.present();
    let (article, agency, url) = {
        let origin = &state.desks[from];
        (origin.article(index).clone(), origin.agency.title.clone(), origin.url(index))
    };
    let copy = state.desks[desk].reprint(&Origin { article: &article, agency: &agency, url: &url }, how, now);
    (desk, copy, Deed::Reprinted(url))
}

fn tick(shared: &Shared) -> Event {
    act(shared, |state| {
        let count = state.desks.len().max(1) as u64;
        let (turn, desk) = (state.ticks / count, (state.ticks % count) as usize);
        state.ticks += 1;
        let second = turn % 2 == 1;
        let agency = state.desks[desk].agency.clone();
        if let (true, Some(from)) = (second, &agency.copies_from) {
            let from = state.desk(from);
            if let Some(origin) = state.desks[from].newest_own() {
                return reprint(state, desk, (from, origin), Reprint::Whole);
            }
        }
        if let (true, true, Some(newest)) = (second, agency.updates, state.desks[desk].newest()) {
            let (url, seed) = (state.desks[desk].url(newest), state.seed);
            return edit(state, &url, Deed::Updated, |article| story::update(article, seed));
        }
        let now = state.present();
        let index = state.desks[desk].publish(Story::new(), now);
        (desk, index, Deed::Published)
    })
    .1
}
