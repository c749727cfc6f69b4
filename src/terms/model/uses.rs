//! Uses: the one code list for allowed uses, price categories and noise.

use crate::words;

words! {
    /// How loud a use is; a quiet-hours clause refuses a class and everything louder.
    pub enum Noise {
        /// Reading, writing.
        Quiet = "quiet",
        /// Talking.
        Normal = "normal",
        /// Singing, drums, balls.
        Loud = "loud",
    }
}

macro_rules! uses {
    ($($name:ident = $code:tt $zh:literal $en:literal $noise:ident $parent:expr, $tag:expr;)+) => {
        words! {
            /// A use of a space (用途).
            pub enum Use { $(#[doc = $zh] $name = $code),+ }
        }
        impl Use {
            /// Chinese name.
            pub const fn zh(self) -> &'static str { match self { $(Use::$name => $zh),+ } }
            /// English name.
            pub const fn en(self) -> &'static str { match self { $(Use::$name => $en),+ } }
            /// Noise class.
            pub const fn noise(self) -> Noise { match self { $(Use::$name => Noise::$noise),+ } }
            /// The wider use it belongs to: a clause about the parent covers it.
            pub const fn parent(self) -> Option<Use> { match self { $(Use::$name => $parent),+ } }
            /// Tag of 八进社区 (eight services brought into the community).
            pub const fn tag(self) -> Option<&'static str> { match self { $(Use::$name => $tag),+ } }
        }
    };
}

uses! {
    Meeting = "meeting" "会议" "Meeting" Normal None, None;
    Deliberation = "deliberation" "协商议事" "Deliberation" Normal Some(Use::Meeting), Some("法治");
    PartyHistory = "party-history" "党史学习" "Party history study" Normal Some(Use::Study), Some("教育");
    Study = "study" "学习" "Study" Normal None, Some("教育");
    Reading = "reading" "阅读" "Reading" Quiet Some(Use::Study), Some("文化");
    Calligraphy = "calligraphy" "书画" "Calligraphy and painting" Quiet None, Some("文化");
    Vocal = "vocal" "声乐" "Singing" Loud None, Some("文化");
    Performance = "performance" "演出" "Performance" Loud None, Some("文化");
    Opera = "opera" "曲艺戏剧" "Opera and storytelling" Loud Some(Use::Performance), Some("文化");
    Exhibition = "exhibition" "展览" "Exhibition" Normal None, Some("文化");
    BeijingCulture = "beijing-culture" "京味文化" "Old Beijing culture" Normal None, Some("文化");
    Folk = "folk" "民俗活动" "Folk customs" Normal None, Some("文化");
    Art = "art" "创意美术" "Creative art" Normal None, Some("文化");
    Family = "family" "亲子活动" "Parents and children" Normal None, Some("教育");
    Dance = "dance" "舞蹈" "Dancing" Loud None, Some("健康");
    TableTennis = "table-tennis" "乒乓球" "Table tennis" Loud None, Some("健康");
    Childcare = "childcare" "托育" "Childcare" Normal None, Some("教育");
    ElderCare = "elder-care" "养老" "Care for the old" Normal None, Some("养老");
    Catering = "catering" "餐饮" "Meals" Normal None, None;
    Laundry = "laundry" "洗衣" "Laundry" Normal None, None;
    Housekeeping = "housekeeping" "家政" "Home help" Normal None, None;
}

impl Use {
    /// True when a clause naming `named` speaks about this use: the same, or its parent.
    pub fn is_covered_by(self, named: Use) -> bool {
        self == named || self.parent() == Some(named)
    }
}
