//! Papers with metadata: JSON-LD, OpenGraph, microdata, AMP.

use crate::SampleArticle;
use crate::channels::Site;
use crate::dates;
use crate::markup::{escape, json};
use crate::outlets::section_name;

use super::furniture::{
    advert, assets, breadcrumb, comments, figure, footer, link_list, menu, newest, related, see_also, share, tags,
};

/// The body's paragraphs with the furniture that papers put between them.
fn paragraphs(site: Site<'_>, article: &SampleArticle) -> String {
    let links = related(site, article);
    let mut out = String::new();
    for (i, paragraph) in article.body.iter().enumerate() {
        out.push_str(&format!("<p>{}</p>\n", escape(paragraph)));
        match i {
            0 => out.push_str(&figure(site, article)),
            1 => out.push_str(&see_also(&links)),
            2 => out.push_str(&advert(article.id)),
            _ => {}
        }
    }
    out
}

fn open_graph_tags(site: Site<'_>, article: &SampleArticle) -> String {
    let url = escape(&site.url(article));
    format!(
        "<meta property=\"og:type\" content=\"article\"><meta property=\"og:site_name\" content=\"{}\">\
         <meta property=\"og:title\" content=\"{}\"><meta property=\"og:description\" content=\"{}\">\
         <meta property=\"og:url\" content=\"{url}\"><meta property=\"og:image\" content=\"{}/anh/{}.jpg\">\
         <link rel=\"canonical\" href=\"{url}\">",
        escape(&site.outlet.name),
        escape(&article.title),
        escape(&article.lead),
        site.base,
        article.id,
    )
}

fn head(site: Site<'_>, article: &SampleArticle, extra: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"vi\"><head><meta charset=\"utf-8\"><title>{} - {}</title>\
         <meta name=\"description\" content=\"{}\">{extra}<script>window.dataLayer=window.dataLayer||[];function gtag(){{dataLayer.push(arguments);}}</script>\
         <style>.hinh{{margin:0}}</style>{assets}</head>\n",
        escape(&article.title),
        escape(&site.outlet.name),
        escape(&article.lead),
        assets = assets(),
    )
}

fn news_article(site: Site<'_>, article: &SampleArticle) -> String {
    format!(
        "{{\"@type\":\"NewsArticle\",\"mainEntityOfPage\":{{\"@type\":\"WebPage\",\"@id\":{url}}},\"headline\":{title},\"description\":{lead},\
         \"image\":[{{\"@type\":\"ImageObject\",\"url\":{image}}}],\"datePublished\":\"{at}\",\"dateModified\":\"{at}\",\
         \"articleSection\":{section},\"author\":[{{\"@type\":\"Person\",\"name\":{author}}}],\"publisher\":{{\"@type\":\"Organization\",\"name\":{name}}}}}",
        url = json(&site.url(article)),
        title = json(&article.title),
        lead = json(&article.lead),
        image = json(&format!("{}/anh/{}.jpg", site.base, article.id)),
        at = dates::iso(article.published),
        section = json(section_name(&article.section).unwrap_or_default()),
        author = json(&article.author),
        name = json(&site.outlet.name),
    )
}

/// JSON-LD NewsArticle, with a breadcrumb list before it.
pub(super) fn json_ld(site: Site<'_>, article: &SampleArticle) -> String {
    let crumbs = "<script type=\"application/ld+json\">{\"@context\":\"https://schema.org\",\"@type\":\"BreadcrumbList\",\"itemListElement\":[]}</script>";
    let news = news_article(site, article).replacen('{', "{\"@context\":\"https://schema.org\",", 1);
    let extra =
        format!("{}{crumbs}<script type=\"application/ld+json\">{news}</script>", open_graph_tags(site, article));
    format!(
        "{head}<body class=\"trang-bai\">{menu}{crumb}<article class=\"detail\"><h1 class=\"detail-title\">{title}</h1>\
         <div class=\"detail-time\">{time}</div>{share}<h2 class=\"detail-sapo\">{lead}</h2>\n<div class=\"detail-content\">{body}\
         <p class=\"detail-author\"><strong>{author}</strong></p></div></article>{tags}{related}{comments}{newest}{footer}</body></html>",
        head = head(site, article, &extra),
        menu = menu(site),
        crumb = breadcrumb(site, article),
        title = escape(&article.title),
        time = dates::for_readers(article.published, site.outlet.dates),
        share = share(),
        lead = escape(&article.lead),
        body = paragraphs(site, article),
        author = article.author,
        tags = tags(site, article),
        related = link_list("tin-lien-quan", "Tin liên quan", &related(site, article)),
        comments = comments(article.id),
        newest = newest(site, article),
        footer = footer(site),
    )
}

/// JSON-LD as an `@graph`; the lead is the body's first bold paragraph, the body lies in nested sections.
pub(super) fn json_ld_graph(site: Site<'_>, article: &SampleArticle) -> String {
    let graph = format!(
        "<script type='application/ld+json'>\n{{\"@context\":\"https://schema.org\",\"@graph\":[{{\"@type\":\"WebSite\",\"name\":{}}},{}]}}\n</script>",
        json(&site.outlet.name),
        news_article(site, article),
    );
    format!(
        "{head}<body>{menu}<div id=\"wrap\"><div class=\"col-left\"><h1>{title}</h1><span class=\"ngay\">{time}</span>\
         <section class=\"bai-viet\"><section><p><b>{lead}</b></p>{body}</section></section>\
         <p style=\"text-align:right\"><em>{author}</em></p>{share}{tags}</div><div class=\"col-right\">{hot}{advert}</div></div>{comments}{newest}{footer}</body></html>",
        head = head(site, article, &graph),
        menu = menu(site),
        title = escape(&article.title),
        time = dates::for_readers(article.published, site.outlet.dates),
        lead = escape(&article.lead),
        body = paragraphs(site, article),
        author = article.author,
        share = share(),
        tags = tags(site, article),
        hot = link_list("doc-nhieu", "Đọc nhiều nhất", &related(site, article)),
        advert = advert(article.id + 1),
        comments = comments(article.id),
        newest = newest(site, article),
        footer = footer(site),
    )
}

/// OpenGraph and `article:published_time` without a zone; the body in `div`s.
pub(super) fn open_graph(site: Site<'_>, article: &SampleArticle) -> String {
    let extra = format!(
        "{}<meta property=\"article:published_time\" content=\"{}\"><meta property=\"article:section\" content=\"{}\"><meta name=\"author\" content=\"{}\">",
        open_graph_tags(site, article),
        dates::for_readers(article.published, dates::DateStyle::NoZone),
        section_name(&article.section).unwrap_or_default(),
        article.author,
    );
    let links = related(site, article);
    format!(
        "{head}<body><div class=\"header\">{menu}</div><div class=\"container\"><div class=\"main-col\"><h1 class=\"title\">{title}</h1>\
         <div class=\"meta\"><span class=\"author\">{author}</span> <time>{time}</time></div><div class=\"sapo\">{lead}</div>\
         <div class=\"content-body\" id=\"main-detail\">{body}</div>{share}{comments}</div><aside>{hot}{more}{newest}</aside></div>{footer}</body></html>",
        head = head(site, article, &extra),
        menu = menu(site),
        title = escape(&article.title),
        author = article.author,
        time = dates::for_readers(article.published, site.outlet.dates),
        lead = escape(&article.lead),
        body = paragraphs(site, article),
        share = share(),
        comments = comments(article.id),
        hot = link_list("hot-news", "Tin nóng", &links),
        more = link_list("cung-chuyen-muc", "Cùng chuyên mục", &links),
        newest = newest(site, article),
        footer = footer(site),
    )
}

/// Schema.org microdata on the elements themselves.
pub(super) fn microdata(site: Site<'_>, article: &SampleArticle) -> String {
    format!(
        "{head}<body>{menu}<div itemscope itemtype=\"http://schema.org/NewsArticle\"><meta itemprop=\"mainEntityOfPage\" content=\"{url}\">\
         <h1 itemprop=\"headline\">{title}</h1><p class=\"lede\" itemprop=\"description\">{lead}</p>\
         <div class=\"info\"><span itemprop=\"author\" itemscope itemtype=\"http://schema.org/Person\"><span itemprop=\"name\">{author}</span></span> \
         <time itemprop=\"datePublished\" datetime=\"{at}\">{time}</time></div>{share}\
         <div itemprop=\"articleBody\" class=\"text-long\">{body}<p class=\"nguon\">Theo {name}</p></div></div>{related}{tags}{comments}{newest}{footer}</body></html>",
        head = head(site, article, ""),
        menu = menu(site),
        url = escape(&site.url(article)),
        title = escape(&article.title),
        lead = escape(&article.lead),
        author = article.author,
        at = dates::iso(article.published),
        time = dates::for_readers(article.published, dates::DateStyle::Bar),
        share = share(),
        body = paragraphs(site, article),
        name = escape(&site.outlet.name),
        related = link_list("bai-lien-quan", "Bài liên quan", &related(site, article)),
        tags = tags(site, article),
        comments = comments(article.id),
        newest = newest(site, article),
        footer = footer(site),
    )
}

/// OpenGraph with a link to the AMP twin.
pub(super) fn with_amp(site: Site<'_>, article: &SampleArticle) -> String {
    let link = format!("<link rel=\"amphtml\" href=\"{}/amp\"></head>", escape(&site.url(article)));
    open_graph(site, article).replacen("</head>", &link, 1)
}

/// The AMP twin.
pub(super) fn amp(site: Site<'_>, article: &SampleArticle) -> String {
    let body: String = article.body.iter().map(|p| format!("<p>{}</p>", escape(p))).collect();
    format!(
        "<!doctype html><html ⚡ lang=\"vi\"><head><meta charset=\"utf-8\"><script async src=\"https://cdn.ampproject.example/v0.js\"></script>\
         <title>{title}</title><link rel=\"canonical\" href=\"{url}\"><script type=\"application/ld+json\">{{\"@context\":\"http://schema.org\",\"@graph\":[{news}]}}</script>\
         </head><body><header>{name}</header><h1>{title}</h1><p class=\"sapo\">{lead}</p>{body}<amp-ad width=\"300\" height=\"250\"></amp-ad>{footer}</body></html>",
        title = escape(&article.title),
        url = escape(&site.url(article)),
        news = news_article(site, article),
        name = escape(&site.outlet.name),
        lead = escape(&article.lead),
        footer = footer(site),
    )
}
