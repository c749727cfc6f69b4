//! Where mail leaves the house, and under which address the screens are found.
//!
//! The password comes from a file: an argument stands in the list of processes, and the environment in its dumps. Letters tell
//! where people will be and when, so they leave this machine only over TLS with a checked certificate.

use super::Check;
use crate::kernel::text;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// Largest password file, in bytes.
const MOST_PASSWORD: u64 = 1024;
/// Largest file of certificates, in bytes.
const MOST_CERTIFICATES: u64 = 1 << 20;

/// What `serve` takes about mail, as text.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct MailArgs {
    /// Mail server: `smtp://HOST[:587]` (STARTTLS) or `smtps://HOST[:465]`; without one notices stay in the inbox
    #[arg(long, env = "SHANGLIANG_SMTP_URL")]
    pub smtp_url: Option<String>,
    /// Name to sign in to the mail server with
    #[arg(long, env = "SHANGLIANG_SMTP_USER")]
    pub smtp_user: Option<String>,
    /// File that holds the password for the mail server
    #[arg(long, env = "SHANGLIANG_SMTP_PASSWORD_FILE")]
    pub smtp_password_file: Option<PathBuf>,
    /// Sender of the mails: `notices@example.org` or `商量 <notices@example.org>`
    #[arg(long, env = "SHANGLIANG_SMTP_FROM")]
    pub smtp_from: Option<String>,
    /// Certificates (PEM) the mail server's may be signed by, besides those this machine trusts
    #[arg(long, env = "SHANGLIANG_SMTP_CA_FILE")]
    pub smtp_ca_file: Option<PathBuf>,
    /// Where people find the screens, for the links in mails: `https://hub.example.org`
    #[arg(long, env = "SHANGLIANG_PUBLIC_URL")]
    pub public_url: Option<String>,
}

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// From a text.
    pub fn new(text: &str) -> Self {
        Self(text.to_owned())
    }
    /// The text, for the one who needs it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("***")
    }
}

/// How the way to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// TLS from the first byte.
    Tls,
    /// STARTTLS, or nothing is sent.
    StartTls,
    /// STARTTLS when it is offered: the server is on this machine.
    Local,
}

/// The mail server and what is said to it, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailConfig {
    /// Its name or address.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// The way to it.
    pub protection: Protection,
    /// Name and password, when it wants them.
    pub login: Option<(String, Secret)>,
    /// Sender: the name shown, if any.
    pub from_name: Option<String>,
    /// Sender: the address.
    pub from: String,
    /// Certificates trusted besides those of the machine, PEM.
    pub certificates: Option<Vec<u8>>,
    /// Where the screens are, without a slash at the end.
    pub public_url: String,
}

impl MailConfig {
    /// `smtp://mail.example.org:587`.
    pub fn url(&self) -> String {
        let scheme = if self.protection == Protection::Tls { "smtps" } else { "smtp" };
        let host = if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        format!("{scheme}://{host}:{}", self.port)
    }
}

fn is_here(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// `host`, `host:port`, `[v6]:port`; nothing else may stand there.
fn host_and_port(text: &str) -> Option<(String, Option<u16>)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(v6) => {
            let (host, rest) = v6.split_once(']')?;
            host.parse::<std::net::Ipv6Addr>().ok()?;
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some(""))?)
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    let named = !host.is_empty() && host.len() <= 253 && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b':'));
    let port = if port.is_empty() { None } else { Some(port.parse().ok().filter(|port| *port != 0)?) };
    named.then(|| (host.to_owned(), port))
}

/// The server of a URL, its port and protection.
fn server(url: &str) -> Option<(String, u16, Protection)> {
    let (scheme, rest) = url.split_once("://")?;
    let (host, port) = host_and_port(rest.strip_suffix('/').unwrap_or(rest))?;
    match scheme {
        "smtps" => Some((host, port.unwrap_or(465), Protection::Tls)),
        "smtp" => {
            let protection = if is_here(&host) { Protection::Local } else { Protection::StartTls };
            Some((host, port.unwrap_or(587), protection))
        }
        _ => None,
    }
}

/// An address, perhaps with a name before it.
fn sender(from: &str) -> Option<(Option<String>, String)> {
    let from = text::line(from, 320).ok()?;
    let Some((name, address)) = from.strip_suffix('>').and_then(|rest| rest.split_once('<')) else {
        return Some((None, text::email(&from)?));
    };
    let name = name.trim();
    (!name.contains(['<', '>', '"'])).then_some(())?;
    Some(((!name.is_empty()).then(|| name.to_owned()), text::email(address.trim())?))
}

impl Check {
    fn small_file(&mut self, name: &str, file: &Path, most: u64) -> Option<Vec<u8>> {
        let read = std::fs::metadata(file).and_then(|found| if found.len() > most { Ok(None) } else { std::fs::read(file).map(Some) });
        match read {
            Ok(Some(bytes)) => Some(bytes),
            Ok(None) => self.none(name, "is too large to be what it should be"),
            Err(error) => self.none(name, format!("cannot be read: {}", error.kind())),
        }
    }

    fn none<T>(&mut self, name: &str, what: impl Into<String>) -> Option<T> {
        self.fault(name, what);
        None
    }

    fn password(&mut self, file: &Path) -> Option<Secret> {
        use std::os::unix::fs::PermissionsExt;
        const NAME: &str = "SHANGLIANG_SMTP_PASSWORD_FILE";
        if std::fs::metadata(file).is_ok_and(|found| found.permissions().mode() & 0o007 != 0) {
            return self.none(NAME, "is open to every user of this machine: chmod 600");
        }
        let bytes = self.small_file(NAME, file, MOST_PASSWORD)?;
        let text = String::from_utf8(bytes).ok();
        match text.as_deref().map(|text| text.trim_end_matches(['\r', '\n'])) {
            Some(password) if !password.is_empty() && !password.contains(char::is_control) => Some(Secret::new(password)),
            _ => self.none(NAME, "must hold one password on one line"),
        }
    }

    fn public_url(&mut self, text: &str) -> Option<String> {
        let parts = text.split_once("://").map(|(scheme, rest)| (scheme, rest.split_once('/').unwrap_or((rest, ""))));
        let sound = |path: &str| path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'?' | b'#' | b'"' | b'<' | b'>' | b'@'));
        match parts {
            Some((scheme @ ("http" | "https"), (host, path))) if sound(path) => match host_and_port(host) {
                Some((host, _)) if scheme == "https" || is_here(&host) => Some(text.trim_end_matches('/').to_owned()),
                Some(_) => self.none("SHANGLIANG_PUBLIC_URL", "must begin with https://, unless it is this machine"),
                None => self.none("SHANGLIANG_PUBLIC_URL", "has no host"),
            },
            _ => self.none("SHANGLIANG_PUBLIC_URL", "must look like https://hub.example.org"),
        }
    }

    /// `None` without a mail server, and when something is wrong.
    pub(super) fn mail(&mut self, args: &MailArgs) -> Option<MailConfig> {
        let public_url = args.public_url.as_deref().map(|text| self.public_url(text));
        let Some(url) = &args.smtp_url else {
            let alone = [
                ("SHANGLIANG_SMTP_USER", args.smtp_user.is_some()),
                ("SHANGLIANG_SMTP_PASSWORD_FILE", args.smtp_password_file.is_some()),
                ("SHANGLIANG_SMTP_FROM", args.smtp_from.is_some()),
                ("SHANGLIANG_SMTP_CA_FILE", args.smtp_ca_file.is_some()),
            ];
            for (name, _) in alone.into_iter().filter(|(_, given)| *given) {
                self.fault(name, "is of no use without SHANGLIANG_SMTP_URL");
            }
            return None;
        };
        // What stands before an @ may be a password: it is not repeated.
        let server = if url.contains('@') {
            self.none("SHANGLIANG_SMTP_URL", "holds a name or password: they are SHANGLIANG_SMTP_USER and SHANGLIANG_SMTP_PASSWORD_FILE")
        } else {
            server(url)
                .or_else(|| self.none("SHANGLIANG_SMTP_URL", "must look like smtp://mail.example.org:587 or smtps://mail.example.org"))
        };
        if public_url.is_none() {
            self.fault("SHANGLIANG_PUBLIC_URL", "is missing: mails carry a link to the screens");
        }
        let from = match &args.smtp_from {
            Some(from) => sender(from).or_else(|| self.none("SHANGLIANG_SMTP_FROM", "must be an e-mail address, or a name and <address>")),
            None => self.none("SHANGLIANG_SMTP_FROM", "is missing: mails need a sender"),
        };
        let login = match (&args.smtp_user, &args.smtp_password_file) {
            (None, None) => Some(None),
            (Some(user), Some(file)) => {
                let password = self.password(file);
                let user = text::line(user, 254).ok().or_else(|| self.none("SHANGLIANG_SMTP_USER", "must be one line"));
                user.zip(password).map(Some)
            }
            (Some(_), None) => self.none("SHANGLIANG_SMTP_PASSWORD_FILE", "is missing: SHANGLIANG_SMTP_USER needs a password"),
            (None, Some(_)) => self.none("SHANGLIANG_SMTP_USER", "is missing: a password needs a name"),
        };
        let certificates = match &args.smtp_ca_file {
            None => Some(None),
            Some(file) => self.certificates(file).map(Some),
        };
        let ((host, port, protection), (from_name, from)) = (server?, from?);
        Some(MailConfig { host, port, protection, login: login?, from_name, from, certificates: certificates?, public_url: public_url?? })
    }

    fn certificates(&mut self, file: &Path) -> Option<Vec<u8>> {
        const NAME: &str = "SHANGLIANG_SMTP_CA_FILE";
        let bytes = self.small_file(NAME, file, MOST_CERTIFICATES)?;
        let marked = bytes.windows(27).any(|window| window == b"-----BEGIN CERTIFICATE-----");
        if marked && lettre::transport::smtp::client::Certificate::from_pem(&bytes).is_ok() {
            return Some(bytes);
        }
        self.none(NAME, "holds no certificates (PEM)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(args: &MailArgs) -> (Option<MailConfig>, Vec<String>) {
        let mut check = Check::default();
        let mail = check.mail(args);
        (mail, check.0.into_iter().map(|fault| fault.name.trim_start_matches("SHANGLIANG_").to_owned()).collect())
    }

    fn args(url: &str) -> MailArgs {
        let text = |text: &str| Some(text.to_owned());
        MailArgs {
            smtp_url: text(url),
            smtp_from: text("商量 <notices@Example.org>"),
            public_url: text("https://hub.example.org/"),
            ..MailArgs::default()
        }
    }

    #[test]
    fn a_mail_server_is_reached_over_tls_unless_it_is_here() {
        for (url, host, port, protection, shown) in [
            ("smtp://mail.example.org", "mail.example.org", 587, Protection::StartTls, "smtp://mail.example.org:587"),
            ("smtps://mail.example.org/", "mail.example.org", 465, Protection::Tls, "smtps://mail.example.org:465"),
            ("smtp://localhost:2525", "localhost", 2525, Protection::Local, "smtp://localhost:2525"),
            ("smtp://[::1]:25", "::1", 25, Protection::Local, "smtp://[::1]:25"),
            ("smtp://10.0.0.1:25", "10.0.0.1", 25, Protection::StartTls, "smtp://10.0.0.1:25"),
        ] {
            let (mail, faults) = checked(&args(url));
            let mail = mail.unwrap_or_else(|| panic!("{url}: {faults:?}"));
            assert_eq!((mail.host.as_str(), mail.port, mail.protection, mail.url().as_str()), (host, port, protection, shown));
            assert_eq!((mail.from_name.as_deref(), mail.from.as_str()), (Some("商量"), "notices@example.org"));
            assert_eq!(mail.public_url, "https://hub.example.org");
        }
        for url in [
            "",
            "mail.example.org",
            "http://x",
            "smtp://",
            "smtp://:25",
            "smtp://h:0",
            "smtp://h:99999",
            "smtp://h/x",
            "smtp://a b",
            "smtp://h?x",
        ] {
            assert_eq!(checked(&args(url)), (None, vec!["SMTP_URL".into()]), "{url}");
        }
        assert_eq!(checked(&args("smtp://me:secret@h")), (None, vec!["SMTP_URL".into()]));
    }

    #[test]
    fn every_fault_of_the_mail_is_named_at_once() {
        assert_eq!(checked(&MailArgs::default()), (None, vec![]));
        let text = |text: &str| Some(text.to_owned());
        let alone = MailArgs {
            smtp_url: None,
            smtp_user: text("me"),
            smtp_password_file: Some("x".into()),
            smtp_ca_file: Some("x".into()),
            ..args("")
        };
        assert_eq!(checked(&alone).1, ["SMTP_USER", "SMTP_PASSWORD_FILE", "SMTP_FROM", "SMTP_CA_FILE"]);
        let bad = MailArgs {
            smtp_url: text("ftp://x"),
            smtp_user: text("me\nyou"),
            smtp_password_file: Some("/nowhere".into()),
            smtp_from: text("nobody"),
            smtp_ca_file: Some("/nowhere".into()),
            public_url: text("http://hub.example.org"),
        };
        assert_eq!(checked(&bad).1, ["PUBLIC_URL", "SMTP_URL", "SMTP_FROM", "SMTP_PASSWORD_FILE", "SMTP_USER", "SMTP_CA_FILE"]);
        assert_eq!(checked(&MailArgs { smtp_from: None, public_url: None, ..args("smtp://h") }).1, ["PUBLIC_URL", "SMTP_FROM"]);
        assert_eq!(checked(&MailArgs { smtp_user: text("me"), ..args("smtp://h") }).1, ["SMTP_PASSWORD_FILE"]);
        assert_eq!(checked(&MailArgs { smtp_password_file: Some("/nowhere".into()), ..args("smtp://h") }).1, ["SMTP_USER"]);
        for from in ["a@b.c\r\nBcc: d@e.f", "x <a@b>", "<>", "\"a\" <b@c.d>", "a@b.c, d@e.f"] {
            assert_eq!(checked(&MailArgs { smtp_from: text(from), ..args("smtp://h") }).1, ["SMTP_FROM"], "{from}");
        }
        for url in
            ["hub.example.org", "https://", "https://hub/?a", "https://hub/a b", "https://u@hub", "ftp://hub", "https://hub/\u{6c49}"]
        {
            assert_eq!(checked(&MailArgs { public_url: text(url), ..args("smtp://h") }).1, ["PUBLIC_URL"], "{url}");
        }
        assert!(checked(&MailArgs { public_url: text("http://127.0.0.1:8080"), ..args("smtp://h") }).0.is_some());
    }

    #[test]
    fn the_password_is_read_from_a_closed_file_and_never_shown() {
        use std::os::unix::fs::PermissionsExt;
        let file = std::env::temp_dir().join(format!("shangliang-smtp-{}", std::process::id()));
        let with = |bytes: &[u8], mode: u32| {
            std::fs::write(&file, bytes).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
            let login = MailArgs { smtp_user: Some("me".into()), smtp_password_file: Some(file.clone()), ..args("smtp://h") };
            checked(&login)
        };
        let mail = with(b"top secret\n", 0o600).0.unwrap();
        assert_eq!(mail.login.as_ref().map(|(user, password)| (user.as_str(), password.reveal())), Some(("me", "top secret")));
        assert!(!format!("{mail:?}").contains("top secret"));
        assert_eq!(with(b"top secret\n", 0o644).1, ["SMTP_PASSWORD_FILE"]);
        for bytes in [&b""[..], b"\n", b"two\nlines", b"\xff\xfe", &[b'x'; 2000]] {
            assert_eq!(with(bytes, 0o600).1, ["SMTP_PASSWORD_FILE"]);
        }
        std::fs::write(&file, "-----BEGIN CERTIFICATE-----\nno\n").unwrap();
        assert_eq!(checked(&MailArgs { smtp_ca_file: Some(file.clone()), ..args("smtp://h") }).1, ["SMTP_CA_FILE"]);
        std::fs::write(&file, "").unwrap();
        assert_eq!(checked(&MailArgs { smtp_ca_file: Some(file.clone()), ..args("smtp://h") }).1, ["SMTP_CA_FILE"]);
        std::fs::remove_file(&file).unwrap();
    }
}
