//! `wireroom run`: the daemon.

use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use wireroom::config::Settings;
use wireroom::daemon::{self, House};
use wireroom::fetch::Fetcher;
use wireroom::observe::Tally;
use wireroom::store::{Role, StoreHandle};

use super::{World, check, configuration, exit::BadConfiguration, wiring};

/// Runs the verb.
pub(crate) fn run(world: &World) -> anyhow::Result<ExitCode> {
    let path = configuration::find(world)?;
    let settings = configuration::read(&path)?;
    refuse_placeholder(&settings, &path.display().to_string()).map_err(BadConfiguration::of)?;
    for line in check::shut_out(&settings) {
        tracing::error!("{line}");
    }
    let store = wiring::open(&settings, Role::Lanes)?;
    let closing = store.clone();
    wiring::block_on(async {
        let reload = || {
            let settings = configuration::read(&path).map_err(|mistakes| mistakes.to_string())?;
            refuse_placeholder(&settings, &path.display().to_string())?;
            Ok(settings)
        };
        let house = House { settings, store: store.clone(), build: builder(world, store), reload };
        Ok(daemon::supervise(house, Arc::new(Tally::default())).await?)
    })?;
    closing.close();
    Ok(ExitCode::SUCCESS)
}

/// Makes contexts; the pace of hosts outlives each.
pub(crate) fn builder(world: &World, store: StoreHandle) -> impl Fn(&Settings) -> Result<wireroom::ingest::Context, String> {
    let world = world.clone();
    let before: Mutex<Option<Fetcher>> = Mutex::new(None);
    move |settings| {
        let mut before = before.lock().map_err(|_| "an earlier reload panicked".to_owned())?;
        let context = wiring::context(&world, settings, &store, before.as_ref()).map_err(|error| format!("{error:#}"))?;
        *before = Some(context.fetcher.clone());
        Ok(context)
    }
}

/// Hosts must be able to reach the operator: that is what keeps a crawler from being banned.
fn refuse_placeholder(settings: &Settings, file: &str) -> Result<(), String> {
    if settings.placeholder_contact() {
        return Err(format!(
            "{file}: fetch.contact: still the placeholder; set it to an address where hosts can reach you, such as \"mailto:news@your-domain\": it is sent with every request"
        ));
    }
    Ok(())
}
