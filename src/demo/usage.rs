//! Usage terms of the demonstration, over the API like the rest: the desk drafts and submits them, the unit that owns the space
//! approves. One set is left waiting, so that a unit finds something to answer; until then its room is booked as before.

use super::client::Client;
use super::people::{Hub, find, spaces};
use crate::kernel::{Fault, Outcome};
use serde_json::{Value, json};

/// House rules of a room.
pub struct HouseRules {
    site: &'static str,
    space: &'static str,
    /// Who drafts them, and whose unit is asked.
    desk: &'static str,
    unit: &'static str,
    text_zh: &'static str,
    text_en: &'static str,
    max_persons: i64,
    /// The unit has said yes already.
    approved: bool,
}

// assumption: the facts speak of the rooms and not of their house rules; these are what such rooms usually ask.
/// Of 育新花园.
pub const YUXIN_RULES: &[HouseRules] = &[
    HouseRules {
        site: "yuxin-centre",
        space: "member-room",
        desk: "yuxin-p-desk",
        unit: "yuxin-unit",
        text_zh: "一、请提前十分钟到，用完把桌椅放回原位。\n二、室内不吸烟、不做饭，可以自带热水。\n三、投影和话筒用完请关掉，有损坏请告诉社区。\n四、最后离开的人请关灯、关窗、锁门。",
        text_en: "1. Please come ten minutes early and put tables and chairs back.\n2. No smoking and no cooking; bring your own hot water.\n3. Switch projector and microphone off; tell the community of any damage.\n4. Whoever leaves last turns off the lights, shuts the windows and locks up.",
        max_persons: 45,
        approved: true,
    },
    HouseRules {
        site: "yuxin-centre",
        space: "shuyuan",
        desk: "yuxin-p-desk",
        unit: "yuxin-unit",
        text_zh: "一、书苑里请小声说话，手机调成静音。\n二、书看完放回原来的架子。\n三、带水可以，请不要吃东西。\n四、七岁以下的孩子请家长陪着。",
        text_en: "1. Please speak softly and mute your phone.\n2. Put books back on their shelf.\n3. Water is fine, food is not.\n4. Children under seven come with a grown-up.",
        max_persons: 30,
        approved: false,
    },
];

// assumption: as above.
/// Of 石油大院.
pub const SHIYOU_RULES: &[HouseRules] = &[HouseRules {
    site: "shiyou-hub",
    space: "family-space",
    desk: "shiyou-p-desk",
    unit: "shiyou-unit-2",
    text_zh: "一、进门请换鞋或者穿鞋套。\n二、孩子玩的时候，大人请一直看着。\n三、玩具用完放回筐里，弄脏了请擦一擦。\n四、发烧、咳嗽的孩子请先在家休息。",
    text_en: "1. Please change shoes or wear covers.\n2. Keep an eye on your children all the time.\n3. Put the toys back, and wipe off what got dirty.\n4. Children with a fever or a cough please stay at home.",
    max_persons: 40,
    approved: true,
}];

/// Puts the house rules of a hub in place, or goes on where an interrupted seeding stopped. Gives how many there are.
pub fn put_in_place(hub: &Hub, rules: &[HouseRules]) -> Outcome<usize> {
    for one in rules {
        one.put_in_place(hub)?;
    }
    Ok(rules.len())
}

impl HouseRules {
    fn put_in_place(&self, hub: &Hub) -> Outcome<()> {
        let desk = hub.person(self.desk)?;
        let site = find(&desk, "/api/v1/sites", self.site)?;
        let rooms = spaces(&desk, self.site)?;
        let room = rooms.iter().find(|(code, ..)| code == self.space).map(|(_, id, _)| id.as_str());
        let room = room.ok_or_else(|| Fault::internal(format!("no space {} in {}", self.space, self.site)))?;
        let list = format!("/api/v1/sites/{site}/usage-terms");
        let known = desk.get(&format!("{list}?space_id={room}"))?.expect(200, "usage terms")?;
        let (id, state) = match known.text("/items/0/id") {
            "" => {
                let body = json!({"space_ids": [room], "text_zh": self.text_zh, "text_en": self.text_en, "max_persons": self.max_persons});
                (desk.post(&list, &body)?.expect(201, "usage terms")?.text("/usage_terms_id").to_owned(), "draft")
            }
            id => (id.to_owned(), known.text("/items/0/state")),
        };
        let path = format!("/api/v1/usage-terms/{id}");
        if state == "draft" {
            desk.post(&format!("{path}/submission"), &json!({}))?.expect(201, "submission")?;
        }
        if self.approved && (state == "draft" || state == "submitted") {
            let submitted = desk.get(&path)?.expect(200, "usage terms")?;
            let asked = submitted.body["approvals"].as_array().into_iter().flatten().next();
            let unit = asked.map(|asked| asked["organisation_id"].clone()).unwrap_or_default();
            let body = json!({"organisation_id": unit, "sha256": submitted.text("/sha256")});
            hub.person(hub.signer(self.unit)?)?.post(&format!("{path}/approvals"), &body)?.expect(201, "approval")?;
        }
        Ok(())
    }
}

/// The hash of the usage terms somebody accepts who books the room for then; null where there are none.
pub fn accepted(client: &Client, space: &str, at: &str) -> Outcome<Value> {
    // A plus would be a plus in a query too, but not to every client.
    let path = format!("/api/v1/spaces/{space}/usage-terms?at={}", at.replace('+', "%2B"));
    Ok(client.get(&path)?.expect(200, "usage terms of a space")?.body["in_force"]["sha256"].clone())
}
