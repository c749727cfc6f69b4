//! The kinds of clauses, their names, and how each kind spreads over spaces.

/// A closed list of words, each with a Chinese and an English name.
macro_rules! named_words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:tt $zh:literal $en:literal;)+ }) => {
        $crate::words! {
            $(#[$meta])*
            pub enum $name { $($(#[$vmeta])* #[doc = $zh] $variant = $word),+ }
        }
        impl $name {
            /// Chinese name.
            pub const fn zh(self) -> &'static str { match self { $($name::$variant => $zh),+ } }
            /// English name.
            pub const fn en(self) -> &'static str { match self { $($name::$variant => $en),+ } }
        }
    };
}
pub(super) use named_words;

named_words! {
    /// The kinds of clauses. An unknown kind is refused, never ignored.
    ClauseKind {
        /// A suspension: never drafted, written by its order. First, because it is what a reader must hear first.
        Suspension = "suspension" "暂停使用" "Suspended";
        /// Who signs, in which capacity and stage.
        Parties = "parties" "签约各方" "Parties";
        /// Which spaces a party opens; nothing is bookable outside a grant.
        SpaceGrant = "space_grant" "空间提供" "Spaces lent";
        /// First and last day.
        Term = "term" "期限" "Term";
        /// When the spaces are open.
        OpenHours = "open_hours" "开放时间" "Opening hours";
        /// The owner's own hours (错时共享).
        ReservedHours = "reserved_hours" "保留时段" "Reserved hours";
        /// Only these uses.
        AllowedUses = "allowed_uses" "允许用途" "Allowed uses";
        /// Not these uses.
        ProhibitedUses = "prohibited_uses" "禁止用途" "Prohibited uses";
        /// How many people.
        Capacity = "capacity" "容纳人数" "Capacity";
        /// Hours without loud uses.
        QuietHours = "quiet_hours" "安静时段" "Quiet hours";
        /// The most that may be charged.
        PriceCeiling = "price_ceiling" "价格上限" "Price ceiling";
        /// The least share that is free of charge.
        FreeShare = "free_share" "免费比例" "Free share";
        /// Who comes first, and how much one household may hold.
        Priority = "priority" "优先次序" "Priority";
        /// Fixed, rotating and temporary slots (固定+轮转+临时).
        AllocationMix = "allocation_mix" "分配方式" "Allocation";
        /// Which bookings somebody approves first.
        Approval = "approval" "预订审批" "Approval";
        /// Who pays water, electricity and the like.
        UtilitiesPayer = "utilities_payer" "水电费用" "Utilities";
        /// Who renovates and furnishes, with whose money.
        FitOut = "fit_out" "装修改造" "Fit-out";
        /// How income is shared.
        RevenueShare = "revenue_share" "收入分配" "Shares of income";
        /// What surplus is given back to (公益反哺).
        PublicReturn = "public_return" "公益反哺" "Public return";
        /// Hours kept for upkeep.
        Maintenance = "maintenance" "维护时段" "Maintenance";
        /// Insurance and inspections, with the day they run out.
        InsuranceSafety = "insurance_safety" "保险与安全" "Insurance and safety";
        /// Children.
        Minors = "minors" "未成年人保护" "Minors";
        /// Personal data.
        Data = "data" "个人信息" "Personal data";
        /// When the parties look at the agreement again.
        Review = "review" "定期回看" "Review";
        /// Who must consent to which change.
        AmendmentRule = "amendment_rule" "修改规则" "Amendments";
        /// Who may suspend, why and how long.
        SuspensionRule = "suspension_rule" "暂停规则" "Suspension";
        /// How the agreement is ended early.
        TerminationRule = "termination_rule" "终止规则" "Termination";
        /// What is settled after the end.
        Settlement = "settlement" "结算" "Settlement";
        /// How a dispute is resolved.
        Dispute = "dispute" "争议解决" "Disputes";
    }
}

impl ClauseKind {
    /// Kinds every space of an agreement needs before the version can be proposed.
    pub const REQUIRED: &'static [ClauseKind] = &[
        ClauseKind::Term,
        ClauseKind::SpaceGrant,
        ClauseKind::OpenHours,
        ClauseKind::Capacity,
        ClauseKind::UtilitiesPayer,
        ClauseKind::SuspensionRule,
        ClauseKind::TerminationRule,
        ClauseKind::AmendmentRule,
    ];

    /// It stands in a version; the others only the program writes into the terms in force.
    pub const fn is_drafted(self) -> bool {
        !matches!(self, ClauseKind::Suspension)
    }

    /// Kinds of which an agreement has at most one for the whole, and none for single spaces: they are about the parties
    /// and their dealings, not about rooms.
    pub const fn is_whole_agreement(self) -> bool {
        use ClauseKind::*;
        matches!(self, Parties | Term | Data | Review | AmendmentRule | SuspensionRule | TerminationRule | Settlement | Dispute)
    }

    /// The whole obeys such clauses of its parts too (hours, uses, upkeep, approval); what counts or costs something
    /// (people, prices, shares, quotas) it has of its own.
    pub const fn binds_the_whole(self) -> bool {
        use ClauseKind::*;
        !matches!(
            self,
            Capacity | PriceCeiling | FreeShare | Priority | AllocationMix | UtilitiesPayer | FitOut | RevenueShare | PublicReturn
        )
    }

    /// A booking is judged by it. Rows of all other kinds are kept with the terms, to be shown and to govern lifecycle and
    /// ledger, but a booking does not read them.
    pub const fn judges_bookings(self) -> bool {
        use ClauseKind::*;
        matches!(
            self,
            Suspension
                | SpaceGrant
                | Term
                | OpenHours
                | ReservedHours
                | AllowedUses
                | ProhibitedUses
                | Capacity
                | QuietHours
                | PriceCeiling
                | Priority
                | Approval
                | Maintenance
                | InsuranceSafety
                | Minors
        )
    }
}
