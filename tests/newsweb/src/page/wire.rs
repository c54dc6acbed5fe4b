//! The older layouts: a wire agency's page, and a page of nested tables.

use super::Page;
use crate::escape::xml;

pub(super) fn classic(page: &Page<'_>) -> String {
    let description = format!("<meta name=\"description\" content=\"{}\">\n", xml(&page.article.summary));
    let head = page.head("<!DOCTYPE html>", &description);
    let (headline, section, authors) = (page.headline(), xml(&page.article.section), page.authors());
    let (readmore, materials, stamp) = (page.ui("readmore"), page.ui("materials"), page.published().stamped(page.words()));
    let byline = if authors.is_empty() {
        String::new()
    } else {
        format!(
            "<div class=\"author\"><a href=\"/author\" class=\"author-name\">{authors}</a></div>\n\
             <div class=\"author-card\"><span class=\"author-name\">{authors}</span>\n<a href=\"/author\" class=\"more\">{readmore}</a></div>\n"
        )
    };
    let (navigation, share, headlines) = (page.navigation(), page.share(), page.headlines());
    let (related, popular, promo) = (page.ui("related"), page.ui("popular"), page.ui("promo"));
    let text = page.paragraphs("<p>", "</p>") + &page.credit("<p>", "</p>");
    let (tags, footer, agency) = (page.tags(), page.footer(), xml(&page.agency.title));
    format!(
        "{head}<body class=\"news-page\">
<div class=\"header\"><a class=\"logo\" href=\"/\">{agency}</a>
<ul class=\"main-menu\">{navigation}</ul>
<div class=\"ticker\"><b>{popular}</b><ul>{headlines}</ul></div></div>
<div class=\"content-block\">
<div class=\"top-title\">{headline}</div>
<div class=\"breadcrumbs\"><a href=\"/section\">{section}</a> <a href=\"/materials\">{materials}</a> <span class=\"date-time\">{stamp}</span></div>
<h1>{headline}</h1>
{byline}<div class=\"share-bar\">{share}</div>
<div class=\"article-content\">
{text}<p class=\"promo\"><a href=\"/channel\">{promo}</a></p>
</div>
<div class=\"tags\">{tags}</div>
<div class=\"related\"><h4>{related}</h4><ul>{headlines}</ul></div>
</div>
<div class=\"footer\">{footer}</div>
</body></html>\n"
    )
}

pub(super) fn table(page: &Page<'_>) -> String {
    let head = page.head("<!DOCTYPE HTML PUBLIC \"-//W3C//DTD HTML 4.01 Transitional//EN\">", "");
    let (headline, section, agency) = (page.headline(), xml(&page.article.section), xml(&page.agency.title));
    let (navigation, headlines, footer) = (page.navigation(), page.headlines(), page.footer());
    let text: Vec<String> = page.article.paragraphs.iter().map(|text| xml(text)).collect();
    let text = text.join("<br><br>\n") + &page.credit("<br><br>\n<i>", "</i>");
    let byline = match page.authors() {
        authors if authors.is_empty() => String::new(),
        authors => format!("<br><br>\n<b>{authors}</b>"),
    };
    let (stamp, popular, readmore) = (page.published().dotted(), page.ui("popular"), page.ui("readmore"));
    format!(
        "{head}<body bgcolor=\"#FFFFFF\" text=\"#000000\">
<table width=\"100%\" border=\"0\" cellpadding=\"4\"><tr><td colspan=\"3\"><font size=\"5\" color=\"#003366\">{agency}</font></td></tr>
<tr><td width=\"160\" valign=\"top\"><ul>{navigation}</ul></td>
<td valign=\"top\">
<table width=\"100%\" border=\"0\"><tr><td><font size=\"1\">{stamp} | {section}</font></td></tr>
<tr><td><font size=\"4\"><b>{headline}</b></font></td></tr>
<tr><td><font face=\"Arial\" size=\"2\">{text}{byline}</font></td></tr>
<tr><td><font size=\"1\"><a href=\"/print\">Print</a> | <a href=\"/news\">{readmore}</a></font></td></tr></table>
</td>
<td width=\"200\" valign=\"top\"><font size=\"2\"><b>{popular}</b></font><ul>{headlines}</ul></td></tr>
<tr><td colspan=\"3\" align=\"center\"><font size=\"1\">{footer}</font></td></tr></table>
</body></html>\n"
    )
}
