//! Megabytes a second of each pass over a health story, beside the plain pass of the standard library and the NFC crate.
//! `cargo bench -p diembao-text`

use diembao_text::{Syllables, fold, lower, normalize, sentences};
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use unicode_normalization::UnicodeNormalization;

const STORY: &str = "Sở Y tế tỉnh vừa có báo cáo nhanh về vụ 34 học sinh trường tiểu học Hoa Mai nhập viện với biểu hiện \
nghi ngộ độc thực phẩm. Theo báo cáo, khoảng 11 giờ 30 ngày 19/11/2026, sau bữa ăn bán trú, nhiều em đau bụng, nôn ói, \
chóng mặt và được đưa đến Bệnh viện Đa khoa khu vực Bình Hoà cấp cứu. “Đến sáng nay, 29 em đã ổn định và được xuất viện, \
5 em còn lại tiếp tục được theo dõi tại khoa Nhi”, TS.BS Trần Văn L., phó giám đốc bệnh viện, cho biết.\n\
Đoàn kiểm tra liên ngành đã niêm phong bếp ăn, lấy 6 mẫu thức ăn lưu và 3 mẫu nước gửi xét nghiệm. Bước đầu, cơ sở cung cấp \
suất ăn không xuất trình được hợp đồng mua 120 kg thịt gà. Uỷ ban nhân dân xã yêu cầu tạm dừng hoạt động của bếp cho đến khi \
có kết luận. Cục An toàn thực phẩm (Bộ Y tế) đề nghị xử lý nghiêm nếu phát hiện vi phạm, công khai kết quả và báo cáo trước ngày 25/11.\n";

fn story() -> String {
    STORY.repeat(80)
}

fn main() {
    divan::main();
}

#[divan::bench]
fn a_std_lowercase_then_nfc_crate(bencher: Bencher<'_, '_>) {
    let text = story();
    bencher.counter(BytesCount::of_str(&text)).bench(|| black_box(&text).to_lowercase().nfc().collect::<String>());
}

#[divan::bench]
fn b_std_lowercase_alone(bencher: Bencher<'_, '_>) {
    let text = story();
    bencher.counter(BytesCount::of_str(&text)).bench(|| black_box(&text).to_lowercase());
}

#[divan::bench]
fn c_normalize(bencher: Bencher<'_, '_>) {
    let text = story();
    bencher.counter(BytesCount::of_str(&text)).bench(|| normalize(black_box(&text)).len());
}

#[divan::bench]
fn d_normalize_decomposed(bencher: Bencher<'_, '_>) {
    let text: String = story().nfd().collect();
    bencher.counter(BytesCount::of_str(&text)).bench(|| normalize(black_box(&text)).len());
}

#[divan::bench]
fn e_lower(bencher: Bencher<'_, '_>) {
    let text = story();
    bencher.counter(BytesCount::of_str(&text)).bench(|| lower(black_box(&text)));
}

#[divan::bench]
fn f_fold(bencher: Bencher<'_, '_>) {
    let text = story();
    bencher.counter(BytesCount::of_str(&text)).bench(|| fold(black_box(&text)));
}

#[divan::bench]
fn g_syllables_read(bencher: Bencher<'_, '_>) {
    let text = story();
    let mut buffers = Syllables::new();
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| {
        buffers.read(black_box(&text));
        buffers.len()
    });
}

#[divan::bench]
fn h_sentences(bencher: Bencher<'_, '_>) {
    let text = story();
    bencher.counter(BytesCount::of_str(&text)).bench(|| sentences(black_box(&text)));
}
