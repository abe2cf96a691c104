//! Rendered mail to an SMTP server or a folder.
