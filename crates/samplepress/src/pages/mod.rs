//! Article pages, section pages and home pages, each paper in its own dress.

mod furniture;
mod lists;
mod modern;
mod old;

pub(crate) use lists::{home, section};

use crate::SampleArticle;
use crate::channels::Site;
use crate::outlets::Template;

const AUTHORS: &[&str] = &[
    "Minh Khuê",
    "Hạ Vy",
    "Trần Đăng",
    "Ngọc Lam",
    "Quốc Bình",
    "Thu Sương",
    "Hoài An",
    "Đức Nhã",
    "Lê Giang",
    "Phương Thảo",
    "Tường Vi",
    "Bảo Châu",
    "Nhóm PV",
    "Vũ Hải Triều",
    "Thanh Tùng",
    "Diệp Anh",
    "Hữu Tâm",
    "Mai Khôi",
];

/// The byline of the article with that number.
pub(crate) fn author(id: u64) -> String {
    AUTHORS[usize::try_from(id.wrapping_mul(7) % AUTHORS.len() as u64).unwrap_or(0)].to_owned()
}

/// The article's page.
pub(crate) fn article(site: Site<'_>, article: &SampleArticle) -> String {
    match site.outlet.template {
        Template::JsonLd => modern::json_ld(site, article),
        Template::JsonLdGraph => modern::json_ld_graph(site, article),
        Template::OpenGraph => modern::open_graph(site, article),
        Template::Microdata => modern::microdata(site, article),
        Template::Amp => modern::with_amp(site, article),
        Template::Plain => old::plain(site, article),
        Template::Table => old::table(site, article),
        Template::Portal => old::portal(site, article),
        Template::WordPress => old::wordpress(site, article),
    }
}

/// The article's AMP twin, for papers that have one.
pub(crate) fn amp(site: Site<'_>, article: &SampleArticle) -> Option<String> {
    (site.outlet.template == Template::Amp).then(|| modern::amp(site, article))
}
