//! `diembao registry`: who is responsible for what.

use std::io::Write;

use chrono::NaiveDate;
use chrono_tz::Asia::Ho_Chi_Minh;
use clap::{Args, Subcommand};
use diembao_desk::{Known, Organisation, Registry, Validity, check_registry};
use diembao_pipeline::Home;
use serde_json::json;

use crate::context::Global;
use crate::exit::Exit;
use crate::output::{json_line, local, stdout, table};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read registry/ and report every mistake and every gap
    Check,
    /// Find organisations by name, old or new, by place or by old place
    Search(Search),
    /// List organisations with their days, parents and speakers
    List(List),
    /// Tell who is on duty
    Duty(Duty),
}

/// What to look for.
#[derive(Debug, Args)]
#[command(
    after_help = "Accents do not matter; old place names find today's unit.\n\nExamples:\n  diembao registry search 'bắc giang'\n  diembao registry search 'y te du phong' --on 2024-06-01 --json"
)]
pub(crate) struct Search {
    /// A part of a name
    text: String,
    /// As of this day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    on: Option<NaiveDate>,
    /// Print one JSON object an organisation
    #[arg(long)]
    json: bool,
}

/// As of when.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao registry list --on 2024-06-01")]
pub(crate) struct List {
    /// As of this day [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    on: Option<NaiveDate>,
    /// Those that are no more or not yet, too
    #[arg(long)]
    all: bool,
    /// Print one JSON object an organisation
    #[arg(long)]
    json: bool,
}

/// How to print.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao registry duty --json")]
pub(crate) struct Duty {
    /// Print one JSON object a roster
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(command: Command, global: &Global) -> anyhow::Result<Exit> {
    let home = global.home()?;
    let now = global.clock().now();
    let today = now.with_timezone(&Ho_Chi_Minh).date_naive();
    let mut out = stdout();
    let exit = match command {
        Command::Check => check(&mut out, &home, now)?,
        Command::Search(o) => search(&mut out, &home.registry, &o, o.on.unwrap_or(today))?,
        Command::List(o) => list(&mut out, &home.registry, &o, o.on.unwrap_or(today))?,
        Command::Duty(o) => duty(&mut out, &home.registry, &o, now)?,
    };
    out.flush()?;
    Ok(exit)
}

fn check(out: &mut impl Write, home: &Home, now: chrono::DateTime<chrono::Utc>) -> anyhow::Result<Exit> {
    let known = Known {
        topics: home.rules.topics().map(|t| t.id.as_str()).collect(),
        fields: home.rules.topics().filter(|t| t.field.is_some()).map(|t| t.id.as_str()).collect(),
        webhooks: home.settings.desk.webhooks.iter().map(|w| w.name.as_str()).collect(),
    };
    let found = check_registry(&home.registry, &known, now);
    for line in &found {
        writeln!(out, "{line}")?;
    }
    let r = &home.registry;
    writeln!(
        out,
        "{} organisations, {} fields, {} speakers, {} places, {} officers, {} rosters, {} clocks, {} ladders: {}",
        r.organisations.len(),
        r.fields.len(),
        r.spokespersons.len(),
        r.places.len(),
        r.officers.len(),
        r.rosters.len(),
        r.clocks.len(),
        r.alerts.len(),
        if found.is_empty() { "no gaps".to_owned() } else { format!("{} gaps", found.len()) }
    )?;
    Ok(if found.is_empty() { Exit::Done } else { Exit::Failed })
}

fn search(out: &mut impl Write, registry: &Registry, o: &Search, day: NaiveDate) -> anyhow::Result<Exit> {
    let found = registry.search(&o.text, day);
    if found.is_empty() {
        return Err(crate::exit::NotFound(format!("no organisation is called {:?} on {day}", o.text)).into());
    }
    let mut rows = table(&["named", "today", "speaks", "contact"]);
    for hit in found {
        let speaker = registry.spokesperson(&hit.today.id, &[], day);
        if o.json {
            let mut line = as_json(hit.today);
            line["named"] = hit.named.name.as_str().into();
            line["spokesperson"] = speaker.map(|s| format!("{}, {}", s.name, s.title)).into();
            line["contact"] = speaker.and_then(|s| s.contact.clone()).into();
            json_line(out, &line)?;
        } else {
            rows.add_row([
                hit.named.name.clone(),
                hit.today.name.clone(),
                speaker.map(|s| format!("{}, {}", s.name, s.title)).unwrap_or_default(),
                speaker.and_then(|s| s.contact.clone()).unwrap_or_default(),
            ]);
        }
    }
    if !o.json {
        writeln!(out, "{rows}")?;
    }
    Ok(Exit::Done)
}

fn list(out: &mut impl Write, registry: &Registry, o: &List, day: NaiveDate) -> anyhow::Result<Exit> {
    let mut rows = table(&["id", "name", "kind", "parent", "days"]);
    for organisation in registry.organisations.iter().filter(|x| o.all || x.validity.holds_on(day)) {
        if o.json {
            json_line(out, &as_json(organisation))?;
        } else {
            rows.add_row([
                organisation.id.clone(),
                organisation.name.clone(),
                organisation.kind.as_str().to_owned(),
                organisation.parent.clone().unwrap_or_default(),
                days(&organisation.validity),
            ]);
        }
    }
    if !o.json {
        writeln!(out, "{rows}")?;
    }
    Ok(Exit::Done)
}

fn days(v: &Validity) -> String {
    let from = v.from.map(|d| format!("from {d}"));
    let to = v.to.map(|d| format!("until {d}"));
    [from, to].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn as_json(o: &Organisation) -> serde_json::Value {
    json!({
        "id": o.id,
        "name": o.name,
        "also": o.also,
        "kind": o.kind.as_str(),
        "province": o.province,
        "parent": o.parent,
        "successor": o.successor,
        "valid_from": o.validity.from.map(|d| d.to_string()),
        "valid_to": o.validity.to.map(|d| d.to_string()),
    })
}

fn duty(
    out: &mut impl Write,
    registry: &Registry,
    o: &Duty,
    now: chrono::DateTime<chrono::Utc>,
) -> anyhow::Result<Exit> {
    let mut rows = table(&["roster", "name", "until", "on duty"]);
    for roster in &registry.rosters {
        let turn = registry.on_duty(&roster.id, now);
        let people: Vec<String> = turn
            .iter()
            .flat_map(|t| &t.officers)
            .map(|p| format!("{} <{}> {}", p.name, p.email, p.phone.as_deref().unwrap_or_default()))
            .collect();
        if o.json {
            let until = turn.as_ref().map(|t| crate::output::rfc3339(t.to));
            json_line(out, &json!({"roster": roster.id, "name": roster.name, "until": until, "on_duty": people}))?;
        } else {
            let until = turn.as_ref().map(|t| local(t.to)).unwrap_or_default();
            rows.add_row([roster.id.clone(), roster.name.clone(), until, people.join("\n")]);
        }
    }
    if !o.json {
        writeln!(out, "{rows}")?;
    }
    Ok(Exit::Done)
}
