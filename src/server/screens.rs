//! The screens: the files of `web/dist`, carried in the binary and served from the API's own origin.
//!
//! What lies in `assets/` has its content's hash in its name and is kept for ever; everything else is asked for again with
//! its tag. Any address that is no file and no part of the API is a page of the one-page application.

use actix_web::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};

/// A file, as it is and packed.
struct Screen {
    path: &'static str,
    /// Strong tag of the content.
    tag: &'static str,
    plain: &'static [u8],
    brotli: Option<&'static [u8]>,
    gzip: Option<&'static [u8]>,
}

/// In order of path; empty when the binary was built without the screens.
const SCREENS: &[Screen] = include!(concat!(env!("OUT_DIR"), "/screens.rs"));

/// Paths that never are a page: there an unknown address is 404.
const NO_PAGES: [&str; 6] = ["api/", "docs", "assets/", ".well-known/", "livez", "readyz"];

/// Said at `/` by a binary without screens.
const HOW_TO_BUILD: &str = "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>商量</title>\
    <p>这个程序没有带上网页。运行 <code>make web</code>,再重新编译,就有了。接口在 <a href=\"/docs/\">/docs/</a>。\
    <p lang=\"en\">This binary was built without the screens. Run <code>make web</code> and build again. The API is explained at <a href=\"/docs/\">/docs/</a>.";

fn kind(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, end)| end) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "webmanifest" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn says<'h>(headers: &'h HeaderMap, name: HeaderName) -> impl Iterator<Item = &'h str> + use<'h> {
    headers.get_all(name).filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).map(str::trim)
}

/// The coding is named and not with weight 0.
fn accepts(headers: &HeaderMap, coding: &str) -> bool {
    says(headers, ACCEPT_ENCODING).any(|offer| {
        let (name, weight) = offer.split_once(';').unwrap_or((offer, "q=1"));
        name.trim() == coding && weight.trim().trim_start_matches("q=").parse::<f32>().is_ok_and(|q| q > 0.0)
    })
}

fn find(path: &str) -> Option<&'static Screen> {
    SCREENS.binary_search_by(|screen| screen.path.cmp(path)).ok().and_then(|at| SCREENS.get(at))
}

/// The file or page at an address; `None` when nothing is to be seen there.
pub fn serve(request: &HttpRequest) -> Option<HttpResponse> {
    if request.method() != Method::GET {
        return None;
    }
    let path = request.path().trim_start_matches('/');
    let headers = request.headers();
    let page = !NO_PAGES.iter().any(|no| path.starts_with(no))
        && !path.rsplit('/').next().is_some_and(|last| last.contains('.'))
        && says(headers, ACCEPT).any(|kind| kind.starts_with("text/html") || kind.starts_with("*/*"));
    let screen = match find(path) {
        Some(screen) => screen,
        None if page && SCREENS.is_empty() => {
            return Some(HttpResponse::NotFound().content_type("text/html; charset=utf-8").body(HOW_TO_BUILD));
        }
        None if page => find("index.html")?,
        None => return None,
    };
    let keep = if screen.path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
    if says(headers, IF_NONE_MATCH).any(|tag| tag.trim_start_matches("W/") == screen.tag) {
        return Some(HttpResponse::NotModified().insert_header((ETAG, screen.tag)).insert_header((CACHE_CONTROL, keep)).finish());
    }
    let packed = [("br", screen.brotli), ("gzip", screen.gzip)];
    let coded = packed.into_iter().find_map(|(coding, bytes)| Some((coding, bytes.filter(|_| accepts(headers, coding))?)));
    let mut response = HttpResponse::build(StatusCode::OK);
    response.insert_header((ETAG, screen.tag)).insert_header((CACHE_CONTROL, keep)).insert_header((CONTENT_TYPE, kind(screen.path)));
    Some(match coded {
        Some((coding, bytes)) => response.insert_header((CONTENT_ENCODING, coding)).body(bytes),
        None => response.body(screen.plain),
    })
}
