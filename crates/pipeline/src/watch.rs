//! Saved searches that tell by mail what is new: told once, sent once, whatever dies between.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Context;
use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use diembao_mail::{Mailer, Message};
use diembao_news::{ArticleId, DeliveryState, Severity};
use diembao_search::{Hit, Query, SearchError, Sort, Unit};
use diembao_store::{SavedMail, SavedSearch};
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::deliver::{Attempt, attempt};
use crate::{Home, Pipeline, Question, mailer, open_index};

/// Articles one look tells of; what is more waits for the next.
const MAX_NEW: usize = 1_000;
/// Articles read from the index at a time.
const PAGE: usize = 200;
/// Articles one mail shows; it counts the rest.
const SHOWN: usize = 100;
/// What was first seen longer ago is not news, even to a search nobody looked at since.
const REACH: TimeDelta = TimeDelta::days(60);
/// Mails sent in one go.
const BATCH_MAILS: usize = 100;
/// How long one look may take before another process may begin one.
const LEASE: TimeDelta = TimeDelta::minutes(5);

/// What a saved search has found since it last told.
#[derive(Debug, Clone)]
pub struct News {
    /// The articles, the newest first.
    pub hits: Vec<Hit>,
    /// The mails that tell of them, one for each recipient; none when there is nothing new.
    pub mails: Vec<SavedMail>,
}

/// Another process looks for what is new in the same saved search.
#[derive(Debug, thiserror::Error)]
#[error("another process watches {name:?} right now; wait until it is done")]
pub struct Watched {
    name: String,
}

/// What a saved search would tell now. Changes nothing.
///
/// # Errors
/// When the store or the index cannot be read.
pub async fn news(p: &Pipeline, saved: &SavedSearch) -> anyhow::Result<News> {
    let question = Question::from_json(&saved.question)
        .with_context(|| format!("the saved search {:?} cannot be read; save it again", saved.name))?;
    let now = p.clock.now();
    let mut query = Query { unit: Unit::Articles, sort: Sort::Date, limit: PAGE, ..question.query(now) };
    query.filter.seen_from = Some(saved.saved_at.max(now - REACH));
    let told = p.store.told(&saved.name).await?;
    let home = Arc::clone(&p.home);
    let hits = tokio::task::spawn_blocking(move || untold(&home, query, &told)).await??;
    let mails = if hits.is_empty() { Vec::new() } else { mails(p, saved, &question, &hits)? };
    Ok(News { hits, mails })
}

/// What a query finds beside what was told, page by page.
fn untold(home: &Home, mut query: Query, told: &HashSet<ArticleId>) -> Result<Vec<Hit>, SearchError> {
    let index = open_index(home)?;
    let mut new = Vec::new();
    loop {
        let page = index.search(&query)?;
        new.extend(page.hits.into_iter().filter(|hit| !told.contains(&hit.id)));
        query.after = page.next;
        if query.after.is_none() || new.len() >= MAX_NEW {
            new.truncate(MAX_NEW);
            return Ok(new);
        }
    }
}

/// Queues what a saved search has to tell, and sends what is due.
///
/// # Errors
/// [`Watched`] when another process does the same; when the store, the index or the mail settings cannot be used.
pub async fn watch(p: &Pipeline, saved: &SavedSearch) -> anyhow::Result<News> {
    let now = p.clock.now();
    let (lease, holder) =
        (format!("watch/{}", saved.name), format!("{}/{}", std::process::id(), now.timestamp_micros()));
    if !p.store.acquire_lease(&lease, &holder, now + LEASE, now).await? {
        return Err(Watched { name: saved.name.clone() }.into());
    }
    let told = tell(p, saved, now).await;
    p.store.release_lease(&lease, &holder).await?;
    let news = told?;
    deliver_saved(p).await?;
    Ok(news)
}

async fn tell(p: &Pipeline, saved: &SavedSearch, now: DateTime<Utc>) -> anyhow::Result<News> {
    let news = news(p, saved).await?;
    let ids: Vec<ArticleId> = news.hits.iter().map(|h| h.id).collect();
    p.store.tell(&saved.name, &ids, &news.mails, now).await?;
    Ok(news)
}

/// Sends the mails of saved searches that are due; how many were sent, and how many are left for later.
///
/// # Errors
/// When the store fails, or the mail settings cannot be used.
pub async fn deliver_saved(p: &Pipeline) -> anyhow::Result<(u64, u64)> {
    let due = p.store.due_saved_mails(p.clock.now(), BATCH_MAILS).await?;
    if due.is_empty() {
        return Ok((0, 0));
    }
    let mailer = mailer(&p.home)?;
    let (mut n_sent, mut n_left) = (0, 0);
    for mail in &due {
        match send(p, &mailer, mail).await? {
            DeliveryState::Sent => n_sent += 1,
            _ => n_left += 1,
        }
    }
    Ok((n_sent, n_left))
}

async fn send(p: &Pipeline, mailer: &Mailer, mail: &SavedMail) -> anyhow::Result<DeliveryState> {
    let now = p.clock.now();
    if !p.store.mark_saved_mail_sending(mail, now).await? {
        return Ok(DeliveryState::Sending);
    }
    let settings = &p.home.settings.mail;
    let message = Message {
        from: settings.from.clone(),
        to: mail.recipient.clone(),
        reply_to: None,
        list_unsubscribe: None,
        message_id: mail.message_id.clone(),
        date: now,
        subject: mail.subject.clone(),
        html: mail.html.clone(),
        text: mail.text.clone(),
        attachments: Vec::new(),
        list_id: Some(format!("tim-kiem.{}", settings.message_id_domain)),
    };
    let Attempt { state, reply, next_try } = attempt(settings, mailer.send(&message).await, mail.attempts + 1, now);
    p.store.record_saved_mail_reply(mail, (state, &reply), next_try, now).await?;
    Ok(state)
}

fn mails(p: &Pipeline, saved: &SavedSearch, question: &Question, hits: &[Hit]) -> anyhow::Result<Vec<SavedMail>> {
    let view = View {
        name: &saved.name,
        query: &question.text,
        n: hits.len(),
        at: when(p.clock.now()),
        agency: &p.home.settings.agency.name,
        articles: hits.iter().take(SHOWN).map(|hit| Line::of(p, hit)).collect(),
        n_more: hits.len().saturating_sub(SHOWN),
    };
    let (html, text) = render(&view)?;
    let mail = |recipient: &String| SavedMail {
        message_id: message_id(p, &saved.name, recipient, hits),
        search: saved.name.clone(),
        recipient: recipient.clone(),
        subject: format!("[Tìm kiếm] {}: {} bài mới", saved.name, hits.len()),
        html: html.clone(),
        text: text.clone(),
        attempts: 0,
    };
    Ok(saved.recipients.iter().map(mail).collect())
}

/// The mail's body as HTML and as text.
fn render(view: &View<'_>) -> Result<(String, String), minijinja::Error> {
    let mut templates = Environment::new();
    templates.set_auto_escape_callback(
        |name| {
            if name.ends_with(".html") { AutoEscape::Html } else { AutoEscape::None }
        },
    );
    templates.add_template("watch.html", include_str!("../templates/watch.html"))?;
    templates.add_template("watch.txt", include_str!("../templates/watch.txt"))?;
    let render = |name| templates.get_template(name)?.render(Serde(view));
    Ok((render("watch.html")?, render("watch.txt")?))
}

/// The same for the same articles, however often they are found.
fn message_id(p: &Pipeline, name: &str, recipient: &str, hits: &[Hit]) -> String {
    let mut ids: Vec<i64> = hits.iter().map(|h| h.id.as_i64()).collect();
    ids.sort_unstable();
    let key = format!("{name}\0{}\0{ids:?}", recipient.trim().to_lowercase());
    let hash: String = Sha256::digest(key.as_bytes()).iter().take(12).map(|b| format!("{b:02x}")).collect();
    format!("<tim-kiem.{hash}@{}>", p.home.settings.mail.message_id_domain)
}

#[derive(Serialize)]
struct View<'a> {
    name: &'a str,
    query: &'a str,
    n: usize,
    at: String,
    agency: &'a str,
    articles: Vec<Line>,
    n_more: usize,
}

#[derive(Serialize)]
struct Line {
    title: String,
    url: Option<String>,
    outlet: String,
    published: String,
    severity: Option<&'static str>,
    snippet: String,
}

impl Line {
    fn of(p: &Pipeline, hit: &Hit) -> Self {
        let outlet = p.home.outlets.iter().find(|o| o.id.as_str() == hit.outlet);
        Self {
            title: hit.title.clone(),
            url: hit.url.clone(),
            outlet: outlet.map_or_else(|| hit.outlet.clone(), |o| o.name.clone()),
            published: when(hit.published),
            severity: hit.severity.map(Severity::label),
            snippet: hit.snippet.text.replace('\n', " "),
        }
    }
}

fn when(t: DateTime<Utc>) -> String {
    t.with_timezone(&Ho_Chi_Minh).format("%H:%M %d/%m/%Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_shows_the_articles_and_no_markup_of_theirs() {
        let line = |title: &str, url: Option<&str>| Line {
            title: title.to_owned(),
            url: url.map(str::to_owned),
            outlet: "Báo Sen".to_owned(),
            published: "08:00 20/11/2026".to_owned(),
            severity: Some("cam"),
            snippet: "hết <b>vắc xin</b>".to_owned(),
        };
        let view = View {
            name: "Vắc xin & thuốc",
            query: "\"thiếu vắc xin\"",
            n: 102,
            at: "06:30 21/11/2026".to_owned(),
            agency: "Bộ Y tế",
            articles: vec![
                line("Thiếu vắc xin <script>alert(1)</script>", Some("https://bao-sen.vn/1?a=\"b")),
                line("Bản tin truyền hình", None),
            ],
            n_more: 100,
        };
        let (html, text) = render(&view).unwrap();
        assert!(!html.contains("<script") && !html.contains("<b>") && !html.contains("a=\"b"), "{html}");
        assert!(html.contains("Vắc xin &amp; thuốc: 102 bài mới") && html.contains("Và 100 bài khác"), "{html}");
        assert_eq!(
            text,
            "Vắc xin & thuốc: 102 bài mới\nCâu tìm: \"thiếu vắc xin\"\nTính đến 06:30 21/11/2026\n\n\
             * Thiếu vắc xin <script>alert(1)</script>\n  Báo Sen · 08:00 20/11/2026 · mức cam\n  https://bao-sen.vn/1?a=\"b\n\n\
             * Bản tin truyền hình\n  Báo Sen · 08:00 20/11/2026 · mức cam\n\nVà 100 bài khác: diembao search run Vắc xin & thuốc\n\n\
             -- \nBộ Y tế"
        );
    }
}
