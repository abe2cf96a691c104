//! The evidence pack of a case: its log, its articles and the pages they were read from, each file with
//! its SHA-256, so that what was known when can be shown later.

use std::io::Write;

use chrono::{DateTime, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_desk::{Action, CaseEvent, spoken};
use diembao_news::{CaseId, FlagKind};
use diembao_store::{Change, PageVersion, StoredArticle};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{CaseFile, DeskFailure, show};
use crate::Pipeline;

const TEMPLATE: &str = include_str!("../../templates/evidence.html");

/// A page of the pack as it was fetched, or what it said later.
#[derive(Debug, Clone)]
pub struct EvidenceFile {
    /// Its path inside the pack: `pages/ID.html`, `versions/ID-N.txt`.
    pub path: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    pub sha256: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// All that is known of a case.
#[derive(Debug, Clone)]
pub struct EvidencePack {
    /// It for programs.
    pub json: Value,
    /// It for people, in Vietnamese; stands alone.
    pub html: String,
    /// The pages its articles were read from, and what they said at each later look.
    pub files: Vec<EvidenceFile>,
}

impl EvidencePack {
    /// Every file of the pack by its path: the two renderings, the pages, and last the list of all
    /// hashes in the form that `sha256sum --check` reads.
    #[must_use]
    pub fn into_files(self) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![
            ("ho-so.html".to_owned(), self.html.into_bytes()),
            ("ho-so.json".to_owned(), format!("{:#}\n", self.json).into_bytes()),
        ];
        files.extend(self.files.into_iter().map(|f| (f.path, f.bytes)));
        let sums: String = files.iter().map(|(path, bytes)| format!("{}  {path}\n", hash(bytes))).collect();
        files.push(("SHA256SUMS".to_owned(), sums.into_bytes()));
        files
    }

    /// The same files as one ZIP; the same pack always gives the same bytes.
    ///
    /// # Errors
    /// When the pack is too large for the format.
    pub fn into_zip(self) -> anyhow::Result<Vec<u8>> {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (path, bytes) in self.into_files() {
            zip.start_file(path, zip::write::SimpleFileOptions::default())?;
            zip.write_all(&bytes)?;
        }
        Ok(zip.finish()?.into_inner())
    }
}

/// Gathers the evidence of a case.
///
/// # Errors
/// When there is no such case, or the store fails.
pub async fn evidence(p: &Pipeline, id: CaseId) -> Result<EvidencePack, DeskFailure> {
    let file = show(p, id).await?;
    let mut files = Vec::new();
    let mut articles = Vec::new();
    for stored in &file.articles {
        let page = p.store.page(stored.article.id).await?;
        let page = page.map(|page| {
            let path = format!("pages/{}.html", stored.article.id);
            let sha256 = hash(&page.body);
            let about = json!({
                "path": path,
                "sha256": sha256,
                "url": page.url,
                "fetched": time(page.fetched_at),
                "status": page.status,
                "content_type": page.content_type,
                "bytes": page.body.len(),
            });
            files.push(EvidenceFile { path, sha256, bytes: page.body });
            about
        });
        let versions = p.store.versions(stored.article.id).await?;
        let versions: Vec<Value> = (1..).zip(&versions).map(|(n, v)| version(stored, (n, v), &mut files)).collect();
        articles.push(article(stored, page.as_ref(), &versions));
    }
    let json = json!({
        "case": case(&file),
        "clocks": file.clocks.iter().map(clock).collect::<Vec<_>>(),
        "log": file.events.iter().enumerate().map(|(i, e)| event(i + 1, e)).collect::<Vec<_>>(),
        "alerts": file.alerts.iter().map(alert).collect::<Vec<_>>(),
        "articles": articles,
        "made": time(p.clock.now()),
        "agency": p.home.settings.agency.name,
        "unit": p.home.settings.agency.unit,
    });
    let html = render(&json).map_err(anyhow::Error::from)?;
    Ok(EvidencePack { json, html, files })
}

fn render(json: &Value) -> Result<String, minijinja::Error> {
    let mut env = minijinja::Environment::new();
    // Every value comes from the press or from people: all of it is escaped.
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::Html);
    env.add_template("evidence.html", TEMPLATE)?;
    env.get_template("evidence.html")?.render(minijinja::value::Serde(json))
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

fn time(at: DateTime<Utc>) -> Value {
    let local = at.with_timezone(&Ho_Chi_Minh);
    json!({ "rfc3339": local.to_rfc3339(), "shown": local.format("%H:%M:%S %d/%m/%Y").to_string() })
}

fn case(file: &CaseFile) -> Value {
    let c = &file.case;
    let maybe = |at: Option<DateTime<Utc>>| at.map(time);
    json!({
        "number": c.id.as_i64(),
        "title": c.title,
        "kind": c.kind.as_str(),
        "severity": { "id": c.severity.as_str(), "shown": c.severity.label() },
        "state": { "id": c.state.as_str(), "shown": c.state.label() },
        "owner": c.owner,
        "unit": c.handling.unit,
        "proposed_unit": c.handling.proposed,
        "proposal": file.proposal.as_ref().map(|r| json!({
            "unit": r.unit, "with": r.with, "spokesperson": r.spokesperson, "reasons": r.reasons,
        })),
        "escalated_to": c.handling.escalated_to,
        "dismissed": c.handling.dismissed.map(|r| json!({ "id": r.as_str(), "shown": r.label() })),
        "merged_into": c.handling.merged_into.map(CaseId::as_i64),
        "version": c.version,
        "n_articles": c.spread.n_articles,
        "n_outlets": c.spread.n_outlets,
        "lost_minutes": c.lost_before_detection().num_minutes(),
        "lost": spoken(c.lost_before_detection()),
        "occurred": maybe(c.times.occurred),
        "published": time(c.published),
        "detected": time(c.opened_at),
        "acknowledged": maybe(c.times.acknowledged),
        "assigned": maybe(c.times.assigned),
        "answered": maybe(c.times.answered),
        "closed": maybe(c.times.closed),
    })
}

fn clock(r: &diembao_desk::ClockReading) -> Value {
    json!({
        "rule": r.rule,
        "name": r.name,
        "wording": r.wording,
        "started": r.started.map(time),
        "due": r.due.map(time),
        "used": r.used,
        "paused": r.paused,
        "basis": r.basis,
        "status": { "id": r.status.as_str(), "shown": r.status.label() },
    })
}

fn event(version: usize, e: &CaseEvent) -> Value {
    json!({
        "version": version,
        "at": time(e.at),
        "actor": e.actor,
        "action": { "id": e.action.as_str(), "shown": e.action.label() },
        "detail": detail(&e.action),
        "note": e.note,
    })
}

/// What an action says beyond its name, in Vietnamese.
fn detail(action: &Action) -> String {
    let people = |what: &str, n: &Option<u32>| n.map(|n| format!("{n} người {what}"));
    match action {
        Action::Open { severity, kind } => format!("{}, {}", severity.label(), kind_label(*kind)),
        Action::Evidence { n_articles, n_outlets } | Action::Merge { n_articles, n_outlets, .. } => {
            format!("{n_articles} bài, {n_outlets} báo")
        }
        Action::Raise { severity } | Action::Lower { severity } => severity.label().to_owned(),
        Action::Route { unit, spokesperson } => {
            [Some(unit.clone()), spokesperson.clone()].into_iter().flatten().collect::<Vec<_>>().join(" – ")
        }
        Action::Quote { speaker, .. } => speaker.clone(),
        // The name says what became of the page, the note which article it is.
        Action::Page { .. } => String::new(),
        Action::Figures { dead, ill } => [people("tử vong", dead), people("mắc, bị thương", ill)]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(", "),
        Action::Transfer { unit } => unit.clone(),
        Action::Escalate { to } | Action::Assign { to } => to.clone(),
        Action::Dismiss { reason } => reason.label().to_owned(),
        Action::News { n_articles } => format!("{n_articles} bài"),
        Action::MergedInto { case } => format!("vụ việc #{case}"),
        Action::Occurred { at } => shown(*at),
        Action::SetDeadline { stage, due } => format!("{} {}", stage.label(), shown(*due)),
        Action::Acknowledge
        | Action::Verify
        | Action::Convene
        | Action::Answer
        | Action::Close
        | Action::Seen
        | Action::Reopen
        | Action::Pause
        | Action::Resume
        | Action::Note => String::new(),
    }
}

fn kind_label(kind: FlagKind) -> &'static str {
    match kind {
        FlagKind::Incident => "sự cố",
        FlagKind::Misinformation => "thông tin sai",
    }
}

fn shown(at: DateTime<Utc>) -> String {
    at.with_timezone(&Ho_Chi_Minh).format("%H:%M %d/%m/%Y").to_string()
}

fn alert(q: &diembao_store::QueuedAlert) -> Value {
    json!({
        "to": q.alert.to,
        "rung": q.alert.rung + 1,
        "due": time(q.alert.due),
        "state": { "id": q.state.as_str(), "shown": q.state.label() },
        "attempts": q.attempts,
        "changed": time(q.updated),
        "reply": q.last_reply,
    })
}

/// What a page said from a moment on, as a file of the pack; a page that was taken down has none.
fn version(stored: &StoredArticle, (n, version): (usize, &PageVersion), files: &mut Vec<EvidenceFile>) -> Value {
    let seen = time(version.seen_at);
    match &version.change {
        Change::Text(text) => {
            let path = format!("versions/{}-{n}.txt", stored.article.id);
            let bytes = format!("{}\n\n{}\n\n{}\n", text.title, text.lead, text.body).into_bytes();
            let sha256 = hash(&bytes);
            let about = json!({ "what": "text", "shown": "nội dung", "seen": seen, "path": path, "sha256": sha256 });
            files.push(EvidenceFile { path, sha256, bytes });
            about
        }
        Change::Gone(how) => json!({ "what": "gone", "shown": "báo gỡ bài", "seen": seen, "how": how }),
        Change::Back => json!({ "what": "back", "shown": "báo đăng lại bài", "seen": seen }),
    }
}

fn article(stored: &StoredArticle, page: Option<&Value>, versions: &[Value]) -> Value {
    let a = &stored.article;
    let flags = stored.classification.iter().flat_map(|c| &c.flags).map(|f| {
        json!({
            "rule": f.rule,
            "severity": { "id": f.severity.as_str(), "shown": f.severity.label() },
            "score": f.score,
            "evidence": f.evidence.iter().map(|e| e.text.as_str()).collect::<Vec<_>>(),
        })
    });
    json!({
        "id": a.id.to_string(),
        "outlet": a.outlet.as_str(),
        "url": a.url.as_ref().map(ToString::to_string),
        "title": a.text.title,
        "lead": a.text.lead,
        "published": time(a.times.published),
        "first_seen": time(a.times.first_seen),
        "flags": flags.collect::<Vec<_>>(),
        "page": page,
        "versions": versions,
    })
}
