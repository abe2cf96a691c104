//! Near-copies: articles that share most of their sentences.
//!
//! Each sentence of some length is hashed to one number. A document whose sentences mostly stand in
//! an earlier one is its copy, abridged or not; rewording defeats this on purpose: a rewrite is an
//! article of its own. At most [`MAX_SENTENCES`] numbers are kept of a document.

use std::collections::HashMap;

use diembao_text::{Boundary, Syllables};

use crate::Doc;
use crate::order::order;

/// Sentences compared of one document, those with the smallest hashes, so that copies keep the same ones.
const MAX_SENTENCES: usize = 24;
/// The shortest sentence that counts, in syllables; shorter ones recur in unrelated articles.
const MIN_SYLLABLES: usize = 8;
/// The share of the shorter document's sentences that must stand in the other.
const COPIED: f32 = 0.5;
/// The fewest shared sentences that prove a copy; of documents with fewer, all must be shared.
const MIN_SHARED: usize = 3;
/// A sentence of more documents than this is furniture.
const MAX_DOCS: usize = 200;
/// How much of a field is read, in bytes.
const MAX_FIELD_BYTES: usize = 48_000;

/// For each document the one it is a near-copy of; none for those that published first.
///
/// The answer is always the first publisher, never itself a copy. Documents without a time
/// count as later than all others.
#[must_use]
pub fn reprints(docs: &[Doc<'_>]) -> Vec<Option<usize>> {
    let mut buffer = Syllables::new();
    let prints: Vec<Vec<u64>> = docs.iter().map(|d| fingerprints(d, &mut buffer)).collect();
    let mut seen: HashMap<u64, Vec<usize>> = HashMap::new();
    let mut copies: Vec<Option<usize>> = vec![None; docs.len()];
    for i in order(docs) {
        let mut shared: HashMap<usize, usize> = HashMap::new();
        for print in &prints[i] {
            let earlier = seen.entry(*print).or_default();
            earlier.iter().for_each(|&j| *shared.entry(j).or_default() += 1);
            if earlier.len() < MAX_DOCS {
                earlier.push(i);
            }
        }
        let source = shared.into_iter().filter(|&(j, n)| is_copy(n, prints[i].len().min(prints[j].len()))).max_by_key(
            |&(j, n)| (n, std::cmp::Reverse((docs[j].published.is_none(), docs[j].published, docs[j].key))),
        );
        copies[i] = source.map(|(j, _)| copies[j].unwrap_or(j));
    }
    copies
}

fn is_copy(shared: usize, shorter: usize) -> bool {
    let count = |n: usize| f32::from(u16::try_from(n).unwrap_or(u16::MAX));
    shared >= MIN_SHARED.min(shorter) && shared > 0 && count(shared) >= COPIED * count(shorter)
}

/// The hashes of a document's sentences, title aside: copies get titles of their own.
fn fingerprints(doc: &Doc<'_>, buffer: &mut Syllables) -> Vec<u64> {
    let mut prints = Vec::new();
    for text in [&doc.text.lead, &doc.text.body] {
        let mut end = text.len().min(MAX_FIELD_BYTES);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        buffer.read(&text[..end]);
        let (mut hash, mut n) = (SEED, 0);
        for syllable in buffer.iter() {
            if matches!(syllable.boundary, Boundary::Sentence | Boundary::Paragraph) {
                push(&mut prints, hash, n);
                (hash, n) = (SEED, 0);
            }
            hash = syllable.norm.bytes().chain([0x1f]).fold(hash, |h, b| (h ^ u64::from(b)).wrapping_mul(PRIME));
            n += 1;
        }
        push(&mut prints, hash, n);
    }
    prints.sort_unstable();
    prints.dedup();
    prints.truncate(MAX_SENTENCES);
    prints
}

const SEED: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

fn push(prints: &mut Vec<u64>, hash: u64, n_syllables: usize) {
    if n_syllables >= MIN_SYLLABLES {
        prints.push(hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{Piece, docs};

    const BODY: &str = "Chiều 20/11, xe cấp cứu đưa năm công nhân của xưởng may vào bệnh viện tuyến huyện.\n\
        Bác sĩ trực cho biết cả năm người đều tỉnh táo và đang được theo dõi thêm. \
        Xưởng may đã tạm dừng một dây chuyền để kiểm tra hệ thống thông gió. \
        Cơ quan chức năng đang lấy mẫu không khí trong xưởng để kiểm nghiệm.";

    #[track_caller]
    fn check(pieces: &[Piece], want: &[Option<usize>]) {
        assert_eq!(reprints(&docs(pieces)), want);
    }

    #[test]
    fn copies_point_to_the_first_publisher() {
        let abridged = BODY.lines().nth(1).unwrap();
        check(
            &[
                Piece::new("B", 9, "Năm công nhân vào viện", "", BODY),
                Piece::new("A", 8, "Công nhân nhập viện", "", BODY),
                Piece::new("C", 10, "Tin vắn", "", abridged),
                Piece::new(
                    "D",
                    7,
                    "Tin khác",
                    "",
                    "Hôm nay trời nhiều mây, có mưa vài nơi, gió nhẹ. Nhiệt độ cao nhất vào buổi trưa là 27 độ ở vùng núi.",
                ),
            ],
            &[Some(1), None, Some(1), None],
        );
    }

    #[test]
    fn a_quotation_is_no_copy() {
        let own = "Sáng nay, phóng viên trở lại xưởng may và gặp những người còn làm việc ở đó. \
            Họ kể rằng mùi lạ đã có từ đầu tuần nhưng không ai rõ nguyên nhân từ đâu. \
            Quản đốc từ chối trả lời và đề nghị chờ kết quả của cơ quan chức năng. \
            Cơ quan chức năng đang lấy mẫu không khí trong xưởng để kiểm nghiệm.";
        check(&[Piece::new("A", 8, "x", "", BODY), Piece::new("B", 9, "y", "", own)], &[None, None]);
    }

    #[test]
    fn empty_documents_copy_nothing() {
        check(&[Piece::new("A", 8, "", "", ""), Piece::new("B", 9, "", "", "")], &[None, None]);
        check(&[], &[]);
    }
}
