//! Binding, multi-row statements and reading rows, the same for both databases.
//!
//! Doubles are never bound as NULL: the driver would name two widths for one cached statement.

use chrono::{DateTime, Utc};
use diembao_news::ArticleId;
use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, Arguments, AssertSqlSafe, Executor, Row};

use crate::StoreError;
use crate::store::{Backend, Store, Tx};

/// Rows in one statement.
const BATCH: usize = 64;
/// Ids in one IN list; shorter lists are padded to one of these so that few statements are prepared.
const LISTS: [usize; 3] = [1, 16, 128];

/// One bound value.
#[derive(Debug, Clone)]
pub(crate) enum Arg {
    Int(Option<i64>),
    Real(f64),
    Text(Option<String>),
    Blob(Vec<u8>),
}

impl From<i64> for Arg {
    fn from(v: i64) -> Self {
        Self::Int(Some(v))
    }
}
impl From<Option<i64>> for Arg {
    fn from(v: Option<i64>) -> Self {
        Self::Int(v)
    }
}
impl From<u32> for Arg {
    fn from(v: u32) -> Self {
        Self::Int(Some(v.into()))
    }
}
impl From<ArticleId> for Arg {
    fn from(v: ArticleId) -> Self {
        Self::Int(Some(v.as_i64()))
    }
}
impl From<DateTime<Utc>> for Arg {
    fn from(v: DateTime<Utc>) -> Self {
        Self::Int(Some(v.timestamp_micros()))
    }
}
impl From<Option<DateTime<Utc>>> for Arg {
    fn from(v: Option<DateTime<Utc>>) -> Self {
        Self::Int(v.map(|t| t.timestamp_micros()))
    }
}
impl From<f64> for Arg {
    fn from(v: f64) -> Self {
        Self::Real(v)
    }
}
impl From<f32> for Arg {
    fn from(v: f32) -> Self {
        Self::Real(v.into())
    }
}
impl From<&str> for Arg {
    fn from(v: &str) -> Self {
        Self::Text(Some(v.replace('\0', "")))
    }
}
impl From<Option<&str>> for Arg {
    fn from(v: Option<&str>) -> Self {
        // PostgreSQL refuses the character NUL in text, and no text needs it.
        Self::Text(v.map(|s| s.replace('\0', "")))
    }
}
impl From<String> for Arg {
    fn from(v: String) -> Self {
        Self::Text(Some(if v.contains('\0') { v.replace('\0', "") } else { v }))
    }
}
impl From<Vec<u8>> for Arg {
    fn from(v: Vec<u8>) -> Self {
        Self::Blob(v)
    }
}

/// The arguments of one statement: `args![id, "x", now]`.
macro_rules! args {
    ($($value:expr),* $(,)?) => { vec![$($crate::sql::Arg::from($value)),*] };
}
pub(crate) use args;

fn bound(values: impl IntoIterator<Item = Arg>) -> Result<AnyArguments, sqlx::Error> {
    let mut out = AnyArguments::default();
    for value in values {
        match value {
            Arg::Int(v) => out.add(v),
            Arg::Real(v) => out.add(v),
            Arg::Text(v) => out.add(v),
            Arg::Blob(v) => out.add(v),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(out)
}

impl Store {
    /// Runs one statement in a transaction; how many rows it touched.
    pub(crate) async fn execute(&self, tx: &mut Tx, sql: &'static str, args: Vec<Arg>) -> Result<u64, StoreError> {
        let query = sqlx::query_with(sql, bound(args).map_err(|e| self.error(e))?);
        Ok(tx.execute(query).await.map_err(|e| self.error(e))?.rows_affected())
    }

    /// Reads rows in a transaction.
    pub(crate) async fn fetch_in(
        &self,
        tx: &mut Tx,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let query = sqlx::query_with(sql, bound(args).map_err(|e| self.error(e))?);
        tx.fetch_all(query).await.map_err(|e| self.error(e))
    }

    /// As [`Self::fetch_in`]; `{skip_locked}` in the statement keeps two workers on PostgreSQL from waiting for
    /// each other's rows. SQLite has one writer anyway.
    pub(crate) async fn claim_in(
        &self,
        tx: &mut Tx,
        sql: &'static str,
        args: Vec<Arg>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let words = match self.inner.backend {
            Backend::Sqlite => "",
            Backend::Postgres => "FOR UPDATE SKIP LOCKED",
        };
        let sql = AssertSqlSafe(sql.replace("{skip_locked}", words));
        let query = sqlx::query_with(sql, bound(args).map_err(|e| self.error(e))?);
        tx.fetch_all(query).await.map_err(|e| self.error(e))
    }

    /// Reads rows outside a transaction.
    pub(crate) async fn fetch(&self, sql: &'static str, args: Vec<Arg>) -> Result<Vec<AnyRow>, StoreError> {
        let query = sqlx::query_with(sql, bound(args).map_err(|e| self.error(e))?);
        self.inner.reader.fetch_all(query).await.map_err(|e| self.error(e))
    }

    /// Reads the rows of a list of ids; `{ids}` in the statement stands for the list.
    pub(crate) async fn fetch_ids(&self, sql: &'static str, ids: &[i64]) -> Result<Vec<AnyRow>, StoreError> {
        let mut rows = Vec::with_capacity(ids.len());
        for (sql, args) in lists(self.inner.backend, sql, ids) {
            let query = sqlx::query_with(AssertSqlSafe(sql), bound(args).map_err(|e| self.error(e))?);
            rows.extend(self.inner.reader.fetch_all(query).await.map_err(|e| self.error(e))?);
        }
        Ok(rows)
    }

    /// As [`Self::fetch_ids`], in a transaction.
    pub(crate) async fn fetch_ids_in(
        &self,
        tx: &mut Tx,
        sql: &'static str,
        ids: &[i64],
    ) -> Result<Vec<AnyRow>, StoreError> {
        let mut rows = Vec::with_capacity(ids.len());
        for (sql, args) in lists(self.inner.backend, sql, ids) {
            let query = sqlx::query_with(AssertSqlSafe(sql), bound(args).map_err(|e| self.error(e))?);
            rows.extend(tx.fetch_all(query).await.map_err(|e| self.error(e))?);
        }
        Ok(rows)
    }

    /// Runs a statement over a list of ids in a transaction.
    pub(crate) async fn execute_ids(&self, tx: &mut Tx, sql: &'static str, ids: &[i64]) -> Result<u64, StoreError> {
        let mut touched = 0;
        for (sql, args) in lists(self.inner.backend, sql, ids) {
            let query = sqlx::query_with(AssertSqlSafe(sql), bound(args).map_err(|e| self.error(e))?);
            touched += tx.execute(query).await.map_err(|e| self.error(e))?.rows_affected();
        }
        Ok(touched)
    }

    /// Runs a statement over many rows; `{rows}` in it stands for `($1, $2), ($3, $4), …`.
    pub(crate) async fn execute_rows(
        &self,
        tx: &mut Tx,
        sql: &'static str,
        rows: Vec<Vec<Arg>>,
    ) -> Result<u64, StoreError> {
        let mut touched = 0;
        for (text, args, full) in batches(self.inner.backend, sql, rows) {
            let query = sqlx::query_with(AssertSqlSafe(text), bound(args).map_err(|e| self.error(e))?).persistent(full);
            touched += tx.execute(query).await.map_err(|e| self.error(e))?.rows_affected();
        }
        Ok(touched)
    }

    /// As [`Self::execute_rows`], with the rows it returns.
    pub(crate) async fn returning_rows(
        &self,
        tx: &mut Tx,
        sql: &'static str,
        rows: Vec<Vec<Arg>>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let mut found = Vec::new();
        for (text, args, full) in batches(self.inner.backend, sql, rows) {
            let query = sqlx::query_with(AssertSqlSafe(text), bound(args).map_err(|e| self.error(e))?).persistent(full);
            found.extend(tx.fetch_all(query).await.map_err(|e| self.error(e))?);
        }
        Ok(found)
    }

    /// Reads one value of a row.
    pub(crate) fn get<'r, T>(&self, row: &'r AnyRow, column: usize) -> Result<T, StoreError>
    where
        T: sqlx::Decode<'r, Any> + sqlx::Type<Any>,
    {
        row.try_get(column).map_err(|e| self.error(e))
    }

    /// Reads a time.
    pub(crate) fn time(&self, row: &AnyRow, column: usize) -> Result<DateTime<Utc>, StoreError> {
        from_micros(self.get(row, column)?)
    }

    /// Reads a time that may be missing.
    pub(crate) fn time_or_none(&self, row: &AnyRow, column: usize) -> Result<Option<DateTime<Utc>>, StoreError> {
        self.get::<Option<i64>>(row, column)?.map(from_micros).transpose()
    }

    /// Reads an article's id.
    pub(crate) fn article_id(&self, row: &AnyRow, column: usize) -> Result<ArticleId, StoreError> {
        let n: i64 = self.get(row, column)?;
        ArticleId::from_i64(n).map_err(|_| bad("articles", n.to_string(), "an article id"))
    }
}

/// A row that no version of the program writes.
pub(crate) fn bad(table: &'static str, value: impl Into<String>, expected: &'static str) -> StoreError {
    StoreError::BadRow { table, value: value.into(), expected }
}

fn from_micros(n: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(n).ok_or_else(|| bad("times", n.to_string(), "microseconds since 1970"))
}

/// A number of rows as the program counts them.
pub(crate) fn count(n: i64) -> u32 {
    u32::try_from(n.max(0)).unwrap_or(u32::MAX)
}

/// A limit as SQL counts.
pub(crate) fn limit(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// One statement for each stretch of ids, the list padded with its last id.
fn lists(backend: Backend, sql: &'static str, ids: &[i64]) -> Vec<(String, Vec<Arg>)> {
    ids.chunks(LISTS[LISTS.len() - 1])
        .map(|chunk| {
            let size = LISTS.into_iter().find(|&n| n >= chunk.len()).unwrap_or(chunk.len());
            let last = chunk[chunk.len() - 1];
            let padded = chunk.iter().copied().chain(std::iter::repeat(last)).take(size);
            let mut list = String::with_capacity(size * 5);
            numbers(backend, &mut list, 1, size);
            (sql.replace("{ids}", &list), padded.map(Arg::from).collect())
        })
        .collect()
}

/// One statement for each stretch of rows, and whether it is one of the full stretches.
fn batches(backend: Backend, sql: &'static str, rows: Vec<Vec<Arg>>) -> Vec<(String, Vec<Arg>, bool)> {
    let mut out = Vec::with_capacity(rows.len() / BATCH + 1);
    let mut rows = rows.into_iter();
    loop {
        let chunk: Vec<Vec<Arg>> = rows.by_ref().take(BATCH).collect();
        let Some(width) = chunk.first().map(Vec::len) else {
            return out;
        };
        let mut list = String::with_capacity(chunk.len() * (width * 5 + 4));
        for i in 0..chunk.len() {
            list.push_str(if i == 0 { "(" } else { ", (" });
            numbers(backend, &mut list, i * width + 1, width);
            list.push(')');
        }
        let full = chunk.len() == BATCH || chunk.len() == 1;
        out.push((sql.replace("{rows}", &list), chunk.into_iter().flatten().collect(), full));
    }
}

/// `$1, $2, …`; on SQLite `?, ?, …`, because the driver looks every named parameter up in a list.
fn numbers(backend: Backend, out: &mut String, first: usize, n: usize) {
    for i in first..first + n {
        if i > first {
            out.push_str(", ");
        }
        match backend {
            Backend::Sqlite => out.push('?'),
            Backend::Postgres => {
                out.push('$');
                out.push_str(&i.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_padded_to_few_sizes() {
        let sizes: Vec<usize> =
            [1, 2, 16, 17, 128].iter().map(|&n| lists(Backend::Sqlite, "x {ids}", &vec![7; n])[0].1.len()).collect();
        assert_eq!(sizes, [1, 16, 16, 128, 128]);
        assert_eq!(lists(Backend::Sqlite, "x {ids}", &[7; 129]).len(), 2);
        assert!(lists(Backend::Sqlite, "x", &[]).is_empty());
    }

    #[test]
    fn rows_are_numbered_through() {
        let made = batches(Backend::Postgres, "VALUES {rows}", vec![args![1_i64, "a"], args![2_i64, "b"]]);
        assert_eq!(made[0].0, "VALUES ($1, $2), ($3, $4)");
        assert!(!made[0].2);
        let made = batches(Backend::Sqlite, "VALUES {rows}", vec![args![1_i64, "a"]]);
        assert_eq!(made[0].0, "VALUES (?, ?)");
        assert!(batches(Backend::Postgres, "VALUES {rows}", Vec::new()).is_empty());
    }

    #[test]
    fn the_character_nul_is_left_out() {
        assert!(matches!(Arg::from("a\0b"), Arg::Text(Some(s)) if s == "ab"));
    }
}
