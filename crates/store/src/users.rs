//! Who may use the console: users with their roles. Nobody is deleted; who leaves is disabled.

use chrono::{DateTime, Utc};
use sqlx::any::AnyRow;

use crate::sql::{args, bad};
use crate::{Store, StoreError};

/// What a user may do. What exactly, the console's table of rights says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Reads.
    Viewer,
    /// Makes editions.
    Editor,
    /// Handles cases.
    Officer,
    /// Answers for one unit, and sees the cases of that unit only.
    Unit,
    /// Everything, and users.
    Admin,
}

impl Role {
    /// Every role, in the order of a list on screen.
    pub const ALL: [Self; 5] = [Self::Viewer, Self::Editor, Self::Officer, Self::Unit, Self::Admin];

    /// The name used in the store, in JSON and on the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Officer => "officer",
            Self::Unit => "unit",
            Self::Admin => "admin",
        }
    }

    /// Reads the name used in the store.
    #[must_use]
    pub fn parse(s: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.as_str() == s)
    }

    /// The name on screen, in Vietnamese.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Viewer => "Người xem",
            Self::Editor => "Biên tập",
            Self::Officer => "Cán bộ trực",
            Self::Unit => "Đơn vị",
            Self::Admin => "Quản trị",
        }
    }
}

/// Somebody who may use the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// The login name; never changes.
    pub name: String,
    /// The name on screen and in the audit trail of cases.
    pub display: String,
    /// What they may do.
    pub role: Role,
    /// The unit a [`Role::Unit`] answers for.
    pub unit: Option<String>,
    /// Since when they are known.
    pub created_at: DateTime<Utc>,
    /// Since when they may not come in; none: they may.
    pub disabled_at: Option<DateTime<Utc>>,
}

const ONE: &str = "SELECT name, display, role, unit, created_at, disabled_at FROM users WHERE name = $1";
const ALL: &str = "SELECT name, display, role, unit, created_at, disabled_at FROM users ORDER BY name";
const ADD: &str = "INSERT INTO users (name, display, role, unit, password, created_at) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (name) DO NOTHING";
const PASSWORD: &str = "SELECT password FROM users WHERE name = $1 AND disabled_at IS NULL";
const OF_SUBJECT: &str = "SELECT name, display, role, unit, created_at, disabled_at FROM users WHERE subject = $1";
/// Never somebody who has a password here, nor somebody who is bound already.
const BIND: &str = "UPDATE users SET subject = $2 WHERE name = $1 AND subject IS NULL AND password IS NULL";
const SET_PASSWORD: &str = "UPDATE users SET password = $2 WHERE name = $1";
const SET_ROLE: &str = "UPDATE users SET role = $2, unit = $3 WHERE name = $1";
const SET_DISABLED: &str = "UPDATE users SET disabled_at = $2 WHERE name = $1";
const END_SESSIONS: &str = "DELETE FROM sessions WHERE user_name = $1";

impl Store {
    /// Adds a user with the hash of a password (none: signs in through another system); false
    /// when the name was given before.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn add_user(&self, user: &User, password: Option<&str>) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let args = args![
            user.name.as_str(),
            user.display.as_str(),
            user.role.as_str(),
            user.unit.as_deref(),
            password,
            user.created_at
        ];
        let added = self.execute(&mut tx, ADD, args).await? > 0;
        self.commit(tx).await?;
        Ok(added)
    }

    /// The user of a login name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn user(&self, name: &str) -> Result<Option<User>, StoreError> {
        let rows = self.fetch(ONE, args![name]).await?;
        rows.first().map(|row| self.user_of(row, 0)).transpose()
    }

    /// All users by name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn users(&self) -> Result<Vec<User>, StoreError> {
        self.fetch(ALL, args![]).await?.iter().map(|row| self.user_of(row, 0)).collect()
    }

    /// The user whom a single sign-on knows by this subject.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn user_of_subject(&self, subject: &str) -> Result<Option<User>, StoreError> {
        let rows = self.fetch(OF_SUBJECT, args![subject]).await?;
        rows.first().map(|row| self.user_of(row, 0)).transpose()
    }

    /// Binds a user without a password to what a single sign-on knows them by; false when there is
    /// no such user, or they have a password or are bound already.
    ///
    /// # Errors
    /// When the store cannot be written, or the subject is somebody else's.
    pub async fn bind_subject(&self, name: &str, subject: &str) -> Result<bool, StoreError> {
        Ok(self.write(BIND, args![name, subject]).await? > 0)
    }

    /// The hash of the password of a user who may come in.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn password_of(&self, name: &str) -> Result<Option<String>, StoreError> {
        let rows = self.fetch(PASSWORD, args![name]).await?;
        rows.first().map_or(Ok(None), |row| self.get(row, 0))
    }

    /// Gives a user a new password and ends their sessions; false when there is no such user.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn set_password(&self, name: &str, hash: &str) -> Result<bool, StoreError> {
        self.change_user(name, SET_PASSWORD, args![name, hash]).await
    }

    /// Gives a user another role and ends their sessions; false when there is no such user.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn set_role(&self, name: &str, role: Role, unit: Option<&str>) -> Result<bool, StoreError> {
        self.change_user(name, SET_ROLE, args![name, role.as_str(), unit]).await
    }

    /// Shuts a user out since a time and ends their sessions, or lets them in again (none);
    /// false when there is no such user.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub async fn set_disabled(&self, name: &str, since: Option<DateTime<Utc>>) -> Result<bool, StoreError> {
        self.change_user(name, SET_DISABLED, args![name, since]).await
    }

    async fn change_user(
        &self,
        name: &str,
        statement: &'static str,
        args: Vec<crate::sql::Arg>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.begin().await?;
        let changed = self.execute(&mut tx, statement, args).await? > 0;
        self.execute(&mut tx, END_SESSIONS, args![name]).await?;
        self.commit(tx).await?;
        Ok(changed)
    }

    /// Reads a user from six columns: `name`, `display`, `role`, `unit`, `created_at`, `disabled_at`.
    pub(crate) fn user_of(&self, row: &AnyRow, first: usize) -> Result<User, StoreError> {
        let role: String = self.get(row, first + 2)?;
        Ok(User {
            name: self.get(row, first)?,
            display: self.get(row, first + 1)?,
            role: Role::parse(&role).ok_or_else(|| bad("users", role, "a role"))?,
            unit: self.get(row, first + 3)?,
            created_at: self.time(row, first + 4)?,
            disabled_at: self.time_or_none(row, first + 5)?,
        })
    }
}
