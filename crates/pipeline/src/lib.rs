//! The order of stages, their settings and their report.
//!
//! Stages are functions from plain data to plain data in their own crates; here they are called
//! in order, with the store between them, so that each can be killed and repeated. Knows no
//! screens: what happened is returned as a [`RunReport`], progress is told to a [`Progress`].

mod accounts;
mod alarm;
mod archive;
mod articles;
mod backup;
mod calendar;
mod classify;
mod clock;
mod collect;
mod corrections;
mod deliver;
pub mod desk;
mod drafts;
mod edition;
mod group;
mod health;
mod home;
mod hosts;
mod import;
mod index;
mod intake;
mod laying;
mod layout;
mod leave;
mod live_rules;
mod metrics;
mod pages;
mod paper;
mod pipeline;
mod poll;
mod question;
mod report;
mod reported;
mod reprocess;
mod revisit;
mod run;
mod schedule;
pub mod settings;
mod sso;
mod watch;

pub use accounts::{
    Credentials, MIN_PASSWORD, PasswordError, SignIn, audit, hash_password, is_login_name, new_token, open_session,
    sign_in, token_hash,
};
pub use archive::{Archive, ReadBack};
pub use backup::{BackupSummary, Existing, Restored, backup, backup_name, restore};
pub use calendar::{Calendar, DaysOff, Hours, RestDays, hours};
pub use classify::{classify, reclassify};
pub use clock::Clock;
pub use collect::collect;
pub use corrections::{CASES, Recorded, Verdict, record_correction};
pub use deliver::{deliver, mailer, test_send};
pub use drafts::{Draft, EditError, EditRecord, Editing, approve, correct, draft, edit, editing, find_draft, history};
pub use edition::{CutPart, place_score, preview_edition};
pub use group::group;
pub use health::{ChannelHealth, SourceHealth, coverage, source_health};
pub use home::{DEFAULT_RULES, Home, HomeError, default_rules, init};
pub use import::{ImportFormat, ImportReport, import};
pub use index::{Indexing, index, open_index, rebuild_index};
pub use intake::{Intake, Share};
pub use layout::{FieldRate, LayoutCheck, layout_checks, sample_article};
pub use leave::{freeze_edition, mail_correction, preview_bulletin};
pub use metrics::{CONTENT_TYPE as METRICS_CONTENT_TYPE, Metrics};
pub use pages::fetch_pages;
pub use paper::{DraftKind, JSON, bulletin_file, desk_draft, edition_file, letterhead, paper_file, timeline_file};
pub use pipeline::{Busy, Lock, Pipeline, Wake};
pub use poll::{ChannelCheck, check_channel, fetch_settings};
pub use question::{Narrowed, Question, When};
pub use report::{
    EditionOutcome, EditionReport, Event, Progress, RunReport, SourceProblem, Stage, StageReport, StageRun,
};
pub use reprocess::{Reextracted, reextract};
pub use revisit::revisit;
pub use run::{absorb, collect_and_file, gather, run, send_edition, today};
pub use schedule::{editions_if_due, serve};
pub use sso::{Claimed, client_secret, sign_in_claimed};
pub use watch::{News, Watched, deliver_saved, news, watch};
