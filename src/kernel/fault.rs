//! Every "no" the service can say: one table of codes with HTTP status, Chinese and English.
//!
//! A [`Fault`] is mapped to `application/problem+json` (RFC 9457) once, in `http::problem`. Field faults carry the JSON
//! pointer of the field; refusals of a rule carry the clause that decided.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$meta:meta])* $name:ident = $code:literal $status:literal $zh:literal $en:literal;)+) => {
        /// A stable error code. Its kebab-case word is the `code` of the problem and the tail of its `type`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code { $($(#[$meta])* $name),+ }
        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name),+];
            /// The stable word.
            pub const fn as_str(self) -> &'static str { match self { $(Code::$name => $code),+ } }
            /// HTTP status.
            pub const fn status(self) -> u16 { match self { $(Code::$name => $status),+ } }
            /// What a person reads in Chinese.
            pub const fn zh(self) -> &'static str { match self { $(Code::$name => $zh),+ } }
            /// What a person reads in English.
            pub const fn en(self) -> &'static str { match self { $(Code::$name => $en),+ } }
        }
    };
}

codes! {
    /// The body is no JSON, has a duplicate key, is nested too deep or is not UTF-8.
    MalformedBody = "malformed-body" 400 "提交的内容格式不对。" "The body is not well-formed.";
    /// A path or query parameter cannot be read, or stands twice.
    MalformedRequest = "malformed-request" 400 "请求的地址或参数不对。" "The address or its parameters cannot be read.";
    /// A creating POST without `Idempotency-Key`.
    IdempotencyKeyMissing = "idempotency-key-missing" 400 "缺少 Idempotency-Key，或者写法不对。" "The Idempotency-Key header is missing or malformed.";
    /// No token, or one that is forged, expired or revoked.
    Unauthenticated = "unauthenticated" 401 "请先登录。" "Sign in first.";
    /// Wrong name or password; the same for an unknown account.
    WrongCredentials = "wrong-credentials" 401 "账号或密码不对。" "The name or the password is wrong.";
    /// Known, visible, but not for this caller.
    Forbidden = "forbidden" 403 "您没有做这件事的权限。" "You may not do this.";
    /// The deed needs the password again: it was last given more than ten minutes ago.
    StepUpRequired = "step-up-required" 403 "请再输一次密码。" "Give your password again.";
    /// The claim code is not that of the account, was used or has ended; the same for an unknown account.
    WrongClaimCode = "wrong-claim-code" 401 "领取码不对、用过了或者过期了。" "The claim code is wrong, was used, or has ended.";
    /// The password given again is wrong. Not 401: the session still counts.
    WrongPassword = "wrong-password" 403 "密码不对。" "The password is wrong.";
    /// Absent, or none of the caller's business.
    NotFound = "not-found" 404 "没有找到。" "There is no such thing.";
    /// The route exists with other methods; see `Allow`.
    MethodNotAllowed = "method-not-allowed" 405 "这个地址不支持这种操作。" "This address does not take that method.";
    /// The head or the body did not arrive in time.
    RequestTimeout = "request-timeout" 408 "网络太慢，请求没有传完。" "The request did not arrive in time.";
    /// The state does not allow the verb.
    StateConflict = "state-conflict" 409 "现在的状态不能这样做。" "The present state does not allow this.";
    /// Something of that name or code exists.
    AlreadyExists = "already-exists" 409 "已经有了，不能重复。" "It exists already.";
    /// The first request with this key is still running.
    IdempotencyInFlight = "idempotency-in-flight" 409 "上一次同样的请求还在处理。" "The first request with this key is still running.";
    /// The rules refuse the booking; `reasons` holds all of them.
    BookingRefused = "booking-refused" 409 "这样订不了。" "This cannot be booked.";
    /// Somebody else holds the period, and nothing else is wrong.
    PeriodTaken = "period-taken" 409 "这段时间刚被别人订了。" "That time has just been taken.";
    /// A clause conflict or a missing required clause.
    NotProposable = "not-proposable" 409 "这个版本还不能提请签署。" "This version cannot be proposed yet.";
    /// Usage terms that state more than the clauses allow, or that nobody could approve; `reasons` names each clause.
    OutsideClauses = "outside-clauses" 409 "须知里写的超出了已签的条款。" "The usage terms go beyond the clauses in force.";
    /// The signature names another text than the one proposed.
    HashMismatch = "hash-mismatch" 409 "您看到的文本与现在的版本不一致。" "The text you saw is not the present version.";
    /// A stage before this one is not complete.
    OutOfTurn = "out-of-turn" 409 "还没轮到这一方签署。" "It is not this party's turn to sign.";
    /// One person for two parties of one agreement.
    DualAgency = "dual-agency" 409 "一个人不能代表两方签署。" "One person may not sign for two parties.";
    /// What was offered instead of a booking can no longer be taken.
    OfferExpired = "offer-expired" 409 "答复的期限已经过了。" "The time to answer is over.";
    /// A price is another than the one that was shown.
    PriceChanged = "price-changed" 409 "价格变了，请看过再确认。" "The price is another than the one you were shown.";
    /// The figures of an owners' vote do not carry it; `reasons` names each.
    VoteNotPassed = "vote-not-passed" 409 "这次业主表决没有通过。" "The owners' vote did not pass.";
    /// The owners vote in the city's system; here its result is imported.
    VoteRunsElsewhere = "vote-runs-elsewhere" 409 "业主表决要在市里的业主电子共同决策系统进行，这里只登记结果。" "Owners vote in the city's electronic system; here the result is recorded.";
    /// An import that would change what was signed or booked.
    ImportRefused = "import-refused" 409 "导入会改动已签署或已预订的内容，没有执行。" "The import would change what is signed or booked; nothing was done.";
    /// No form of the answer that `Accept-Encoding` allows.
    NotAcceptable = "not-acceptable" 406 "请求要的编码这里没有。" "There is no answer in an encoding you accept.";
    /// `If-Match` names an older state.
    PreconditionFailed = "precondition-failed" 412 "内容已被别人改过，请刷新后再试。" "It has been changed since you read it.";
    /// More bytes than the route takes.
    TooLarge = "too-large" 413 "提交的内容太大。" "The body is too large.";
    /// An address too long.
    UriTooLong = "uri-too-long" 414 "地址太长。" "The address is too long.";
    /// Header lines too large.
    HeadTooLarge = "head-too-large" 431 "请求的标头太大。" "The header lines are too large.";
    /// Another content type than the route takes; see `Accept-Post`.
    UnsupportedMediaType = "unsupported-media-type" 415 "内容类型不支持。" "This content type is not taken.";
    /// Well-formed, but fields have wrong values; `errors` names each.
    Invalid = "invalid" 422 "有内容填得不对。" "Some fields are not right.";
    /// A hub file with faults; `errors` names line and field of each.
    HubFileInvalid = "hub-file-invalid" 422 "导入文件有错。" "The hub file has faults.";
    /// The key was used for another request.
    IdempotencyKeyReused = "idempotency-key-reused" 422 "这个 Idempotency-Key 已用于别的请求。" "This Idempotency-Key was used for another request.";
    /// A changing request without `If-Match`.
    PreconditionRequired = "precondition-required" 428 "缺少 If-Match。" "The If-Match header is missing.";
    /// Too many attempts.
    TooManyAttempts = "too-many-attempts" 429 "尝试太频繁，请稍后再试。" "Too many attempts. Try again later.";
    /// A bug of ours. Never by input.
    Internal = "internal" 500 "我们这边出错了，已记录。" "Something went wrong on our side.";
    /// Too many requests wait.
    Overloaded = "overloaded" 503 "现在用的人太多，系统忙不过来，请稍后再试。" "The service is very busy. Try again in a moment.";
    /// The database does not answer or cannot write.
    Unavailable = "unavailable" 503 "暂时不可用，请稍后再试。" "Not available just now. Try again in a moment.";
    /// The commit was sent and its answer never came.
    OutcomeUnknown = "outcome-unknown" 503 "不确定办成没有。请用同一个 Idempotency-Key 再发一次，不会办两次。" "It is not certain whether this was done. Send it again with the same Idempotency-Key: it is never done twice.";
}

/// A field that is wrong: where, which kind of wrong, and the words for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FieldFault {
    /// JSON pointer (RFC 6901) into the body, or the name of the parameter or header.
    pub pointer: String,
    /// Stable word: `missing`, `wrong-type`, `unknown-field`, `out-of-range` …
    pub code: String,
    /// Line of a hub file, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Chinese text.
    pub zh: String,
    /// English text.
    pub en: String,
}

impl FieldFault {
    /// A fault of the field at `pointer`.
    pub fn at(pointer: impl Into<String>, code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), line: None, zh: zh.into(), en: en.into() }
    }
}

/// Why a rule refused, with the clause and the figure that decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reason {
    /// Stable word of the rule: `outside-hours`, `use-prohibited` …
    pub code: String,
    /// Id of the clause inside its agreement version; absent when no clause is behind the rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
    /// Code of the agreement the clause stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agreement: Option<String>,
    /// Number of the version the clause stands in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// What of what was sent lies outside, as a JSON pointer; absent when it is not about one field.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The figure that decided: `21:00`, `200`, `5.00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub figure: Option<String>,
    /// Chinese text.
    pub zh: String,
    /// English text.
    pub en: String,
}

impl Reason {
    /// A reason no clause stands behind.
    pub fn plain(code: &str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code: code.into(), clause: None, agreement: None, version: None, field: None, figure: None, zh: zh.into(), en: en.into() }
    }
    /// The same about a field of what was sent.
    pub fn about(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }
    /// The same with the figure that decided.
    pub fn figure(mut self, figure: impl ToString) -> Self {
        self.figure = Some(figure.to_string());
        self
    }
}

/// A failure of the moment, not of the request: the store may run the work again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transient {
    /// Deadlock, serialisation failure: the connection is fine.
    Contention,
    /// Somebody else held a row for longer than anybody waits: the connection is fine.
    LockTimeout,
    /// The connection is gone.
    ConnectionLost,
}

/// What a fault carries besides its code.
#[derive(Debug, Default)]
pub struct FaultDetail {
    /// One sentence more, Chinese.
    pub zh: Option<String>,
    /// One sentence more, English.
    pub en: Option<String>,
    /// Field faults.
    pub errors: Vec<FieldFault>,
    /// Refusals of rules.
    pub reasons: Vec<Reason>,
    /// What would work instead, as the domain shapes it.
    pub alternatives: Option<serde_json::Value>,
    /// Content types for `Accept-Post`.
    pub accept_post: Option<&'static str>,
    /// Seconds for `Retry-After`.
    pub retry_after: Option<u32>,
    /// Set by the store alone.
    pub transient: Option<Transient>,
    /// For our log only; never sent.
    pub cause: Option<String>,
}

/// A "no" on its way to the caller.
#[derive(Debug)]
pub struct Fault {
    /// Which "no".
    pub code: Code,
    /// The rest, boxed so that results stay small.
    pub detail: Box<FaultDetail>,
}

/// What domain code returns.
pub type Outcome<T> = Result<T, Fault>;

impl From<Code> for Fault {
    fn from(code: Code) -> Self {
        Self { code, detail: Box::default() }
    }
}

impl Fault {
    /// The code with one sentence more in both languages.
    pub fn saying(code: Code, zh: impl Into<String>, en: impl Into<String>) -> Self {
        let mut fault = Fault::from(code);
        fault.detail.zh = Some(zh.into());
        fault.detail.en = Some(en.into());
        fault
    }
    /// Well-formed but wrong values.
    pub fn invalid(errors: Vec<FieldFault>) -> Self {
        let mut fault = Fault::from(Code::Invalid);
        fault.detail.errors = errors;
        fault
    }
    /// What is wrong with one parameter or header, by its name.
    pub fn about(code: Code, error: FieldFault) -> Self {
        let mut fault = Fault::from(code);
        fault.detail.errors = vec![error];
        fault
    }
    /// Another content type than the route takes.
    pub fn wrong_type(accept_post: &'static str) -> Self {
        let (zh, en) = (format!("请用 {accept_post}。"), format!("Send {accept_post}."));
        let mut fault = Fault::saying(Code::UnsupportedMediaType, zh, en);
        fault.detail.accept_post = Some(accept_post);
        fault
    }
    /// One wrong field.
    pub fn field(pointer: &str, code: &str, zh: &str, en: &str) -> Self {
        Self::invalid(vec![FieldFault::at(pointer, code, zh, en)])
    }
    /// The rules say no.
    pub fn refused(code: Code, reasons: Vec<Reason>) -> Self {
        let mut fault = Fault::from(code);
        fault.detail.reasons = reasons;
        fault
    }
    /// A bug or a broken database, with the cause for our log.
    pub fn internal(cause: impl std::fmt::Display) -> Self {
        Fault::from(Code::Internal).because(cause)
    }
    /// Adds the cause for our log.
    pub fn because(mut self, cause: impl std::fmt::Display) -> Self {
        self.detail.cause = Some(cause.to_string());
        self
    }
    /// Adds `Retry-After`.
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.detail.retry_after = Some(seconds);
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail.en.as_deref().unwrap_or(self.code.en()))?;
        for error in &self.detail.errors {
            write!(f, "\n  ")?;
            if let Some(line) = error.line {
                write!(f, "line {line}: ")?;
            }
            write!(f, "{}: {} ({})", error.pointer, error.en, error.zh)?;
        }
        for reason in &self.detail.reasons {
            write!(f, "\n  {}: {} ({})", reason.code, reason.en, reason.zh)?;
        }
        match &self.detail.cause {
            Some(cause) => write!(f, "\n  cause: {cause}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Fault {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_complete_and_unique() {
        let mut words: Vec<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), Code::ALL.len());
        for code in Code::ALL {
            assert!((400..600).contains(&code.status()), "{code:?}");
            assert!(!code.en().is_empty() && code.zh().chars().any(|c| c > '\u{4e00}'), "{code:?}");
        }
    }
}
