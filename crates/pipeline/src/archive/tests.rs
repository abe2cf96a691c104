//! The archive after kills, power cuts and time.

use super::*;

fn at(hour: i64) -> DateTime<Utc> {
    "2026-11-20T23:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
}

fn page(n: i64) -> Page {
    Page {
        url: format!("https://bao.example.vn/{n}"),
        fetched_at: at(n),
        status: 200,
        content_type: None,
        body: format!("Tin số {n} về y tế").into_bytes(),
    }
}

fn open(dir: &Path) -> Archive {
    Archive::new(dir.to_owned(), TimeDelta::days(30))
}

fn urls(archive: &Archive, from: &str) -> (Vec<String>, ReadBack) {
    let mut urls = Vec::new();
    let met = archive.read(from.parse().unwrap(), |page| urls.push(page.url)).unwrap();
    (urls, met)
}

#[test]
fn one_file_a_day_in_hanoi() {
    let dir = tempfile::tempdir().unwrap();
    let archive = open(dir.path());
    for hour in [0, 17, 18] {
        archive.append(at(hour), &[Record::of(&page(hour))]).unwrap();
    }
    let files: Vec<NaiveDate> = days(dir.path()).unwrap().into_iter().map(|(day, _)| day).collect();
    assert_eq!(files.iter().map(ToString::to_string).collect::<Vec<_>>(), ["2026-11-21", "2026-11-22"]);
    let (all, met) = urls(&archive, "2026-11-21");
    assert_eq!(all, [0, 17, 18].map(|n| format!("https://bao.example.vn/{n}")));
    assert_eq!(met, ReadBack { n_pages: 3, n_damaged: 0 });
    assert_eq!(urls(&archive, "2026-11-22").0.len(), 1);
}

#[test]
fn a_torn_end_is_cut_off_and_the_file_goes_on() {
    for cut in 1..200 {
        let dir = tempfile::tempdir().unwrap();
        open(dir.path()).append(at(0), &[Record::of(&page(1)), Record::of(&page(2))]).unwrap();
        let path = dir.path().join("2026-11-21.warc.gz");
        let length = fs::metadata(&path).unwrap().len();
        OpenOptions::new().write(true).open(&path).unwrap().set_len(length - cut).unwrap();
        let archive = open(dir.path());
        assert_eq!(urls(&archive, "2026-11-21"), (vec![page(1).url], ReadBack { n_pages: 1, n_damaged: 1 }));
        archive.append(at(1), &[Record::of(&page(3))]).unwrap();
        assert_eq!(urls(&archive, "2026-11-21").0, [page(1).url, page(3).url]);
        assert_eq!(urls(&archive, "2026-11-21").1.n_damaged, 0);
    }
}

#[test]
fn zeros_of_a_power_cut_are_cut_off_too() {
    let dir = tempfile::tempdir().unwrap();
    open(dir.path()).append(at(0), &[Record::of(&page(1))]).unwrap();
    let path = dir.path().join("2026-11-21.warc.gz");
    OpenOptions::new().append(true).open(&path).unwrap().write_all(&[0; 5000]).unwrap();
    let archive = open(dir.path());
    archive.append(at(1), &[Record::of(&page(2))]).unwrap();
    assert_eq!(urls(&archive, "2026-11-21"), (vec![page(1).url, page(2).url], ReadBack { n_pages: 2, n_damaged: 0 }));
}

#[test]
fn damage_in_the_middle_costs_what_is_damaged_only() {
    let dir = tempfile::tempdir().unwrap();
    let records: Vec<Record> = (1..=3).map(|n| Record::of(&page(n))).collect();
    open(dir.path()).append(at(0), &records).unwrap();
    let path = dir.path().join("2026-11-21.warc.gz");
    let mut bytes = fs::read(&path).unwrap();
    let second = bytes.len() - records[2].0.len() - records[1].0.len();
    bytes[second] = 0;
    fs::write(&path, &bytes).unwrap();
    let archive = open(dir.path());
    assert_eq!(urls(&archive, "2026-11-21"), (vec![page(1).url, page(3).url], ReadBack { n_pages: 2, n_damaged: 1 }));
}

#[test]
fn two_writers_do_not_share_a_file() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (open(dir.path()), open(dir.path()));
    one.append(at(0), &[Record::of(&page(1))]).unwrap();
    two.append(at(0), &[Record::of(&page(2))]).unwrap();
    one.append(at(0), &[Record::of(&page(3))]).unwrap();
    assert!(dir.path().join("2026-11-21-2.warc.gz").exists());
    let mut all = urls(&one, "2026-11-21").0;
    all.sort();
    assert_eq!(all, (1..=3).map(|n| page(n).url).collect::<Vec<_>>());
}

#[test]
fn old_days_are_thrown_away_and_nothing_is_written_when_it_is_off() {
    let dir = tempfile::tempdir().unwrap();
    let archive = open(dir.path());
    archive.append(at(0), &[Record::of(&page(1))]).unwrap();
    archive.append(at(24 * 10), &[Record::of(&page(2))]).unwrap();
    assert_eq!(archive.prune(at(24 * 30)).unwrap(), 0);
    assert_eq!(archive.prune(at(24 * 31 + 2)).unwrap(), 1);
    assert_eq!(urls(&archive, "2026-11-01").0, [page(2).url]);
    let off = Archive::new(dir.path().join("off"), TimeDelta::zero());
    off.append(at(0), &[Record::of(&page(1))]).unwrap();
    assert!(!dir.path().join("off").exists());
}
