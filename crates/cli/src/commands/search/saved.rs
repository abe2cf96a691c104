//! `diembao search save|run|list|delete|watch`

use std::io::Write;

use clap::{Args, Subcommand};
use diembao_pipeline::{Pipeline, Question};
use diembao_search::Unit;
use diembao_store::SavedSearch;
use serde_json::json;

use super::asked::{Asked, Order};
use super::{Form, Page, answer};
use crate::context::Global;
use crate::exit::{Exit, NotFound};
use crate::output::{json_line, local_long, rfc3339, stdout, table};

/// Searches under a name.
#[derive(Debug, Subcommand)]
pub(crate) enum Saved {
    /// Keep a search under a name, in the place of one of that name
    Save(Save),
    /// Ask a saved search
    Run(Run),
    /// List the saved searches
    List(List),
    /// Forget a saved search and what it told
    Delete(Delete),
    /// Mail what is new since the last time
    Watch(Watch),
}

#[derive(Debug, Args)]
#[command(after_help = "Days and spans are kept as they are: --last 7d means the seven days before each run.\n\n\
Example:\n  diembao search save thieu-vac-xin 'thiếu vắc xin' --last 7d --to phong-tin@byt.example")]
pub(crate) struct Save {
    /// Its name
    name: String,
    /// The words of the query
    #[arg(required = true)]
    query: Vec<String>,
    /// Ask for articles instead of stories
    #[arg(long)]
    articles: bool,
    #[command(flatten)]
    asked: Asked,
    /// In which order
    #[arg(long, value_enum, default_value_t)]
    sort: Order,
    /// Whom `watch` tells by mail; may be repeated
    #[arg(long = "mail", value_name = "ADDRESS")]
    recipients: Vec<String>,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao search run thieu-vac-xin --by day")]
pub(crate) struct Run {
    /// Its name
    name: String,
    #[command(flatten)]
    page: Page,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao search list --json")]
pub(crate) struct List {
    /// Print one JSON object each
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao search delete thieu-vac-xin --dry-run")]
pub(crate) struct Delete {
    /// Its name
    name: String,
    /// Only say what would be forgotten
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Each article is told once. What the mail server defers is sent with the next watch, or by `diembao serve`.\n\
Exit code 7 when mail is still waiting.\n\nExample:\n  diembao search watch thieu-vac-xin --dry-run"
)]
pub(crate) struct Watch {
    /// Its name
    name: String,
    /// Only print the mails that would be sent
    #[arg(long)]
    dry_run: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(saved: &Saved, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    match saved {
        Saved::Save(options) => save(&p, options).await,
        Saved::Run(options) => {
            let question = Question::from_json(&find(&p, &options.name).await?.question)?;
            answer(&p.home, &question, (&options.page, &options.form), p.clock.now())
        }
        Saved::List(options) => list(&p, options).await,
        Saved::Delete(options) => delete(&p, options).await,
        Saved::Watch(options) => watch(&p, options).await,
    }
}

async fn find(p: &Pipeline, name: &str) -> anyhow::Result<SavedSearch> {
    let found = p.store.saved_search(name).await?;
    Ok(found.ok_or_else(|| NotFound(format!("there is no saved search {name:?}; `diembao search list` lists them")))?)
}

async fn save(p: &Pipeline, options: &Save) -> anyhow::Result<Exit> {
    let name = options.name.trim();
    if name.is_empty() || name.len() > 100 || name.chars().any(char::is_control) {
        anyhow::bail!("a name has 1 to 100 bytes and no control characters");
    }
    if let Some(bad) = options.recipients.iter().find(|r| !r.contains('@') || r.contains(['\n', '\r'])) {
        anyhow::bail!("{bad:?} is no mail address; write --mail ten@co-quan.vn");
    }
    let unit = if options.articles { Unit::Articles } else { Unit::Stories };
    let question = options.asked.question(&options.query.join(" "), unit, options.sort.sort());
    let saved = SavedSearch {
        name: name.to_owned(),
        question: question.to_json(),
        recipients: options.recipients.clone(),
        saved_at: p.clock.now(),
        looked_at: None,
    };
    p.store.save_search(&saved).await?;
    writeln!(stdout(), "saved {name:?}: {}", question.text)?;
    Ok(Exit::Done)
}

async fn list(p: &Pipeline, options: &List) -> anyhow::Result<Exit> {
    let mut out = stdout();
    let mut rows = table(&["name", "query", "mail", "saved", "looked"]);
    for saved in p.store.saved_searches().await? {
        let text = Question::from_json(&saved.question).map(|q| q.text).unwrap_or_default();
        let looked = saved.looked_at.map_or_else(|| "never".to_owned(), local_long);
        if options.json {
            let question: serde_json::Value = serde_json::from_str(&saved.question).unwrap_or_default();
            let at = saved.looked_at.map(rfc3339);
            json_line(
                &mut out,
                &json!({"name": saved.name, "question": question, "mail": saved.recipients, "saved": rfc3339(saved.saved_at), "looked": at}),
            )?;
        } else {
            rows.add_row([saved.name, text, saved.recipients.join(", "), local_long(saved.saved_at), looked]);
        }
    }
    if !options.json {
        writeln!(out, "{rows}")?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

async fn delete(p: &Pipeline, options: &Delete) -> anyhow::Result<Exit> {
    let saved = find(p, &options.name).await?;
    if options.dry_run {
        writeln!(stdout(), "would delete {:?}", saved.name)?;
        return Ok(Exit::Done);
    }
    p.store.delete_search(&saved.name).await?;
    writeln!(stdout(), "deleted {:?}", saved.name)?;
    Ok(Exit::Done)
}

async fn watch(p: &Pipeline, options: &Watch) -> anyhow::Result<Exit> {
    let saved = find(p, &options.name).await?;
    if saved.recipients.is_empty() {
        anyhow::bail!("{:?} has nobody to tell; save it again with --mail ADDRESS", saved.name);
    }
    let news = if options.dry_run {
        diembao_pipeline::news(p, &saved).await?
    } else {
        diembao_pipeline::watch(p, &saved).await?
    };
    let waiting = !options.dry_run && !p.store.saved_mails_waiting(&saved.name).await?.is_empty();
    let mut out = stdout();
    if options.json {
        let hits: Vec<_> = news.hits.iter().map(super::rows::hit_json).collect();
        let mails: Vec<_> = news.mails.iter().map(|m| json!({"to": m.recipient, "subject": m.subject})).collect();
        json_line(&mut out, &json!({"name": saved.name, "new": hits, "mails": mails, "waiting": waiting}))?;
    } else if news.hits.is_empty() {
        writeln!(out, "nothing new")?;
    } else {
        for mail in &news.mails {
            let verb = if options.dry_run { "would mail" } else { "mailed" };
            writeln!(out, "{verb} {}: {}", mail.recipient, mail.subject)?;
        }
        if let Some(mail) = news.mails.first().filter(|_| options.dry_run) {
            writeln!(out, "\n{}", mail.text)?;
        }
    }
    out.flush()?;
    Ok(if waiting { Exit::Undelivered } else { Exit::Done })
}
