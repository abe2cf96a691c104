//! Sessions of the console, API tokens and failed logins. Tokens come in as hashes only.

use chrono::{DateTime, Utc};

use crate::sql::{args, bad};
use crate::{Store, StoreError, User};

/// A browser that somebody signed in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// The SHA-256 of its token, in hexadecimal.
    pub token: String,
    /// The login name.
    pub user: String,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Last used.
    pub seen_at: DateTime<Utc>,
    /// From where.
    pub address: String,
}

/// The right of a program to act for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    /// The SHA-256 of the token, in hexadecimal.
    pub token: String,
    /// The login name.
    pub user: String,
    /// What it is for.
    pub label: String,
    /// What of the user's rights it has.
    pub scopes: Vec<String>,
    /// Since when.
    pub created_at: DateTime<Utc>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// When it was taken back.
    pub revoked_at: Option<DateTime<Utc>>,
}

const OPEN: &str = "INSERT INTO sessions (token, user_name, created_at, seen_at, address) VALUES ($1, $2, $3, $4, $5)";
const SESSION: &str = "SELECT users.name, users.display, users.role, users.unit, users.created_at, users.disabled_at,
    sessions.token, sessions.created_at, sessions.seen_at, sessions.address
    FROM sessions JOIN users ON users.name = sessions.user_name WHERE sessions.token = $1";
const SEEN: &str = "UPDATE sessions SET seen_at = $2 WHERE token = $1 AND seen_at < $2";
const END: &str = "DELETE FROM sessions WHERE token = $1";
const PRUNE: &str = "DELETE FROM sessions WHERE seen_at < $1 OR created_at < $2";
const ADD_TOKEN: &str = "INSERT INTO api_tokens (token, user_name, label, scopes, created_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6)";
const TOKEN: &str = "SELECT users.name, users.display, users.role, users.unit, users.created_at, users.disabled_at,
    api_tokens.token, api_tokens.label, api_tokens.scopes, api_tokens.created_at, api_tokens.expires_at,
    api_tokens.revoked_at FROM api_tokens JOIN users ON users.name = api_tokens.user_name WHERE api_tokens.token = $1";
const TOKENS: &str = "SELECT users.name, users.display, users.role, users.unit, users.created_at, users.disabled_at,
    api_tokens.token, api_tokens.label, api_tokens.scopes, api_tokens.created_at, api_tokens.expires_at,
    api_tokens.revoked_at FROM api_tokens JOIN users ON users.name = api_tokens.user_name
    WHERE api_tokens.user_name = $1 ORDER BY api_tokens.created_at DESC, api_tokens.token";
const REVOKE: &str = "UPDATE api_tokens SET revoked_at = $3 WHERE user_name = $1 AND label = $2 AND revoked_at IS NULL";
const FAILURES: &str = "SELECT n FROM login_failures WHERE what = $1 AND last_at >= $2";
/// What lies further back than `$3` counts no longer.
const FAIL: &str = "INSERT INTO login_failures (what, n, last_at) VALUES ($1, 1, $2) ON CONFLICT (what) DO UPDATE SET
    n = CASE WHEN login_failures.last_at < $3 THEN 1 ELSE login_failures.n + 1 END, last_at = excluded.last_at";
const FORGIVE: &str = "DELETE FROM login_failures WHERE what = $1";
const FORGET: &str = "DELETE FROM login_failures WHERE last_at < $1";

impl Store {
    /// Opens a session.
    ///
    /// # Errors
    /// When the store cannot be written, or the token or user is not to be had.
    pub async fn open_session(&self, s: &Session) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        let args = args![s.token.as_str(), s.user.as_str(), s.created_at, s.seen_at, s.address.as_str()];
        self.execute(&mut tx, OPEN, args).await?;
        self.commit(tx).await
    }

    /// The session of a token's hash and its user, who may be disabled.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn session(&self, token: &str) -> Result<Option<(Session, User)>, StoreError> {
        let rows = self.fetch(SESSION, args![token]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let user = self.user_of(row, 0)?;
        let session = Session {
            token: self.get(row, 6)?,
            user: user.name.clone(),
            created_at: self.time(row, 7)?,
            seen_at: self.time(row, 8)?,
            address: self.get(row, 9)?,
        };
        Ok(Some((session, user)))
    }

    /// Writes down that a session was used.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn touch_session(&self, token: &str, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.write(SEEN, args![token, now]).await.map(|_| ())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn end_session(&self, token: &str) -> Result<(), StoreError> {
        self.write(END, args![token]).await.map(|_| ())
    }

    /// Drops the sessions that were last used before one time or opened before another, and the
    /// failed logins before the first; how many sessions.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn prune_sessions(&self, seen: DateTime<Utc>, opened: DateTime<Utc>) -> Result<u64, StoreError> {
        self.write(FORGET, args![seen]).await?;
        self.write(PRUNE, args![seen, opened]).await
    }

    /// Gives a program the right to act for a user.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn add_token(&self, t: &ApiToken) -> Result<(), StoreError> {
        let args =
            args![t.token.as_str(), t.user.as_str(), t.label.as_str(), t.scopes.join(" "), t.created_at, t.expires_at];
        self.write(ADD_TOKEN, args).await.map(|_| ())
    }

    /// The API token of a hash and its user, who may be disabled.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn token(&self, token: &str) -> Result<Option<(ApiToken, User)>, StoreError> {
        let rows = self.fetch(TOKEN, args![token]).await?;
        let Some(row) = rows.first() else {
            return Ok(None);
        };
        let user = self.user_of(row, 0)?;
        Ok(Some((self.token_of(row, &user)?, user)))
    }

    /// A user's API tokens, the last first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn tokens(&self, user: &str) -> Result<Vec<ApiToken>, StoreError> {
        let rows = self.fetch(TOKENS, args![user]).await?;
        rows.iter().map(|row| self.token_of(row, &self.user_of(row, 0)?)).collect()
    }

    /// Takes a user's API tokens with a label back; how many there were.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn revoke_tokens(&self, user: &str, label: &str, now: DateTime<Utc>) -> Result<u64, StoreError> {
        self.write(REVOKE, args![user, label, now]).await
    }

    /// How often logging in failed for a name or address since a time.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn login_failures(&self, what: &str, since: DateTime<Utc>) -> Result<i64, StoreError> {
        let rows = self.fetch(FAILURES, args![what, since]).await?;
        rows.first().map_or(Ok(0), |row| self.get(row, 0))
    }

    /// Writes down a failed login for each name or address; what lies before `since` counts no longer.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn record_login_failure(
        &self,
        what: &[String],
        since: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let mut tx = self.begin().await?;
        for what in what {
            self.execute(&mut tx, FAIL, args![what.as_str(), now, since]).await?;
        }
        self.commit(tx).await
    }

    /// Forgets the failed logins of a name or address.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn forgive_login_failures(&self, what: &str) -> Result<(), StoreError> {
        self.write(FORGIVE, args![what]).await.map(|_| ())
    }

    pub(crate) async fn write(&self, statement: &'static str, args: Vec<crate::sql::Arg>) -> Result<u64, StoreError> {
        let mut tx = self.begin().await?;
        let touched = self.execute(&mut tx, statement, args).await?;
        self.commit(tx).await?;
        Ok(touched)
    }

    fn token_of(&self, row: &sqlx::any::AnyRow, user: &User) -> Result<ApiToken, StoreError> {
        let scopes: String = self.get(row, 8)?;
        let token: String = self.get(row, 6)?;
        if token.is_empty() {
            return Err(bad("api_tokens", token, "a hash"));
        }
        Ok(ApiToken {
            token,
            user: user.name.clone(),
            label: self.get(row, 7)?,
            scopes: scopes.split_whitespace().map(str::to_owned).collect(),
            created_at: self.time(row, 9)?,
            expires_at: self.time(row, 10)?,
            revoked_at: self.time_or_none(row, 11)?,
        })
    }
}
