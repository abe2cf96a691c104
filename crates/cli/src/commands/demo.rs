//! `diembao demo`: the whole morning on a fictional press.

use std::fs;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use anyhow::Context;
use clap::Args;
use diembao_mail::sink::{Behaviour, Sink};
use diembao_news::EditionId;
use diembao_pipeline::RunReport;
use diembao_samplepress::{Press, PressSpec};
use diembao_store::CaseFilter;

use super::digest_paper::annex_path;
use super::{digest, report, serve};
use crate::context::Global;
use crate::exit::Exit;
use crate::output::stdout;

/// Where.
#[derive(Debug, Args)]
#[command(
    after_help = "Needs no internet: the press and the mail server run on loopback.\n\nExamples:\n  diembao demo\n  diembao demo --serve"
)]
pub(crate) struct Options {
    /// The home to make [default: a new temporary folder]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Go on afterwards: read the press all day and show the console, until Ctrl-C
    #[arg(long)]
    serve: bool,
    /// With --serve: the console's address and port
    #[arg(long, requires = "serve", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let started = Instant::now();
    let home = match &options.dir {
        Some(dir) => dir.clone(),
        None => {
            tempfile::Builder::new().prefix("diembao-demo-").tempdir().context("cannot make a temporary folder")?.keep()
        }
    };
    diembao_pipeline::init(&home)?;
    let sink = Sink::start(&home.join("received"), Behaviour::Accept).context("cannot start the mail server")?;
    let (stop_press, press) = start_press(&home, global).await?;
    write_settings(&home, sink.addr().port())?;

    let p = global.with_home(home.clone()).open().await?;
    let mut run = RunReport::default();
    let lock = p.lock().await?;
    diembao_pipeline::run(&p, &mut run).await?;

    let mut out = stdout();
    report::print(&mut out, &run)?;
    let today = diembao_pipeline::today(p.clock.now());
    let parts = p.store.rendered_parts(&today).await?;
    let files = digest::write_parts(&home.join("editions"), &today, &parts)?;
    write_papers(&p, &home.join("editions"), &today).await?;
    writeln!(out, "\nhome     {}", home.display())?;
    writeln!(out, "mails    {} received by SMTP, in {}", sink.received(), home.join("received").display())?;
    // The first audience of diembao.toml is the one to show.
    let first = p.home.settings.audiences.first().map(|a| format!("{today}-{}.html", a.audience.id));
    if let Some(html) = files.iter().find(|f| first.as_deref().is_some_and(|name| f.ends_with(name))) {
        writeln!(out, "edition  {}", html.display())?;
    }
    writeln!(out, "took     {}", report::seconds(started.elapsed()))?;
    next_steps(&mut out, &home, &p).await?;
    out.flush()?;
    drop(out);
    if options.serve {
        serve::serve(p, options.listen).await?;
    }
    drop(lock);
    let _ = stop_press.send(());
    press.await.context("the press's task")??;
    Ok(report::exit_of(&run))
}

type PressTask = tokio::task::JoinHandle<std::io::Result<()>>;

async fn start_press(home: &Path, global: &Global) -> anyhow::Result<(tokio::sync::oneshot::Sender<()>, PressTask)> {
    let press = Arc::new(Press::new(&PressSpec::hand_made(global.clock().now())));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.context("cannot listen on loopback")?;
    let feeds = home.join("feeds.toml");
    fs::write(&feeds, press.feeds_toml(listener.local_addr()?)).with_context(|| feeds.display().to_string())?;
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let shutdown = async {
        let _ = stopped.await;
    };
    Ok((stop, tokio::spawn(diembao_samplepress::serve(press, listener, shutdown))))
}

/// The default settings, with the demo's mail server and its press on loopback.
fn write_settings(home: &Path, smtp_port: u16) -> anyhow::Result<()> {
    let path = home.join("diembao.toml");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let text = text
        .replace("allow_loopback = false", "allow_loopback = true")
        .replace("host_interval = \"2s\"", "host_interval = \"0s\"")
        .replace("host_concurrency = 2", "host_concurrency = 16")
        .replace("transport = \"folder\"", "transport = \"smtp\"")
        .replace("first_window = \"24h\"", "first_window = \"3d\"")
        .replace(
            "# [mail.smtp]\n",
            &format!("[mail.smtp]\nhost = \"127.0.0.1\"\nport = {smtp_port}\ntls = \"none\"\n\n# [mail.smtp]\n"),
        );
    fs::write(&path, text).with_context(|| path.display().to_string())
}

/// Writes the files that were frozen with the edition, such as its PDF, beside its parts.
async fn write_papers(p: &diembao_pipeline::Pipeline, dir: &Path, edition: &EditionId) -> anyhow::Result<()> {
    for audience in p.home.settings.audiences.iter().map(|a| &a.audience.id) {
        let mut written = Vec::new();
        for file in p.store.edition_files(edition, audience).await? {
            let ending = Path::new(&file.name).extension().and_then(|e| e.to_str()).unwrap_or("bin");
            let mut path = dir.join(format!("{edition}-{audience}.{ending}"));
            if written.contains(&path) {
                path = annex_path(&path);
            }
            written.push(path.clone());
            fs::write(&path, &file.bytes).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}

async fn next_steps(out: &mut impl Write, home: &Path, p: &diembao_pipeline::Pipeline) -> anyhow::Result<()> {
    let program = std::env::current_exe().ok().map_or_else(|| "diembao".to_owned(), |p| p.display().to_string());
    let command = format!("{program} --home {}", home.display());
    writeln!(out, "\ntry next:")?;
    writeln!(out, "  {command} search 'ngộ độc'")?;
    let cases = p.store.cases(&CaseFilter { n_max: 1, ..CaseFilter::default() }).await?;
    if let Some(case) = cases.first() {
        writeln!(out, "  {command} why {}", case.story)?;
    }
    writeln!(out, "  {command} desk list")?;
    Ok(())
}
