//! `diembao serve`

use std::io::Write;
use std::net::SocketAddr;

use anyhow::Context;
use clap::Args;

use crate::context::Global;
use crate::exit::Exit;
use crate::output::stdout;

/// Where to answer.
#[derive(Debug, Args)]
#[command(after_help = "Ends with Ctrl-C or SIGTERM.\n\nExample:\n  diembao serve --listen 127.0.0.1:8080")]
pub(crate) struct Options {
    /// Address and port; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
}

pub(crate) async fn run(options: &Options, global: &Global) -> anyhow::Result<Exit> {
    let p = global.open().await?;
    let _lock = p.lock()?;
    let listener = tokio::net::TcpListener::bind(options.listen)
        .await
        .with_context(|| format!("cannot listen on {}", options.listen))?;
    let mut out = stdout();
    writeln!(out, "serving http://{}/", listener.local_addr()?)?;
    out.flush()?;
    drop(out);
    let (stop, stopped) = tokio::sync::watch::channel(());
    let until_stopped = {
        let mut stopped = stopped.clone();
        async move {
            let _ = stopped.changed().await;
        }
    };
    let signalled = async {
        let result = wait_for_signal().await;
        let _ = stop.send(());
        result
    };
    let (web, (), signal) = tokio::join!(
        diembao_web::serve(p.clone(), listener, until_stopped),
        diembao_pipeline::serve(&p, stopped),
        signalled
    );
    signal.context("cannot wait for signals")?;
    web.context("answering stopped")?;
    Ok(Exit::Done)
}

async fn wait_for_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        result = tokio::signal::ctrl_c() => result,
        _ = terminate.recv() => Ok(()),
    }
}
