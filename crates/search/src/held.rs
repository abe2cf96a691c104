//! What an open index keeps from one question to the next; all of it can be read again.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader, Term};

use crate::bits::Bits;
use crate::keys::Numbers;
use crate::snippet::Snippets;

/// Bytes of sets of documents that are held.
const MAX_BITS: usize = 64 << 20;

/// A term's documents in one segment.
type Key = (SegmentId, Term);

/// What is held.
#[derive(Debug, Default)]
pub(crate) struct Held {
    bits: Mutex<Sets>,
    numbers: Mutex<HashMap<SegmentId, Numbered>>,
    snippets: Mutex<Snippets>,
}

/// The stories of a segment are numbered once so many of its articles were counted that it is worth the while.
#[derive(Debug)]
enum Numbered {
    NotYet { counted: u64 },
    Done(Arc<Numbers>),
}

/// To number the stories of a segment costs as much as to count so many times its articles.
const WORTH: u64 = 4;

#[derive(Debug, Default)]
struct Sets {
    /// Each with when it was used last.
    sets: HashMap<Key, (u64, Arc<Bits>)>,
    size: usize,
    clock: u64,
}

impl Held {
    /// The documents of a term, if they were read lately.
    pub(crate) fn bits(&self, key: &Key) -> Option<Arc<Bits>> {
        let sets = &mut *locked(&self.bits);
        sets.clock += 1;
        let (used, bits) = sets.sets.get_mut(key)?;
        *used = sets.clock;
        Some(Arc::clone(bits))
    }

    /// Holds the documents of a term; the half used least lately makes room.
    pub(crate) fn hold(&self, key: Key, bits: Bits) -> Arc<Bits> {
        let bits = Arc::new(bits);
        let sets = &mut *locked(&self.bits);
        sets.size += bits.size();
        sets.sets.insert(key, (sets.clock, Arc::clone(&bits)));
        if sets.size > MAX_BITS {
            let mut times: Vec<u64> = sets.sets.values().map(|(used, _)| *used).collect();
            let middle = times.len() / 2;
            let since = *times.select_nth_unstable(middle).1;
            sets.sets.retain(|_, (used, _)| *used > since);
            sets.size = sets.sets.values().map(|(_, bits)| bits.size()).sum();
        }
        bits
    }

    /// The numbers of a segment's stories, if it is worth the while; so many of its articles are to be counted now.
    pub(crate) fn numbers(
        &self,
        searcher: &Searcher,
        reader: &SegmentReader,
        n_counted: u32,
    ) -> tantivy::Result<Option<Arc<Numbers>>> {
        let mut numbers = locked(&self.numbers);
        let known = numbers.entry(reader.segment_id()).or_insert(Numbered::NotYet { counted: 0 });
        let counted = match known {
            Numbered::Done(numbers) => return Ok(Some(Arc::clone(numbers))),
            Numbered::NotYet { counted } => counted,
        };
        *counted += u64::from(n_counted);
        if *counted < u64::from(reader.max_doc()) * WORTH {
            return Ok(None);
        }
        let done = Arc::new(Numbers::of(reader)?);
        *known = Numbered::Done(Arc::clone(&done));
        let alive = |id: &SegmentId| searcher.segment_readers().iter().any(|r| r.segment_id() == *id);
        numbers.retain(|id, _| alive(id));
        Ok(Some(done))
    }

    /// The reader of snippets, or a new one while another question uses it.
    pub(crate) fn with_snippets<T>(&self, work: impl FnOnce(&mut Snippets) -> T) -> T {
        let mut snippets = std::mem::take(&mut *locked(&self.snippets));
        let done = work(&mut snippets);
        *locked(&self.snippets) = snippets;
        done
    }
}

/// What is held can be used after a panic: each change is whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
