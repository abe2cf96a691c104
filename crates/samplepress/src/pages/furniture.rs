//! What surrounds an article on a Vietnamese news page and is not the article.

use std::sync::OnceLock;

use crate::SampleArticle;
use crate::channels::Site;
use crate::markup::escape;
use crate::outlets::{section_name, sections};

/// The menu of sections.
pub(super) fn menu(site: Site<'_>) -> String {
    let items: String = sections()
        .map(|(id, name)| format!("<li><a href=\"{}/{id}/\" title=\"{name}\">{name}</a></li>", site.base))
        .collect();
    format!(
        "<nav class=\"main-menu\"><ul><li><a href=\"{}/\">Trang chủ</a></li>{items}<li><a href=\"{}/tim-kiem?q=\">Tìm kiếm</a></li></ul></nav>",
        site.base, site.base
    )
}

/// Where the reader is.
pub(super) fn breadcrumb(site: Site<'_>, article: &SampleArticle) -> String {
    let name = section_name(&article.section).unwrap_or_default();
    format!(
        "<div class=\"breadcrumb\"><a href=\"{0}/\">Trang chủ</a> › <a href=\"{0}/{1}/\">{name}</a></div>",
        site.base, article.section
    )
}

/// Buttons for sharing.
pub(super) fn share() -> &'static str {
    "<div class=\"share-bar\"><a href=\"#\" class=\"fb\">Chia sẻ</a> <a href=\"#\" class=\"zalo\">Zalo</a> \
     <a href=\"#\" class=\"print\">In bài viết</a> <a href=\"#\">Lưu bài</a> <span>Cỡ chữ: A- A+</span></div>"
}

/// An advert between paragraphs.
pub(super) fn advert(id: u64) -> String {
    let text = [
        "Nệm cao su Êm Vui giảm đến 40% dịp cuối năm, giao tận nhà trong ngày",
        "Vé tàu Tết đã mở bán, đặt ngay để giữ chỗ đẹp",
        "Học tiếng Anh trực tuyến một kèm một cùng Lớp Học Nhỏ",
        "Máy lọc nước Suối Nguồn, trả góp 0 đồng, bảo hành năm năm",
    ][usize::try_from(id % 4).unwrap_or(0)];
    format!("<div class=\"adv banner-giua-bai\" id=\"adv-{}\"><span>Quảng cáo</span><p>{text}</p></div>", id % 7)
}

/// Links to the paper's other articles.
pub(super) fn related(site: Site<'_>, article: &SampleArticle) -> Vec<(String, String)> {
    let hand = site.press.hand_of(site.index).filter(|a| a.id != article.id);
    let skip = usize::try_from(article.id % 5).unwrap_or(0);
    let mut links: Vec<(String, String)> = hand.skip(skip).take(4).map(|a| (site.url(a), a.title.clone())).collect();
    if links.len() < 2 {
        let made = (0..4).filter_map(|k| site.press.generated_of(site.index, article.id % 50 + k));
        links.extend(made.filter(|a| a.id != article.id).map(|a| (site.url(&a), a.title)));
    }
    links
}

/// A list of such links under a heading.
pub(super) fn link_list(class: &str, heading: &str, links: &[(String, String)]) -> String {
    let items: String = links
        .iter()
        .map(|(url, title)| format!("<li><a href=\"{}\">{}</a></li>", escape(url), escape(title)))
        .collect();
    format!("<div class=\"{class}\"><h3>{heading}</h3><ul>{items}</ul></div>")
}

/// "Xem thêm" between paragraphs.
pub(super) fn see_also(links: &[(String, String)]) -> String {
    links.first().map_or_else(String::new, |(url, title)| {
        format!(
            "<p class=\"xem-them\"><strong>&gt;&gt; Xem thêm: <a href=\"{}\">{}</a></strong></p>",
            escape(url),
            escape(title)
        )
    })
}

/// The picture with its caption, if the article has one.
pub(super) fn figure(site: Site<'_>, article: &SampleArticle) -> String {
    article.caption.as_deref().map_or_else(String::new, |caption| {
        format!(
            "<figure class=\"hinh\"><img src=\"{}/anh/{}.jpg\" alt=\"{}\" width=\"680\"/><figcaption>{}</figcaption></figure>",
            site.base, article.id, escape(caption), escape(caption)
        )
    })
}

/// Readers' comments.
pub(super) fn comments(id: u64) -> String {
    let all = [
        ("Độc giả Q.H.", "Mong cơ quan chức năng sớm làm rõ để người dân yên tâm."),
        ("thanhmai_86", "Đọc tin mà thấy xót xa quá."),
        ("Bạn đọc giấu tên", "Tôi ở gần đó, chiều nào cũng thấy kẹt xe, mong được cải thiện."),
        ("H.T.", "Cảm ơn tòa soạn đã thông tin kịp thời."),
        ("Người đi đường", "Năm nào cũng nói mà năm sau đâu lại vào đấy."),
        ("Cô giáo về hưu", "Bài viết hay, có ích cho người lớn tuổi như tôi."),
    ];
    let n = usize::try_from(id % 4).unwrap_or(0);
    let rows: String = all
        .iter()
        .cycle()
        .skip(usize::try_from(id % 6).unwrap_or(0))
        .take(n)
        .map(|(who, what)| format!("<li class=\"binh-luan-item\"><b>{who}</b><p>{what}</p><a href=\"#\">Thích</a> <a href=\"#\">Trả lời</a></li>"))
        .collect();
    format!(
        "<section id=\"comments\" class=\"box-binh-luan\"><h3>Ý kiến bạn đọc ({n})</h3><ul>{rows}</ul>\
         <form><textarea placeholder=\"Mời bạn chia sẻ ý kiến bằng tiếng Việt có dấu\"></textarea><button>Gửi bình luận</button></form></section>"
    )
}

/// Words under the article.
pub(super) fn tags(site: Site<'_>, article: &SampleArticle) -> String {
    let words: Vec<&str> = article.title.split_whitespace().collect();
    let tags: String = words
        .chunks(3)
        .take(3)
        .map(|w| {
            format!(
                "<a href=\"{}/tim-kiem?q={}\">{}</a> ",
                site.base,
                crate::slug::slug(&w.join(" ")),
                escape(&w.join(" ").to_lowercase())
            )
        })
        .collect();
    format!("<div class=\"tags\"><span>Từ khóa:</span> {tags}</div>")
}

/// The imprint.
pub(super) fn footer(site: Site<'_>) -> String {
    let name = escape(&site.outlet.name);
    format!(
        "<footer><p>{name} – Giấy phép hoạt động báo chí số 000/GP-HC (hư cấu). Tòa soạn: số 1 đường Không Có Thật.</p>\
         <p>Đường dây nóng: 0900.000.000 – Liên hệ quảng cáo: quangcao@{}.example – <a href=\"{}/rss\">RSS</a></p>\
         <p>Mọi tờ báo, bệnh viện, nhân vật và sự việc trên trang này đều là hư cấu.</p><p>© Bản quyền thuộc {name}. Cấm sao chép dưới mọi hình thức.</p></footer>",
        site.outlet.id, site.base,
    )
}

/// The style sheet and scripts that papers put into every page: some 20 KB that say nothing.
pub(super) fn assets() -> &'static str {
    static ASSETS: OnceLock<String> = OnceLock::new();
    ASSETS.get_or_init(|| {
        let parts = ["header", "menu", "sapo", "box-tin", "cot-phai", "quang-cao", "chan-trang", "binh-luan", "thu-vien-anh"];
        let rules: String = (0..120)
            .map(|i| {
                let part = parts[i % parts.len()];
                format!(".{part}-{i}{{margin:{}px auto;padding:0 {}px;color:#{:03x};font:400 {}px/1.5 Arial}}\n", i % 17, i % 9, i * 31 % 4096, 11 + i % 8)
            })
            .collect();
        let zones: String = (0..40)
            .map(|i| format!("{{\"zone\":\"zone-{i}\",\"size\":[{},{}],\"lazy\":true,\"refresh\":{}}},", 300 + i, 250, 30 + i))
            .collect();
        format!(
            "<style>\n{rules}</style><script>var adsConfig={{\"zones\":[{zones}{{}}],\"consent\":true}};(function(w,d){{w.tracker=w.tracker||[];\
             w.tracker.push({{\"event\":\"pageview\",\"title\":\"Đọc báo điện tử\",\"lang\":\"vi\"}});var s=d.createElement('script');s.async=true;\
             s.src='//thongke.example/t.js';d.head.appendChild(s);}})(window,document);</script>"
        )
    })
}

/// The column beside the article: the paper's newest headlines, each with a line of text.
pub(super) fn newest(site: Site<'_>, article: &SampleArticle) -> String {
    let mut all: Vec<SampleArticle> = site.press.hand_of(site.index).take(10).cloned().collect();
    if all.len() < 10 {
        all.extend((0..10).map_while(|k| site.press.generated_of(site.index, k)));
    }
    let rows: String = all
        .iter()
        .filter(|a| a.id != article.id)
        .map(|a| {
            let start: String = a.lead.chars().take(90).collect();
            format!("<li><a href=\"{0}\"><img src=\"{3}/anh/{4}.jpg\" alt=\"\"></a><h4><a href=\"{0}\">{1}</a></h4><p class=\"tom-tat\">{2}…</p></li>",
                escape(&site.url(a)), escape(&a.title), escape(&start), site.base, a.id)
        })
        .collect();
    format!("<div class=\"cot-phai\"><h3>Tin mới nhất</h3><ul>{rows}</ul></div>")
}
