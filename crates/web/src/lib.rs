//! The console of the duty desk: server-rendered Vietnamese pages and a JSON API over one home.
//!
//! Every address stands in one table (`routes`) beside the right it needs; `access` lets a
//! request through or not, before a page sees it. Pages read the store and call the pipeline's
//! operations; they hold no SQL and decide nothing about the desk. Everything works without a
//! script; `static/console.js` only saves steps.

mod access;
mod answer;
mod api;
mod board;
mod charts;
mod cookies;
mod format;
mod guests;
mod headers;
mod held;
mod html;
mod key;
mod live;
mod metrics;
mod oidc;
mod pace;
mod pages;
mod patient;
mod rights;
mod routes;
mod server;
mod state;
#[cfg(test)]
mod tests;
mod turns;

pub use server::serve;
