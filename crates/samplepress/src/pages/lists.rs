//! Section pages and home pages.

use crate::SampleArticle;
use crate::channels::Site;
use crate::dates;
use crate::markup::escape;

use super::furniture::{advert, footer, menu};

/// A page that lists articles, with adverts, a column of old links and a print twin that robots may not fetch.
pub(crate) fn section(site: Site<'_>, articles: &[SampleArticle]) -> String {
    let rows: String = articles
        .iter()
        .map(|a| {
            let url = escape(&site.url(a));
            format!(
                "<div class=\"tin\"><a class=\"anh\" href=\"{url}\"><img src=\"{0}/anh/{1}.jpg\" alt=\"\"></a>\
                 <h3><a class=\"tieu-de-tin\" href=\"{url}\" title=\"{2}\">{2}</a></h3><span class=\"gio\">{3}</span>\
                 <p class=\"mo-ta\">{4}</p><a class=\"ban-in\" href=\"{0}/in/{1}\">Bản in</a></div>\n",
                site.base,
                a.id,
                escape(&a.title),
                dates::for_readers(a.published, site.outlet.dates),
                escape(&a.lead),
            )
        })
        .collect();
    format!(
        "<!DOCTYPE html><html lang=\"vi\"><head><meta charset=\"utf-8\"><title>Tin mới - {name}</title></head><body>{menu}\
         <main class=\"danh-sach\">{rows}</main>{advert}<aside><h4>Tiện ích</h4><ul><li><a href=\"{base}/lich-cup-dien.html\">Lịch cúp điện</a></li>\
         <li><a href=\"{base}/gia-vang.html\">Giá vàng</a></li><li><a href=\"{base}/ket-qua-xo-so.html\">Kết quả xổ số</a></li></ul></aside>\
         <div class=\"phan-trang\"><a href=\"{base}/tin-moi.html?trang=2\">2</a> <a href=\"{base}/tin-moi.html?trang=3\">3</a></div>{footer}</body></html>",
        name = escape(&site.outlet.name),
        menu = menu(site),
        advert = advert(3),
        base = site.base,
        footer = footer(site),
    )
}

/// A home page: the newest articles, and where the feeds are.
pub(crate) fn home(site: Site<'_>) -> String {
    let mut newest: Vec<SampleArticle> = site.press.hand_of(site.index).take(30).cloned().collect();
    newest.extend((0..10).map_while(|k| site.press.generated_of(site.index, k)));
    let links: String = site
        .outlet
        .channels
        .iter()
        .filter(|c| c.format.kind() == "feed")
        .map(|c| {
            format!(
                "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"{}\" href=\"{}/{}\">",
                c.name, site.base, c.path
            )
        })
        .collect();
    section(site, &newest).replacen("</head>", &format!("{links}</head>"), 1)
}
