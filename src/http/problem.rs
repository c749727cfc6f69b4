//! A fault becomes `application/problem+json`, here and nowhere else.

use crate::kernel::{Code, Fault, FieldFault, Reason};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

tokio::task_local! {
    /// Id of the request being served; the `instance` of its problems.
    pub static REQUEST_ID: String;
}

/// RFC 9457 problem details.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Stable URI of the kind of problem.
    #[serde(rename = "type")]
    pub kind: String,
    /// Short English name of the kind.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// Stable code; the key of translations.
    pub code: String,
    /// What happened, in English.
    pub detail: String,
    /// What happened, in Chinese.
    pub zh: String,
    /// What happened, in English.
    pub en: String,
    /// Id of the request, also in our log.
    pub instance: String,
    /// Fields that are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub errors: Vec<FieldFault>,
    /// Rules that refuse, in fixed order, all of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub reasons: Vec<Reason>,
    /// What would work instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Vec<Object>>)]
    pub alternatives: Option<serde_json::Value>,
}

/// The problem a fault shows to its caller. Its cause stays in our log.
pub fn problem(fault: &Fault) -> Problem {
    let code = fault.code;
    let more = |base: &str, more: &Option<String>| match more {
        Some(more) => format!("{base} {more}"),
        None => base.to_owned(),
    };
    let en = more(code.en(), &fault.detail.en);
    Problem {
        kind: format!("urn:shangliang:problem:{}", code.as_str()),
        title: code.en().to_owned(),
        status: code.status(),
        code: code.as_str().to_owned(),
        detail: en.clone(),
        zh: match &fault.detail.zh {
            Some(zh) => format!("{}{zh}", code.zh()),
            None => code.zh().to_owned(),
        },
        en,
        instance: REQUEST_ID.try_with(|id| format!("urn:shangliang:request:{id}")).unwrap_or_default(),
        errors: fault.detail.errors.clone(),
        reasons: fault.detail.reasons.clone(),
        alternatives: fault.detail.alternatives.clone(),
    }
}

impl ResponseError for Fault {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        // The one place a failure of ours is logged.
        if self.code.status() >= 500 {
            let cause = self.detail.cause.as_deref().unwrap_or("");
            let request = REQUEST_ID.try_with(Clone::clone).unwrap_or_default();
            if self.code == Code::Internal {
                tracing::error!(code = self.code.as_str(), cause, request, "failed");
            } else {
                tracing::warn!(code = self.code.as_str(), cause, request, "not available");
            }
        }
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.detail.retry_after.or((self.code.status() == 503).then_some(2)) {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        if let Some(types) = self.detail.accept_post {
            response.insert_header(("Accept-Post", types));
        }
        if matches!(self.code, Code::Unauthenticated | Code::WrongCredentials | Code::WrongClaimCode) {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"shangliang\""));
        }
        let mut response = match serde_json::to_vec(&problem(self)) {
            Ok(body) => response.body(body),
            Err(_) => response.finish(),
        };
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
