//! A small blocking client of the API.

use crate::kernel::{Fault, Outcome};
use serde_json::Value;
use std::time::Duration;

/// Somebody talking to a server, signed in or not.
#[derive(Debug, Clone)]
pub struct Client {
    agent: ureq::Agent,
    base: String,
    token: Option<String>,
}

/// What a server answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as it came.
    pub content: String,
    /// It as JSON; null when there is none, a text when it is no JSON.
    pub body: Value,
}

impl Answer {
    /// The first header of that name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(have, _)| have == name).map(|(_, value)| value.as_str())
    }

    /// The text at a JSON pointer, or nothing.
    pub fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or("")
    }

    /// The answer when its status is that one; otherwise a fault that shows what came instead.
    pub fn expect(self, status: u16, what: &str) -> Outcome<Answer> {
        if self.status == status {
            Ok(self)
        } else {
            Err(Fault::internal(format!("{what}: {} instead of {status}: {}", self.status, self.body)))
        }
    }
}

/// A request to be sent.
struct Request<'a> {
    method: &'a str,
    path: &'a str,
    headers: &'a [(&'a str, &'a str)],
    body: Option<(&'a str, &'a [u8])>,
}

impl Client {
    /// A client of the server at `base` (`http://127.0.0.1:8080`).
    pub fn new(base: &str) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_secs(30))).build();
        Self { agent: config.into(), base: base.trim_end_matches('/').to_owned(), token: None }
    }

    /// The same server, with another token or none.
    pub fn with_token(&self, token: Option<&str>) -> Self {
        Self { token: token.map(str::to_owned), ..self.clone() }
    }

    /// The token, once signed in.
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    fn send(&self, request: &Request) -> Outcome<Answer> {
        let mut builder = ureq::http::Request::builder().method(request.method).uri(format!("{}{}", self.base, request.path));
        if let Some(token) = &self.token {
            builder = builder.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in request.headers {
            builder = builder.header(*name, *value);
        }
        let done = match request.body {
            Some((kind, bytes)) => builder
                .header("content-type", kind)
                .body(bytes.to_vec())
                .map_err(Fault::internal)
                .and_then(|r| self.agent.run(r).map_err(Fault::internal)),
            None => builder.body(()).map_err(Fault::internal).and_then(|r| self.agent.run(r).map_err(Fault::internal)),
        };
        let mut response = done?;
        let status = response.status().as_u16();
        let headers =
            response.headers().iter().map(|(n, v)| (n.as_str().to_owned(), String::from_utf8_lossy(v.as_bytes()).into_owned())).collect();
        let content = response.body_mut().read_to_string().map_err(Fault::internal)?;
        let body = match content.as_str() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned())),
        };
        Ok(Answer { status, headers, content, body })
    }

    /// GET.
    pub fn get(&self, path: &str) -> Outcome<Answer> {
        self.send(&Request { method: "GET", path, headers: &[], body: None })
    }

    /// POST of JSON with a fresh idempotency key.
    pub fn post(&self, path: &str, body: &Value) -> Outcome<Answer> {
        self.post_keyed(path, &uuid::Uuid::now_v7().to_string(), body)
    }

    /// POST of JSON with a given idempotency key.
    pub fn post_keyed(&self, path: &str, key: &str, body: &Value) -> Outcome<Answer> {
        self.raw("POST", path, &[("idempotency-key", key)], Some(("application/json", body.to_string().as_bytes())))
    }

    /// PUT of JSON, for the state with that tag.
    pub fn put(&self, path: &str, tag: &str, body: &Value) -> Outcome<Answer> {
        self.raw("PUT", path, &[("if-match", tag)], Some(("application/json", body.to_string().as_bytes())))
    }

    /// Any request, with a body of any type.
    pub fn raw(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<(&str, &[u8])>) -> Outcome<Answer> {
        self.send(&Request { method, path, headers, body })
    }

    /// The client signed in as somebody.
    pub fn sign_in(&self, login: &str, password: &str) -> Outcome<Client> {
        let ask = serde_json::json!({"login": login, "password": password});
        let answer = self.post("/api/v1/sign-in", &ask)?.expect(200, "sign in")?;
        Ok(self.with_token(Some(answer.text("/access_token"))))
    }
}
