//! Hosts that several workers ask: when the next request may start, how many are open, and who wants to be
//! left alone. On one worker the fetcher knows all this by itself; here it is shared.

use chrono::{DateTime, TimeDelta, Utc};

use crate::sql::{args, limit};
use crate::{Store, StoreError};

/// A worker that wants to ask a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostRequest<'a> {
    /// The host, or whatever is paced as one.
    pub host: &'a str,
    /// The request: its worker's name, a slash, and what no other open one of the worker has.
    pub ticket: &'a str,
    /// From the start of one request to the start of the next.
    pub interval: TimeDelta,
    /// How many requests may be open at the host.
    pub n_open: usize,
    /// When it asks.
    pub now: DateTime<Utc>,
    /// No request is open for longer: its worker is dead then.
    pub lease: TimeDelta,
}

/// What a worker is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostTurn {
    /// The request may start at this moment; [`Store::end_turn`] tells that it is over.
    Start(DateTime<Utc>),
    /// As many are open as may be: ask again soon.
    Busy,
    /// The host has asked to be left alone until this moment.
    Held(DateTime<Utc>),
}

const HELD: &str = "SELECT held_until FROM host_turns WHERE host = $1 AND held_until > $2 AND held_until <= $3";
const FREE_SLOT: &str = "UPDATE host_slots SET ticket = $2, held_until = $3 WHERE host = $1 AND slot IN
    (SELECT slot FROM host_slots WHERE host = $1 AND slot < $4 AND (held_until <= $5 OR held_until > $6)
    ORDER BY slot LIMIT 1 {skip_locked}) RETURNING slot";
const NEW_SLOT: &str = "INSERT INTO host_slots (host, slot, ticket, held_until)
    SELECT CAST($1 AS TEXT), COUNT(*), CAST($2 AS TEXT), CAST($3 AS BIGINT) FROM host_slots WHERE host = $1
    HAVING COUNT(*) < $4 ON CONFLICT (host, slot) DO NOTHING RETURNING slot";
const TAKE_TURN: &str = "INSERT INTO host_turns (host, next_start) VALUES ($1, CAST($2 AS BIGINT) + CAST($3 AS BIGINT))
    ON CONFLICT (host) DO UPDATE SET next_start = CASE
    WHEN host_turns.next_start > CAST($2 AS BIGINT) AND host_turns.next_start <= CAST($4 AS BIGINT)
    THEN host_turns.next_start ELSE CAST($2 AS BIGINT) END + CAST($3 AS BIGINT) RETURNING next_start";
const END_TURN: &str = "UPDATE host_slots SET held_until = 0 WHERE host = $1 AND ticket = $2";
const HOLD: &str = "INSERT INTO host_turns (host, next_start, held_until) VALUES ($1, $2, $3)
    ON CONFLICT (host) DO UPDATE SET held_until = excluded.held_until";
/// A turn further away than this was taken by a clock that was wrong.
const FARTHEST_TURN: TimeDelta = TimeDelta::hours(6);
/// A host left alone for longer was held by a clock that was wrong.
const LONGEST_HOLD: TimeDelta = TimeDelta::hours(25);

impl Store {
    /// Takes the next turn at a host for any of the workers that share it.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn take_turn(&self, ask: &HostRequest<'_>) -> Result<HostTurn, StoreError> {
        let mut tx = self.begin().await?;
        let held = self.fetch_in(&mut tx, HELD, args![ask.host, ask.now, ask.now + LONGEST_HOLD]).await?;
        if let Some(row) = held.first() {
            return Ok(HostTurn::Held(self.time(row, 0)?));
        }
        let (until, n_open) = (ask.now + ask.lease, limit(ask.n_open));
        let free = args![ask.host, ask.ticket, until, n_open, ask.now, ask.now + FARTHEST_TURN];
        if self.claim_in(&mut tx, FREE_SLOT, free).await?.is_empty()
            && self.fetch_in(&mut tx, NEW_SLOT, args![ask.host, ask.ticket, until, n_open]).await?.is_empty()
        {
            return Ok(HostTurn::Busy);
        }
        let micros = ask.interval.num_microseconds().unwrap_or(0);
        let rows = self.fetch_in(&mut tx, TAKE_TURN, args![ask.host, ask.now, micros, ask.now + FARTHEST_TURN]).await?;
        self.commit(tx).await?;
        let next = rows.first().map_or(Ok(ask.now + ask.interval), |row| self.time(row, 0))?;
        Ok(HostTurn::Start(next - ask.interval))
    }

    /// A request is over.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn end_turn(&self, host: &str, ticket: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        self.execute(&mut tx, END_TURN, args![host, ticket]).await?;
        self.commit(tx).await
    }

    /// A host wants to be left alone by all workers until a moment.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn hold_host(&self, host: &str, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        self.execute(&mut tx, HOLD, args![host, now, until]).await?;
        self.commit(tx).await
    }
}
