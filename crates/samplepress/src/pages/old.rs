//! Papers without metadata: plain `div`s, tables, an authority's portal, a `WordPress` theme.

use crate::SampleArticle;
use crate::channels::Site;
use crate::dates;
use crate::markup::{escape, numeric};
use crate::outlets::section_name;

use super::furniture::{advert, assets, comments, figure, footer, link_list, menu, newest, related, see_also, share};

/// Plain `div`s with a sapo; paragraphs are `div`s too, and the byline closes the body.
pub(super) fn plain(site: Site<'_>, article: &SampleArticle) -> String {
    let links = related(site, article);
    let mut body = String::new();
    for (i, paragraph) in article.body.iter().enumerate() {
        body.push_str(&format!("<div class=\"doan\">{}</div>\n", escape(paragraph)));
        if i == 0 {
            body.push_str(&figure(site, article));
        }
        if i == 1 {
            body.push_str(&see_also(&links));
        }
    }
    format!(
        "<!DOCTYPE html>\n<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=utf-8\"><title>{title} | {name}</title>{assets}</head><body>\
         {menu}<div class=\"khung\"><div class=\"chuyen-muc\">{section}</div><h1 class=\"tieu-de\">{title}</h1><div class=\"thoi-gian\">{time}</div>\
         <div class=\"sapo\"><b>({name}) - {lead}</b></div>{share}<div id=\"noi-dung-bai\">{body}{advert}<div class=\"tac-gia\" style=\"text-align:right\">{author}</div>{more}</div>\
         </div>{comments}{footer}</body></html>",
        title = escape(&article.title),
        name = escape(&site.outlet.name),
        assets = assets(),
        menu = menu(site),
        section = section_name(&article.section).unwrap_or_default(),
        time = dates::for_readers(article.published, site.outlet.dates),
        lead = escape(&article.lead),
        share = share(),
        advert = advert(article.id),
        author = article.author,
        more = link_list("tin-lien-quan", "Tin cùng chuyên mục", &links),
        comments = comments(article.id),
        footer = footer(site),
    )
}

/// Nested tables, `<br>` between paragraphs, Vietnamese letters as numeric entities in the title.
pub(super) fn table(site: Site<'_>, article: &SampleArticle) -> String {
    let body: Vec<String> = article.body.iter().map(|p| escape(p)).collect();
    let others: String = related(site, article)
        .iter()
        .map(|(url, title)| {
            format!(
                "<tr><td>&nbsp;<img src=\"mui_ten.gif\"> <a href=\"{}\">{}</a></td></tr>",
                escape(url),
                escape(title)
            )
        })
        .collect();
    format!(
        "<html>\n<head>\n<meta http-equiv=Content-Type content=\"text/html; charset=utf-8\">\n<title>{title}</title>\n</head>\n\
         <body bgcolor=#ffffff topmargin=0>\n<table width=980 align=center cellpadding=0 cellspacing=0>\n<tr><td colspan=3 class=banner><b>B&Aacute;O PH&#7888; C&#7842;NG</b></td></tr>\n\
         <tr><td width=180 valign=top>{menu}</td>\n<td width=600 valign=top><table width=100%>\n<tr><td class=ngaydang><i>{time}</i></td></tr>\n\
         <tr><td class=tieude><font size=4><b>{title}</b></font></td></tr>\n<tr><td class=trichdan><b>{lead}</b></td></tr>\n\
         <tr><td class=noidung>{figure}{body}<br><br><div align=right class=tacgia><b>{author}</b></div></td></tr>\n\
         <tr><td><table><tr><td><b>C&aacute;c tin kh&aacute;c</b></td></tr>{others}</table></td></tr></table></td>\n<td width=200 valign=top>{advert}</td></tr>\n\
         <tr><td colspan=3>{footer}</td></tr></table></body></html>",
        title = numeric(&article.title),
        menu = menu(site),
        time = dates::for_readers(article.published, site.outlet.dates),
        lead = escape(&article.lead),
        figure = article.caption.as_deref().map_or_else(String::new, |c| {
            format!("<table align=center class=anh><tr><td><img src=\"anh/{}.jpg\"></td></tr><tr><td class=chuthich><i>{}</i></td></tr></table>", article.id, escape(c))
        }),
        body = body.join("<br><br>\n"),
        author = article.author,
        advert = advert(article.id),
        footer = footer(site),
    )
}

/// An authority's portal: generated class names, inline styles, documents attached.
pub(super) fn portal(site: Site<'_>, article: &SampleArticle) -> String {
    let body: String = article
        .body
        .iter()
        .map(|p| format!("<p style=\"text-align: justify; text-indent: 36pt;\"><span style=\"font-size:14pt;\"><span style=\"font-family:Times New Roman\">{}</span></span></p>\n", escape(p)))
        .collect();
    format!(
        "<!DOCTYPE html>\n<html class=\"ltr yui3-js-enabled\" dir=\"ltr\" lang=\"vi-VN\"><head><title>{title} - {name}</title>\
         <meta charset=\"UTF-8\"><meta content=\"{lead}\" lang=\"vi-VN\" name=\"description\"></head><body class=\"controls-visible guest-site\">\
         <div id=\"banner\">CỔNG THÔNG TIN ĐIỆN TỬ</div>{menu}<div class=\"portlet-boundary portlet-asset-publisher\"><div class=\"portlet-body\">\
         <div class=\"asset-full-content default-asset-publisher\"><h1 class=\"header-title\"><span>{title}</span></h1>\
         <div class=\"lfr-meta-actions\"><span class=\"publish-date\">Ngày đăng: {time}</span> | Lượt xem: {views}</div>\
         <div class=\"asset-content\"><div class=\"journal-content-article\"><p style=\"text-align: justify;\"><strong>{lead}</strong></p>\n{body}\
         <p style=\"text-align: right;\"><strong>{author}</strong></p></div></div><div class=\"tep-dinh-kem\">Tệp đính kèm: <a href=\"{base}/documents/{id}.pdf\">van-ban.pdf</a></div></div></div></div>\
         {related}<div class=\"thong-ke\">Đang truy cập: {online} – Tổng lượt: 1.204.{id}</div>{footer}</body></html>",
        title = escape(&article.title),
        name = escape(&site.outlet.name),
        lead = escape(&article.lead),
        menu = menu(site),
        time = dates::for_readers(article.published, site.outlet.dates),
        views = 40 + article.id % 900,
        author = article.author,
        base = site.base,
        id = article.id % 1000,
        related = link_list("tin-khac", "Tin khác", &related(site, article)),
        online = 3 + article.id % 40,
        footer = footer(site),
    )
}

/// A `WordPress` theme: `entry-content`, author box, related posts, a shortcode left in the text.
pub(super) fn wordpress(site: Site<'_>, article: &SampleArticle) -> String {
    let mut body = format!("<p><strong>{}</strong></p>\n", escape(&article.lead));
    for (i, paragraph) in article.body.iter().enumerate() {
        body.push_str(&format!("<p>{}</p>\n", escape(paragraph)));
        if i == 0 {
            body.push_str(&figure(site, article).replace("class=\"hinh\"", "class=\"wp-caption aligncenter\""));
        }
    }
    format!(
        "<!doctype html>\n<html lang=\"vi\"><head><meta charset=\"UTF-8\"><title>{title} &#8211; {name}</title><meta name=\"generator\" content=\"WordPress 6.4\">{assets}\
         <link rel=\"canonical\" href=\"{url}\"><link rel=\"shortlink\" href=\"{base}/?p={id}\"></head>\n<body class=\"post-template-default single single-post postid-{id}\">\
         {menu}<div id=\"content\" class=\"site-content\"><article id=\"post-{id}\" class=\"post type-post status-publish hentry category-{section}\">\
         <header class=\"entry-header\"><h1 class=\"entry-title\">{title}</h1><div class=\"entry-meta\"><span class=\"posted-on\"><time class=\"entry-date published\" datetime=\"{at}\">{time}</time></span>\
         <span class=\"byline\"> bởi <span class=\"author vcard\"><a href=\"{base}/author/pv/\">{author}</a></span></span></div></header>\
         <div class=\"entry-content\">{body}<div class=\"sharedaddy sd-sharing-enabled\">{share}</div></div>\
         <footer class=\"entry-footer\">Chuyên mục: {section_name}</footer></article>{related}{comments}</div><aside class=\"widget-area\">{advert}{newest}</aside>{footer}</body></html>",
        title = escape(&article.title),
        name = escape(&site.outlet.name),
        url = escape(&site.url(article)),
        base = site.base,
        assets = assets(),
        id = article.id,
        menu = menu(site),
        section = article.section,
        at = dates::iso(article.published),
        time = dates::for_readers(article.published, site.outlet.dates),
        author = article.author,
        share = share(),
        section_name = section_name(&article.section).unwrap_or_default(),
        related = link_list("jp-relatedposts", "Có liên quan", &related(site, article)),
        comments = comments(article.id),
        advert = advert(article.id),
        newest = newest(site, article),
        footer = footer(site),
    )
}
