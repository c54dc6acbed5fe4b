//! Rights: a command run by root takes on the ledger's owner, so that no file of the ledger changes hands.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::process::{Gid, Uid, geteuid};
use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};

/// Becomes the owner of `ledger`, for good. Must run before the process has a second thread, since
/// rights are a thread's. Where the owner cannot reach its own ledger root stays root: SQLite then
/// gives the files beside the ledger the ledger's owner.
pub(crate) fn take_on_owner(ledger: &Path) {
    if !geteuid().is_root() {
        return;
    }
    let Ok(about) = fs::metadata(ledger) else { return };
    if about.uid() == 0 {
        return;
    }
    let (uid, gid) = (Uid::from_raw(about.uid()), Gid::from_raw(about.gid()));
    // First on trial, with the way back open.
    if set_thread_res_uid(None, uid, None).is_err() {
        return;
    }
    let reached = fs::File::open(ledger).is_ok();
    let back = set_thread_res_uid(None, Uid::ROOT, None);
    if !reached || back.is_err() {
        return;
    }
    let dropped =
        set_thread_groups(&[gid]).and_then(|()| set_thread_res_gid(gid, gid, gid)).and_then(|()| set_thread_res_uid(uid, uid, uid));
    if let Err(error) = dropped {
        tracing::warn!(%error, "still root: the ledger's owner could not be taken on");
    }
}
