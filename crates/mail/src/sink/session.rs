//! One client's conversation with the sink (RFC 5321).

use std::io;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Behaviour, Shared};

const MAX_LINE: usize = 4096;
const MAX_MAIL: usize = 50 << 20;
const MAX_RECIPIENTS: usize = 100;

#[derive(Default)]
struct Envelope {
    from: Option<String>,
    to: Vec<String>,
}

struct Session<'a> {
    stream: BufReader<TcpStream>,
    shared: &'a Shared,
    envelope: Envelope,
}

enum Next {
    Go,
    End,
}

pub(super) async fn run(stream: TcpStream, shared: &Shared, full: bool) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut session = Session { stream: BufReader::new(stream), shared, envelope: Envelope::default() };
    if full || shared.behaviour() == Behaviour::Busy {
        return session.say("421 too many connections, come back later").await;
    }
    session.say("220 sink.localhost ESMTP").await?;
    while let Some(line) = session.line().await? {
        match session.command(&line).await? {
            Next::Go => {}
            Next::End => break,
        }
    }
    Ok(())
}

impl Session<'_> {
    async fn say(&mut self, reply: &str) -> io::Result<()> {
        if let Behaviour::Slow(delay) = self.shared.behaviour() {
            tokio::time::sleep(delay).await;
        }
        self.stream.get_mut().write_all(format!("{reply}\r\n").as_bytes()).await
    }

    /// One line without its end; none at the end of the connection or when it is too long.
    async fn line(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        (&mut self.stream).take(MAX_LINE as u64).read_until(b'\n', &mut line).await?;
        if !line.ends_with(b"\n") {
            return Ok(None);
        }
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(line))
    }

    async fn command(&mut self, line: &[u8]) -> io::Result<Next> {
        let line = String::from_utf8_lossy(line).into_owned();
        let (verb, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let verb = verb.to_ascii_uppercase();
        self.shared.note(if verb == "AUTH" { "AUTH" } else { &line });
        match verb.as_str() {
            "EHLO" => self.ehlo().await?,
            "HELO" => self.say("250 sink.localhost").await?,
            "MAIL" => return self.mail(rest).await,
            "RCPT" => self.rcpt(rest).await?,
            "DATA" => return self.data().await,
            "AUTH" => return self.auth(rest).await,
            "RSET" => {
                self.envelope = Envelope::default();
                self.say("250 reset").await?;
            }
            "NOOP" => self.say("250 yes").await?,
            "QUIT" => {
                self.say("221 good-bye").await?;
                return Ok(Next::End);
            }
            _ => self.say("502 not implemented").await?,
        }
        Ok(Next::Go)
    }

    async fn ehlo(&mut self) -> io::Result<()> {
        self.envelope = Envelope::default();
        self.say(&format!("250-sink.localhost\r\n250-8BITMIME\r\n250-AUTH PLAIN\r\n250 SIZE {MAX_MAIL}")).await
    }

    async fn auth(&mut self, rest: &str) -> io::Result<Next> {
        if rest.split(' ').count() < 2 {
            self.say("334 ").await?;
            if self.line().await?.is_none() {
                return Ok(Next::End);
            }
        }
        let refused = self.shared.behaviour() == Behaviour::RefuseLogin;
        self.say(if refused { "535 wrong user name or password" } else { "235 welcome" }).await?;
        Ok(Next::Go)
    }

    async fn mail(&mut self, rest: &str) -> io::Result<Next> {
        if self.shared.behaviour() == Behaviour::DropBeforeData {
            return Ok(Next::End);
        }
        match path(rest, "FROM:") {
            Some(from) => {
                self.envelope = Envelope { from: Some(from), to: Vec::new() };
                self.say("250 sender ok").await?;
            }
            None => self.say("501 MAIL FROM:<address>").await?,
        }
        Ok(Next::Go)
    }

    async fn rcpt(&mut self, rest: &str) -> io::Result<()> {
        if self.envelope.from.is_none() {
            return self.say("503 MAIL first").await;
        }
        let Some(to) = path(rest, "TO:").filter(|to| !to.is_empty()) else {
            return self.say("501 RCPT TO:<address>").await;
        };
        match self.shared.behaviour() {
            Behaviour::Defer => self.say("451 try again later").await,
            Behaviour::Reject(who) if who.eq_ignore_ascii_case(&to) => self.say("550 no such person here").await,
            _ if self.envelope.to.len() >= MAX_RECIPIENTS => self.say("452 too many recipients").await,
            _ => {
                self.envelope.to.push(to);
                self.say("250 recipient ok").await
            }
        }
    }

    async fn data(&mut self) -> io::Result<Next> {
        if self.envelope.to.is_empty() {
            self.say("503 RCPT first").await?;
            return Ok(Next::Go);
        }
        self.say("354 end with a dot on its own line").await?;
        if self.shared.behaviour() == Behaviour::DropInData {
            self.line().await?;
            return Ok(Next::End);
        }
        let Some(text) = self.text().await? else {
            return Ok(Next::End);
        };
        let Envelope { from, to } = std::mem::take(&mut self.envelope);
        if text.len() > MAX_MAIL {
            self.say("552 too large").await?;
            return Ok(Next::Go);
        }
        match self.shared.behaviour() {
            Behaviour::FailAfterData => self.say("554 not taken").await?,
            Behaviour::DeferAfterData => self.say("451 not taken now").await?,
            Behaviour::DropAfterData => return Ok(Next::End),
            behaviour => {
                let kept = self.keep(from.as_deref().unwrap_or_default(), &to, &text);
                if behaviour == Behaviour::TakeAndDrop {
                    return Ok(Next::End);
                }
                self.say(if kept.is_ok() { "250 taken" } else { "452 cannot write it down" }).await?;
            }
        }
        Ok(Next::Go)
    }

    /// The text up to the lone dot, dots unstuffed; what is over the limit is read and forgotten.
    /// None when the connection ended before the dot.
    async fn text(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut text = Vec::new();
        let mut line = Vec::new();
        let mut begins = true;
        loop {
            line.clear();
            (&mut self.stream).take(MAX_LINE as u64).read_until(b'\n', &mut line).await?;
            if line.is_empty() {
                return Ok(None);
            }
            if begins && line == b".\r\n" {
                return Ok(Some(text));
            }
            let unstuffed = if begins && line.starts_with(b".") { &line[1..] } else { &line[..] };
            begins = line.ends_with(b"\n");
            if text.len() <= MAX_MAIL {
                text.extend_from_slice(unstuffed);
            }
        }
    }

    fn keep(&self, from: &str, to: &[String], text: &[u8]) -> io::Result<()> {
        let mut mail = format!("Return-Path: <{from}>\r\n").into_bytes();
        for to in to {
            mail.extend_from_slice(format!("Delivered-To: {to}\r\n").as_bytes());
        }
        mail.extend_from_slice(text);
        self.shared.keep(&mail, &message_id(text))
    }
}

/// The address in `FROM:<a@b> SIZE=1`.
fn path(rest: &str, keyword: &str) -> Option<String> {
    let head = rest.get(..keyword.len())?;
    let address = rest[keyword.len()..].trim_start().strip_prefix('<')?.split_once('>')?.0;
    (head.eq_ignore_ascii_case(keyword) && !address.chars().any(char::is_control)).then(|| address.to_owned())
}

fn message_id(text: &[u8]) -> String {
    let head = String::from_utf8_lossy(&text[..text.len().min(16 << 10)]).into_owned();
    let found = head.lines().take_while(|line| !line.is_empty()).find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("message-id").then(|| value.trim().to_owned())
    });
    found.unwrap_or_default()
}
