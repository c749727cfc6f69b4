//! Every route, once.

use super::health;
use super::screens::Screens;
use crate::kernel::{Code, Fault};
use crate::{
    agreements, areas, bookings, calendars, documents, impact, ledger, notify, onboarding, people, places, pricing, privacy, reports,
    schedule, terms, usage,
};
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use utoipa::openapi::OpenApi;
use utoipa::openapi::path::PathItem;
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

/// Where the API lives.
pub const API: &str = "/api/v1";

/// Registers every route with its documentation.
pub fn all(cfg: &mut ServiceConfig) {
    cfg.service(health::get_livez).service(health::get_readyz).service(people::http::get_jwks).service(
        scope::scope(API)
            .configure(public)
            .configure(signed_in)
            .configure(agreement_routes)
            .configure(usage_routes)
            .configure(paper_routes),
    );
}

/// What is asked for most stands first: routes are tried in their order.
fn public(cfg: &mut ServiceConfig) {
    cfg.service(schedule::http::get_availability)
        .service(schedule::http::get_site_availability)
        .service(people::http::post_sign_in)
        .service(people::http::post_token_refresh)
        .service(people::http::post_claim)
        .service(people::http::post_first_administrator)
        .service(areas::http::get_areas)
        .service(places::http::get_sites)
        .service(places::http::get_site)
        .service(places::http::get_space)
        .service(pricing::http::get_tariffs)
        .service(terms::http::get_uses)
        .service(terms::http::get_terms)
        .service(bookings::http::get_space_bookings)
        .service(bookings::http::get_site_bookings)
        .service(bookings::http::get_ratings)
        .service(calendars::http::get_space_calendar)
        .service(calendars::http::get_calendar)
        .service(ledger::http::get_ledger)
        .service(schedule::http::get_area_free_times)
        .service(schedule::http::get_site_free_times)
        .service(bookings::http::get_search)
        .service(impact::http::get_closures)
        .service(impact::http::get_closure)
        .service(bookings::http::get_overrides);
}

fn signed_in(cfg: &mut ServiceConfig) {
    cfg.service(people::http::post_sign_out)
        .service(people::http::post_step_up)
        .service(people::http::post_password)
        .service(people::http::get_me)
        .service(privacy::http::get_export)
        .service(privacy::http::post_erasure)
        .service(people::http::get_representatives)
        .service(people::http::post_revocation)
        .service(people::http::post_account)
        .service(people::http::post_claim_code)
        .service(onboarding::http::post_hub_import)
        .service(notify::http::get_notices)
        .service(notify::http::get_inbox)
        .service(notify::http::get_settings)
        .service(notify::http::put_settings)
        .service(notify::http::post_reading_until)
        .service(notify::http::post_reading)
        .service(bookings::http::post_check)
        .service(bookings::http::post_booking)
        .service(bookings::http::get_bookings)
        .service(bookings::http::get_booking)
        .service(bookings::http::get_explanation)
        .service(bookings::http::get_postings)
        .service(bookings::http::post_reversal)
        .service(bookings::http::get_requests)
        .service(bookings::http::post_request_approval)
        .service(bookings::http::post_request_refusal)
        .service(bookings::http::post_cancellation)
        .service(bookings::http::post_series_preview)
        .service(bookings::http::post_series)
        .service(bookings::http::get_series)
        .service(bookings::http::get_one_series)
        .service(bookings::http::post_series_cancellation)
        .service(bookings::http::post_series_changes)
        .service(calendars::http::post_calendar)
        .service(calendars::http::get_calendars)
        .service(calendars::http::post_calendar_revocation)
        .service(bookings::http::post_waitlist)
        .service(bookings::http::get_waitlist)
        .service(bookings::http::get_wait)
        .service(bookings::http::post_leaving)
        .service(bookings::http::post_hold_acceptance)
        .service(bookings::http::post_hold_refusal)
        .service(bookings::http::get_door_code)
        .service(bookings::http::post_check_in)
        .service(bookings::http::post_attendance)
        .service(bookings::http::get_use)
        .service(bookings::http::post_appeal)
        .service(bookings::http::post_appeal_decision)
        .service(bookings::http::get_appeals)
        .service(bookings::http::get_standing)
        .service(bookings::http::post_rating)
        .service(bookings::http::post_key)
        .service(impact::http::get_offers)
        .service(impact::http::get_booking_impact)
        .service(impact::http::post_acceptance)
        .service(impact::http::post_refusal)
        .service(impact::http::post_reduction)
        .service(bookings::http::post_move)
        .service(impact::http::get_booking_history)
        .service(impact::http::post_site_closure)
        .service(impact::http::post_space_closure)
        .service(impact::http::get_closure_bookings)
        .service(impact::http::post_opening)
        .service(impact::http::post_provider_cancellation)
        .service(bookings::http::get_quota)
        .service(bookings::http::post_neighbour_lookup)
        .service(bookings::http::post_assisted_booking)
        .service(bookings::http::get_assisted_bookings);
}

fn agreement_routes(cfg: &mut ServiceConfig) {
    cfg.service(agreements::http::get_waiting)
        .service(agreements::http::get_agreements)
        .service(agreements::http::get_rounds)
        .service(agreements::http::get_changes)
        .service(agreements::http::get_impact)
        .service(agreements::http::get_impact_bookings)
        .service(agreements::http::get_replay)
        .service(agreements::http::post_round)
        .service(agreements::http::post_round_closing)
        .service(agreements::http::post_position)
        .service(agreements::http::post_reply)
        .service(agreements::http::post_agreement)
        .service(agreements::http::get_agreement)
        .service(agreements::http::post_version)
        .service(agreements::http::get_version)
        .service(agreements::http::put_version)
        .service(agreements::http::post_proposal)
        .service(agreements::http::post_signature)
        .service(agreements::http::post_paper_signature)
        .service(agreements::http::post_paper_confirmation)
        .service(agreements::http::post_extension)
        .service(agreements::http::post_agency_consent)
        .service(agreements::http::post_pending_signature)
        .service(agreements::http::post_ratification)
        .service(agreements::http::post_ratification_refusal)
        .service(agreements::http::post_owners_decision)
        .service(agreements::http::post_owners_decision_confirmation)
        .service(agreements::http::post_owners_vote)
        .service(agreements::http::post_decline)
        .service(agreements::http::post_withdrawal)
        .service(agreements::http::get_history)
        .service(agreements::http::post_suspension)
        .service(agreements::http::post_suspension_proposal)
        .service(agreements::http::post_proposal_order)
        .service(agreements::http::post_proposal_refusal)
        .service(agreements::http::post_lifting)
        .service(agreements::http::post_review)
        .service(agreements::http::post_termination_notice)
        .service(agreements::http::post_objection)
        .service(agreements::http::post_withdrawal_notice)
        .service(agreements::http::post_annulment)
        .service(agreements::http::post_settlement)
        .service(agreements::http::post_closing);
}

fn usage_routes(cfg: &mut ServiceConfig) {
    cfg.service(usage::http::get_space_usage_terms)
        .service(usage::http::get_site_usage_terms)
        .service(usage::http::get_usage_terms)
        .service(usage::http::post_usage_terms)
        .service(usage::http::put_usage_terms)
        .service(usage::http::post_usage_submission)
        .service(usage::http::post_usage_approval)
        .service(usage::http::post_usage_rejection)
        .service(usage::http::post_usage_withdrawal);
}

fn paper_routes(cfg: &mut ServiceConfig) {
    cfg.service(documents::http::get_document)
        .service(documents::http::get_canonical)
        .service(documents::http::post_verification)
        .service(reports::http::get_verification)
        .service(reports::http::get_entries)
        .service(reports::http::get_anchors);
}

fn matches(template: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    template.split('/').all(|expected| parts.next().is_some_and(|part| part == expected || (expected.starts_with('{') && !part.is_empty())))
        && parts.next().is_none()
}

fn methods(item: &PathItem) -> Vec<&'static str> {
    let taken = [
        ("GET", item.get.is_some()),
        ("HEAD", item.get.is_some()),
        ("PUT", item.put.is_some()),
        ("POST", item.post.is_some()),
        ("DELETE", item.delete.is_some()),
        ("PATCH", item.patch.is_some()),
    ];
    taken.into_iter().filter(|(_, there)| *there).map(|(method, _)| method).collect()
}

/// What no route took: 405 with `Allow` when the address has other methods, then the screens, 404 otherwise.
pub async fn no_route(request: HttpRequest, document: Data<OpenApi>, screens: Data<Screens>) -> HttpResponse {
    let mut allowed: Vec<&str> =
        document.paths.paths.iter().filter(|(template, _)| matches(template, request.path())).flat_map(|(_, item)| methods(item)).collect();
    allowed.sort_unstable();
    allowed.dedup();
    let reads = matches!(request.method(), &Method::GET | &Method::HEAD);
    if !reads && (matches!(request.path(), "/openapi.json" | "/docs" | "/docs/") || screens.has(request.path())) {
        allowed.extend(["GET", "HEAD"]);
    }
    if allowed.is_empty() {
        if let Some(screen) = screens.serve(&request) {
            return screen;
        }
        return Fault::from(Code::NotFound).error_response();
    }
    let mut response = Fault::from(Code::MethodNotAllowed).error_response();
    if let Ok(value) = HeaderValue::from_str(&allowed.join(", ")) {
        response.headers_mut().insert(ALLOW, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_match_whole_paths() {
        assert!(matches("/api/v1/bookings/{id}", "/api/v1/bookings/x"));
        for no in ["/api/v1/bookings", "/api/v1/bookings/", "/api/v1/bookings/x/y", "/api/v1/booking/x", "/"] {
            assert!(!matches("/api/v1/bookings/{id}", no), "{no}");
        }
    }
}
