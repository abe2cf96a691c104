//! The evidence of a case as files.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use diembao_news::CaseId;
use diembao_pipeline::Pipeline;
use diembao_pipeline::desk;

use super::failed;
use crate::exit::Exit;
use crate::output::stdout;

/// Of which case, to where.
#[derive(Debug, Args)]
#[command(after_help = "A folder gets ho-so.html, ho-so.json, the pages as they were fetched, and SHA256SUMS.\n\n\
Examples:\n  diembao desk evidence 12 --output ho-so-12\n  diembao desk evidence 12 --output vu-viec-12.html\n  diembao desk evidence 12 --output - | jq .log")]
pub(crate) struct Evidence {
    /// The case's number
    case: CaseId,
    /// A folder, which is made; or one file ending in .html or .json; or - for JSON on standard output
    #[arg(long, value_name = "DIR|FILE")]
    output: PathBuf,
}

pub(super) async fn evidence(p: &Pipeline, o: &Evidence) -> anyhow::Result<Exit> {
    let pack = desk::evidence(p, o.case).await.map_err(failed)?;
    let mut out = stdout();
    if o.output.as_os_str() == "-" {
        writeln!(out, "{:#}", pack.json)?;
        out.flush()?;
        return Ok(Exit::Done);
    }
    let one = match o.output.extension().and_then(|e| e.to_str()) {
        Some("html") => Some(pack.html.clone()),
        Some("json") => Some(format!("{:#}\n", pack.json)),
        _ => None,
    };
    if let Some(text) = one {
        fs::write(&o.output, text).with_context(|| o.output.display().to_string())?;
        writeln!(out, "wrote {}", o.output.display())?;
        out.flush()?;
        return Ok(Exit::Done);
    }
    let files = pack.into_files();
    let n = files.len();
    for (name, bytes) in files {
        let path = o.output.join(name);
        let folder = path.parent().unwrap_or(&o.output);
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        fs::write(&path, bytes).with_context(|| path.display().to_string())?;
    }
    writeln!(out, "wrote {n} files to {}; check: sha256sum --check SHA256SUMS", o.output.display())?;
    out.flush()?;
    Ok(Exit::Done)
}
