//! Who reads what: channels and items are claimed for a while, so that any number of workers can
//! share one list on PostgreSQL. A claim ends by itself when its worker dies.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, TimeDelta, Utc};
use diembao_news::ChannelId;

use crate::channels::columns;
use crate::sql::{args, limit};
use crate::{ChannelState, PendingItem, Store, StoreError};

/// A worker's claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The worker: a name no other living one has.
    pub holder: &'a str,
    /// When it claims.
    pub now: DateTime<Utc>,
    /// For how long, unless it is renewed.
    pub lease: TimeDelta,
}

impl Claim<'_> {
    fn until(&self) -> DateTime<Utc> {
        self.now + self.lease
    }

    /// A claim that ends later than this was made by a clock that was wrong.
    fn incredible(&self) -> DateTime<Utc> {
        self.now + self.lease * 20
    }
}

const ASKED: &str = "SELECT id, polled FROM channels";
const ASK: &str = "INSERT INTO channels (id, failures, n_items, polled) VALUES {rows}
    ON CONFLICT (id) DO UPDATE SET polled = excluded.polled";
const CLAIM_CHANNELS: &str = concat!(
    "UPDATE channels SET holder = $1, held_until = $2 WHERE id IN (SELECT id FROM channels WHERE polled = 1
    AND (next_poll IS NULL OR next_poll <= $3) AND (last_poll IS NULL OR last_poll < $3)
    AND (held_until IS NULL OR held_until <= $4 OR held_until > $5)
    ORDER BY COALESCE(next_poll, 0), id LIMIT $6 {skip_locked}) RETURNING ",
    columns!()
);
const CLAIM_ITEMS: &str = "UPDATE items SET holder = $1, held_until = $2 WHERE id IN (SELECT id FROM items
    WHERE outcome IS NULL AND next_try <= $3 AND (held_until IS NULL OR held_until <= $3 OR held_until > $4)
    ORDER BY next_try, first_seen, id LIMIT $5 {skip_locked})
    RETURNING id, channel, url, title, summary, published, attempts, first_seen";
const RENEW: [&str; 2] = [
    "UPDATE channels SET held_until = $2 WHERE holder = $1",
    "UPDATE items SET held_until = $2 WHERE holder = $1 AND outcome IS NULL",
];
const GIVE_BACK: [&str; 3] = [
    "UPDATE channels SET holder = NULL, held_until = NULL WHERE holder = $1",
    "UPDATE items SET holder = NULL, held_until = NULL WHERE holder = $1",
    "UPDATE host_slots SET held_until = 0 WHERE held_until > 0
    AND substr(ticket, 1, length(CAST($1 AS TEXT)) + 1) = CAST($1 AS TEXT) || '/'",
];
const CHANNELS_ELSEWHERE: &str = "SELECT COUNT(*) FROM channels WHERE polled = 1 AND holder <> $1
    AND (next_poll IS NULL OR next_poll <= $2) AND held_until <= $3";
const ITEMS_ELSEWHERE: &str = "SELECT COUNT(*) FROM items WHERE outcome IS NULL AND holder <> $1 AND next_try <= $2
    AND held_until <= $3";
impl Store {
    /// States which channels are polled; all others are left alone from now on.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn set_polled(&self, channels: &[&ChannelId]) -> Result<(), StoreError> {
        let wanted: HashSet<&str> = channels.iter().map(|id| id.as_str()).collect();
        let mut known: HashMap<String, i64> = HashMap::new();
        for row in self.fetch(ASKED, args![]).await? {
            known.insert(self.get(&row, 0)?, self.get(&row, 1)?);
        }
        let on = wanted.iter().filter(|id| known.get(**id) != Some(&1)).map(|id| ((*id).to_owned(), 1_i64));
        let off = known.iter().filter(|(id, on)| **on == 1 && !wanted.contains(id.as_str()));
        let mut rows: Vec<(String, i64)> = on.chain(off.map(|(id, _)| (id.clone(), 0))).collect();
        if rows.is_empty() {
            return Ok(());
        }
        rows.sort();
        let rows = rows.into_iter().map(|(id, polled)| args![id, 0.0_f64, 0_i64, polled]).collect();
        let mut tx = self.begin().await?;
        self.execute_rows(&mut tx, ASK, rows).await?;
        self.commit(tx).await
    }

    /// Claims channels that were due at a moment and have not been asked since, the longest waiting first.
    /// What anybody has claimed, the worker itself included, is passed over until its claim ends.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn claim_channels(
        &self,
        claim: &Claim<'_>,
        due: DateTime<Utc>,
        n_max: usize,
    ) -> Result<Vec<ChannelState>, StoreError> {
        let args = args![claim.holder, claim.until(), due, claim.now, claim.incredible(), limit(n_max)];
        let mut tx = self.begin().await?;
        let rows = self.claim_in(&mut tx, CLAIM_CHANNELS, args).await?;
        self.commit(tx).await?;
        let mut claimed: Vec<ChannelState> =
            rows.iter().map(|row| self.channel_state(row)).collect::<Result<_, _>>()?;
        claimed.sort_by(|a, b| (a.next_poll, &a.id).cmp(&(b.next_poll, &b.id)));
        Ok(claimed)
    }

    /// Claims items to fetch now, the longest waiting first.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn claim_items(&self, claim: &Claim<'_>, n_max: usize) -> Result<Vec<PendingItem>, StoreError> {
        let args = args![claim.holder, claim.until(), claim.now, claim.incredible(), limit(n_max)];
        let mut tx = self.begin().await?;
        let rows = self.claim_in(&mut tx, CLAIM_ITEMS, args).await?;
        self.commit(tx).await?;
        let mut claimed: Vec<PendingItem> = rows.iter().map(|row| self.pending_item(row)).collect::<Result<_, _>>()?;
        claimed.sort_by_key(|item| (item.first_seen, item.id));
        Ok(claimed)
    }

    /// Renews everything the worker has claimed and not finished.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn renew_claims(&self, claim: &Claim<'_>) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for statement in RENEW {
            self.execute(&mut tx, statement, args![claim.holder, claim.until()]).await?;
        }
        self.commit(tx).await
    }

    /// Gives everything back that a worker of this name has claimed, its open requests at hosts included (tickets
    /// begin with the worker's name and a slash): it begins anew, or is done.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn give_back_claims(&self, holder: &str) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for statement in GIVE_BACK {
            self.execute(&mut tx, statement, args![holder]).await?;
        }
        self.commit(tx).await
    }

    /// Whether other workers have claimed channels that were due at a moment and are not read yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn channels_elsewhere(&self, claim: &Claim<'_>, due: DateTime<Utc>) -> Result<bool, StoreError> {
        self.any(CHANNELS_ELSEWHERE, args![claim.holder, due, claim.incredible()]).await
    }

    /// Whether other workers have claimed items that could be fetched now.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn items_elsewhere(&self, claim: &Claim<'_>) -> Result<bool, StoreError> {
        self.any(ITEMS_ELSEWHERE, args![claim.holder, claim.now, claim.incredible()]).await
    }

    async fn any(&self, sql: &'static str, args: Vec<crate::sql::Arg>) -> Result<bool, StoreError> {
        let rows = self.fetch(sql, args).await?;
        let n: i64 = rows.first().map_or(Ok(0), |row| self.get(row, 0))?;
        Ok(n > 0)
    }
}
