//! `diembao users`: who may use the console.

use std::io::{BufRead, IsTerminal, Write};

use anyhow::Context;
use chrono::TimeDelta;
use clap::{Args, Subcommand};
use diembao_pipeline::Pipeline;
use diembao_store::{ApiToken, AuditEntry, Role, User};
use serde_json::json;

use crate::context::Global;
use crate::exit::{Exit, NotFound};
use crate::output::{json_line, local_long, rfc3339, stdout, table};

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Users {
    /// Add a user; the password is asked for, or read from standard input
    Add(Add),
    /// List users
    List(List),
    /// Give a user another role; their sessions end
    Role(GiveRole),
    /// Give a user a new password; their sessions end
    Password(Name),
    /// Shut a user out; their sessions end and their tokens no longer count
    Disable(Name),
    /// Let a user in again
    Enable(Name),
    /// Give a program the right to use the JSON API for a user, or take it back
    Token(Token),
}

/// Whom.
#[derive(Debug, Args)]
#[command(
    after_help = "The password is never an argument: others could read it there.\n\nExamples:\n  diembao users add lan --role admin --display 'Nguyễn Thị Lan'\n  diembao users add attp --role unit --unit 'Cục An toàn thực phẩm' < password-file"
)]
pub(crate) struct Add {
    /// The login name: 2 to 40 of a-z, 0-9, dot, hyphen, underscore
    name: String,
    /// viewer, editor, officer, unit or admin
    #[arg(long, value_parser = parse_role)]
    role: Role,
    /// The name on screen [default: the login name]
    #[arg(long)]
    display: Option<String>,
    /// For the role unit: the unit's name, as cases are transferred to it
    #[arg(long, required_if_eq("role", "unit"))]
    unit: Option<String>,
    /// No password: signs in through the proxy of diembao.toml
    #[arg(long)]
    no_password: bool,
}

/// How.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao users list --json")]
pub(crate) struct List {
    /// Print one JSON object a user
    #[arg(long)]
    json: bool,
}

/// Whom, and to what.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao users role lan officer")]
pub(crate) struct GiveRole {
    /// The login name
    name: String,
    /// viewer, editor, officer, unit or admin
    #[arg(value_parser = parse_role)]
    role: Role,
    /// For the role unit: the unit's name
    #[arg(long, required_if_eq("role", "unit"))]
    unit: Option<String>,
}

/// Whom.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  diembao users password lan")]
pub(crate) struct Name {
    /// The login name
    name: String,
}

/// For whom, what for, how far and how long.
#[derive(Debug, Args)]
#[command(
    after_help = "The token is printed once and kept only as a hash.\n\nExamples:\n  diembao users token lan --label bang-dieu-khien --scope read --days 90\n  diembao users token lan --label bang-dieu-khien --revoke"
)]
pub(crate) struct Token {
    /// The login name
    name: String,
    /// What it is for
    #[arg(long)]
    label: String,
    /// What of the user's rights it has: read, cases, editions, manage; may be repeated
    #[arg(long, value_parser = ["read", "cases", "editions", "manage"], default_value = "read")]
    scope: Vec<String>,
    /// For how many days
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..=3650))]
    days: u32,
    /// Take all tokens with this label back instead
    #[arg(long)]
    revoke: bool,
}

fn parse_role(s: &str) -> Result<Role, String> {
    Role::parse(s).ok_or_else(|| format!("expected one of {}", Role::ALL.map(Role::as_str).join(", ")))
}

pub(crate) async fn run(command: Users, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    match command {
        Users::Add(options) => add(&p, options).await,
        Users::List(options) => list(&p, &options).await,
        Users::Role(o) => {
            let known = p.store.set_role(&o.name, o.role, o.unit.as_deref()).await?;
            changed(&p, known, (&o.name, "user.role", o.role.as_str())).await
        }
        Users::Password(o) => {
            let hash = diembao_pipeline::hash_password(&o.name, &ask_password(&o.name)?)?;
            let known = p.store.set_password(&o.name, &hash).await?;
            changed(&p, known, (&o.name, "user.password", "")).await
        }
        Users::Disable(o) => {
            let known = p.store.set_disabled(&o.name, Some(p.clock.now())).await?;
            changed(&p, known, (&o.name, "user.disable", "")).await
        }
        Users::Enable(o) => {
            let known = p.store.set_disabled(&o.name, None).await?;
            changed(&p, known, (&o.name, "user.enable", "")).await
        }
        Users::Token(options) => token(&p, options).await,
    }
}

async fn add(p: &Pipeline, options: Add) -> anyhow::Result<Exit> {
    let name = options.name;
    anyhow::ensure!(
        diembao_pipeline::is_login_name(&name),
        "{name:?} is no login name: take 2 to 40 of a-z, 0-9, dot, hyphen and underscore, a letter first"
    );
    let hash =
        if options.no_password { None } else { Some(diembao_pipeline::hash_password(&name, &ask_password(&name)?)?) };
    let user = User {
        display: options.display.unwrap_or_else(|| name.clone()),
        role: options.role,
        unit: options.unit.filter(|_| options.role == Role::Unit),
        created_at: p.clock.now(),
        disabled_at: None,
        name: name.clone(),
    };
    anyhow::ensure!(p.store.add_user(&user, hash.as_deref()).await?, "there is a user {name} already");
    changed(p, true, (&name, "user.add", user.role.as_str())).await
}

async fn changed(p: &Pipeline, known: bool, what: (&str, &str, &str)) -> anyhow::Result<Exit> {
    let (name, action, detail) = what;
    if !known {
        return Err(NotFound(format!("there is no user {name:?}; `diembao users list` shows them")).into());
    }
    let entry = AuditEntry {
        id: 0,
        at: p.clock.now(),
        actor: "diembao".to_owned(),
        action: action.to_owned(),
        target: name.to_owned(),
        detail: detail.to_owned(),
        address: String::new(),
    };
    diembao_pipeline::audit(p, entry).await?;
    writeln!(stdout(), "{name}: {action} {detail}")?;
    Ok(Exit::Done)
}

/// Asked twice on a terminal; else the first line of standard input.
fn ask_password(name: &str) -> anyhow::Result<String> {
    if !std::io::stdin().is_terminal() {
        let mut line = String::new();
        std::io::stdin().lock().read_line(&mut line).context("cannot read the password from standard input")?;
        return Ok(line.trim_end_matches(['\r', '\n']).to_owned());
    }
    let ask = |words: String| rpassword::prompt_password(words).context("cannot read the password from the terminal");
    let first = ask(format!("password for {name}: "))?;
    anyhow::ensure!(first == ask("again: ".to_owned())?, "the two passwords differ; nothing was changed");
    Ok(first)
}

async fn list(p: &Pipeline, options: &List) -> anyhow::Result<Exit> {
    let users = p.store.users().await?;
    let mut out = stdout();
    if options.json {
        for u in &users {
            let row = json!({"name": u.name, "display": u.display, "role": u.role.as_str(), "unit": u.unit,
                "created": rfc3339(u.created_at), "disabled": u.disabled_at.map(rfc3339)});
            json_line(&mut out, &row)?;
        }
    } else {
        let mut rows = table(&["name", "display", "role", "unit", "created", "disabled"]);
        for u in users {
            rows.add_row([
                u.name,
                u.display,
                u.role.as_str().to_owned(),
                u.unit.unwrap_or_default(),
                local_long(u.created_at),
                u.disabled_at.map(local_long).unwrap_or_default(),
            ]);
        }
        writeln!(out, "{rows}")?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

async fn token(p: &Pipeline, options: Token) -> anyhow::Result<Exit> {
    let now = p.clock.now();
    let name = &options.name;
    let known = p.store.user(name).await?.is_some();
    if options.revoke {
        let n = p.store.revoke_tokens(name, &options.label, now).await?;
        return changed(p, known && n > 0, (name, "token.revoke", &options.label)).await;
    }
    anyhow::ensure!(known, NotFound(format!("there is no user {name:?}; `diembao users list` shows them")));
    let (token, kept) = diembao_pipeline::new_token()?;
    let row = ApiToken {
        token: kept,
        user: name.clone(),
        label: options.label.clone(),
        scopes: options.scope,
        created_at: now,
        expires_at: now + TimeDelta::days(options.days.into()),
        revoked_at: None,
    };
    p.store.add_token(&row).await?;
    let detail = format!("{} ({})", options.label, row.scopes.join(" "));
    let exit = changed(p, true, (name, "token.add", &detail)).await?;
    writeln!(stdout(), "{token}")?;
    Ok(exit)
}
