//! The console asked as a browser without a script would ask: requests in, answers out.

mod api;
mod attacks;
mod news;
mod oidc;
mod pages;
mod papers;
mod rights;
mod strain;
mod support;
mod tables;
mod taken;
