//! Vietnamese text: normal form, folded form, syllables, sentences.
