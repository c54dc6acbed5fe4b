//! What the service manager is told (sd_notify(3)); silence where there is none.

use std::time::Duration;

use sd_notify::NotifyState;

/// Start is over.
pub(super) fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// A reload begins; `ready` ends it. systemd before 253 ignores it, later ones wait for it.
pub(super) fn reloading() {
    if let Ok(now) = NotifyState::monotonic_usec_now() {
        tell(&[NotifyState::Reloading, now]);
    }
}

/// The end begins.
pub(super) fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// A sign of life.
pub(super) fn alive(status: &str) {
    tell(&[NotifyState::Watchdog, NotifyState::Status(status)]);
}

/// How often the service manager wants a sign of life, if it does.
pub(super) fn watchdog_interval() -> Option<Duration> {
    sd_notify::watchdog_enabled()
}

/// A broken notification socket must not stop the news.
fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "the service manager could not be told");
    }
}
