//! What every request passes on its way in and out: request id, waiting room, time-out, a net for panics, headers, one log
//! line and the metrics.

use super::body::{BODY_TIME, MOST_BYTES, MOST_OF_ANY, announced};
use super::metrics::{Metrics, ReasonLabel, RequestLabels, RouteLabels};
use super::problem::REQUEST_ID;
use super::query::refuse_unasked;
use super::remembered::Remembered;
use crate::kernel::{Code, Fault};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError, web};
use futures_util::{FutureExt, StreamExt, stream};
use prometheus_client::metrics::gauge::Gauge;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant as Tick};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests running at once.
const RUNNING: usize = 64;
/// Requests that may wait for their turn.
const WAITING: usize = 10_000;
/// Longest wait.
const PATIENCE: Duration = Duration::from_secs(2);
/// A handler that needs longer is given up (its transaction still ends by itself). A write begins within two seconds
/// ([`crate::store::WRITE_DEADLINE`]) or not at all; what the last signature of an agreement does takes longer, because every booking under
/// it is judged again in the same transaction.
const HANDLER_TIME: Duration = Duration::from_secs(15);
/// Longest path with its query, in bytes.
const MOST_URI: usize = 4096;
/// Most bytes of header lines.
const MOST_HEAD: usize = 16 * 1024;
/// Routes of answers that are thought about for long: many rooms and days, whole chains, files.
const LONG: [&str; 4] = ["/api/v1/search", "/api/v1/series/preview", "/api/v1/audit/verification", VERIFICATIONS];
const VERIFICATIONS: &str = "/api/v1/verifications";
/// Routes of answers about every space of a site or an area, over up to a month, unless they are remembered. They have turns of their own:
/// whoever looks at a site waits for nobody's search.
const WIDE: [&str; 3] = ["/api/v1/sites/{id}/availability", "/api/v1/sites/{id}/free-times", "/api/v1/areas/{id}/free-times"];
/// Routes that take whole files.
const LARGE: [&str; 2] = [VERIFICATIONS, "/api/v1/hub-imports"];
/// Bodies that may be arriving at once, 64 KiB each at most.
const ARRIVING: usize = 1024;
/// The same of whole files.
const ARRIVING_LARGE: usize = 8;

/// The waiting room of this process.
#[derive(Clone)]
pub struct Room {
    turns: Arc<Semaphore>,
    /// Turns of what is thought about for long, as many as there are cores: whoever books or cancels finds a turn beside it.
    long: Arc<Semaphore>,
    /// As many for what is wide.
    wide: Arc<Semaphore>,
    /// A body arrives before its request has a turn: whoever sends it drop by drop keeps nobody waiting.
    arriving: Arc<Semaphore>,
    arriving_large: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    handler_time: Duration,
    metrics: Metrics,
}

impl Room {
    /// An empty room.
    pub fn new(metrics: Metrics) -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            turns: Arc::new(Semaphore::new(RUNNING)),
            long: Arc::new(Semaphore::new(cores)),
            wide: Arc::new(Semaphore::new(cores)),
            arriving: Arc::new(Semaphore::new(ARRIVING)),
            arriving_large: Arc::new(Semaphore::new(ARRIVING_LARGE)),
            waiting: Arc::default(),
            handler_time: HANDLER_TIME,
            metrics,
        }
    }

    async fn enter(&self, turns: &Arc<Semaphore>) -> Result<OwnedSemaphorePermit, Fault> {
        if let Ok(turn) = turns.clone().try_acquire_owned() {
            return Ok(turn);
        }
        let full = self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING;
        let turn = if full { None } else { tokio::time::timeout(PATIENCE, turns.clone().acquire_owned()).await.ok().and_then(Result::ok) };
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        turn.ok_or_else(|| {
            self.metrics.shed.get_or_create(&ReasonLabel { reason: if full { "room_full" } else { "waited_too_long" } }).inc();
            Fault::from(Code::Overloaded).retry_after(2)
        })
    }
}

const HEADERS: [(HeaderName, HeaderValue); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (header::CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
    (header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains")),
    (header::PERMISSIONS_POLICY, HeaderValue::from_static("geolocation=(), microphone=(), payment=(), camera=(self)")),
];

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; object-src 'none'; \
    frame-ancestors 'none'; form-action 'self'; font-src 'self' data:; manifest-src 'self'; worker-src 'self'";

/// The API explorer writes its own styles; nothing else may.
const EXPLORER_POLICY: &str = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; frame-ancestors 'none'; form-action 'none'; font-src 'self' data:";

fn add_headers(headers: &mut HeaderMap, policy: &'static str, id: &str) {
    headers.reserve(HEADERS.len() + 4);
    for (name, value) in HEADERS {
        headers.insert(name, value);
    }
    // A handler may know better.
    for (name, value) in [(header::CONTENT_SECURITY_POLICY, policy), (header::CACHE_CONTROL, "no-store")] {
        if !headers.contains_key(&name) {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers.append(VARY, HeaderValue::from_static("accept-encoding"));
}

/// Health and sign-out never wait behind a crowd.
fn skips_the_room(request: &ServiceRequest) -> bool {
    matches!(request.path(), "/livez" | "/readyz" | "/api/v1/sign-out")
}

struct InFlight(Gauge);

impl InFlight {
    fn new(metrics: &Metrics) -> Self {
        metrics.in_flight.inc();
        Self(metrics.in_flight.clone())
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// A fault after the request itself was used up (panic, time-out): it answers with the same headers as everything else.
#[derive(Debug)]
struct AtTheEdge {
    fault: Fault,
    policy: &'static str,
    id: String,
}

impl std::fmt::Display for AtTheEdge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.fault.fmt(f)
    }
}

impl ResponseError for AtTheEdge {
    fn status_code(&self) -> StatusCode {
        self.fault.status_code()
    }
    fn error_response(&self) -> HttpResponse {
        let mut response = REQUEST_ID.sync_scope(self.id.clone(), || self.fault.error_response());
        add_headers(response.headers_mut(), self.policy, &self.id);
        response
    }
}

/// The middleware itself.
pub async fn pass<B: MessageBody + 'static>(
    room: web::Data<Room>,
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let begun = Tick::now();
    let id = uuid::Uuid::now_v7().simple().to_string();
    let policy = if request.path().starts_with("/docs") { EXPLORER_POLICY } else { POLICY };
    let method = match *request.method() {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        _ => "other",
    };
    // Whatever can be read answers HEAD as well (RFC 9110, 9.1); the encoder has kept that no body may follow.
    if request.method() == Method::HEAD {
        request.head_mut().method = Method::GET;
    }
    let known = request.app_data::<web::Data<Remembered>>().and_then(|remembered| remembered.find(&request));
    let (route, served) = match known {
        // It is there: no turn is waited for.
        Some((known, packed)) => (known.route(&request), known.reply(packed).await.map(|reply| request.into_response(reply))),
        None => {
            // Paths no route matches share one label, whatever they are.
            let route = request.match_pattern().unwrap_or_else(|| "(none)".into());
            let served = REQUEST_ID.scope(id.clone(), serve(&room, request, &route, next)).await;
            (route, served)
        }
    };
    let served = match served {
        Ok(mut response) => {
            add_headers(response.headers_mut(), policy, &id);
            Ok(response)
        }
        Err(fault) => Err(AtTheEdge { fault, policy, id: id.clone() }),
    };
    let status = served.as_ref().map_or_else(|edge| edge.fault.code.status(), |response| response.status().as_u16());
    let took = begun.elapsed();
    let of = RouteLabels { method, route };
    room.metrics.duration.get_or_create(&of).observe(took.as_secs_f64());
    let labels = RequestLabels {
        method,
        route: of.route,
        answer: ["", "1xx", "2xx", "3xx", "4xx", "5xx"].get(usize::from(status / 100)).copied().unwrap_or(""),
    };
    room.metrics.answers.get_or_create(&labels).inc();
    tracing::info!(request = id, method, route = labels.route, status, ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "served");
    served.map_err(Error::from)
}

/// Waits until the body is there, as far as its route takes it; what is wrong with it, the route says.
async fn arrive(request: &mut ServiceRequest, most: usize) -> Result<(), Fault> {
    let mut payload = request.take_payload();
    let mut there = Vec::new();
    if announced(request.headers()).is_none_or(|n| n <= most) {
        let collect = async {
            let mut size = 0;
            while size <= most
                && let Some(chunk) = payload.next().await
            {
                size += chunk.as_ref().map_or(most, |chunk| chunk.len());
                there.push(chunk);
            }
        };
        tokio::time::timeout(BODY_TIME, collect).await.map_err(|_| Fault::from(Code::RequestTimeout))?;
    }
    request.set_payload(Payload::Stream { payload: Box::pin(stream::iter(there).chain(payload)) });
    Ok(())
}

/// A library below us that refuses in words of its own, or in none, is given ours.
fn explained(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let bare = || response.headers().get(header::CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if status.as_u16() < 400 || !bare() {
        return response;
    }
    let ours = Code::ALL.iter().copied().find(|code| code.status() == status.as_u16()).unwrap_or(Code::Internal);
    response.into_response(Fault::from(ours).error_response())
}

async fn serve<B: MessageBody + 'static>(
    room: &Room,
    mut request: ServiceRequest,
    route: &str,
    next: Next<B>,
) -> Result<ServiceResponse<BoxBody>, Fault> {
    let uri = request.uri().path_and_query().map_or(0, |uri| uri.as_str().len());
    let head: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if uri > MOST_URI {
        return Err(Code::UriTooLong.into());
    }
    if head > MOST_HEAD {
        return Err(Code::HeadTooLarge.into());
    }
    if !request.query_string().is_empty() {
        refuse_unasked(&request, route)?;
    }
    let reads = request.method().is_safe();
    let skips = skips_the_room(&request);
    let arrived = if reads || skips {
        None
    } else {
        let large = LARGE.contains(&route);
        let arriving = room.enter(if large { &room.arriving_large } else { &room.arriving }).await?;
        arrive(&mut request, if large { MOST_OF_ANY } else { MOST_BYTES }).await?;
        Some(arriving)
    };
    let _thinking = match route {
        route if LONG.contains(&route) => Some(room.enter(&room.long).await?),
        route if WIDE.contains(&route) => Some(room.enter(&room.wide).await?),
        _ => None,
    };
    let _turn = if skips { None } else { Some(room.enter(&room.turns).await?) };
    // Until then what has arrived takes memory.
    drop(arrived);
    let _in_flight = InFlight::new(&room.metrics);
    let work = AssertUnwindSafe(tokio::time::timeout(room.handler_time, next.call(request))).catch_unwind();
    match work.await {
        Ok(Ok(Ok(response))) => Ok(explained(response.map_into_boxed_body())),
        // A middleware below us failed; its error knows its own answer but not its request.
        Ok(Ok(Err(error))) => Err(Fault::internal(error)),
        // What was only looked at is certain enough: it did nothing.
        Ok(Err(_)) if reads => Err(Fault::from(Code::Overloaded).because("the handler took too long").retry_after(2)),
        Ok(Err(_)) => Err(Fault::from(Code::OutcomeUnknown).because("the handler took too long")),
        Err(_) => Err(Fault::internal("a handler panicked")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::middleware::from_fn;
    use actix_web::{App, test};
    use serde_json::Value;

    fn header(response: &ServiceResponse<impl MessageBody>, name: &str) -> Option<String> {
        response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
    }

    async fn boom() -> HttpResponse {
        panic!("a secret that is nobody's business")
    }

    /// As the server does: what falls out of the chain becomes a response.
    fn refused<B>(outcome: Result<ServiceResponse<B>, actix_web::Error>) -> HttpResponse {
        match outcome {
            Ok(_) => panic!("answered"),
            Err(error) => error.error_response(),
        }
    }

    async fn problem(answer: HttpResponse) -> Value {
        let body = actix_web::body::to_bytes(answer.into_body()).await.ok().unwrap();
        serde_json::from_slice(&body).unwrap()
    }

    #[actix_web::test]
    async fn whoever_waits_too_long_is_told_whether_anything_may_have_been_done() {
        let room = web::Data::new(Room { handler_time: Duration::from_millis(20), ..Room::new(Metrics::default()) });
        let slow = || async {
            tokio::time::sleep(Duration::from_secs(600)).await;
            "late"
        };
        let app = App::new().app_data(room.clone()).route("/slow", web::to(slow));
        let app = test::init_service(app.wrap(from_fn(pass))).await;
        for (ask, status, code) in [
            (test::TestRequest::get(), Code::Overloaded.status(), "overloaded"),
            (test::TestRequest::post(), Code::OutcomeUnknown.status(), "outcome-unknown"),
        ] {
            let answer = refused(test::try_call_service(&app, ask.uri("/slow").to_request()).await);
            assert_eq!((answer.status().as_u16(), &problem(answer).await["code"]), (status, &code.into()));
        }
        assert_eq!((room.turns.available_permits(), room.metrics.in_flight.get()), (RUNNING, 0));
    }

    #[actix_web::test]
    async fn a_panic_is_a_500_and_the_next_request_works() {
        let room = web::Data::new(Room::new(Metrics::default()));
        let app = App::new().app_data(room.clone()).route("/boom", web::get().to(boom)).route("/fine", web::get().to(HttpResponse::Ok));
        let app = test::init_service(app.wrap(from_fn(pass))).await;
        for _ in 0..100 {
            let edge = refused(test::try_call_service(&app, test::TestRequest::get().uri("/boom").to_request()).await);
            assert_eq!(edge.status(), 500);
            for name in ["x-request-id", "content-security-policy", "cache-control"] {
                assert!(edge.headers().contains_key(name), "{name}");
            }
            assert_eq!(edge.headers().get("content-type").unwrap(), "application/problem+json");
            let problem = problem(edge).await;
            assert_eq!((&problem["code"], &problem["status"]), (&"internal".into(), &500.into()));
            assert!(!problem.to_string().contains("secret") && problem["instance"].as_str().is_some_and(|i| i.len() > 30), "{problem}");
        }
        // A hundred panics took no turn with them.
        let fine = test::call_service(&app, test::TestRequest::get().uri("/fine").to_request()).await;
        assert_eq!(fine.status(), 200);
        assert_eq!((room.turns.available_permits(), room.metrics.in_flight.get()), (RUNNING, 0));
    }

    #[actix_web::test]
    async fn what_comes_before_the_body_is_bounded() {
        let app = App::new().app_data(web::Data::new(Room::new(Metrics::default()))).route("/fine", web::get().to(HttpResponse::Ok));
        let app = test::init_service(app.wrap(from_fn(pass))).await;
        for (uri, head, status) in [(4000, 1000, 200), (4200, 1000, 414), (1000, 16_500, 431)] {
            let asked = test::TestRequest::get().uri(&format!("/fine?{}", "x".repeat(uri))).insert_header(("x-long", "y".repeat(head)));
            let answered = test::try_call_service(&app, asked.to_request()).await;
            let seen = answered.map_or_else(|edge| edge.error_response().status(), |answer| answer.status());
            assert_eq!(seen, status, "{uri} {head}");
        }
    }

    #[actix_web::test]
    async fn a_full_house_sends_people_away_but_not_the_health_check() {
        let room = Room::new(Metrics::default());
        let all = room.turns.clone().try_acquire_many_owned(u32::try_from(RUNNING).unwrap()).unwrap();
        let app = App::new()
            .app_data(web::Data::new(room.clone()))
            .route("/fine", web::get().to(HttpResponse::Ok))
            .route("/api/v1/search", web::get().to(HttpResponse::Ok))
            .route("/api/v1/areas/{id}/free-times", web::get().to(HttpResponse::Ok))
            .route("/livez", web::get().to(HttpResponse::Ok));
        let app = test::init_service(app.wrap(from_fn(pass))).await;
        let call = |uri: &str| test::try_call_service(&app, test::TestRequest::get().uri(uri).to_request());
        assert_eq!(call("/livez").await.unwrap().status(), 200);
        let begun = Tick::now();
        let away = call("/fine").await.map(|r| r.status()).unwrap_err().error_response();
        assert_eq!((away.status().as_u16(), away.headers().get("retry-after").unwrap().to_str().unwrap()), (503, "2"));
        assert!(begun.elapsed() >= PATIENCE);
        room.waiting.store(WAITING, Ordering::Relaxed);
        let begun = Tick::now();
        assert_eq!(call("/fine").await.map(|r| r.status()).unwrap_err().error_response().status(), 503);
        assert!(begun.elapsed() < PATIENCE);
        drop(all);
        room.waiting.store(0, Ordering::Relaxed);
        // Searches fill their own turns, and keep nobody else waiting.
        let long = room.long.clone().try_acquire_many_owned(u32::try_from(room.long.available_permits()).unwrap()).unwrap();
        assert_eq!(call("/api/v1/search").await.map(|r| r.status()).unwrap_err().error_response().status(), 503);
        assert_eq!(call("/fine").await.unwrap().status(), 200);
        assert_eq!(call("/api/v1/areas/a/free-times").await.unwrap().status(), 200);
        drop(long);
        let wide = room.wide.clone().try_acquire_many_owned(u32::try_from(room.wide.available_permits()).unwrap()).unwrap();
        assert_eq!(call("/api/v1/areas/a/free-times").await.map(|r| r.status()).unwrap_err().error_response().status(), 503);
        assert_eq!(call("/fine").await.unwrap().status(), 200);
        drop(wide);
        assert_eq!(call("/api/v1/search").await.unwrap().status(), 200);
        let fine = call("/fine").await.unwrap();
        assert!(fine.status() == 200 && header(&fine, "x-request-id").is_some());
    }
}
