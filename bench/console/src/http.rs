//! HTTP/1.1 over one kept connection, as a browser without a cache would speak it.

use std::io::{Error, ErrorKind, Result};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// A browser of one session.
pub struct Browser {
    address: String,
    cookies: String,
    open: Option<BufReader<TcpStream>>,
}

/// An answer.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
    cookies: Vec<String>,
}

impl Answer {
    /// The value of the first form field of this name.
    pub fn field(&self, name: &str) -> Option<String> {
        let body = String::from_utf8_lossy(&self.body);
        let (_, rest) = body.split_once(&format!("name=\"{name}\" value=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    }
}

impl Browser {
    /// A browser that has not asked anything.
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned(), cookies: String::new(), open: None }
    }

    /// Signs in through the form.
    pub async fn sign_in(&mut self, name: &str, password: &str) -> Result<()> {
        let form = self.get("/login").await?;
        let csrf = form.field("csrf").ok_or_else(|| Error::other("the login page has no form"))?;
        let answer = self.post("/login", &[("csrf", &csrf), ("name", name), ("password", password)]).await?;
        if answer.status == 303 { Ok(()) } else { Err(Error::other(format!("{name}: login {}", answer.status))) }
    }

    /// Asks for a page.
    pub async fn get(&mut self, path: &str) -> Result<Answer> {
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n", self.address, self.cookies);
        self.ask(head.into_bytes()).await
    }

    /// Sends a form.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Result<Answer> {
        let body: Vec<String> = fields.iter().map(|(k, v)| format!("{k}={}", encoded(v))).collect();
        let body = body.join("&");
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            self.cookies,
            body.len()
        );
        self.ask(head.into_bytes()).await
    }

    /// Opens a stream of events; the connection is the caller's from then on.
    pub async fn stream(&mut self, path: &str) -> Result<BufReader<TcpStream>> {
        let mut stream = BufReader::new(TcpStream::connect(&self.address).await?);
        let head = format!("GET {path} HTTP/1.1\r\nHost: {}\r\nCookie: {}\r\n\r\n", self.address, self.cookies);
        stream.write_all(head.as_bytes()).await?;
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        if line.contains(" 200 ") { Ok(stream) } else { Err(Error::other(line.trim().to_owned())) }
    }

    async fn ask(&mut self, request: Vec<u8>) -> Result<Answer> {
        // A connection that rested too long was closed by the server; browsers open another, too.
        if let Some(mut stream) = self.open.take()
            && stream.write_all(&request).await.is_ok()
            && let Ok(answer) = read(&mut stream).await
        {
            return Ok(self.keep(stream, answer));
        }
        let stream = TcpStream::connect(&self.address).await?;
        stream.set_nodelay(true)?;
        let mut stream = BufReader::new(stream);
        stream.write_all(&request).await?;
        let answer = read(&mut stream).await?;
        Ok(self.keep(stream, answer))
    }

    fn keep(&mut self, stream: BufReader<TcpStream>, answer: Answer) -> Answer {
        for cookie in &answer.cookies {
            let (pair, rest) = cookie.split_once(';').unwrap_or((cookie, ""));
            let name = pair.split_once('=').map_or(pair, |(name, _)| name);
            let kept = self.cookies.split("; ").filter(|c| !c.is_empty() && !c.starts_with(&format!("{name}=")));
            let mut kept: Vec<&str> = kept.collect();
            if !rest.contains("Max-Age=0") {
                kept.push(pair);
            }
            self.cookies = kept.join("; ");
        }
        self.open = Some(stream);
        answer
    }
}

async fn read(stream: &mut BufReader<TcpStream>) -> Result<Answer> {
    let mut line = String::new();
    stream.read_line(&mut line).await?;
    let status = line.split(' ').nth(1).and_then(|s| s.parse().ok());
    let status = status.ok_or_else(|| Error::new(ErrorKind::UnexpectedEof, "no answer"))?;
    let (mut length, mut chunked, mut cookies) = (0_usize, false, Vec::new());
    loop {
        line.clear();
        stream.read_line(&mut line).await?;
        let Some((name, value)) = line.trim_end().split_once(": ") else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.parse().map_err(Error::other)?,
            "transfer-encoding" => chunked = value == "chunked",
            "set-cookie" => cookies.push(value.to_owned()),
            _ => {}
        }
    }
    let mut body = Vec::new();
    loop {
        if chunked {
            line.clear();
            stream.read_line(&mut line).await?;
            length = usize::from_str_radix(line.trim(), 16).map_err(Error::other)?;
        }
        let from = body.len();
        body.resize(from + length, 0);
        stream.read_exact(&mut body[from..]).await?;
        if !chunked {
            break;
        }
        line.clear();
        stream.read_line(&mut line).await?;
        if length == 0 {
            break;
        }
    }
    Ok(Answer { status, body, cookies })
}

fn encoded(text: &str) -> String {
    let one = |b: u8| if b.is_ascii_alphanumeric() { (b as char).to_string() } else { format!("%{b:02X}") };
    text.bytes().map(one).collect()
}
