//! Reads a body: piece by piece, counted before and after unpacking, never longer than allowed.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_compression::tokio::bufread::{BrotliDecoder, GzipDecoder, ZlibDecoder, ZstdDecoder};
use futures::TryStreamExt;
use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio_util::io::StreamReader;

use crate::error::Problem;

type Source = Pin<Box<dyn AsyncBufRead + Send>>;

const GZIP_MAGIC: &[u8] = &[0x1f, 0x8b, 0x08];
const PIECE: usize = 16 << 10;
/// An honest answer is packed once; twice happens by mistake; more is an attack.
const MAX_LAYERS: usize = 2;

/// How much is read, and what happens to the rest.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cap {
    /// A longer body is an error.
    Refuse(usize),
    /// A longer body is cut, without a word.
    Cut(usize),
}

impl Cap {
    fn bytes(self) -> usize {
        match self {
            Self::Refuse(bytes) | Self::Cut(bytes) => bytes,
        }
    }
}

/// A body as it was meant.
#[derive(Debug, Default)]
pub(crate) struct Unpacked {
    pub(crate) bytes: Vec<u8>,
    pub(crate) n_wire: u64,
}

/// Reads and unpacks the whole body. A body that is gzip without saying so is unpacked too.
pub(crate) async fn read(response: Response, cap: Cap) -> Result<Unpacked, Problem> {
    let layers = layers(response.headers())?;
    if let (Cap::Refuse(limit), Some(length)) = (cap, response.content_length())
        && length > limit as u64
    {
        return Err(Problem::TooLarge { limit, packed: !layers.is_empty() });
    }
    let counter = Arc::new(AtomicU64::new(0));
    let mut source: Source = Box::pin(counted(response, Arc::clone(&counter), cap.bytes() as u64));
    for layer in layers {
        source = unpack(source, layer).await?;
    }
    let mut bytes = collect(source, cap).await?;
    if bytes.starts_with(GZIP_MAGIC) {
        let packed: Source = Box::pin(io::Cursor::new(bytes));
        bytes = collect(Box::pin(BufReader::new(gzip(packed))), cap).await?;
    }
    Ok(Unpacked { bytes, n_wire: counter.load(Ordering::Relaxed) })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The packings to undo, last applied first. What is not a packing ("utf-8", "none") is ignored,
/// as browsers do.
fn layers(headers: &HeaderMap) -> Result<Vec<Layer>, Problem> {
    let mut layers = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        for name in value.to_str().unwrap_or_default().split(',') {
            layers.extend(match name.trim().to_ascii_lowercase().as_str() {
                "gzip" | "x-gzip" => Some(Layer::Gzip),
                "deflate" => Some(Layer::Deflate),
                "br" => Some(Layer::Brotli),
                "zstd" => Some(Layer::Zstd),
                "compress" | "x-compress" => return Err(Problem::Encoding("compress".to_owned())),
                _ => None,
            });
        }
    }
    if layers.len() > MAX_LAYERS {
        return Err(Problem::Encoding(format!("{} packings one inside another", layers.len())));
    }
    layers.reverse();
    Ok(layers)
}

/// The bytes as they come over the wire, stopped as soon as they are too many.
fn counted(response: Response, counter: Arc<AtomicU64>, limit: u64) -> impl AsyncBufRead + Send {
    let pieces = response.bytes_stream().map_err(io::Error::other).and_then(move |piece| {
        let before = counter.fetch_add(piece.len() as u64, Ordering::Relaxed);
        // One piece over the limit still passes, so that a cut body can be told from a whole one.
        let result = if before > limit { Err(io::Error::other(WireLimit)) } else { Ok(piece) };
        futures::future::ready(result)
    });
    StreamReader::new(pieces)
}

#[derive(Debug, thiserror::Error)]
#[error("too many bytes on the wire")]
struct WireLimit;

fn gzip(source: Source) -> GzipDecoder<Source> {
    let mut decoder = GzipDecoder::new(source);
    decoder.multiple_members(true);
    decoder
}

async fn unpack(mut source: Source, layer: Layer) -> Result<Source, Problem> {
    let head = source.fill_buf().await.map_err(|e| problem_of(&e, 0))?;
    Ok(match layer {
        // A header that promises gzip over plain text is a known fault of some servers.
        Layer::Gzip if head.len() >= 2 && !head.starts_with(&GZIP_MAGIC[..2]) => source,
        _ if head.is_empty() => source,
        Layer::Gzip => Box::pin(BufReader::new(gzip(source))),
        Layer::Deflate => Box::pin(BufReader::new(ZlibDecoder::new(source))),
        Layer::Brotli => Box::pin(BufReader::new(BrotliDecoder::new(source))),
        Layer::Zstd => Box::pin(BufReader::new(ZstdDecoder::new(source))),
    })
}

async fn collect(source: Source, cap: Cap) -> Result<Vec<u8>, Problem> {
    let limit = cap.bytes();
    let mut source = source.take(limit as u64 + 1);
    let mut bytes = Vec::new();
    loop {
        match read_piece(&mut source, &mut bytes).await {
            Ok(0) => break,
            Ok(_) => {}
            Err(_) if matches!(cap, Cap::Cut(_)) => break,
            Err(e) => return Err(problem_of(&e, limit)),
        }
    }
    if bytes.len() > limit {
        match cap {
            Cap::Refuse(limit) => {
                return Err(Problem::TooLarge { limit, packed: false });
            }
            Cap::Cut(limit) => bytes.truncate(limit),
        }
    }
    bytes.shrink_to_fit();
    Ok(bytes)
}

async fn read_piece(source: &mut (impl AsyncRead + Unpin), bytes: &mut Vec<u8>) -> io::Result<usize> {
    bytes.reserve(PIECE);
    source.read_buf(bytes).await
}

/// Whether the connection, the limit or the packing is to blame.
fn problem_of(error: &io::Error, limit: usize) -> Problem {
    let inner = error.get_ref();
    if inner.is_some_and(|e| e.is::<WireLimit>()) {
        return Problem::TooLarge { limit, packed: true };
    }
    match inner.and_then(|e| e.downcast_ref::<reqwest::Error>()) {
        Some(e) => Problem::Interrupted(crate::client::chain(e)),
        None => Problem::Encoding(format!("its headers say: {error}")),
    }
}
