//! One list of everything that waits for somebody, over HTTP on both backends: what is signed and talked over, usage terms, and what
//! the life of an agreement asks.

use crate::harness::{TestApp, Town, served_at, waiting};
use crate::told_on_both;
use serde_json::{Value, json};
use shangliang::demo::client::Client;
use shangliang::kernel::time::SetClock;
use shangliang::kernel::{Clock, Instant};
use shangliang::store::Backend;
use std::sync::Arc;

fn at(text: &str) -> Instant {
    Instant::parse(&format!("{text}:00+08:00")).unwrap()
}

fn served(backend: Backend, now: &str) -> (TestApp, Arc<SetClock>) {
    served_at(backend, at(now))
}

fn text<'v>(item: &'v Value, pointer: &str) -> &'v str {
    item.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer}: {item}"))
}

/// What is asked, in the order of the list.
fn asked(by: &Client) -> Vec<String> {
    waiting(by).iter().map(|item| text(item, "/waiting_for").to_owned()).collect()
}

/// The one thing that waits for somebody, which is asked in this way; its subject.
fn only(by: &Client, what: &str) -> String {
    let all = waiting(by);
    let [one] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!(text(one, "/waiting_for"), what);
    text(one, "/subject_id").to_owned()
}

fn done(by: &Client, path: &str, body: &Value) -> Value {
    by.post(path, body).unwrap().expect(201, path).unwrap().body
}

told_on_both! {
    signatures_on_the_screen_and_on_paper(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let (unit_1, unit_2, desk) = (town.person("shiyou-p-unit-1"), town.person("shiyou-p-unit-2"), town.person("shiyou-p-desk"));
        assert_eq!(waiting(&unit_1), Vec::<Value>::new());
        let version = format!("/api/v1/agreements/{}/versions/1", town.agreement("shiyou-partnership"));
        done(&desk, &format!("{version}/proposal"), &json!({}));
        // A party from another area reads what it is to sign.
        let second = town.person("shiyou-p-lead-2");
        for by in [&unit_1, &unit_2, &second] {
            let all = waiting(by);
            let [one] = all.as_slice() else { panic!("{all:?}") };
            assert_eq!((text(one, "/waiting_for"), text(one, "/agreement/code")), ("signature", "shiyou-partnership"));
            assert_eq!((text(one, "/since"), text(one, "/version/id")), ("2026-11-28T02:00:00Z", text(one, "/subject_id")));
        }
        assert_eq!(second.get(&version).unwrap().status, 200);
        // Nobody else's business.
        for by in ["yuxin-p-unit", "shiyou-p-res-1", "shiyou-p-desk", "yuxin-p-auditor"] {
            assert_eq!(waiting(&town.person(by)), Vec::<Value>::new(), "{by}");
        }

        let sha256 = unit_1.get(&version).unwrap().text("/sha256").to_owned();
        let sign = |party: &str| json!({"organisation_id": town.organisation(party), "sha256": sha256});
        done(&unit_1, &format!("{version}/signatures"), &sign("shiyou-unit-1"));
        assert_eq!(waiting(&unit_1), Vec::<Value>::new());
        // A signature on paper waits for its party's word.
        let mut paper = sign("shiyou-unit-2");
        paper["evidence_sha256"] = json!("a".repeat(64));
        done(&desk, &format!("{version}/paper-signatures"), &paper);
        let signature = only(&unit_2, "confirmation");
        done(&unit_2, &format!("{version}/paper-signatures/{signature}/confirmation"), &json!({}));
        assert_eq!(waiting(&unit_2), Vec::<Value>::new());
    }

    what_others_object_to_waits_for_those_who_draft(backend) {
        let (app, _) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let (unit, desk) = (town.signer("shiyou-unit-1"), town.person("shiyou-p-desk"));
        let version = format!("/api/v1/agreements/{}/versions/1", town.agreement("shiyou-partnership"));
        done(&desk, &format!("{version}/round"), &json!({}));
        let sha256 = unit.get(&version).unwrap().text("/sha256").to_owned();
        let say = |party: &str, stand: &str, words: &str| {
            let body = json!({"organisation_id": town.organisation(party), "stand": stand, "text": words, "sha256": sha256});
            done(&town.signer(party), &format!("{version}/positions"), &body);
        };
        assert_eq!(asked(&unit), ["position"]);
        say("shiyou-unit-1", "support", "好。");
        say("shiyou-unit-2", "object", "水电费谁出没写清楚。");
        assert_eq!((asked(&unit), asked(&town.signer("shiyou-unit-2"))), (vec![], vec![]));
        let position = only(&desk, "reply");
        assert_eq!(asked(&town.person("yuxin-p-desk")), Vec::<String>::new());
        done(&desk, &format!("{version}/positions/{position}/reply"), &json!({"text": "写进第七条。"}));
        assert_eq!(asked(&desk), Vec::<String>::new());
    }

    usage_terms_stand_in_the_same_list_and_it_is_read_page_by_page(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let (desk, unit) = (town.person("yuxin-p-desk"), town.person("yuxin-p-unit"));
        let submit = |space: &str| {
            let (site, _) = space.split_once('/').unwrap();
            let body = json!({"space_ids": [town.space(space)], "text_zh": "请保持安静。"});
            let drafted = done(&desk, &format!("/api/v1/sites/{}/usage-terms", town.site(site)), &body);
            let id = text(&drafted, "/usage_terms_id").to_owned();
            done(&desk, &format!("/api/v1/usage-terms/{id}/submission"), &json!({}));
            id
        };
        let mut all = vec![];
        for (minute, space) in ["moxuan", "shuyuan", "yazhu"].iter().enumerate() {
            clock.set(at(&format!("2026-11-28T10:0{minute}")));
            all.push(submit(&format!("yuxin-centre/{space}")));
        }
        let found = waiting(&unit);
        assert_eq!(found.iter().map(|one| text(one, "/subject_id")).collect::<Vec<_>>(), all, "the oldest first");
        let first = &found[0];
        assert_eq!((text(first, "/waiting_for"), text(first, "/usage_terms/id")), ("usage_approval", all[0].as_str()));
        assert_eq!((text(first, "/organisation_id"), text(first, "/since")), (town.organisation("yuxin-unit").as_str(), "2026-11-28T02:00:00Z"));
        assert_eq!((&first["agreement"], &first["version"], &first["suspension_proposal"]), (&Value::Null, &Value::Null, &Value::Null));
        assert_eq!(waiting(&desk), Vec::<Value>::new(), "the unit is asked");

        // Page by page, nothing twice and nothing left out; of one party, of one kind.
        let (mut seen, mut next) = (vec![], String::new());
        for _ in 0..3 {
            let page = unit.get(&format!("/api/v1/me/waiting?limit=1{next}")).unwrap().expect(200, "page").unwrap();
            seen.push(page.text("/items/0/subject_id").to_owned());
            next = format!("&cursor={}", page.text("/next_cursor"));
        }
        assert_eq!((seen, next.as_str()), (all.clone(), "&cursor="));
        let count = |query: &str| unit.get(&format!("/api/v1/me/waiting?{query}")).unwrap().expect(200, query).unwrap().body["items"].as_array().unwrap().len();
        assert_eq!((count("waiting_for=usage_approval"), count("waiting_for=signature")), (3, 0));
        assert_eq!(count(&format!("organisation_id={}", town.organisation("yuxin-unit"))), 3);
        assert_eq!(count(&format!("organisation_id={}", town.organisation("yuxin-community"))), 0);
        for (query, field) in [("waiting_for=money", "waiting_for"), ("organisation_id=x", "organisation_id"), ("cursor=AAAA", "cursor"), ("limit=0", "limit"), ("of=x", "of")] {
            let refused = unit.get(&format!("/api/v1/me/waiting?{query}")).unwrap();
            assert_eq!((refused.status, refused.text("/code"), refused.text("/errors/0/pointer")), (422, "invalid", field));
        }

        // Answered, they are gone; of a room of the operator's own the community in charge is asked.
        let body = json!({"organisation_id": town.organisation("yuxin-unit"), "reason": "太短了。"});
        done(&unit, &format!("/api/v1/usage-terms/{}/rejection", all[0]), &body);
        assert_eq!(waiting(&unit).len(), 2);
        let gym = submit("yuxin-gym/tt-hall");
        assert_eq!(only(&desk, "usage_approval"), gym);
        assert_eq!(text(&waiting(&desk)[0], "/organisation_id"), town.organisation("yuxin-gym-operator"));
        assert_eq!(waiting(&town.person("shiyou-p-desk")), Vec::<Value>::new());
    }

    the_demonstration_has_house_rules_and_leaves_one_to_answer(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let seed = |token: Option<&str>| shangliang::demo::seed::seed(&app.base, token, clock.now()).unwrap();
        seed(app.first_admin.as_deref());
        let someone = |login: &str| app.client.sign_in(login, shangliang::demo::people::PASSWORD).unwrap();
        let find = |list: &str, code: &str| shangliang::demo::people::find(&app.client, list, code).unwrap();
        let room = |site: &str, code: &str| {
            let all = shangliang::demo::people::spaces(&app.client, site).unwrap();
            all.into_iter().find(|(known, ..)| known == code).unwrap().1
        };
        let in_force = |space: &str| app.client.get(&format!("/api/v1/spaces/{space}/usage-terms")).unwrap().body["in_force"]["text_zh"].clone();
        let (members, library, family) = (room("yuxin-centre", "member-room"), room("yuxin-centre", "shuyuan"), room("shiyou-hub", "family-space"));
        assert!(in_force(&members).is_string() && in_force(&family).is_string() && in_force(&library).is_null());
        // The unit that is shown at the start of the demonstration has something to answer; its room is booked meanwhile.
        let unit = someone("13900001001");
        let all = waiting(&unit);
        let [one] = all.as_slice() else { panic!("{all:?}") };
        assert_eq!((text(one, "/waiting_for"), &one["usage_terms"]["space_ids"]), ("usage_approval", &json!([library])));
        let booked = |space: &str| {
            let from_to = "from=2026-11-28T00:00:00%2B08:00&to=2026-12-13T00:00:00%2B08:00";
            let site = find("/api/v1/sites", "yuxin-centre");
            let page = someone("13900001004").get(&format!("/api/v1/sites/{site}/bookings?{from_to}&limit=100")).unwrap().expect(200, "board").unwrap();
            page.body["items"].as_array().unwrap().iter().filter(|one| one["space_id"] == space).count()
        };
        assert_eq!((booked(&members), booked(&library) > 4), (2, true), "two Thursdays");
        // Told once more it changes nothing.
        seed(None);
        let site = find("/api/v1/sites", "yuxin-centre");
        let listed = someone("13900001004").get(&format!("/api/v1/sites/{site}/usage-terms")).unwrap();
        assert_eq!((listed.body["items"].as_array().unwrap().len(), waiting(&unit).len(), booked(&members)), (2, 1, 2));
        app.settle();
    }

    what_the_life_of_an_agreement_asks_stands_there_too(backend) {
        let (app, clock) = served(backend, "2026-11-28T10:00");
        let town = Town::build(&app);
        let path = format!("/api/v1/agreements/{}", town.agreement("yuxin-partnership"));
        let person = |code: &str| town.person(code);
        let moved_to = |now: &str| {
            clock.set(at(now));
            town.forget_people();
            app.settle();
        };
        let nobody_else = |but: &[&str]| {
            for code in ["yuxin-p-desk", "yuxin-p-lead", "yuxin-p-street", "yuxin-p-unit", "yuxin-p-gym", "shiyou-p-desk", "yuxin-p-auditor"] {
                if !but.contains(&code) {
                    assert_eq!(asked(&person(code)), Vec::<String>::new(), "{code}");
                }
            }
        };

        // A suspension somebody asks for waits for the community, until it is answered or its time has come.
        let ask = json!({"organisation_id": town.organisation("yuxin-unit"), "urgency": "planned", "ground": "repair", "text": "检修电路。",
            "space_ids": [town.space("yuxin-centre/shuyuan")], "from": "2026-12-08T00:00:00+08:00", "until": "2026-12-12T00:00:00+08:00"});
        let propose = |ask: &Value| person("yuxin-p-unit").post(&format!("{path}/suspension-proposals"), ask).unwrap();
        let made = |ask: &Value| propose(ask).expect(201, "proposal").unwrap().text("/proposal_id").to_owned();
        let mut more = ask.clone();
        more["text"] = json!("还有一处要修。");
        let (first, second) = (made(&ask), made(&more));
        assert_eq!(propose(&ask).status, 409, "the same again says nothing new");
        let waits = waiting(&person("yuxin-p-desk"));
        assert_eq!(waits.iter().map(|one| text(one, "/subject_id")).collect::<Vec<_>>(), [&first, &second]);
        assert_eq!((text(&waits[0], "/waiting_for"), text(&waits[0], "/agreement/code")), ("suspension_proposal", "yuxin-partnership"));
        assert_eq!((text(&waits[0], "/suspension_proposal/text"), &waits[0]["version"]), ("检修电路。", &Value::Null));
        nobody_else(&["yuxin-p-desk", "yuxin-p-lead"]);
        done(&person("yuxin-p-desk"), &format!("{path}/suspension-proposals/{first}/refusal"), &json!({"text": "考试季。"}));
        assert_eq!(only(&person("yuxin-p-desk"), "suspension_proposal"), second);
        moved_to("2026-12-08T00:00");
        nobody_else(&[]);

        // What has been closed for sixty days waits for the street, until it has looked.
        let order = json!({"urgency": "immediate", "ground": "safety", "text": "天花板掉了一块。", "evidence": "照片三张。",
            "space_ids": [town.space("yuxin-centre/moxuan")]});
        let suspension = text(&done(&person("yuxin-p-desk"), &format!("{path}/suspensions"), &order), "/suspension_id").to_owned();
        moved_to("2027-02-05T23:59");
        nobody_else(&[]);
        moved_to("2027-02-07T00:00");
        assert_eq!(only(&person("yuxin-p-street"), "suspension_review"), suspension);
        nobody_else(&["yuxin-p-street"]);
        let upheld = json!({"outcome": "upheld", "text": "还没有验收。"});
        done(&person("yuxin-p-street"), &format!("{path}/suspensions/{suspension}/reviews"), &upheld);
        nobody_else(&[]);

        // What one signer wants to take back waits for the others who signed it.
        let lead = town.signer("yuxin-community");
        let mut clauses = lead.get(&format!("{path}/versions/1")).unwrap().body["clauses"].as_array().unwrap().clone();
        let term = clauses.iter_mut().find(|clause| clause["id"] == "term").unwrap();
        term["payload"] = json!({"first_day": "2027-06-01", "last_day": "2027-12-31"});
        done(&lead, &format!("{path}/versions"), &json!({ "clauses": clauses }));
        done(&lead, &format!("{path}/versions/2/proposal"), &json!({}));
        let sha256 = lead.get(&format!("{path}/versions/2")).unwrap().text("/sha256").to_owned();
        for party in ["yuxin-unit", "yuxin-community"] {
            assert_eq!(asked(&town.signer(party)), ["signature"]);
            let body = json!({"organisation_id": town.organisation(party), "sha256": sha256});
            done(&town.signer(party), &format!("{path}/versions/2/signatures"), &body);
        }
        nobody_else(&[]);
        let word = |party: &str| json!({"organisation_id": town.organisation(party), "text": "还要再商量。"});
        done(&lead, &format!("{path}/annulment"), &word("yuxin-community"));
        let version = lead.get(&format!("{path}/versions/2")).unwrap().text("/id").to_owned();
        assert_eq!(only(&town.signer("yuxin-unit"), "annulment"), version);
        assert_eq!(text(&waiting(&town.signer("yuxin-unit"))[0], "/version/id"), version);
        nobody_else(&["yuxin-p-unit"]);
        done(&town.signer("yuxin-unit"), &format!("{path}/annulment"), &word("yuxin-unit"));
        nobody_else(&[]);

        // What has ended waits for its settlement, and then for a second person to close it.
        moved_to("2029-01-01T00:00");
        let ended = waiting(&person("yuxin-p-desk"));
        let mine = |all: &[Value]| all.iter().filter(|one| text(one, "/agreement/code") == "yuxin-partnership").cloned().collect::<Vec<_>>();
        assert_eq!(mine(&ended).iter().map(|one| text(one, "/waiting_for").to_owned()).collect::<Vec<_>>(), ["settlement"]);
        assert_eq!((text(&mine(&ended)[0], "/since"), asked(&person("yuxin-p-street"))), ("2028-12-31T16:00:00Z", vec![]));
        done(&person("yuxin-p-desk"), &format!("{path}/settlement"), &json!({"text": "水电已结清。"}));
        assert_eq!(mine(&waiting(&person("yuxin-p-desk"))), Vec::<Value>::new(), "who opened it does not close it");
        assert_eq!(asked(&person("yuxin-p-street")), ["closing"]);
        done(&person("yuxin-p-street"), &format!("{path}/closing"), &json!({"text": "办结。"}));
        assert_eq!(asked(&person("yuxin-p-street")), Vec::<String>::new());
        app.settle();
    }
}
