//! `index.html`: the bundle for a person who has a browser and nothing else. Derived from `bundle.json` alone.
//!
//! Self-contained, no script, every text escaped, and what cannot be seen is made visible.

mod annex;
mod dates;
mod entries;
mod front;
mod html;

use self::html::Html;
pub use self::{
    dates::moment,
    html::{is_odd, shown},
};
use crate::{bundle::Bundle, ids::Hasher};

const STYLE: &str = include_str!("page/style.css");

/// The page of a bundle.
#[must_use]
pub fn render(bundle: &Bundle) -> String {
    let mut html = Html::default();
    html.raw("<!DOCTYPE html>\n<html lang=\"en-GB\">\n<head>\n<meta charset=\"utf-8\">\n");
    // Nothing may load or run; the one style below is let in by its digest.
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '");
    html.text(&style_digest());
    html.raw("'; base-uri 'none'; form-action 'none'\">\n");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"robots\" content=\"noindex\">\n<title>");
    html.plain(&bundle.letter.subject);
    html.raw("</title>\n<style>");
    html.raw(STYLE);
    html.raw("</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#ask\">Skip to what is asked</a>\n");
    front::write(&mut html, bundle);
    entries::write(&mut html, bundle);
    annex::write(&mut html, bundle);
    html.raw("</main>\n</body>\n</html>\n");
    html.into_text()
}

/// The style's digest as a Content-Security-Policy source (CSP Level 3, 2.3.1).
fn style_digest() -> String {
    use base64ct::Encoding as _;
    let mut hasher = Hasher::default();
    hasher.update(STYLE.as_bytes());
    format!("sha256-{}", base64ct::Base64::encode_string(hasher.finish().as_bytes()))
}

#[cfg(test)]
mod tests;
