//! Query parameters that say where a reader came from, not what stands on the page.

/// Prefixes of parameter names that never select a page.
const PREFIXES: [&str; 12] =
    ["utm_", "mtm_", "pk_", "piwik_", "matomo_", "hsa_", "__hs", "ga_", "wt_", "at_", "ns_mchannel", "fb_action"];

/// Parameter names that never select a page.
const NAMES: [&str; 57] = [
    "fbclid",
    "gclid",
    "gclsrc",
    "dclid",
    "gbraid",
    "wbraid",
    "msclkid",
    "yclid",
    "ysclid",
    "twclid",
    "ttclid",
    "igshid",
    "igsh",
    "li_fat_id",
    "mc_cid",
    "mc_eid",
    "_ga",
    "_gl",
    "_hsenc",
    "_hsmi",
    "mkt_tok",
    "oly_anon_id",
    "oly_enc_id",
    "vero_id",
    "vero_conv",
    "s_cid",
    "s_kwcid",
    "ncid",
    "icid",
    "cmpid",
    "cmp",
    "cmp_id",
    "campaign_id",
    "ocid",
    "xtor",
    "ito",
    "smid",
    "smtyp",
    "taid",
    "rss",
    "feedtype",
    "ftag",
    "soc_src",
    "soc_trk",
    "share_source",
    "sharetype",
    "referrer",
    "ref_src",
    "ref_url",
    "zanpid",
    "wickedid",
    "rb_clickid",
    "epik",
    "guccounter",
    "guce_referrer",
    "phpsessid",
    "jsessionid",
];

/// Names that are tracking only with values of this kind: a site may use them for content too.
const WORDY: [&str; 7] = ["ref", "source", "src", "from", "via", "partner", "medium"];

/// Values that, under a wordy name, speak of where the reader came from.
const ORIGINS: [&str; 18] = [
    "rss",
    "feed",
    "feeds",
    "atom",
    "twitter",
    "facebook",
    "fb",
    "google",
    "googlenews",
    "newsletter",
    "email",
    "mail",
    "share",
    "social",
    "linkedin",
    "whatsapp",
    "telegram",
    "homepage",
];

/// Whether a parameter is tracking. `host` is the page's own host: `ref=example.org` on example.org is tracking.
pub(super) fn is_tracking(name: &str, value: &str, host: &str) -> bool {
    let name = name.to_ascii_lowercase();
    if PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name.as_str()) {
        return true;
    }
    if WORDY.contains(&name.as_str()) {
        let value = value.to_ascii_lowercase();
        return ORIGINS.contains(&value.as_str()) || value == host;
    }
    false
}

/// A path segment without the session that servers write into it where cookies are refused (`;jsessionid=…`, `(S(…))`).
pub(super) fn without_session(segment: &str) -> &str {
    if segment.starts_with("(S(") && segment.ends_with("))") {
        return "";
    }
    let Some((page, parameter)) = segment.split_once(';') else { return segment };
    let name = parameter.split('=').next().unwrap_or_default();
    if ["jsessionid", "phpsessid", "sid"].iter().any(|session| name.eq_ignore_ascii_case(session)) { page } else { segment }
}
