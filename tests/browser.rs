//! The console as people use it, in a real Chromium over the fictional press: with the mouse, with
//! the keyboard alone, without scripts, on a telephone, and through the eyes of axe.

#![expect(clippy::unwrap_used, clippy::print_stderr, reason = "a test says what is wrong by failing")]

#[path = "support/browser.rs"]
mod browser;
#[path = "support/console.rs"]
mod console;
#[path = "support/devtools.rs"]
mod devtools;
#[expect(dead_code, reason = "each test binary uses its own part")]
mod support;

use browser::{Chromium, Person};
use chrono::TimeDelta;
use chrono_tz::Asia::Ho_Chi_Minh;
use console::{Console, PASSWORD};
use mail_parser::MessageParser;
use serde_json::Value;

/// Every page of the console; the last two need the right case and story.
const PAGES: [&str; 15] = [
    "/",
    "/cases",
    "/cases?state=all",
    "/handover",
    "/claims",
    "/editions",
    "/editions/2026-11-21",
    "/stories",
    "/search?q=ngộ%20độc",
    "/sources",
    "/rules",
    "/deliveries",
    "/users",
    "/audit",
    "/account",
];

async fn signed_in(chromium: &Chromium, console: &Console, name: &str) -> Person {
    let person = chromium.person(&console.url).await;
    person.sign_in(name, PASSWORD).await;
    person
}

/// The case the front page puts first, by its address.
async fn first_case(person: &Person) -> String {
    person.open("/").await;
    let href = person.ask("document.querySelector('#waiting a.row-title').getAttribute('href')").await;
    href.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_officer_takes_a_case_escalates_is_warned_and_hands_over() {
    let Some(chromium) = Chromium::launch().await else { return };
    let console = Console::open().await;
    let officer = signed_in(&chromium, &console, "officer").await;
    let case = first_case(&officer).await;
    let colleague = signed_in(&chromium, &console, "next").await;
    colleague.open(&case).await;
    colleague.sees("chưa ai nhận").await;

    officer.open(&case).await;
    officer.fill("Ghi chú", "Đang gọi trực lãnh đạo bệnh viện").await;
    officer.press("Tiếp nhận").await;
    officer.sees("Đã ghi vào vụ việc.").await;
    officer.sees("phụ trách: Lê Ngọc Chi").await;
    // The colleague's page says so by itself.
    colleague.sees("phụ trách: Lê Ngọc Chi").await;
    colleague.sees("Đang gọi trực lãnh đạo bệnh viện").await;

    officer.fill("Người hoặc đơn vị", "Chánh Văn phòng").await;
    officer.press("Báo cáo cấp trên").await;
    officer.sees("báo cáo cấp trên · Chánh Văn phòng").await;

    // Two and a quarter hours from now: half of them are gone after seventy minutes.
    let due = (console.p.clock.now() + TimeDelta::minutes(135)).with_timezone(&Ho_Chi_Minh);
    officer.press("Thời hạn, thời điểm xảy ra").await;
    officer.fill("Ngày giờ", &due.format("%Y-%m-%dT%H:%M").to_string()).await;
    officer.fill("Căn cứ, ghi chú", "Công điện ngày 21/11").await;
    officer.press("Đặt thời hạn").await;
    officer.sees("Thời hạn chỉ đạo: báo cáo bước đầu").await;
    officer.open(&case).await;
    officer.photograph("case").await;
    console.wait(TimeDelta::minutes(70)).await;
    let number = case.rsplit('/').next().unwrap();
    let warned = subjects(&console);
    let wanted = format!("thời hạn] Vụ việc #{number}:");
    assert!(warned.iter().any(|s| s.contains(&wanted)), "{warned:#?}");
    // More than half an hour without a click: both have to sign in again.
    officer.sign_in("officer", PASSWORD).await;
    colleague.sign_in("next", PASSWORD).await;
    officer.open("/").await;
    officer.sees("Đồng hồ đã qua nửa thời hạn").await;
    officer.until(&format!("document.querySelector('#pressing a[href=\"{case}\"]')")).await;

    colleague.open("/handover").await;
    colleague.sees("Công điện ngày 21/11").await;
    colleague.photograph("handover").await;
    colleague.fill("Người giao", "Lê Ngọc Chi").await;
    colleague.fill("Ghi chú khi giao", "Bệnh viện hẹn trả lời trước 15 giờ").await;
    colleague.press("Ký nhận ca").await;
    colleague.sees("Đã ký giao ca.").await;
    officer.open("/handover").await;
    officer.sees("Lê Ngọc Chi giao Trần Thị Bình").await;
}

fn subjects(console: &Console) -> Vec<String> {
    let parser = MessageParser::default();
    let mails = console.received();
    mails.iter().filter_map(|mail| Some(parser.parse(mail)?.subject()?.to_owned())).collect()
}

/// The stories of the first list of the draft that has three, in order.
async fn order(person: &Person) -> Vec<String> {
    let asked = "[...document.querySelectorAll('ol[data-drag]')].map((l) => [...l.children].map((e) => e.dataset.item))
        .find((l) => l.length > 2)";
    let order = person.ask(asked).await;
    order.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

/// Waits for the next version of the draft, in which the list must have this order.
async fn order_becomes(person: &Person, (version, wanted): (usize, &[String])) {
    person.sees(&format!("bản nháp {version},")).await;
    assert_eq!(order(person).await, wanted, "in draft {version}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_editor_reorders_rewrites_approves_and_the_mail_arrives() {
    let Some(chromium) = Chromium::launch().await else { return };
    let console = Console::open().await;
    let editor = signed_in(&chromium, &console, "editor").await;
    editor.open("/editions/2026-11-21").await;
    editor.press("Lập bản nháp").await;
    editor.sees("Đã lưu bản tin.").await;

    // With the mouse: the third goes before the first.
    let before = order(&editor).await;
    let [first, second, third, rest @ ..] = &before[..] else { panic!("{before:?}") };
    editor.drag(&format!("[data-item='{third}'] .meta"), &format!("[data-item='{first}']")).await;
    let dragged: Vec<String> = [third, first, second].into_iter().chain(rest).cloned().collect();
    order_becomes(&editor, (2, &dragged)).await;
    // With the keyboard: the first goes down by one.
    editor.ask(&format!("document.querySelector(\"[data-item='{third}'] a\").focus()")).await;
    editor.key("Alt+ArrowDown").await;
    let moved: Vec<String> = [first, third, second].into_iter().chain(rest).cloned().collect();
    order_becomes(&editor, (3, &moved)).await;

    let row = format!("[data-item='{first}']");
    editor.press_in(&row, "Sửa").await;
    editor.fill_in(&row, "Tiêu đề", "Tiêu đề do biên tập viên viết lại").await;
    editor.fill_in(&row, "Nhận định", "Cần theo dõi thêm.").await;
    editor.press_in(&row, "Lưu").await;
    editor.sees("Nhận định: Cần theo dõi thêm.").await;
    // The preview beside it is of the new version.
    let preview = "fetch(document.querySelector('iframe').src).then((r) => r.text())";
    let preview = editor.ask(preview).await;
    assert!(preview.as_str().unwrap().contains("Tiêu đề do biên tập viên viết lại"));

    editor.press("Duyệt bản tin").await;
    editor.sees("Nguyễn Lan duyệt lúc").await;
    editor.photograph("edition").await;
    editor.press("Gửi ngay").await;
    editor.until("location.pathname === '/deliveries'").await;
    let n_recipients: usize = console.p.home.settings.audiences.iter().map(|a| a.audience.recipients.len()).sum();
    editor.sees(&format!("{n_recipients} đã gửi")).await;
    editor.photograph("deliveries").await;
    let mails = console.received();
    assert_eq!(mails.len(), n_recipients);
    let parser = MessageParser::default();
    let whole = mails.iter().map(|m| parser.parse(m).unwrap()).find(|m| subject_to(m, "lanh-dao@example.vn")).unwrap();
    let html = whole.body_html(0).unwrap();
    assert!(html.contains("Tiêu đề do biên tập viên viết lại") && html.contains("Cần theo dõi thêm."), "{html}");
    editor.open("/editions/2026-11-21").await;
    editor.sees("đã chốt lúc").await;
    assert!(!editor.reads("Duyệt bản tin").await);
}

fn subject_to(mail: &mail_parser::Message<'_>, address: &str) -> bool {
    mail.to().and_then(|to| to.first()).and_then(|a| a.address()) == Some(address)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_viewer_reads_everything_and_changes_nothing() {
    let Some(chromium) = Chromium::launch().await else { return };
    let console = Console::open().await;
    let viewer = signed_in(&chromium, &console, "viewer").await;
    let case = first_case(&viewer).await;
    let before = console.p.store.last_change().await.unwrap();
    for page in PAGES.into_iter().chain([case.as_str()]) {
        viewer.open(page).await;
        if ["/handover", "/users", "/audit"].contains(&page) {
            viewer.sees("Không có quyền").await;
        }
        let forms = viewer.ask("[...document.querySelectorAll('main form[method=post]')].map((f) => f.action)").await;
        // To try a text against the rules and to change the own password changes nothing of others.
        let own = forms.as_array().unwrap().iter().filter_map(Value::as_str);
        let others: Vec<&str> = own.filter(|a| !a.ends_with("/rules") && !a.ends_with("/account/password")).collect();
        assert!(others.is_empty(), "{page}: {others:?}");
    }
    // Nor by hand, with a valid token.
    for (path, fields) in [
        (case.as_str(), "do=ack&version=1"),
        ("/handover", "given=L%C3%AA+Ng%E1%BB%8Dc+Chi"),
        ("/editions/2026-11-21", "do=draft"),
        ("/editions/2026-11-21/approve", "do=approve&version=1"),
        ("/editions/2026-11-21/send", ""),
        ("/users", "name=x&display=X&role=admin&password=bon+tu+roi+nhau"),
        ("/users/viewer", "do=role&role=admin"),
    ] {
        let sent = format!(
            "fetch('{path}', {{ method: 'POST', headers: {{ 'content-type': 'application/x-www-form-urlencoded' }},
             body: 'csrf=' + document.querySelector('[name=csrf]').value + '&{fields}' }}).then((r) => r.status)"
        );
        assert_eq!(viewer.ask(&sent).await, 403, "{path}");
    }
    assert_eq!(console.p.store.last_change().await.unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shift_is_worked_with_the_keyboard_alone() {
    let Some(chromium) = Chromium::launch().await else { return };
    let console = Console::open().await;
    let officer = chromium.person(&console.url).await;
    officer.open("/login").await;
    officer.tab_to("e.name === 'name'").await;
    officer.type_text("officer").await;
    officer.key("Tab").await;
    officer.type_text(PASSWORD).await;
    officer.key("Enter").await;
    officer.sees("Cần tiếp nhận ngay").await;
    // The first stop of every page leads past the navigation.
    officer.key("Tab").await;
    officer.until("document.activeElement.classList.contains('skip')").await;
    officer.key("Enter").await;

    officer.key("?").await;
    officer.until("document.querySelector('#keys').open").await;
    officer.key("Escape").await;
    officer.until("!document.querySelector('#keys').open").await;

    officer.key("g").await;
    officer.key("v").await;
    officer.until("location.pathname === '/cases' && document.readyState === 'complete'").await;
    officer.key("j").await;
    officer.key("j").await;
    officer.key("k").await;
    let title = officer.ask("document.activeElement.innerText").await;
    officer.key("Enter").await;
    officer.until("/^.cases.\\d+$/.test(location.pathname) && document.readyState === 'complete'").await;
    officer.sees(title.as_str().unwrap()).await;
    officer.tab_to("e.id === 'note'").await;
    officer.type_text("Đã gọi").await;
    officer.tab_to("e.value === 'ack'").await;
    officer.key("Enter").await;
    officer.sees("phụ trách: Lê Ngọc Chi").await;
    // What is folded opens with the keyboard too.
    officer.tab_to("e.tagName === 'SUMMARY' && e.innerText === 'Bỏ qua'").await;
    officer.key("Enter").await;
    officer.tab_to("e.id === 'reason'").await;

    officer.tab_to("e.innerText === 'Đăng xuất'").await;
    officer.key("Enter").await;
    officer.until("location.pathname === '/login'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_can_be_done_without_scripts() {
    let Some(chromium) = Chromium::launch().await else { return };
    let console = Console::open().await;
    let admin = chromium.person(&console.url).await;
    admin.without_scripts().await;
    admin.sign_in("admin", PASSWORD).await;
    admin.open("/").await;
    admin.until("document.querySelector('[data-opens]').getClientRects().length === 0").await;

    let case = first_case(&admin).await;
    admin.open(&case).await;
    admin.press("Tiếp nhận").await;
    admin.sees("phụ trách: Đỗ Minh Quân").await;
    admin.press("Xác minh").await;
    admin.sees("xác minh").await;
    admin.press("Bỏ qua").await;
    admin.press_in("details[open]:has([value=dismiss]) form", "Bỏ qua").await;
    admin.sees("bỏ qua · ").await;

    admin.open("/editions/2026-11-21").await;
    admin.press("Lập bản nháp").await;
    admin.sees("Đã lưu bản tin.").await;
    let before = order(&admin).await;
    admin.press_in(&format!("[data-item='{}']", before[1]), "Đưa lên").await;
    let mut after = before.clone();
    after.swap(0, 1);
    order_becomes(&admin, (2, &after)).await;
    admin.press_in(&format!("[data-item='{}']", before[0]), "Bỏ tin").await;
    admin.sees("Tin đã bỏ").await;
    admin.press("Duyệt bản tin").await;
    admin.sees("đã duyệt").await;

    admin.open("/handover").await;
    admin.fill("Người giao", "Lê Ngọc Chi").await;
    admin.press("Ký nhận ca").await;
    admin.sees("Đã ký giao ca.").await;

    admin.open("/users").await;
    admin.fill("Tên đăng nhập", "moi").await;
    admin.fill("Họ tên", "Người Mới").await;
    admin.fill("Mật khẩu", "năm chữ không ai đoán").await;
    admin.press("Thêm").await;
    admin.sees("Người Mới").await;
    admin.open("/rules").await;
    admin.fill("Tiêu đề", "Ba học sinh tử vong sau bữa ăn bán trú").await;
    admin.press("Thử").await;
    admin.sees("Là tin y tế").await;
    admin.press("Đăng xuất").await;
    admin.until("location.pathname === '/login'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_fits_a_telephone_and_satisfies_axe() {
    let Some(chromium) = Chromium::launch().await else { return };
    let axe = axe();
    let console = Console::open().await;
    let admin = signed_in(&chromium, &console, "admin").await;
    let case = first_case(&admin).await;
    let story = console.p.store.case(case.rsplit('/').next().unwrap().parse().unwrap()).await.unwrap().unwrap().0.story;
    let story = format!("/stories/{story}");
    admin.open("/editions/2026-11-21").await;
    admin.press("Lập bản nháp").await;
    admin.sees("Đã lưu bản tin.").await;
    let mut wrong = Vec::new();
    for page in PAGES.into_iter().chain([case.as_str(), story.as_str(), "/no-such-page"]) {
        for (width, medium) in [(390, "dark"), (1280, "light")] {
            admin.screen(width, 844).await;
            admin.medium(medium).await;
            admin.open(page).await;
            let wide = admin.ask("document.documentElement.scrollWidth").await.as_i64().unwrap();
            let picture = match page {
                "/" if width == 1280 => Some("today"),
                "/" => Some("today-telephone"),
                "/search?q=ngộ%20độc" => Some("search"),
                "/sources" => Some("sources"),
                "/rules" => Some("rules"),
                "/users" => Some("users"),
                page if page == story => Some("story"),
                _ => None,
            };
            if let Some(name) = picture.filter(|name| width == 1280 || *name == "today-telephone") {
                admin.photograph(name).await;
            }
            if wide > width {
                wrong.push(format!("{page} at {width} px is {wide} px wide"));
            }
            if let Some(axe) = &axe {
                wrong.extend(violations(&admin, axe).await.into_iter().map(|v| format!("{page} {medium}: {v}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The program of axe-core; none, saying so, where it was not fetched.
fn axe() -> Option<String> {
    let Some(path) = std::env::var_os("DIEMBAO_AXE") else {
        eprintln!("skipped: axe, because DIEMBAO_AXE does not name axe.min.js (tests/run fetches it)");
        return None;
    };
    Some(std::fs::read_to_string(path).unwrap())
}

/// What axe finds serious or critical on the page as it is.
async fn violations(person: &Person, axe: &str) -> Vec<String> {
    person.ask(&format!("{axe}; true")).await;
    let found = person
        .ask(
            "axe.run(document, { resultTypes: ['violations'], iframes: false }).then((r) => r.violations
               .filter((v) => v.impact === 'serious' || v.impact === 'critical')
               .flatMap((v) => v.nodes.map((n) => v.id + ' ' + n.target + ' ' + (n.any[0]?.message ?? v.help))))",
        )
        .await;
    let found = found.as_array().expect("axe answers").iter();
    found.map(|v| v.as_str().unwrap().to_owned()).collect()
}
