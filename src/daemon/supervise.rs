//! The daemon's life: start, signals, reload, watchdog, stop.

use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;
use tokio::time;
use tokio_util::sync::CancellationToken;

use crate::config::{self, Settings};
use crate::ingest::{self, Context, Turn};
use crate::model::{Source, SourceId, Timestamp};
use crate::observe::{Count, Tally};
use crate::serve;
use crate::store::{self, StoreHandle};

use super::hooks::{Call, Hooks};
use super::{Beats, Error, hubs, notify};

/// Signs of life are looked for this often where nobody asks for them.
const ROUND: Duration = Duration::from_secs(10);
/// The store has to answer a watchdog's question within this time.
const ANSWER: Duration = Duration::from_secs(8);
/// One slice of maintenance between two commits.
const SLICE: Duration = Duration::from_millis(50);
/// SIGXFSZ kills by default; with a handler a full quota is an error like any other (EFBIG).
const SIGXFSZ: i32 = 25;

/// What the daemon is started with. `build` makes a context of settings, `reload` reads the
/// configuration again; both are `main`'s, since they touch clock, environment and files.
pub struct House<B, R> {
    /// The checked configuration.
    pub settings: Settings,
    /// The ledger, open and locked.
    pub store: StoreHandle,
    /// Makes a context.
    pub build: B,
    /// Reads the configuration again; the error is every mistake in words.
    pub reload: R,
}

/// Runs the daemon until SIGTERM or SIGINT.
pub async fn supervise<B, R>(house: House<B, R>, tally: Arc<Tally>) -> Result<(), Error>
where
    B: Fn(&Settings) -> Result<Context, String>,
    R: Fn() -> Result<Settings, String>,
{
    let stop = CancellationToken::new();
    let mut signals = Signals::new();
    let House { mut settings, store, build, reload } = house;
    let first = build(&settings).map_err(Error::Context)?;
    let clock = first.clock.clone();
    enrol(&store, &settings, clock()).await?;
    let beats = Arc::new(Beats::default());
    if let Some(address) = settings.serve {
        let hubs = settings.websub.as_ref().map(|callback| serve::Hubs {
            host: callback.host_str().unwrap_or_default().to_owned(),
            max_body: settings.fetch.max_body,
            clock: clock.clone(),
            bell: beats.bell.clone(),
            tally: tally.clone(),
            share: serve::Share::default(),
        });
        let bound = serve::serve(address, store.clone(), hubs, stop.clone()).await?;
        tracing::info!(address = %bound, "serving /livez and /readyz");
    }
    let (publish, ctx) = watch::channel(first);
    let hubs = tokio::spawn(hubs::run(ctx.clone(), stop.clone()));
    let mut lanes = tokio::spawn(super::run(ctx, settings.lanes.clone(), tally.clone(), beats.clone(), stop.clone()));
    notify::ready(&status(&settings, &tally));
    tracing::info!(sources = settings.sources.len(), version = env!("CARGO_PKG_VERSION"), "wireroom is running");

    let mut guard = Guard { last: (0, 0) };
    let mut watch = Watch { after: None, hooks: Hooks::start() };
    let mut rounds = time::interval(notify::watchdog_interval().map_or(ROUND, |interval| (interval / 3).min(ROUND)));
    let ended = loop {
        tokio::select! {
            ended = &mut lanes => break ended,
            word = signals.next() => match word {
                Word::Stop if stop.is_cancelled() => {
                    tracing::warn!("asked to stop again: leaving at once; jobs in hand will be claimed again");
                    lanes.abort();
                }
                Word::Stop => {
                    notify::stopping();
                    tracing::info!(grace_s = settings.lanes.grace.as_secs(), "stopping; jobs in hand are finished first");
                    stop.cancel();
                }
                Word::Reload if stop.is_cancelled() => {}
                Word::Reload => {
                    notify::reloading();
                    if let Some(mut new) = reread(&reload, &settings) {
                        // The listener was started for these callbacks: another one takes a restart.
                        new.websub.clone_from(&settings.websub);
                        match build(&new) {
                            Ok(ctx) => match sync(&store, &new, clock()).await {
                                Ok(()) => {
                                    publish.send_replace(ctx);
                                    settings = new;
                                }
                                Err(error) => tracing::error!(%error, "the ledger cannot take the new sources; the old configuration stays in force"),
                            },
                            Err(error) => tracing::error!(error, "the new configuration cannot be used; the old one stays in force"),
                        }
                    }
                    notify::ready(&status(&settings, &tally));
                }
            },
            _ = rounds.tick() => {
                if guard.all_well(&store, &beats, &stop).await {
                    notify::alive(&status(&settings, &tally));
                }
                let now = clock();
                if !stop.is_cancelled() {
                    // A ledger that cannot be tended now is tended later; its commits will say what is wrong.
                    if let Err(error) = store.write(move |ledger| ledger.maintain(now, SLICE)).await {
                        tracing::warn!(%error, "maintenance was put off");
                    }
                    let ctx = publish.borrow().clone();
                    if let Err(error) = ingest::reconcile(&ctx).await {
                        tracing::warn!(%error, "stories will be reconciled later");
                    }
                    if let Err(error) = watch.round(&ctx, &settings.stale_hook, &tally).await {
                        tracing::warn!(%error, "silent sources will be looked for later");
                    }
                }
            }
        }
    };
    hubs.abort();
    match ended {
        Ok(ended) => Ok(ended?),
        Err(error) if error.is_cancelled() => Ok(()),
        Err(error) => Err(Error::Lane(error.to_string())),
    }
}

/// Takes over the ledger for the lanes: no lease of an earlier process is alive, validators are bound
/// to this version's reader of feeds, and the sources are those of the settings.
pub async fn enrol(store: &StoreHandle, settings: &Settings, now: Timestamp) -> Result<(), Error> {
    let reader = ingest::FEED_READER_VERSION;
    store
        .write(move |ledger| {
            ledger.recover(now)?;
            if ledger.bind_fingerprint(ingest::FINGERPRINT_VERSION)? {
                tracing::warn!(
                    "texts are sampled in another way now: near-copies of what was filed before this start are not found"
                );
            }
            ledger.bind_parser(reader).map(drop)
        })
        .await?;
    sync(store, settings, now).await
}

/// Tells the ledger which sources there are.
async fn sync(store: &StoreHandle, settings: &Settings, now: Timestamp) -> Result<(), Error> {
    let sources: Vec<Source> = settings.sources.iter().map(|desk| desk.source.clone()).collect();
    let synced = store.write(move |ledger| ledger.sync_sources(&sources, now)).await?;
    for (what, names) in
        [("added", synced.added), ("enabled", synced.enabled), ("disabled", synced.disabled), ("removed", synced.removed)]
    {
        if !names.is_empty() {
            tracing::info!(change = what, count = names.len(), first = names[0], "sources changed");
        }
    }
    Ok(())
}

/// Reads the configuration again; says what changed, or every mistake.
fn reread(reload: &impl Fn() -> Result<Settings, String>, old: &Settings) -> Option<Settings> {
    match reload() {
        Ok(new) => {
            let changes = config::diff(old, &new);
            tracing::info!(%changes, "configuration reloaded");
            Some(new)
        }
        Err(mistakes) => {
            for mistake in mistakes.lines() {
                tracing::error!(mistake, "configuration not reloaded; the old one stays in force");
            }
            None
        }
    }
}

/// One line for `systemctl status`.
fn status(settings: &Settings, tally: &Tally) -> String {
    format!(
        "{} sources; since the start {} polls ({} failed), {} articles filed, {} given up",
        settings.sources.len(),
        tally.get(Count::Polls) + tally.get(Count::PollsFailed),
        tally.get(Count::PollsFailed),
        tally.get(Count::Articles),
        tally.get(Count::Failed),
    )
}

/// Compares signs of life between two rounds.
struct Guard {
    last: (u64, u64),
}

impl Guard {
    /// Whether both lanes moved since the last round and the store answers, on both its doors.
    async fn all_well(&mut self, store: &StoreHandle, beats: &Beats, stop: &CancellationToken) -> bool {
        let beat = (beats.polls.count(), beats.scrapes.count());
        let moved = beat.0 > self.last.0 && beat.1 > self.last.1;
        self.last = beat;
        // Lanes that finish what they hold no longer beat; the grace time bounds them.
        if !moved && !stop.is_cancelled() {
            tracing::warn!("a lane has not moved since the last look");
            return false;
        }
        let answered = time::timeout(ANSWER, store.beat()).await.is_ok_and(|beat| beat.is_ok());
        if !answered {
            tracing::warn!("the ledger does not answer");
        }
        answered
    }
}

/// Looks for sources that fall silent, some at every round.
struct Watch {
    /// The last one looked at.
    after: Option<SourceId>,
    hooks: Option<Hooks>,
}

impl Watch {
    /// Looks at the next sources, and says once of each silence what is known.
    async fn round(&mut self, ctx: &Context, hook: &[String], tally: &Tally) -> Result<(), store::Error> {
        let (turns, last) = ingest::listen(ctx, self.after).await?;
        self.after = last;
        for turn in turns {
            match turn {
                Turn::Heard { source } => tracing::info!(source, "the source is heard again"),
                Turn::Silent { source, agency, silence } => {
                    tally.add(Count::SourcesSilent, 1);
                    let (since, expected, usual_s) = (silence.since, silence.expected, silence.usual_s);
                    tracing::warn!(source, %since, expected, usual_s, "the source is silent against its own rhythm");
                    let variables = vec![
                        ("WIREROOM_HOOK", "stale".to_owned()),
                        ("WIREROOM_SOURCE", source),
                        ("WIREROOM_AGENCY", agency),
                        ("WIREROOM_STALE_SINCE", since.to_string()),
                        ("WIREROOM_EXPECTED", expected.to_string()),
                    ];
                    if let Some(hooks) = &self.hooks {
                        hooks.call(Call { hook: "stale", command: hook.to_vec(), variables });
                    }
                }
            }
        }
        Ok(())
    }
}

/// Ends at the first SIGTERM or SIGINT, for runs that end by themselves.
pub async fn asked_to_stop() {
    let mut signals = Signals::new();
    while !matches!(signals.next().await, Word::Stop) {}
}

/// What a signal means.
enum Word {
    Stop,
    Reload,
}

/// The signals the daemon listens to.
struct Signals {
    terminate: Option<Signal>,
    interrupt: Option<Signal>,
    reload: Option<Signal>,
    _quota: Option<Signal>,
}

impl Signals {
    /// A signal that cannot be listened to is left at its default.
    fn new() -> Signals {
        Signals {
            terminate: signal(SignalKind::terminate()).ok(),
            interrupt: signal(SignalKind::interrupt()).ok(),
            reload: signal(SignalKind::hangup()).ok(),
            _quota: signal(SignalKind::from_raw(SIGXFSZ)).ok(),
        }
    }

    /// The next signal's meaning.
    async fn next(&mut self) -> Word {
        /// Ends when the signal comes; never, when it cannot be listened to.
        async fn heard(signal: &mut Option<Signal>) {
            if let Some(signal) = signal
                && signal.recv().await.is_some()
            {
                return;
            }
            std::future::pending().await
        }
        tokio::select! {
            () = heard(&mut self.terminate) => Word::Stop,
            () = heard(&mut self.interrupt) => Word::Stop,
            () = heard(&mut self.reload) => Word::Reload,
        }
    }
}
