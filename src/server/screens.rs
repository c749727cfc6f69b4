//! The screens: the files of `web/dist`, carried in the binary and served from the API's own origin.
//!
//! What lies in `assets/` has its content's hash in its name and is kept for ever; everything else is asked for again with
//! its tag. Any address that is no file and no part of the API is a page of the one-page application, for whoever asks for
//! `text/html`: a program that mistyped an address is told 404.

use crate::kernel::digest::sha256_hex;
use actix_web::http::header::{
    ACCEPT, ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, IF_NONE_MATCH,
};
use actix_web::http::{Method, StatusCode};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use std::collections::BTreeMap;
use std::path::Path;

/// A file as the build put it into the program: path, content, and the same packed.
type Built = (&'static str, &'static [u8], Option<&'static [u8]>, Option<&'static [u8]>);

/// Empty when the program was built without the screens.
const BUILT: &[Built] = include!(concat!(env!("OUT_DIR"), "/screens.rs"));

/// A file, as it is and packed.
#[derive(Debug, Clone)]
struct Screen {
    /// Strong tag of the content.
    tag: String,
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
}

/// Every file by its path.
#[derive(Debug, Clone)]
pub struct Screens(BTreeMap<String, Screen>);

impl Screens {
    /// Those in the program.
    pub fn built_in() -> Self {
        let screen = |(path, plain, brotli, gzip): &Built| {
            let bytes = |packed: &Option<&'static [u8]>| packed.map(Bytes::from_static);
            let tag = format!("\"{}\"", sha256_hex(plain));
            ((*path).to_owned(), Screen { tag, plain: Bytes::from_static(plain), brotli: bytes(brotli), gzip: bytes(gzip) })
        };
        Self(BUILT.iter().map(screen).collect())
    }

    /// Those of a folder, read once.
    pub fn of_folder(folder: &Path) -> std::io::Result<Self> {
        let (mut files, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
        while let Some(inside) = folders.pop() {
            for entry in std::fs::read_dir(inside)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Some(name) = path.strip_prefix(folder).ok().and_then(Path::to_str) {
                    files.insert(name.to_owned(), Bytes::from(std::fs::read(&path)?));
                }
            }
        }
        let screen = |(path, plain): (&String, &Bytes)| {
            let packed = |how: &str| files.get(&format!("{path}.{how}")).cloned();
            let tag = format!("\"{}\"", sha256_hex(plain));
            (path.clone(), Screen { tag, plain: plain.clone(), brotli: packed("br"), gzip: packed("gz") })
        };
        let plain = files.iter().filter(|(path, _)| !path.ends_with(".br") && !path.ends_with(".gz"));
        Ok(Self(plain.map(screen).collect()))
    }

    /// The file or page at an address; `None` when nothing is to be seen there.
    pub fn serve(&self, request: &HttpRequest) -> Option<HttpResponse> {
        if request.method() != Method::GET {
            return None;
        }
        let path = request.path().trim_start_matches('/');
        let headers = request.headers();
        let page = !NO_PAGES.iter().any(|no| path.starts_with(no))
            && !path.rsplit('/').next().is_some_and(|last| last.contains('.'))
            && (path.is_empty() || says(headers, ACCEPT).any(|kind| kind.starts_with("text/html")));
        let (path, screen) = match self.0.get_key_value(path) {
            Some(found) => found,
            None if page && self.0.is_empty() => {
                return Some(HttpResponse::NotFound().content_type("text/html; charset=utf-8").body(HOW_TO_BUILD));
            }
            None if page => self.0.get_key_value("index.html")?,
            None => return None,
        };
        let keep = if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        if says(headers, IF_NONE_MATCH).any(|tag| tag.trim_start_matches("W/") == screen.tag) {
            return Some(
                HttpResponse::NotModified().insert_header((ETAG, screen.tag.as_str())).insert_header((CACHE_CONTROL, keep)).finish(),
            );
        }
        let packed = [("br", &screen.brotli), ("gzip", &screen.gzip)];
        let coded = packed.into_iter().find_map(|(coding, bytes)| Some((coding, bytes.as_ref().filter(|_| accepts(headers, coding))?)));
        let mut response = HttpResponse::build(StatusCode::OK);
        response.insert_header((ETAG, screen.tag.as_str())).insert_header((CACHE_CONTROL, keep)).insert_header((CONTENT_TYPE, kind(path)));
        Some(match coded {
            Some((coding, bytes)) => response.insert_header((CONTENT_ENCODING, coding)).body(bytes.clone()),
            None => response.body(screen.plain.clone()),
        })
    }

    /// There is something to be read at a path: the start page or a file.
    pub fn has(&self, path: &str) -> bool {
        path == "/" || self.0.contains_key(path.trim_start_matches('/'))
    }
}

/// Paths that never are a page: there an unknown address is 404.
const NO_PAGES: [&str; 6] = ["api/", "docs", "assets/", ".well-known/", "livez", "readyz"];

/// Said at `/` by a binary without screens.
const HOW_TO_BUILD: &str = "<!doctype html><html lang=\"zh\"><meta charset=\"utf-8\"><title>商量</title>\
    <p>这个程序没有带上网页。运行 <code>make web</code>，再重新编译，就有了。接口在 <a href=\"/docs/\">/docs/</a>。\
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

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn some() -> Screens {
        let folder = std::env::temp_dir().join(format!("shangliang-screens-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("assets")).unwrap();
        for (name, text) in [("index.html", "<p>商量"), ("assets/a-1.js", "a"), ("assets/a-1.js.gz", "packed"), ("icon.svg", "<svg/>")] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let screens = Screens::of_folder(&folder).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        screens
    }

    fn get(screens: &Screens, path: &str, headers: &[(&str, &str)]) -> Option<(u16, String, String)> {
        let request = headers.iter().fold(TestRequest::get().uri(path), |request, header| request.insert_header(*header)).to_http_request();
        let answer = screens.serve(&request)?;
        let header = |name| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        Some((answer.status().as_u16(), header(CACHE_CONTROL), header(CONTENT_ENCODING)))
    }

    #[test]
    fn pages_and_files_are_told_apart() {
        let (screens, html) = (some(), ("accept", "text/html,*/*;q=0.8"));
        let page = Some((200, "no-cache".to_owned(), String::new()));
        for path in ["/", "/spaces/space_1", "/index.html"] {
            assert_eq!(get(&screens, path, &[html]), page, "{path}");
        }
        for path in ["/api/v1/nothing", "/docs/x", "/assets/gone.js", "/gone.png", "/../Cargo.toml", "/assets/../../x.html", "/icon.svg.gz"]
        {
            assert_eq!(get(&screens, path, &[html]), None, "{path}");
        }
        assert_eq!(get(&screens, "/", &[("accept", "*/*")]), page);
        for accept in ["application/json", "*/*"] {
            assert_eq!(get(&screens, "/spaces/space_1", &[("accept", accept)]), None, "a program is told 404");
        }
        let post = TestRequest::post().uri("/").insert_header(html).to_http_request();
        assert!(screens.serve(&post).is_none());
    }

    #[test]
    fn hashed_files_are_kept_for_ever_and_packed_where_wanted() {
        let screens = some();
        let kept = |coding: &str| Some((200, "public, max-age=31536000, immutable".to_owned(), coding.to_owned()));
        assert_eq!(get(&screens, "/assets/a-1.js", &[("accept-encoding", "br, gzip;q=0.8")]), kept("gzip"));
        assert_eq!(get(&screens, "/assets/a-1.js", &[("accept-encoding", "gzip;q=0")]), kept(""));
        assert_eq!(get(&screens, "/assets/a-1.js", &[]), kept(""));
        let tag = screens.0["icon.svg"].tag.clone();
        assert_eq!(get(&screens, "/icon.svg", &[("if-none-match", &format!("\"x\", W/{tag}"))]).unwrap().0, 304);
        assert_eq!(get(&screens, "/icon.svg", &[("if-none-match", "\"x\"")]).unwrap().0, 200);
    }
}
