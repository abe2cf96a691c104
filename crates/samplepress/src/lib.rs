//! A fictional Vietnamese press served over HTTP on loopback, with the bad habits of real sites.
