//! `diembao serve`

use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;
use diembao_pipeline::Pipeline;

use crate::context::Global;
use crate::exit::Exit;
use crate::output::stdout;

/// Where to answer.
#[derive(Debug, Args)]
#[command(after_help = "Ends with Ctrl-C or SIGTERM.\n\nExample:\n  diembao serve --listen 127.0.0.1:8080")]
pub(crate) struct Options {
    /// Address and port; port 0 takes a free one [default: listen of diembao.toml]
    #[arg(long)]
    listen: Option<SocketAddr>,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let _lock = p.lock().await?;
    let listen = options.listen.unwrap_or(p.home.settings.console.listen);
    serve(p, listen).await
}

/// Works and answers until it is told to stop.
pub(crate) async fn serve(p: Pipeline, listen: SocketAddr) -> anyhow::Result<Exit> {
    let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| format!("cannot listen on {listen}"))?;
    let mut out = stdout();
    writeln!(out, "serving http://{}/", listener.local_addr()?)?;
    out.flush()?;
    drop(out);
    welcome(&p, listener.local_addr()?).await?;
    let (stop, stopped) = tokio::sync::watch::channel(());
    let until_stopped = || {
        let mut stopped = stopped.clone();
        async move {
            let _ = stopped.changed().await;
        }
    };
    // Whichever ends first, a signal or the console, ends the other.
    let signalled = async {
        let result = tokio::select! {
            result = wait_for_signal() => result,
            () = until_stopped() => Ok(()),
        };
        let _ = stop.send(());
        result
    };
    let answering = async {
        let result = diembao_web::serve(p.clone(), listener, until_stopped()).await;
        let _ = stop.send(());
        result
    };
    let (web, (), signal) = tokio::join!(answering, diembao_pipeline::serve(&p, stopped.clone()), signalled);
    signal.context("cannot wait for signals")?;
    web.context("answering stopped")?;
    Ok(Exit::Done)
}

/// A console without a user lets nobody in: says how to make the first.
async fn welcome(p: &Pipeline, listens: SocketAddr) -> anyhow::Result<()> {
    let settings = &p.home.settings.console;
    let has_users = !p.store.users().await?.is_empty();
    let mut stderr = std::io::stderr().lock();
    if settings.public_url.starts_with("https://") {
        writeln!(stderr, "console: {}/ (behind TLS; here http://{listens}/)", settings.public_url)?;
    } else {
        writeln!(stderr, "console: open http://{listens}/ in a browser")?;
    }
    if !has_users && settings.user_header.is_none() {
        let home = p.home.root.display();
        writeln!(stderr, "console: nobody can sign in yet; make the first administrator with")?;
        writeln!(stderr, "  diembao --home {home} users add NAME --role admin")?;
    }
    Ok(())
}

async fn wait_for_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}
