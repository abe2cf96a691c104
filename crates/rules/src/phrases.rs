//! All phrases of all rules: their spellings, and whom each serves.

use diembao_text::{Boundary, Syllables};

use crate::trie::{Trie, TrieBuilder};
use crate::vocabulary::Vocabulary;

/// Number of a group of phrases: a list, or a named group of one rule.
pub(crate) type GroupId = u16;
/// Number of one spelling of a phrase.
pub(crate) type Form = u32;

/// Spellings one phrase may have; what lies beyond is not expanded.
const MAX_SPELLINGS: usize = 24;
/// Syllables one phrase may have.
pub(crate) const MAX_SYLLABLES: usize = 24;

/// What a spelling does.
#[derive(Debug, Clone, Default)]
pub(crate) struct FormInfo {
    /// The spelling under which it is counted.
    pub canonical: Form,
    /// What it adds to the health decision.
    pub gate: f32,
    /// Whether it hides what lies inside it.
    pub mask: bool,
    /// The author's words.
    pub text: String,
    groups: Vec<GroupId>,
}

impl FormInfo {
    /// Whether a rule or list holds it.
    pub(crate) fn serves(&self) -> bool {
        !self.groups.is_empty()
    }
}

/// Why a phrase cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PhraseError {
    Empty,
    TooLong,
    CrossesSentence,
}

/// While rules are compiled.
#[derive(Debug, Default)]
pub(crate) struct BookBuilder {
    vocabulary: Vocabulary,
    trie: TrieBuilder,
    forms: Vec<FormInfo>,
    variants: Vec<Vec<Vec<u32>>>,
}

impl BookBuilder {
    /// Declares spellings of one word.
    ///
    /// # Errors
    /// When one of them is no phrase.
    pub(crate) fn add_variant(&mut self, forms: &[&str]) -> Result<(), PhraseError> {
        let forms = forms.iter().map(|f| self.ids(f)).collect::<Result<Vec<_>, _>>()?;
        self.variants.push(forms);
        Ok(())
    }

    /// Adds a phrase in all its spellings; answers its canonical form.
    ///
    /// # Errors
    /// When it is no phrase.
    pub(crate) fn add(&mut self, phrase: &str) -> Result<Form, PhraseError> {
        let ids = self.ids(phrase)?;
        let spellings = self.spellings(ids);
        let mut canonical = None;
        for ids in spellings {
            let form = Form::try_from(self.forms.len()).expect("phrases are capped far below 2^32");
            match self.trie.insert(&ids, form) {
                Some(there) => canonical = canonical.or(Some(self.forms[there as usize].canonical)),
                None => {
                    let canonical = *canonical.get_or_insert(form);
                    self.forms.push(FormInfo { canonical, text: phrase.to_owned(), ..FormInfo::default() });
                }
            }
        }
        Ok(canonical.expect("a phrase has at least its own spelling"))
    }

    /// A form that no text holds: number rules put it where they count.
    pub(crate) fn add_pseudo(&mut self, name: &str) -> Form {
        let form = Form::try_from(self.forms.len()).expect("phrases are capped far below 2^32");
        self.forms.push(FormInfo { canonical: form, text: name.to_owned(), ..FormInfo::default() });
        form
    }

    /// Puts a phrase (with all its spellings) into a group. False when it was there already.
    pub(crate) fn join(&mut self, phrase: Form, group: GroupId) -> bool {
        let groups = &mut self.forms[phrase as usize].groups;
        let fresh = !groups.contains(&group);
        if fresh {
            groups.push(group);
        }
        fresh
    }

    /// The properties of a phrase.
    pub(crate) fn form_mut(&mut self, phrase: Form) -> &mut FormInfo {
        &mut self.forms[phrase as usize]
    }

    /// Whether no phrase of a rule, a list or the health decision is a part of this one.
    pub(crate) fn holds_none(&mut self, phrase: &str) -> bool {
        let ids = self.ids(phrase).unwrap_or_default();
        let parts = (0..ids.len()).flat_map(|from| (from + 1..=ids.len()).map(move |to| from..to));
        let mut found = parts.filter(|p| p.len() < ids.len()).filter_map(|part| self.trie.get(&ids[part]));
        !found.any(|form| {
            let own = &self.forms[self.forms[form as usize].canonical as usize];
            own.serves() || own.gate != 0.0
        })
    }

    /// The id of one syllable.
    pub(crate) fn syllable(&mut self, syllable: &str) -> u32 {
        self.vocabulary.intern(syllable)
    }

    /// Freezes it.
    pub(crate) fn build(self) -> Book {
        let mut offsets = vec![0u32];
        let mut groups = Vec::new();
        let forms = &self.forms;
        for form in forms {
            groups.extend_from_slice(&forms[form.canonical as usize].groups);
            offsets.push(u32::try_from(groups.len()).expect("groups are capped"));
        }
        let infos = forms
            .iter()
            .map(|f| {
                let own = &forms[f.canonical as usize];
                FormInfo {
                    canonical: f.canonical,
                    gate: own.gate,
                    mask: own.mask,
                    text: own.text.clone(),
                    groups: Vec::new(),
                }
            })
            .collect();
        Book {
            trie: self.trie.build(self.vocabulary.len()),
            vocabulary: self.vocabulary,
            forms: infos,
            offsets,
            groups,
        }
    }

    fn ids(&mut self, phrase: &str) -> Result<Vec<u32>, PhraseError> {
        let syllables = Syllables::of(phrase);
        if syllables.is_empty() {
            return Err(PhraseError::Empty);
        }
        if syllables.len() > MAX_SYLLABLES {
            return Err(PhraseError::TooLong);
        }
        if syllables.iter().skip(1).any(|s| s.boundary >= Boundary::Sentence) {
            return Err(PhraseError::CrossesSentence);
        }
        Ok(syllables.iter().map(|s| self.vocabulary.intern(s.norm)).collect())
    }

    /// The phrase with every declared variant in every place, the author's spelling first.
    fn spellings(&self, ids: Vec<u32>) -> Vec<Vec<u32>> {
        let mut all = vec![ids];
        for variant in &self.variants {
            let mut next = 0;
            while next < all.len() && all.len() < MAX_SPELLINGS {
                for spelling in replaced(&all[next], variant) {
                    if all.len() < MAX_SPELLINGS && !all.contains(&spelling) {
                        all.push(spelling);
                    }
                }
                next += 1;
            }
        }
        all
    }
}

/// `ids` with the first occurrence of any form of the variant replaced by each other form.
fn replaced(ids: &[u32], variant: &[Vec<u32>]) -> Vec<Vec<u32>> {
    let mut out = Vec::new();
    for at in 0..ids.len() {
        let Some(found) = variant.iter().filter(|f| ids[at..].starts_with(f)).max_by_key(|f| f.len()) else {
            continue;
        };
        for other in variant.iter().filter(|f| *f != found) {
            out.push([&ids[..at], other, &ids[at + found.len()..]].concat());
        }
    }
    out
}

/// Frozen: what texts are read with.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub vocabulary: Vocabulary,
    pub trie: Trie,
    forms: Vec<FormInfo>,
    offsets: Vec<u32>,
    groups: Vec<GroupId>,
}

impl Book {
    /// The properties of a spelling.
    #[inline]
    pub(crate) fn form(&self, form: Form) -> &FormInfo {
        &self.forms[form as usize]
    }

    /// The groups a spelling belongs to.
    #[inline]
    pub(crate) fn groups(&self, form: Form) -> &[GroupId] {
        let (from, to) = (self.offsets[form as usize], self.offsets[form as usize + 1]);
        &self.groups[from as usize..to as usize]
    }

    /// How many spellings there are.
    pub(crate) fn len(&self) -> usize {
        self.forms.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use diembao_text::{IdReader, Reading};

    fn found(book: &Book, text: &str) -> Vec<String> {
        let mut read = Reading::default();
        IdReader::default().read(text, |norm| book.vocabulary.get(norm), &mut read);
        let mut out = Vec::new();
        for i in 0..read.runs.len() {
            book.trie.starting_at(&read.runs[i..], |_, form| out.push(book.form(form).text.clone()));
        }
        out
    }

    #[test]
    fn spellings_are_found_without_the_author_writing_them() {
        let mut b = BookBuilder::default();
        b.add_variant(&["bác sĩ", "bs"]).unwrap();
        b.add_variant(&["bệnh viện", "bv"]).unwrap();
        b.add_variant(&["vắc xin", "vaccine", "vacxin"]).unwrap();
        b.add("bác sĩ bệnh viện").unwrap();
        b.add("hoá đơn vắc-xin").unwrap();
        let book = b.build();
        for text in ["BS BV", "bác sỹ bệnh viện", "Bs bệnh viện", "bác sĩ BV"] {
            assert_eq!(found(&book, text), ["bác sĩ bệnh viện"], "{text}");
        }
        for text in ["hóa đơn vaccine", "hoá đơn vắc xin", "Hóa đơn vacxin"] {
            assert_eq!(found(&book, text), ["hoá đơn vắc-xin"], "{text}");
        }
    }

    #[test]
    fn what_is_no_phrase_is_refused() {
        let mut b = BookBuilder::default();
        assert_eq!(b.add("  "), Err(PhraseError::Empty));
        assert_eq!(b.add(&"a ".repeat(99)), Err(PhraseError::TooLong));
    }
}
