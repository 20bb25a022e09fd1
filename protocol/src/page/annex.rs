//! The end of the page: attachments, reason codes, what is proven and what is not, how to check it, the receipt.

use super::{dates::moment, html::Html};
use crate::{
    bundle::{Attachment, Bundle, Evidence, NOT_PROVEN, Reason},
    sign::Namespace,
};

pub(super) fn write(html: &mut Html, bundle: &Bundle) {
    attachments(html, bundle);
    reasons(html, bundle);
    proof(html, bundle);
    check(html, bundle);
    receipt(html, bundle);
}

/// A link to an attachment, by its digest; what people call it is only text.
pub(super) fn link(html: &mut Html, attachment: &Attachment) {
    html.raw("<a href=\"");
    html.plain(&attachment.path());
    html.raw("\">");
    html.text(&attachment.name);
    html.raw("</a>");
}

fn attachments(html: &mut Html, bundle: &Bundle) {
    if bundle.attachments.is_empty() {
        return;
    }
    html.raw("<section aria-labelledby=\"files-h\">\n<h2 id=\"files-h\">Attachments</h2>\n<table><caption>Files in this bundle</caption>\n<thead><tr><th scope=\"col\">File</th><th scope=\"col\">Type and size</th><th scope=\"col\">Looked through by</th></tr></thead>\n<tbody>\n");
    for attachment in &bundle.attachments {
        html.raw("<tr><th scope=\"row\">");
        link(html, attachment);
        html.raw("<br><small><code>");
        html.text(&attachment.sha256.to_string());
        html.raw("</code></small>");
        if !attachment.copy_of.is_empty() {
            html.raw("<br><small>A copy; the entries name the recorded file.</small>");
        }
        html.raw("</th>");
        html.cell(&format!("{}\n{}", attachment.media_type, size(attachment.size)));
        html.cell(&attachment.checked);
        html.raw("</tr>\n");
    }
    html.raw("</tbody></table>\n</section>\n");
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

fn reasons(html: &mut Html, bundle: &Bundle) {
    html.raw("<section aria-labelledby=\"codes-h\">\n<h2 id=\"codes-h\">What is withheld</h2>\n");
    html.raw("<p>What is withheld is not in this bundle in any form. Each gap is marked where it stands, with a number of its own and the number of its reason in this table. How long it is is not shown; of a text that is shown in part, the proofs tell how many words each gap has.</p>\n");
    html.raw("<table><caption>Reasons for withholding</caption>\n<thead><tr><th scope=\"col\">No.</th><th scope=\"col\">Withheld because it is, or concerns</th><th scope=\"col\">Gaps</th></tr></thead>\n<tbody>\n");
    let count =
        |reason: &Reason| bundle.withheld.iter().find(|one| one.reason == *reason).map_or(0, |one| one.count);
    let own = bundle.withheld.iter().map(|one| &one.reason).filter(|one| matches!(one, Reason::Other(_)));
    for reason in Reason::CODED.iter().chain(own) {
        html.raw("<tr>");
        html.cell(&reason.number().to_string());
        html.raw("<th scope=\"row\">");
        html.text(reason.words());
        html.raw("</th>");
        html.cell(&count(reason).to_string());
        html.raw("</tr>\n");
    }
    html.raw("<tr><td></td><th scope=\"row\">All</th>");
    html.cell(&bundle.withheld.iter().map(|one| one.count).sum::<u64>().to_string());
    html.raw("</tr>\n</tbody></table>\n</section>\n");
}

fn proof(html: &mut Html, bundle: &Bundle) {
    html.raw("<section aria-labelledby=\"proof-h\">\n<h2 id=\"proof-h\">What is proven, and what is not</h2>\n<p>Once checked as below, the signatures prove that the agency named as sender, and the person whose certificate is in <code>bundle.json</code>, signed exactly these files, for exactly this recipient.</p>\n");
    if let Some(evidence) = &bundle.evidence {
        log(html, evidence);
    }
    html.raw("<p>Not proven:</p>\n<ul>\n");
    for words in NOT_PROVEN {
        html.raw("<li>");
        html.text(words);
        html.raw("</li>\n");
    }
    html.raw("</ul>\n</section>\n");
}

/// The log that the entries are proven by, as the bundle says it.
fn log(html: &mut Html, evidence: &Evidence) {
    let Ok(checkpoint) = evidence.log.checkpoint.claims() else { return };
    html.raw("<p>The proofs in <code>bundle.json</code> show that the words of the entries are the words that were recorded, in their order, and that nothing but the marked gaps was left out of them: each entry is one fact of the sender&#39;s log, which only grows. Whoever else has signed the log, as below, would know if it had been written anew. That the sender keeps no second log beside it nobody can know.</p>\n<table class=\"facts\"><caption>The sender&#39;s log</caption>\n");
    html.row("Log", checkpoint.origin.as_str());
    html.row("Facts in it", &checkpoint.size.to_string());
    html.row_of("Root", |html| {
        html.raw("<code>");
        html.text(&checkpoint.root.to_string());
        html.raw("</code>");
    });
    html.row("Signed, unless checking says otherwise, by", &evidence.log.checkpoint.names().join("\n"));
    html.raw("</table>\n");
}

fn check(html: &mut Html, bundle: &Bundle) {
    html.raw("<section aria-labelledby=\"check-h\">\n<h2 id=\"check-h\">How to check it yourself</h2>\n<p>No special program is needed: <code>age</code>, <code>tar</code>, <code>sha256sum</code> and <code>ssh-keygen</code> are free and widely used (<code>age</code> 1.3 or newer, if your key begins with <code>AGE-SECRET-KEY-PQ-1</code>). In the folder that holds the sealed file:</p>\n<pre>age -d -i YOUR-KEY-FILE bundle.age | tar -x\ncd ");
    html.plain(&bundle.folder());
    html.raw("\nsha256sum -c SHA256SUMS\nssh-keygen -Y verify -f allowed_signers -I ");
    html.plain(bundle.from.id.as_str());
    html.raw(" -n ");
    html.plain(Namespace::Bundle.as_str());
    html.raw(" -s SHA256SUMS.sig &lt; SHA256SUMS</pre>\n<p>Every line of the third command must end in <code>OK</code>, and the fourth must answer <code>Good</code>. There must be no other files in the folder. <code>allowed_signers</code> is a text file of one line, the sender's name and its signing key:</p>\n<pre>");
    html.plain(bundle.from.id.as_str());
    html.raw(" ssh-ed25519 AAAA\u{2026}</pre>\n<p>Take that key from your partnership's directory, or ask for it by telephone on a number you already have. A key that comes with the file it signs proves nothing.</p>\n<p><code>SHA256SUMS.sig</code> holds two signatures: first the agency's, which the fourth command checks, then that of the named person. To check the second, put it into a file of its own; the person's key is in their certificate in <code>bundle.json</code>, which the agency signed.</p>\n<p>The same content, for programs, is in <code>bundle.json</code>; this page is made from it and from nothing else. The proofs of the entries are checked by <code>kith verify</code>, or by any program that follows its published protocol; they need SHA-256 and Ed25519 and nothing else.</p>\n</section>\n");
}

fn receipt(html: &mut Html, bundle: &Bundle) {
    html.raw("<section id=\"receipt\" aria-labelledby=\"receipt-h\">\n<h2 id=\"receipt-h\">Receipt</h2>\n<p>If you use Kith, it sends the receipt for you. If not, fill this in and return it to the person named under <a href=\"#ask\">Whom to ring</a>, by a way you both trust.</p>\n<table class=\"facts form\"><caption>Receipt for this bundle</caption>\n");
    html.row("Reference", &bundle.seal_id.to_string());
    html.row("Sealed", &moment(bundle.created));
    html.row("From and to", &format!("{} to {}", bundle.from.name, bundle.to.name));
    for blank in [
        "Opened on (date and time)",
        "By (name)",
        "Role and agency",
        "Taken on, or declined because",
        "Signature",
    ] {
        html.row(blank, "");
    }
    html.raw("</table>\n</section>\n");
}
