//! The operator's commands: run without a shell, one at a time, aside from the lanes, bounded in time and in what they print.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

/// Calls that wait for the one in hand; further ones are dropped, and said.
const WAITING: usize = 64;
/// Longest run of a command.
const LONGEST: Duration = Duration::from_secs(30);
/// How often a running command is looked at.
const LOOK: Duration = Duration::from_millis(50);
/// Bytes of its output that are logged; the rest is not read.
const OUTPUT: u64 = 2048;

/// One call of a command.
pub(super) struct Call {
    /// For the log: which hook it is.
    pub(super) hook: &'static str,
    /// The program and its arguments.
    pub(super) command: Vec<String>,
    /// Variables it gets besides the daemon's own.
    pub(super) variables: Vec<(&'static str, String)>,
}

/// The door to the thread that runs commands.
pub(super) struct Hooks {
    calls: SyncSender<Call>,
}

impl Hooks {
    /// Starts the thread; it ends with the last door to it.
    pub(super) fn start() -> Option<Hooks> {
        let (calls, waiting) = mpsc::sync_channel(WAITING);
        let thread = thread::Builder::new().name("hooks".to_owned()).spawn(move || serve(&waiting));
        if let Err(error) = thread {
            tracing::error!(%error, "no thread for hooks; they will not run");
            return None;
        }
        Some(Hooks { calls })
    }

    /// Hands a call over; never waits.
    pub(super) fn call(&self, call: Call) {
        if call.command.is_empty() {
            return;
        }
        let hook = call.hook;
        if self.calls.try_send(call).is_err() {
            tracing::warn!(hook, "too many hooks are waiting; this one is not run");
        }
    }
}

fn serve(waiting: &Receiver<Call>) {
    while let Ok(call) = waiting.recv() {
        let hook = call.hook;
        match run(&call) {
            Ok((ended, said)) => tracing::info!(hook, ended, said, "hook was run"),
            Err(error) => tracing::warn!(hook, program = call.command[0], %error, "hook could not be run"),
        }
    }
}

/// Runs one call to its end; how it ended, and the beginning of what it printed in one line.
fn run(call: &Call) -> std::io::Result<(String, String)> {
    let (mut reader, writer) = std::io::pipe()?;
    let mut command = Command::new(&call.command[0]);
    command.args(&call.command[1..]).stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    // What systemd lent to the daemon is not for its children.
    for name in
        ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "CREDENTIALS_DIRECTORY", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES"]
    {
        command.env_remove(name);
    }
    command.envs(call.variables.iter().map(|(name, value)| (name, value))).process_group(0);
    let mut child = command.spawn()?;
    // The command holds the writing ends.
    drop(command);
    let (tell, said) = mpsc::channel();
    thread::Builder::new().name("hook-output".to_owned()).spawn(move || {
        let mut output = Vec::new();
        // What cannot be read is not logged.
        let _ = reader.by_ref().take(OUTPUT).read_to_end(&mut output);
        let _ = tell.send(output);
        // Who prints more than is kept goes on all the same.
        let _ = std::io::copy(&mut reader, &mut std::io::sink());
    })?;
    let ended = wait(&mut child)?;
    let output = said.recv_timeout(LOOK * 10).unwrap_or_default();
    let line: String = String::from_utf8_lossy(&output).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Ok((ended, line.trim().to_owned()))
}

/// Waits for the end, and ends what does not: the command with all that it started.
fn wait(child: &mut Child) -> std::io::Result<String> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.to_string());
        }
        if waited >= LONGEST {
            if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                // Gone by itself in this very moment, at worst.
                let _ = kill_process_group(group, Signal::KILL);
            }
            child.wait()?;
            return Ok(format!("killed after {} s", LONGEST.as_secs()));
        }
        thread::sleep(LOOK);
        waited += LOOK;
    }
}
