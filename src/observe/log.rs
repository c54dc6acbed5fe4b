//! Logs: one event per line on standard error, as a terminal, a file or journald wants it.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{Format, FormatEvent, FormatFields, Writer};
use tracing_subscriber::registry::LookupSpan;

/// Why logging could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The filter of `WIREROOM_LOG` is not one.
    #[error("WIREROOM_LOG is no log filter ({0}); try info, debug, or wireroom=debug,warn")]
    Filter(String),
}

/// Starts logging. `filter` is the value of `WIREROOM_LOG` (default `info` for wireroom, `warn` for
/// the rest); `journald` says that standard error is the journal: no time stamps then, since it has
/// its own, and each line carries its priority (sd-daemon(3)). `json` makes each event one JSON object.
pub fn start(filter: Option<&str>, journald: bool, json: bool) -> Result<(), Error> {
    let filter = match filter {
        Some(text) if !text.trim().is_empty() => EnvFilter::try_new(text).map_err(|error| Error::Filter(error.to_string()))?,
        _ => EnvFilter::new("warn,wireroom=info"),
    };
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    // A second start (in tests) keeps the first one's set-up.
    let _ = if json {
        builder.json().flatten_event(true).try_init()
    } else if journald {
        builder
            .with_ansi(false)
            .event_format(Prioritised(Format::default().without_time().with_level(false).with_target(false)))
            .try_init()
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).try_init()
    };
    Ok(())
}

/// Puts the syslog priority in front of a line.
struct Prioritised<F>(F);

impl<S, N, F> FormatEvent<S, N> for Prioritised<F>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(&self, ctx: &FmtContext<'_, S, N>, mut writer: Writer<'_>, event: &tracing::Event<'_>) -> std::fmt::Result {
        let priority = match *event.metadata().level() {
            tracing::Level::ERROR => 3,
            tracing::Level::WARN => 4,
            tracing::Level::INFO => 6,
            _ => 7,
        };
        write!(writer, "<{priority}>")?;
        self.0.format_event(ctx, writer, event)
    }
}
