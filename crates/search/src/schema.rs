//! The fields of the index and its version.

use tantivy::schema::{
    FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::tokenizer::TokenizerManager;

use crate::analysis::{ArticleTokenizer, Terms};

/// Changes whenever an index made before would answer differently.
pub(crate) const VERSION: &str = "3";

const SYLLABLES: &str = "syllables";
const PAIRS: &str = "pairs";

/// The fields.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields {
    /// The article's id.
    pub(crate) id: Field,
    /// Its story's id; absent for none.
    pub(crate) story: Field,
    /// Seconds since 1970.
    pub(crate) published: Field,
    /// Microseconds since 1970.
    pub(crate) first_seen: Field,
    /// 1 green to 4 red; absent for none.
    pub(crate) severity: Field,
    /// Filters and facets.
    pub(crate) outlet: Field,
    pub(crate) topic: Field,
    pub(crate) flag: Field,
    pub(crate) province: Field,
    pub(crate) facility: Field,
    pub(crate) section: Field,
    /// Syllables of title, lead and body at positions.
    pub(crate) text: Field,
    /// Pairs of neighbours.
    pub(crate) pairs: Field,
    /// Stored only: the reference, the URL, the headline, lead and body.
    pub(crate) reference: Field,
    pub(crate) url: Field,
    pub(crate) title: Field,
    pub(crate) body: Field,
}

/// The schema and its fields.
pub(crate) fn schema() -> (Schema, Fields) {
    let mut b = Schema::builder();
    let text = |tokenizer: &str, option| {
        TextOptions::default()
            .set_indexing_options(TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(option))
    };
    let fields = Fields {
        id: b.add_u64_field("id", INDEXED | FAST),
        story: b.add_u64_field("story", INDEXED | FAST),
        published: b.add_i64_field("published", FAST),
        first_seen: b.add_i64_field("first_seen", FAST),
        severity: b.add_u64_field("severity", FAST),
        outlet: b.add_text_field("outlet", STRING | FAST),
        topic: b.add_text_field("topic", STRING | FAST),
        flag: b.add_text_field("flag", STRING | FAST),
        province: b.add_text_field("province", STRING | FAST),
        facility: b.add_text_field("facility", STRING | FAST),
        section: b.add_text_field("section", STRING | FAST),
        text: b.add_text_field("text", text(SYLLABLES, IndexRecordOption::WithFreqsAndPositions)),
        pairs: b.add_text_field("pairs", text(PAIRS, IndexRecordOption::WithFreqs)),
        reference: b.add_text_field("reference", STORED),
        url: b.add_text_field("url", STORED),
        title: b.add_text_field("title", STORED),
        body: b.add_text_field("body", STORED),
    };
    (b.build(), fields)
}

/// The tokenizers the schema names.
pub(crate) fn tokenizers() -> TokenizerManager {
    let manager = TokenizerManager::default();
    manager.register(SYLLABLES, ArticleTokenizer::new(Terms::Syllables));
    manager.register(PAIRS, ArticleTokenizer::new(Terms::Pairs));
    manager
}
