//! The web that `wireroom demo` reads: five small agencies, each with one thing to show.

use crate::plan::{Agency, Charset, Format, Guid, Language, Layout, Links, Malformed, Plan, Summary};

/// Five agencies: a wire service, one with a malformed feed, one that reprints the wire, one that rewrites its
/// stories, and one in Chinese. `tick` or `tick_every` make news.
pub fn demo_plan() -> Plan {
    let mut wire = Agency::new("caspian-wire");
    wire.layout = Layout::Classic;
    wire.offset_minutes = 240;
    wire.items = 4;

    let mut broken = Agency::new("harbour-telegraph");
    broken.layout = Layout::OpenGraph;
    broken.malformed = Some(Malformed::BareAmpersand);
    broken.guid = Guid::Opaque;
    broken.items = 3;

    let mut reprinting = Agency::new("morning-mirror");
    reprinting.format = Format::Atom;
    reprinting.links = Links::Tracked;
    reprinting.copies_from = Some(wire.name.clone());
    reprinting.items = 2;

    let mut updating = Agency::new("severny-vestnik");
    updating.language = Language::Russian;
    updating.layout = Layout::Table;
    updating.charset = Charset::Windows1251;
    updating.offset_minutes = 180;
    updating.updates = true;
    updating.items = 2;

    let mut chinese = Agency::new("donghai-daily");
    chinese.language = Language::Chinese;
    chinese.layout = Layout::Microdata;
    chinese.format = Format::JsonFeed;
    chinese.summary = Summary::Markup;
    chinese.offset_minutes = 480;
    chinese.items = 2;

    Plan::of([wire, broken, reprinting, updating, chinese])
}
