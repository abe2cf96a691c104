//! The papers: who they are, how their pages and addresses look, which channels they offer.

use crate::dates::DateStyle;

/// A paper.
#[derive(Debug, Clone)]
pub(crate) struct Outlet {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) tier: &'static str,
    pub(crate) template: Template,
    pub(crate) dates: DateStyle,
    pub(crate) addresses: Addresses,
    pub(crate) validators: Validators,
    pub(crate) channels: Vec<Channel>,
    /// Rows of `[outlet.extract]`: key and selectors.
    pub(crate) extract: &'static [(&'static str, &'static [&'static str])],
}

/// How its article pages are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Template {
    /// JSON-LD NewsArticle.
    JsonLd,
    /// JSON-LD `@graph`, the body in nested sections.
    JsonLdGraph,
    /// OpenGraph only.
    OpenGraph,
    /// Microdata.
    Microdata,
    /// Plain `div`s with a sapo.
    Plain,
    /// Nested tables.
    Table,
    /// OpenGraph with an AMP twin.
    Amp,
    /// An authority's portal.
    Portal,
    /// A `WordPress` theme.
    WordPress,
}

/// How its article addresses are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Addresses {
    /// `/suc-khoe/slug-ID.html`
    Section,
    /// `/slug-postID.html`
    Post,
    /// `/2026/11/20/slug-ID/`
    Dated,
    /// `/chitiet.aspx?id=ID`
    Query,
    /// `/web/guest/tin-tuc/-/asset/ID/slug`
    Portal,
}

/// Which validators its answers carry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Validators {
    Both,
    ETag,
    LastModified,
    Neither,
}

/// One address that lists articles.
#[derive(Debug, Clone)]
pub(crate) struct Channel {
    pub(crate) name: &'static str,
    pub(crate) path: &'static str,
    pub(crate) format: Format,
    /// The sections it lists; empty: all.
    pub(crate) sections: &'static [&'static str],
}

/// What a channel's address answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Rss,
    /// RSS whose local times are labelled GMT.
    RssGmt,
    /// RSS with `content:encoded`, as `WordPress` writes it.
    RssFull,
    Atom,
    Rdf,
    JsonFeed,
    NewsSitemap,
    SitemapIndex,
    Section,
}

impl Format {
    /// The `kind` in feeds.toml.
    pub(crate) fn kind(self) -> &'static str {
        match self {
            Self::NewsSitemap | Self::SitemapIndex => "sitemap",
            Self::Section => "section",
            _ => "feed",
        }
    }
}

const SECTIONS: &[(&str, &str)] = &[
    ("suc-khoe", "Sức khỏe"),
    ("thoi-su", "Thời sự"),
    ("phap-luat", "Pháp luật"),
    ("the-gioi", "Thế giới"),
    ("kinh-te", "Kinh tế"),
    ("the-thao", "Thể thao"),
    ("giai-tri", "Giải trí"),
    ("doi-song", "Đời sống"),
    ("giao-duc", "Giáo dục"),
    ("bat-dong-san", "Bất động sản"),
    ("van-hoa", "Văn hóa"),
    ("cong-nghe", "Công nghệ"),
    ("nong-nghiep", "Nông nghiệp"),
    ("ban-doc", "Bạn đọc"),
    ("chi-dao", "Chỉ đạo điều hành"),
    ("du-lich", "Du lịch"),
];

/// A section's Vietnamese name.
pub(crate) fn section_name(id: &str) -> Option<&'static str> {
    SECTIONS.iter().find(|(key, _)| *key == id).map(|(_, name)| *name)
}

/// Every section.
pub(crate) fn sections() -> impl Iterator<Item = (&'static str, &'static str)> {
    SECTIONS.iter().copied()
}

fn channel(name: &'static str, path: &'static str, format: Format) -> Channel {
    Channel { name, path, format, sections: &[] }
}

fn part(name: &'static str, path: &'static str, format: Format, sections: &'static [&'static str]) -> Channel {
    Channel { name, path, format, sections }
}

struct Look(Template, DateStyle, Addresses, Validators);

fn outlet(id: &str, name: &str, tier: &'static str, look: &Look, channels: Vec<Channel>) -> Outlet {
    let &Look(template, dates, addresses, validators) = look;
    let extract = extract_rows(template);
    Outlet { id: id.to_owned(), name: name.to_owned(), tier, template, dates, addresses, validators, channels, extract }
}

fn extract_rows(template: Template) -> &'static [(&'static str, &'static [&'static str])] {
    match template {
        Template::Table => &[
            ("title", &["td.tieude"]),
            ("lead", &["td.trichdan"]),
            ("body", &["td.noidung"]),
            ("published", &["td.ngaydang"]),
            ("author", &["td.noidung .tacgia"]),
        ],
        Template::Plain => &[
            ("lead", &[".sapo"]),
            ("body", &["#noi-dung-bai"]),
            ("author", &["#noi-dung-bai .tac-gia"]),
            ("published", &[".khung .thoi-gian"]),
            ("remove", &[".xem-them", ".tin-lien-quan"]),
        ],
        _ => &[],
    }
}

const REST: &[&str] = &[
    "thoi-su",
    "phap-luat",
    "the-gioi",
    "kinh-te",
    "the-thao",
    "giai-tri",
    "doi-song",
    "giao-duc",
    "bat-dong-san",
    "van-hoa",
    "cong-nghe",
    "nong-nghiep",
    "ban-doc",
    "chi-dao",
    "du-lich",
];

/// The twelve hand-made papers. The first eight cover every page template but one.
pub(crate) fn hand_made() -> Vec<Outlet> {
    let mut all = central_papers();
    all.extend(other_papers());
    let order = [
        "nhip-song-moi",
        "thoi-cuoc",
        "tuyen-dau",
        "ban-doc-viet",
        "pho-cang",
        "tin-sang",
        "cong-y-te",
        "cao-nguyen-xanh",
        "mien-tay-ngay-nay",
        "nguoi-tho",
        "kinh-te-pho",
        "nhip-cau-van-hoa",
    ];
    all.sort_by_key(|o| order.iter().position(|id| *id == o.id));
    all
}

fn central_papers() -> Vec<Outlet> {
    use Addresses as A;
    use DateStyle as D;
    use Template as T;
    use Validators as V;
    vec![
        outlet(
            "nhip-song-moi",
            "Nhịp Sống Mới",
            "central",
            &Look(T::JsonLd, D::Long, A::Section, V::Both),
            vec![
                channel("Trang chủ", "rss/trang-chu.rss", Format::Rss),
                part("Sức khỏe", "rss/suc-khoe.rss", Format::Rss, &["suc-khoe"]),
            ],
        ),
        outlet(
            "thoi-cuoc",
            "Thời Cuộc",
            "central",
            &Look(T::OpenGraph, D::Gmt7, A::Post, V::ETag),
            vec![channel("Mới nhất", "atom.xml", Format::Atom)],
        ),
        outlet(
            "ban-doc-viet",
            "Bạn Đọc Việt",
            "central",
            &Look(T::Plain, D::Bar, A::Section, V::LastModified),
            vec![channel("Tin mới", "feed.json", Format::JsonFeed)],
        ),
        outlet(
            "tin-sang",
            "Tin Sáng",
            "central",
            &Look(T::Amp, D::Long, A::Section, V::Both),
            vec![channel("Sitemap tin mới", "sitemap-news.xml", Format::NewsSitemap)],
        ),
        outlet(
            "nguoi-tho",
            "Người Thợ",
            "central",
            &Look(T::JsonLdGraph, D::TwelveHours, A::Post, V::Neither),
            vec![channel("Sitemap", "sitemap.xml", Format::SitemapIndex)],
        ),
        outlet(
            "kinh-te-pho",
            "Kinh Tế Phố",
            "central",
            &Look(T::OpenGraph, D::Bar, A::Section, V::LastModified),
            vec![
                part("Sức khỏe", "rss/suc-khoe.xml", Format::Rss, &["suc-khoe"]),
                part("Chuyên mục khác", "rss/tong-hop.xml", Format::Rss, REST),
                channel("Tất cả", "rss/tat-ca.xml", Format::Rss),
            ],
        ),
    ]
}

fn other_papers() -> Vec<Outlet> {
    use Addresses as A;
    use DateStyle as D;
    use Template as T;
    use Validators as V;
    vec![
        outlet(
            "nhip-cau-van-hoa",
            "Nhịp Cầu Văn Hóa",
            "central",
            &Look(T::WordPress, D::Gmt7, A::Dated, V::ETag),
            vec![channel("Blog", "feed/atom/", Format::Atom)],
        ),
        outlet(
            "tuyen-dau",
            "Tuyến Đầu",
            "health",
            &Look(T::Microdata, D::NoZone, A::Section, V::Both),
            vec![channel("Y tế", "rss/y-te.rss", Format::RssGmt)],
        ),
        outlet(
            "pho-cang",
            "Phố Cảng",
            "local",
            &Look(T::Table, D::Long, A::Query, V::Neither),
            vec![channel("Tin trong ngày", "rdf.aspx", Format::Rdf)],
        ),
        outlet(
            "cong-y-te",
            "Cổng thông tin Y tế Cộng đồng",
            "gov",
            &Look(T::Portal, D::Bar, A::Portal, V::Neither),
            vec![channel("Tin tức", "web/guest/rss", Format::Rss)],
        ),
        outlet(
            "cao-nguyen-xanh",
            "Cao Nguyên Xanh",
            "local",
            &Look(T::WordPress, D::Gmt7, A::Dated, V::Both),
            vec![channel("Mới nhất", "feed/", Format::RssFull)],
        ),
        outlet(
            "mien-tay-ngay-nay",
            "Miền Tây Ngày Nay",
            "local",
            &Look(T::Plain, D::Long, A::Section, V::Neither),
            vec![channel("Tin mới", "tin-moi.html", Format::Section)],
        ),
    ]
}

/// The `n`-th generated paper, counted from zero.
pub(crate) fn generated(n: usize) -> Outlet {
    let tier = if n % 5 == 4 { "health" } else { "local" };
    let provinces = crate::generate::PROVINCES;
    let (slug, province) = provinces[n % provinces.len()];
    let series = ["Nhật báo", "Diễn đàn", "Tiếng dân", "Bản tin"][n / provinces.len() % 4];
    let template = [Template::JsonLd, Template::OpenGraph, Template::Microdata, Template::WordPress][n % 4];
    let dates = [DateStyle::Long, DateStyle::Gmt7, DateStyle::Bar][n % 3];
    let format = [Format::Rss, Format::Atom, Format::JsonFeed, Format::RssFull][n % 4];
    let mut made = outlet("", "", tier, &Look(template, dates, Addresses::Section, Validators::Both), Vec::new());
    made.id = format!("{slug}-{}", n + 1);
    made.name = format!("{series} {province}");
    made.channels = vec![channel("Mới nhất", "moi-nhat.xml", format)];
    made
}
