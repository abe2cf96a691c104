//! What lists articles: feeds, sitemaps and section pages.

use chrono::{DateTime, Utc};

use crate::markup::{escape, json};
use crate::outlets::{Channel, Format, Outlet, section_name};
use crate::{Press, SampleArticle, dates, pages};

/// A feed lists all its hand-written articles and this many generated ones; the archive's sitemaps list the rest.
pub(crate) const FEED_TAIL: u64 = 100;
const ARCHIVE_PAGE: u64 = 1000;

/// A rendered answer.
pub(crate) struct Listing {
    pub(crate) content_type: &'static str,
    pub(crate) body: String,
    /// The newest article's time.
    pub(crate) newest: Option<DateTime<Utc>>,
}

/// Where an outlet's pages lie: its number, itself, and its address without a trailing slash.
#[derive(Clone, Copy)]
pub(crate) struct Site<'a> {
    pub(crate) press: &'a Press,
    pub(crate) index: usize,
    pub(crate) outlet: &'a Outlet,
    pub(crate) base: &'a str,
}

impl Site<'_> {
    /// The article's full address here.
    pub(crate) fn url(&self, article: &SampleArticle) -> String {
        let below = article.path.get(self.outlet.id.len() + 1..).unwrap_or("/");
        format!("{}{below}", self.base)
    }
}

/// The listing at that path below the outlet's root, if it is one.
pub(crate) fn listing(site: Site<'_>, path: &str) -> Option<Listing> {
    if let Some(channel) = site.outlet.channels.iter().find(|c| c.path == path) {
        let articles = listed(site, channel);
        let newest = articles.iter().map(|a| a.published).max();
        let (content_type, body) = write(site, channel, &articles);
        return Some(Listing { content_type, body, newest });
    }
    let body = match path {
        "sitemap-kho.xml" => archive_index(site),
        "sitemap-bai.xml" => urlset(site, &listed(site, site.outlet.channels.first()?)),
        "sitemap-cu.xml" => urlset(site, &[]),
        _ => archive_page(site, path.strip_prefix("sitemap-kho-")?.strip_suffix(".xml")?.parse().ok()?)?,
    };
    Some(Listing { content_type: "application/xml; charset=utf-8", body, newest: None })
}

fn listed(site: Site<'_>, channel: &Channel) -> Vec<SampleArticle> {
    let wanted = |a: &&SampleArticle| channel.sections.is_empty() || channel.sections.contains(&a.section.as_str());
    let mut all: Vec<SampleArticle> = site.press.hand_of(site.index).filter(wanted).cloned().collect();
    if channel.sections.is_empty() && channel.format != Format::Section {
        all.extend((0..FEED_TAIL).map_while(|k| site.press.generated_of(site.index, k)));
    }
    all.sort_by_key(|a| std::cmp::Reverse((a.published, a.id)));
    all
}

fn write(site: Site<'_>, channel: &Channel, articles: &[SampleArticle]) -> (&'static str, String) {
    match channel.format {
        Format::Rss | Format::RssGmt | Format::RssFull => {
            ("application/rss+xml; charset=utf-8", rss(site, channel, articles))
        }
        Format::Atom => ("application/atom+xml; charset=utf-8", atom(site, channel, articles)),
        Format::Rdf => ("text/xml; charset=utf-8", rdf(site, channel, articles)),
        Format::JsonFeed => ("application/feed+json; charset=utf-8", json_feed(site, channel, articles)),
        Format::NewsSitemap => ("application/xml; charset=utf-8", news_sitemap(site, articles)),
        Format::SitemapIndex => ("application/xml; charset=utf-8", sitemap_index(site)),
        Format::Section => ("text/html; charset=utf-8", pages::section(site, articles)),
    }
}

/// RSS 2.0. Links carry the tracking parameters that papers add, and some summaries carry HTML.
pub(crate) fn rss(site: Site<'_>, channel: &Channel, articles: &[SampleArticle]) -> String {
    let Site { outlet, base, .. } = site;
    let date = if channel.format == Format::RssGmt { dates::local_called_gmt } else { dates::rfc2822 };
    let built =
        articles.first().map_or_else(String::new, |a| format!("<lastBuildDate>{}</lastBuildDate>", date(a.published)));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel><title>{} - {}</title><link>{base}/</link>\
         <description>{} RSS</description><language>vi</language><ttl>15</ttl>{built}\n",
        escape(&outlet.name),
        channel.name,
        escape(&outlet.name),
    );
    for article in articles {
        let url = format!("{}?utm_source=rss&utm_medium=feed&utm_campaign={}", site.url(article), article.section);
        let url = if article.path.contains('?') { site.url(article) } else { url };
        let thumb = format!(
            "<a href=\"{}\"><img src=\"{base}/anh/{}.jpg\" /></a></br>{}",
            site.url(article),
            article.id,
            escape(&article.lead)
        );
        out.push_str(&format!(
            "<item><title><![CDATA[{}]]></title><link>{}</link><guid isPermaLink=\"false\">{}-{}</guid><pubDate>{}</pubDate>\
             <category>{}</category><description><![CDATA[{thumb}]]></description>",
            article.title, escape(&url), outlet.id, article.id, date(article.published),
            section_name(&article.section).unwrap_or_default(),
        ));
        if channel.format == Format::RssFull {
            let body: String = article.body.iter().map(|p| format!("<p>{}</p>\n", escape(p))).collect();
            out.push_str(&format!(
                "<dc:creator><![CDATA[{}]]></dc:creator><content:encoded><![CDATA[<p><strong>{}</strong></p>\n{body}\
                 <p>Bài viết <a href=\"{}\">{}</a> xuất hiện lần đầu trên {}.</p>]]></content:encoded>",
                article.author,
                escape(&article.lead),
                site.url(article),
                escape(&article.title),
                escape(&outlet.name),
            ));
        }
        out.push_str("</item>\n");
    }
    out + "</channel></rss>\n"
}

fn atom(site: Site<'_>, channel: &Channel, articles: &[SampleArticle]) -> String {
    let Site { outlet, base, .. } = site;
    let updated = dates::iso(articles.first().map_or(site.press.spec().now, |a| a.published));
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"vi\"><title>{}</title>\
         <id>{base}/</id><link rel=\"self\" href=\"{base}/{}\"/><link href=\"{base}/\"/><updated>{updated}</updated>\n",
        escape(&outlet.name),
        channel.path,
    );
    for article in articles {
        let at = dates::iso(article.published);
        out.push_str(&format!(
            "<entry><title type=\"html\">{}</title><id>tag:{},2026:{}</id><link rel=\"alternate\" type=\"text/html\" href=\"{}#xtor=RSS-3\"/>\
             <published>{at}</published><updated>{at}</updated><author><name>{}</name></author><category term=\"{}\"/>\
             <summary type=\"html\">{}</summary></entry>\n",
            escape(&escape(&article.title)), outlet.id, article.id, escape(&site.url(article)), article.author,
            article.section, escape(&escape(&article.lead)),
        ));
    }
    out + "</feed>\n"
}

fn rdf(site: Site<'_>, channel: &Channel, articles: &[SampleArticle]) -> String {
    let Site { outlet, base, .. } = site;
    let lines: String =
        articles.iter().map(|a| format!("<rdf:li rdf:resource=\"{}\"/>", escape(&site.url(a)))).collect();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
         xmlns=\"http://purl.org/rss/1.0/\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\
         <channel rdf:about=\"{base}/{}\"><title>{}</title><link>{base}/</link><description>{}</description>\
         <items><rdf:Seq>{lines}</rdf:Seq></items></channel>\n",
        channel.path,
        escape(&outlet.name),
        channel.name,
    );
    for article in articles {
        let url = escape(&site.url(article));
        out.push_str(&format!(
            "<item rdf:about=\"{url}\"><title>{}</title><link>{url}</link><description>{}</description><dc:date>{}</dc:date>\
             <dc:subject>{}</dc:subject></item>\n",
            escape(&article.title), escape(&article.lead), dates::iso(article.published),
            section_name(&article.section).unwrap_or_default(),
        ));
    }
    out + "</rdf:RDF>\n"
}

fn json_feed(site: Site<'_>, channel: &Channel, articles: &[SampleArticle]) -> String {
    let items: Vec<String> = articles
        .iter()
        .map(|a| {
            format!(
                "{{\"id\":\"{}\",\"url\":{},\"title\":{},\"summary\":{},\"date_published\":\"{}\",\"authors\":[{{\"name\":{}}}],\"tags\":[{}]}}",
                a.id, json(&format!("{}?fbclid=IwAR{}", site.url(a), a.id)), json(&a.title), json(&a.lead),
                dates::iso(a.published), json(&a.author), json(section_name(&a.section).unwrap_or_default()),
            )
        })
        .collect();
    format!(
        "{{\"version\":\"https://jsonfeed.org/version/1.1\",\"title\":{},\"home_page_url\":\"{}/\",\"feed_url\":\"{}/{}\",\
         \"language\":\"vi\",\"items\":[\n{}\n]}}\n",
        json(&site.outlet.name),
        site.base,
        site.base,
        channel.path,
        items.join(",\n"),
    )
}

fn news_sitemap(site: Site<'_>, articles: &[SampleArticle]) -> String {
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\" \
         xmlns:news=\"http://www.google.com/schemas/sitemap-news/0.9\">\n",
    );
    for article in articles {
        out.push_str(&format!(
            "<url><loc>{}</loc><news:news><news:publication><news:name>{}</news:name><news:language>vi</news:language>\
             </news:publication><news:publication_date>{}</news:publication_date><news:title>{}</news:title></news:news></url>\n",
            escape(&site.url(article)), escape(&site.outlet.name), dates::iso(article.published), escape(&article.title),
        ));
    }
    out + "</urlset>\n"
}

fn sitemap_index(site: Site<'_>) -> String {
    index_of(site, &["sitemap-bai.xml".to_owned(), "sitemap-cu.xml".to_owned()])
}

fn archive_index(site: Site<'_>) -> String {
    let n = site.press.n_generated_of(site.index).div_ceil(ARCHIVE_PAGE);
    index_of(site, &(0..n).map(|page| format!("sitemap-kho-{page}.xml")).collect::<Vec<_>>())
}

fn index_of(site: Site<'_>, names: &[String]) -> String {
    let at = dates::iso(site.press.spec().now);
    let rows: String = names
        .iter()
        .map(|name| format!("<sitemap><loc>{}/{name}</loc><lastmod>{at}</lastmod></sitemap>\n", site.base))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<sitemapindex xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{rows}</sitemapindex>\n"
    )
}

fn archive_page(site: Site<'_>, page: u64) -> Option<String> {
    let first = page.checked_mul(ARCHIVE_PAGE)?;
    let articles: Vec<SampleArticle> =
        (first..first + ARCHIVE_PAGE).map_while(|k| site.press.generated_of(site.index, k)).collect();
    (!articles.is_empty()).then(|| urlset(site, &articles))
}

fn urlset(site: Site<'_>, articles: &[SampleArticle]) -> String {
    let rows: String = articles
        .iter()
        .map(|a| {
            format!("<url><loc>{}</loc><lastmod>{}</lastmod></url>\n", escape(&site.url(a)), dates::iso(a.published))
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n{rows}</urlset>\n"
    )
}
