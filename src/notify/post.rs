//! The post office: carries letters to the mail server. Nothing else in this domain talks to anybody, and no transaction is
//! open while it does.
//!
//! At most 3 s pass until a server has greeted, 10 s for a letter as a whole; a server that stops in the middle of a sentence
//! may cost 3 s more. A connection is kept while one letter follows the other. What the server *says* is not repeated
//! anywhere: it likes to quote addresses; its code is enough.

use super::model::Letter;
use crate::config::mail::{MailConfig, Protection};
use crate::kernel::{Fault, Outcome};
use crate::outbox::runner::Undone;
use lettre::address::Address;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, SinglePart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Noop, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use std::time::{Duration, Instant as Tick, SystemTime};

/// Longest wait for a connection, and for each sentence of the greeting.
const GREETING: Duration = Duration::from_secs(3);
/// Longest for a letter as a whole.
const WHOLE: Duration = Duration::from_secs(10);

/// Carries letters to one mail server, one after the other.
pub struct Post {
    config: MailConfig,
    from: Mailbox,
    hello: ClientId,
    tls: TlsParameters,
    open: Option<SmtpConnection>,
}

/// What is left of a letter's time.
fn left(deadline: Tick) -> Result<Duration, Undone> {
    let left = deadline.saturating_duration_since(Tick::now());
    if left.is_zero() { Err(Undone::Later("the mail server takes too long".into())) } else { Ok(left) }
}

/// A server's no: for now (4xx, silence, a broken line) or for good (5xx, what it cannot do at all).
fn refused(step: &str, error: &lettre::transport::smtp::Error) -> Undone {
    match error.status() {
        Some(code) if error.is_permanent() => Undone::Never(format!("{step}: the mail server answered {code}")),
        Some(code) => Undone::Later(format!("{step}: the mail server answered {code}")),
        None if error.is_response() => Undone::Later(format!("{step}: the answer is not SMTP")),
        None if error.is_client() => Undone::Never(format!("{step}: {error}")),
        None => Undone::Later(format!("{step}: {error}")),
    }
}

/// Says one sentence and waits for its answer, for what is left of the time.
fn say(conn: &mut SmtpConnection, step: &str, command: impl std::fmt::Display, deadline: Tick) -> Result<(), Undone> {
    wait_at_most(conn, left(deadline)?)?;
    conn.command(command).map(|_| ()).map_err(|error| refused(step, &error))
}

fn wait_at_most(conn: &mut SmtpConnection, time: Duration) -> Result<(), Undone> {
    conn.set_timeout(Some(time)).map_err(|error| Undone::Later(error.to_string()))
}

impl Post {
    /// Ready to carry letters; connects to nobody yet.
    pub fn new(config: &MailConfig) -> Outcome<Post> {
        let address: Address = config.from.parse().map_err(Fault::internal)?;
        let hello = ClientId::Domain(address.domain().to_owned());
        let mut tls = TlsParameters::builder(config.host.clone());
        if let Some(pem) = &config.certificates {
            tls = tls.add_root_certificate(Certificate::from_pem(pem).map_err(Fault::internal)?);
        }
        // A name with a line break could not be written into a header at all.
        let name = config.from_name.as_ref().map(|name| name.chars().filter(|c| !c.is_control()).collect());
        Ok(Post {
            from: Mailbox::new(name, address),
            hello,
            tls: tls.build_rustls().map_err(Fault::internal)?,
            open: None,
            config: config.clone(),
        })
    }

    /// Carries a letter. After a failure the connection is given up: nobody knows what the server makes of the next word.
    pub fn deliver(&mut self, letter: &Letter) -> Result<(), Undone> {
        let deadline = Tick::now() + WHOLE;
        let message = self.message(letter)?;
        let kept = self.open.take().and_then(|mut conn| say(&mut conn, "NOOP", Noop, deadline).is_ok().then_some(conn));
        let mut conn = match kept {
            Some(conn) => conn,
            None => self.connect(deadline)?,
        };
        let (to, from) = (message.envelope().to().first().cloned(), message.envelope().from().cloned());
        let Some(to) = to else { return Err(Undone::Never("a letter to nobody".into())) };
        let mut parameters = Vec::new();
        if !(letter.to.is_ascii() && self.config.from.is_ascii()) {
            if !conn.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Undone::Never("the mail server cannot carry this address (SMTPUTF8)".into()));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        say(&mut conn, "MAIL", Mail::new(from, parameters), deadline)?;
        say(&mut conn, "RCPT", Rcpt::new(to, vec![]), deadline)?;
        say(&mut conn, "DATA", Data, deadline)?;
        wait_at_most(&mut conn, left(deadline)?)?;
        // SMTP ends the last line itself.
        let written = message.formatted();
        conn.message(written.strip_suffix(b"\r\n").unwrap_or(&written)).map_err(|error| refused("the letter", &error))?;
        self.open = Some(conn);
        Ok(())
    }

    /// Nothing waits: hangs up.
    pub fn rest(&mut self) {
        if let Some(mut conn) = self.open.take() {
            // The letters are delivered; a server that does not say goodbye may keep it.
            let _ = conn.set_timeout(Some(Duration::from_secs(1))).map(|()| conn.quit());
        }
    }

    fn connect(&self, deadline: Tick) -> Result<SmtpConnection, Undone> {
        let server = (self.config.host.as_str(), self.config.port);
        let at_once = (self.config.protection == Protection::Tls).then_some(&self.tls);
        let time = left(deadline)?.min(GREETING);
        let mut conn =
            SmtpConnection::connect(server, Some(time), &self.hello, at_once, None).map_err(|error| refused("connecting", &error))?;
        let protect = match self.config.protection {
            Protection::Tls => false,
            Protection::StartTls if !conn.can_starttls() => {
                return Err(Undone::Later("the mail server offers no STARTTLS; nothing is sent in the open".into()));
            }
            Protection::StartTls => true,
            Protection::Local => conn.can_starttls(),
        };
        if protect {
            wait_at_most(&mut conn, left(deadline)?.min(GREETING))?;
            conn.starttls(&self.tls, &self.hello).map_err(|error| refused("STARTTLS", &error))?;
        }
        if let Some((user, password)) = &self.config.login {
            wait_at_most(&mut conn, left(deadline)?.min(GREETING))?;
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            conn.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).map_err(|error| refused("AUTH", &error))?;
        }
        Ok(conn)
    }

    /// The same letter is the same message, whenever it is tried: its id and its date come from the job.
    fn message(&self, letter: &Letter) -> Result<Message, Undone> {
        let unfit = |what: String| Undone::Never(format!("the letter cannot be written: {what}"));
        let to: Address = letter.to.parse().map_err(|_| unfit("the address is none".into()))?;
        let written = SystemTime::UNIX_EPOCH + Duration::from_micros(letter.written_at.0.unsigned_abs());
        let header = |name, value: &str| HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned());
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(letter.subject.clone())
            .date(written)
            .message_id(Some(format!("<{}@{}>", letter.job, self.from.email.domain())))
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("Content-Language", "zh-CN, en"))
            .singlepart(SinglePart::plain(letter.body.clone()))
            .map_err(|error| unfit(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Instant;
    use crate::kernel::id::{Id, JobId};

    #[test]
    fn no_text_becomes_a_header() {
        let config = MailConfig {
            host: "localhost".into(),
            port: 25,
            protection: Protection::Local,
            login: None,
            from_name: Some("商量\r\nBcc: a@example.org".into()),
            from: "notices@example.org".into(),
            certificates: None,
            public_url: "https://hub.example.org".into(),
        };
        let post = Post::new(&config).unwrap();
        let letter = Letter {
            job: JobId::fresh(),
            to: "li.na@example.org".into(),
            subject: "好\r\nBcc: b@example.org\r\n\r\nbody".into(),
            body: "一\r\n.\r\nMAIL FROM:<x@y.z>\r\n二".into(),
            written_at: Instant(1_795_831_200_000_000),
        };
        let formatted = String::from_utf8(post.message(&letter).unwrap().formatted()).unwrap();
        let (head, _) = formatted.split_once("\r\n\r\n").unwrap();
        let names: Vec<&str> = head.split("\r\n").filter(|line| !line.starts_with(' ')).filter_map(|line| line.split(':').next()).collect();
        let expected = ["From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "Content-Language", "MIME-Version"];
        assert_eq!(&names[..8], expected, "{head}");
        assert!(!head.to_lowercase().contains("bcc:"), "{head}");
        assert!(head.contains("Date: Sat, 28 Nov 2026 02:00:00 +0000"), "{head}");
        for bad in ["a@b.c\r\nRCPT TO:<x@y.z>", "a@b.c>", "", "a"] {
            assert!(matches!(post.message(&Letter { to: bad.into(), ..letter.clone() }), Err(Undone::Never(_))), "{bad:?}");
        }
    }
}
