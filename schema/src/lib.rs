//! Table definitions for diesel. Kept equal to both migration trees by `tests/it/schema.rs`.
#![expect(missing_docs, reason = "the migrations document tables and columns")]

diesel::table! {
    read_changes (id) {
        id -> Text,
        process -> Text,
        xact -> BigInt,
        names -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    idempotency_keys (account_id, key) {
        account_id -> Text,
        key -> Text,
        fingerprint -> Text,
        status -> Integer,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        reply -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    outbox (id) {
        id -> Text,
        kind -> Text,
        lane -> Text,
        payload -> Text,
        run_at -> BigInt,
        attempts -> Integer,
        leased_by -> Nullable<Text>,
        leased_until -> BigInt,
        parked_at -> Nullable<BigInt>,
        last_error -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        holder -> Text,
        until_at -> BigInt,
    }
}

diesel::table! {
    audit_pending (id) {
        id -> Text,
        chain -> Text,
        at -> BigInt,
        actor -> Nullable<Text>,
        action -> Text,
        subject -> Text,
        detail -> Text,
    }
}

diesel::table! {
    audit_chain (chain, seq) {
        chain -> Text,
        seq -> BigInt,
        entry_id -> Text,
        at -> BigInt,
        actor -> Nullable<Text>,
        action -> Text,
        subject -> Text,
        detail -> Text,
        prev_hash -> Text,
        hash -> Text,
    }
}

diesel::table! {
    audit_anchors (chain, day) {
        chain -> Text,
        day -> Text,
        seq -> BigInt,
        hash -> Text,
        written_at -> BigInt,
    }
}

diesel::table! {
    areas (id) {
        id -> Text,
        code -> Text,
        kind -> Text,
        parent_id -> Nullable<Text>,
        path -> Text,
        name_zh -> Text,
        name_en -> Nullable<Text>,
        buildings -> Nullable<BigInt>,
        households -> Nullable<BigInt>,
        people -> Nullable<BigInt>,
        created_at -> BigInt,
    }
}

diesel::table! {
    households (id) {
        id -> Text,
        code -> Text,
        door_id -> Text,
        label -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    accounts (id) {
        id -> Text,
        code -> Nullable<Text>,
        name -> Text,
        mobile -> Nullable<Text>,
        email -> Nullable<Text>,
        password_hash -> Nullable<Text>,
        household_id -> Nullable<Text>,
        area_id -> Nullable<Text>,
        household_verified_at -> Nullable<BigInt>,
        household_verified_by -> Nullable<Text>,
        disabled_at -> Nullable<BigInt>,
        disabled_by -> Nullable<Text>,
        erased_at -> Nullable<BigInt>,
        created_at -> BigInt,
        created_by -> Nullable<Text>,
    }
}

diesel::table! {
    organisations (id) {
        id -> Text,
        code -> Text,
        kind -> Text,
        name_zh -> Text,
        name_en -> Nullable<Text>,
        area_id -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    representatives (id) {
        id -> Text,
        account_id -> Text,
        organisation_id -> Text,
        powers -> Text,
        agreements -> Nullable<Text>,
        from_at -> BigInt,
        to_at -> BigInt,
        evidence -> Text,
        revoked_at -> Nullable<BigInt>,
        revoked_by -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    role_grants (id) {
        id -> Text,
        account_id -> Text,
        role -> Text,
        area_id -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        from_at -> BigInt,
        to_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
        revoked_by -> Nullable<Text>,
        granted_by -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    claim_codes (account_id) {
        account_id -> Text,
        code_hash -> Text,
        expires_at -> BigInt,
        tries -> Integer,
        created_by -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    sessions (id) {
        id -> Text,
        account_id -> Text,
        created_at -> BigInt,
        ends_at -> BigInt,
        proved_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    refresh_tokens (token_hash) {
        token_hash -> Text,
        session_id -> Text,
        created_at -> BigInt,
        idle_until -> BigInt,
        spent_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    first_admin_tokens (id) {
        id -> Integer,
        token_hash -> Text,
        created_at -> BigInt,
        used_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    sites (id) {
        id -> Text,
        code -> Text,
        area_id -> Text,
        organisation_id -> Nullable<Text>,
        name_zh -> Text,
        name_en -> Nullable<Text>,
        zone -> Text,
        address_zh -> Nullable<Text>,
        facts -> Text,
        granularity_minutes -> Integer,
        min_minutes -> Integer,
        max_minutes -> Integer,
        lead_minutes -> Integer,
        horizon_days -> Integer,
        limits -> Text,
        revision -> Integer,
        created_at -> BigInt,
        no_show_minutes -> Integer,
    }
}

diesel::table! {
    floors (id) {
        id -> Text,
        site_id -> Text,
        code -> Text,
        name_zh -> Text,
        area -> BigInt,
        title_organisation_id -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    spaces (id) {
        id -> Text,
        site_id -> Text,
        floor_id -> Text,
        code -> Text,
        name_zh -> Text,
        name_en -> Nullable<Text>,
        kind -> Text,
        area -> BigInt,
        zone_zh -> Nullable<Text>,
        setup_minutes -> Integer,
        cleanup_minutes -> Integer,
        equipment -> Text,
        assumed -> Text,
        note_zh -> Nullable<Text>,
        title_organisation_id -> Nullable<Text>,
        created_at -> BigInt,
    }
}

diesel::table! {
    atoms (id) {
        id -> Text,
        floor_id -> Text,
        code -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    space_atoms (space_id, atom_id) {
        space_id -> Text,
        atom_id -> Text,
    }
}

diesel::table! {
    relocations (site_id, use_code) {
        site_id -> Text,
        use_code -> Text,
        to_space_id -> Text,
        note_zh -> Text,
    }
}

diesel::table! {
    agreements (id) {
        id -> Text,
        code -> Text,
        area_id -> Text,
        title_zh -> Text,
        title_en -> Nullable<Text>,
        created_at -> BigInt,
        created_by -> Nullable<Text>,
    }
}

diesel::table! {
    agreement_sites (agreement_id, site_id) {
        agreement_id -> Text,
        site_id -> Text,
    }
}

diesel::table! {
    agreement_versions (id) {
        id -> Text,
        agreement_id -> Text,
        version_no -> Integer,
        state -> Text,
        clauses -> Text,
        canonical -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        revision -> Integer,
        drafted_at -> BigInt,
        drafted_by -> Nullable<Text>,
    }
}

diesel::table! {
    version_events (id) {
        id -> Text,
        version_id -> Text,
        kind -> Text,
        at -> BigInt,
        actor -> Nullable<Text>,
        detail -> Text,
    }
}

diesel::table! {
    version_parties (version_id, organisation_id) {
        version_id -> Text,
        organisation_id -> Text,
        capacity -> Text,
        stage -> Integer,
    }
}

diesel::table! {
    signatures (id) {
        id -> Text,
        version_id -> Text,
        organisation_id -> Text,
        method -> Text,
        version_sha256 -> Text,
        evidence_sha256 -> Nullable<Text>,
        account_id -> Text,
        representative_id -> Nullable<Text>,
        signed_at -> BigInt,
        confirmed_at -> Nullable<BigInt>,
        confirmed_by -> Nullable<Text>,
        confirmed_representative_id -> Nullable<Text>,
    }
}

diesel::table! {
    declines (version_id, organisation_id) {
        version_id -> Text,
        organisation_id -> Text,
        account_id -> Text,
        reason -> Text,
        declined_at -> BigInt,
    }
}

diesel::table! {
    version_effects (version_id) {
        version_id -> Text,
        agreed_at -> BigInt,
        from_at -> BigInt,
        to_at -> BigInt,
    }
}

diesel::table! {
    rounds (id) {
        id -> Text,
        agreement_id -> Text,
        version_id -> Text,
        round_no -> Integer,
        opened_at -> BigInt,
        opened_by -> Text,
        closed_at -> Nullable<BigInt>,
        closed_by -> Nullable<Text>,
    }
}

diesel::table! {
    positions (id) {
        id -> Text,
        round_id -> Text,
        organisation_id -> Text,
        stand -> Text,
        text -> Nullable<Text>,
        account_id -> Text,
        representative_id -> Text,
        stated_at -> BigInt,
    }
}

diesel::table! {
    position_replies (position_id) {
        position_id -> Text,
        text -> Text,
        account_id -> Text,
        replied_at -> BigInt,
    }
}

diesel::table! {
    suspensions (id) {
        id -> Text,
        agreement_id -> Text,
        urgency -> Text,
        ground -> Text,
        text -> Text,
        evidence -> Nullable<Text>,
        ordered_by -> Text,
        organisation_id -> Nullable<Text>,
        account_id -> Text,
        from_at -> BigInt,
        until_at -> Nullable<BigInt>,
        ordered_at -> BigInt,
    }
}

diesel::table! {
    suspension_spaces (suspension_id, space_id) {
        suspension_id -> Text,
        space_id -> Text,
    }
}

diesel::table! {
    terminations (id) {
        id -> Text,
        agreement_id -> Text,
        organisation_id -> Text,
        representative_id -> Text,
        account_id -> Text,
        text -> Text,
        served_at -> BigInt,
        ends_at -> BigInt,
    }
}

diesel::table! {
    withdrawals (id) {
        id -> Text,
        agreement_id -> Text,
        organisation_id -> Text,
        representative_id -> Text,
        account_id -> Text,
        text -> Text,
        served_at -> BigInt,
        ends_at -> BigInt,
    }
}

diesel::table! {
    withdrawal_spaces (withdrawal_id, space_id) {
        withdrawal_id -> Text,
        space_id -> Text,
    }
}

diesel::table! {
    agreement_events (id) {
        id -> Text,
        agreement_id -> Text,
        kind -> Text,
        subject -> Text,
        organisation_id -> Nullable<Text>,
        actor -> Nullable<Text>,
        at -> BigInt,
        text -> Nullable<Text>,
    }
}

diesel::table! {
    signing_windows (version_id) {
        version_id -> Text,
        opened_at -> BigInt,
        closes_at -> BigInt,
    }
}

diesel::table! {
    signing_reminders (version_id, reminder_no) {
        version_id -> Text,
        reminder_no -> Integer,
        sent_at -> BigInt,
    }
}

diesel::table! {
    agency_consents (version_id, organisation_id, account_id) {
        version_id -> Text,
        organisation_id -> Text,
        account_id -> Text,
        representative_id -> Text,
        evidence_sha256 -> Nullable<Text>,
        recorded_by -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    pending_signatures (id) {
        id -> Text,
        version_id -> Text,
        organisation_id -> Text,
        version_sha256 -> Text,
        account_id -> Text,
        signed_at -> BigInt,
        until_at -> BigInt,
        decision -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
        decided_by -> Nullable<Text>,
    }
}

diesel::table! {
    owners_votes (id) {
        id -> Text,
        version_id -> Text,
        version_sha256 -> Text,
        matter -> Text,
        heads_all -> BigInt,
        heads_took_part -> BigInt,
        heads_yes -> BigInt,
        area_all -> BigInt,
        area_took_part -> BigInt,
        area_yes -> BigInt,
        area_basis -> Text,
        notice_on -> Text,
        voted_on -> Text,
        posted_on -> Text,
        evidence_sha256 -> Text,
        recorded_by -> Text,
        recorded_at -> BigInt,
        confirmed_by -> Nullable<Text>,
        confirmed_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    terms (space_id, version_id, clause, origin) {
        space_id -> Text,
        version_id -> Text,
        clause -> Text,
        origin -> Text,
        agreement_id -> Text,
        agreement_code -> Text,
        version_no -> Integer,
        kind -> Text,
        judges -> Bool,
        relation -> Text,
        exception -> Bool,
        from_at -> BigInt,
        to_at -> BigInt,
        payload -> Text,
        text_zh -> Text,
        text_en -> Nullable<Text>,
    }
}

diesel::table! {
    tariffs (id) {
        id -> Text,
        space_id -> Text,
        use_code -> Text,
        kind -> Text,
        components -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    occupancy (atom_id, starts_at, claimant) {
        atom_id -> Text,
        starts_at -> BigInt,
        ends_at -> BigInt,
        claimant -> Text,
    }
}

diesel::table! {
    bookings (id) {
        id -> Text,
        site_id -> Text,
        space_id -> Text,
        use_code -> Text,
        attendees -> BigInt,
        minors -> BigInt,
        starts_at -> BigInt,
        ends_at -> BigInt,
        occupied_from -> BigInt,
        occupied_to -> BigInt,
        state -> Text,
        household_id -> Nullable<Text>,
        account_id -> Text,
        organisation_id -> Nullable<Text>,
        made_by -> Text,
        channel -> Text,
        series_id -> Nullable<Text>,
        recurrence_id -> Nullable<Text>,
        price_fen -> BigInt,
        price -> Text,
        agreement_id -> Text,
        version_id -> Text,
        clauses -> Text,
        made_at -> BigInt,
        revision -> Integer,
        youngest -> Nullable<BigInt>,
        guardian -> Bool,
    }
}

diesel::table! {
    calendars (id) {
        id -> Text,
        token_hash -> Text,
        account_id -> Text,
        organisation_id -> Nullable<Text>,
        created_at -> BigInt,
        revoked_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    series (id) {
        id -> Text,
        site_id -> Text,
        space_id -> Text,
        use_code -> Text,
        attendees -> BigInt,
        first_day -> Text,
        begins_day -> Text,
        start_minute -> Integer,
        minutes -> Integer,
        rule -> Text,
        exdates -> Text,
        holidays -> Text,
        makeup_workdays -> Text,
        household_id -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        account_id -> Text,
        made_by -> Text,
        follows_id -> Nullable<Text>,
        made_at -> BigInt,
        revision -> Integer,
    }
}

diesel::table! {
    booking_cancellations (booking_id) {
        booking_id -> Text,
        cancelled_by -> Text,
        account_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        cancelled_at -> BigInt,
    }
}

diesel::table! {
    booking_approvers (booking_id, organisation_id) {
        booking_id -> Text,
        organisation_id -> Text,
        capacity -> Text,
        agreement_code -> Text,
        version_no -> Integer,
        clause -> Text,
        deadline_at -> BigInt,
        approved_by -> Nullable<Text>,
        approved_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    request_ends (booking_id) {
        booking_id -> Text,
        outcome -> Text,
        account_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        ended_at -> BigInt,
    }
}

diesel::table! {
    usage_terms (id) {
        id -> Text,
        site_id -> Text,
        version_no -> Integer,
        state -> Text,
        content -> Text,
        canonical -> Nullable<Text>,
        sha256 -> Nullable<Text>,
        round_no -> Integer,
        not_before -> BigInt,
        drafted_by -> Text,
        drafted_at -> BigInt,
        revision -> Integer,
    }
}

diesel::table! {
    usage_terms_spaces (usage_terms_id, space_id) {
        usage_terms_id -> Text,
        space_id -> Text,
    }
}

diesel::table! {
    usage_approvals (usage_terms_id, round_no, organisation_id) {
        usage_terms_id -> Text,
        round_no -> Integer,
        organisation_id -> Text,
        by_community -> Bool,
        sha256 -> Nullable<Text>,
        approved_by -> Nullable<Text>,
        representative_id -> Nullable<Text>,
        approved_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    usage_events (id) {
        id -> Text,
        usage_terms_id -> Text,
        kind -> Text,
        organisation_id -> Nullable<Text>,
        actor -> Nullable<Text>,
        at -> BigInt,
        text -> Nullable<Text>,
    }
}

diesel::table! {
    usage_in_force (space_id, usage_terms_id, round_no) {
        space_id -> Text,
        usage_terms_id -> Text,
        round_no -> Integer,
        version_no -> Integer,
        sha256 -> Text,
        from_at -> BigInt,
        to_at -> BigInt,
    }
}

diesel::table! {
    usage_acceptances (booking_id) {
        booking_id -> Text,
        usage_terms_id -> Text,
        version_no -> Integer,
        sha256 -> Text,
        account_id -> Text,
        accepted_at -> BigInt,
    }
}

diesel::table! {
    suspension_proposals (id) {
        id -> Text,
        agreement_id -> Text,
        organisation_id -> Text,
        account_id -> Text,
        urgency -> Text,
        ground -> Text,
        text -> Text,
        evidence -> Nullable<Text>,
        from_at -> Nullable<BigInt>,
        until_at -> Nullable<BigInt>,
        proposed_at -> BigInt,
    }
}

diesel::table! {
    suspension_proposal_spaces (proposal_id, space_id) {
        proposal_id -> Text,
        space_id -> Text,
    }
}

diesel::table! {
    postings (id) {
        id -> Text,
        space_id -> Text,
        booking_id -> Text,
        kind -> Text,
        debit -> Text,
        credit -> Text,
        amount_fen -> BigInt,
        reverses_id -> Nullable<Text>,
        reason -> Nullable<Text>,
        posted_by -> Nullable<Text>,
        posted_at -> BigInt,
    }
}

diesel::table! {
    impact_plans (id) {
        id -> Text,
        stage -> Text,
        kind -> Text,
        subject -> Text,
        agreement_id -> Text,
        actor -> Nullable<Text>,
        computed_at -> BigInt,
        counts -> Text,
    }
}

diesel::table! {
    impact_items (plan_id, booking_id) {
        plan_id -> Text,
        booking_id -> Text,
        space_id -> Text,
        starts_at -> BigInt,
        disposition -> Text,
        reasons -> Text,
        refund_fen -> BigInt,
    }
}

diesel::table! {
    matters (id) {
        id -> Text,
        plan_id -> Text,
        booking_id -> Text,
        kind -> Text,
        opened_at -> BigInt,
        due_at -> BigInt,
        most_people -> Nullable<BigInt>,
    }
}

diesel::table! {
    matter_alternatives (matter_id, place) {
        matter_id -> Text,
        place -> Integer,
        space_id -> Text,
        starts_at -> BigInt,
        ends_at -> BigInt,
        occupied_from -> BigInt,
        occupied_to -> BigInt,
        price_fen -> BigInt,
    }
}

diesel::table! {
    matter_ends (matter_id) {
        matter_id -> Text,
        how -> Text,
        ended_at -> BigInt,
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    booking_moves (booking_id) {
        booking_id -> Text,
        to_booking_id -> Text,
        moved_at -> BigInt,
        moved_by -> Text,
    }
}

diesel::table! {
    booking_move_asks (booking_id) {
        booking_id -> Text,
        from_booking_id -> Text,
        asked_at -> BigInt,
    }
}

diesel::table! {
    closures (id) {
        id -> Text,
        site_id -> Text,
        from_at -> BigInt,
        until_at -> BigInt,
        closed_until -> BigInt,
        reason -> Text,
        closed_as -> Text,
        closed_by -> Text,
        closed_at -> BigInt,
    }
}

diesel::table! {
    closure_spaces (closure_id, space_id) {
        closure_id -> Text,
        space_id -> Text,
    }
}

diesel::table! {
    closure_openings (id) {
        id -> Text,
        closure_id -> Text,
        from_at -> BigInt,
        until_at -> BigInt,
        reason -> Text,
        opened_by -> Text,
        opened_at -> BigInt,
    }
}

diesel::table! {
    notices (id) {
        id -> Text,
        account_id -> Text,
        organisation_id -> Nullable<Text>,
        job_id -> Text,
        kind -> Text,
        subject -> Text,
        text_zh -> Text,
        text_en -> Text,
        created_at -> BigInt,
        read_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    notice_settings (account_id) {
        account_id -> Text,
        mail_off -> Text,
        revision -> Integer,
        changed_at -> BigInt,
    }
}

diesel::table! {
    equipment (id) {
        id -> Text,
        site_id -> Text,
        code -> Text,
        name_zh -> Text,
        name_en -> Nullable<Text>,
        stock -> BigInt,
        created_at -> BigInt,
    }
}

diesel::table! {
    booking_equipment (booking_id, equipment_id) {
        booking_id -> Text,
        equipment_id -> Text,
        units -> BigInt,
        from_at -> BigInt,
        to_at -> BigInt,
    }
}

diesel::table! {
    booking_overrides (booking_id, rule) {
        booking_id -> Text,
        rule -> Text,
        site_id -> Text,
        reason -> Text,
        account_id -> Text,
        set_aside_at -> BigInt,
    }
}

diesel::table! {
    booking_consents (booking_id) {
        booking_id -> Text,
        account_id -> Text,
        how -> Text,
        given_at -> BigInt,
        heard_by -> Text,
        role -> Text,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    waitlist_entries (id) {
        id -> Text,
        site_id -> Text,
        space_id -> Text,
        use_code -> Text,
        attendees -> BigInt,
        minors -> BigInt,
        equipment -> Text,
        usage_terms_sha256 -> Nullable<Text>,
        starts_at -> BigInt,
        ends_at -> BigInt,
        occupied_from -> BigInt,
        occupied_to -> BigInt,
        household_id -> Nullable<Text>,
        organisation_id -> Nullable<Text>,
        account_id -> Text,
        class -> Nullable<Text>,
        class_no -> Integer,
        state -> Text,
        joined_at -> BigInt,
        ended_at -> Nullable<BigInt>,
        ended_by -> Nullable<Text>,
        booking_id -> Nullable<Text>,
        youngest -> Nullable<BigInt>,
        guardian -> Bool,
    }
}

diesel::table! {
    booking_holds (booking_id) {
        booking_id -> Text,
        offered_at -> BigInt,
        until_at -> BigInt,
        outcome -> Nullable<Text>,
        ended_at -> Nullable<BigInt>,
        ended_by -> Nullable<Text>,
    }
}

diesel::table! {
    door_secrets (space_id) {
        space_id -> Text,
        secret -> Text,
        created_at -> BigInt,
    }
}

diesel::table! {
    attendances (booking_id) {
        booking_id -> Text,
        outcome -> Text,
        noticed -> Text,
        recorded_by -> Nullable<Text>,
        recorded_at -> BigInt,
    }
}

diesel::table! {
    appeals (booking_id) {
        booking_id -> Text,
        text -> Nullable<Text>,
        filed_by -> Text,
        filed_at -> BigInt,
        outcome -> Nullable<Text>,
        reply -> Nullable<Text>,
        decided_by -> Nullable<Text>,
        decided_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    ratings (booking_id) {
        booking_id -> Text,
        space_id -> Text,
        stars -> Integer,
        rated_by -> Text,
        rated_at -> BigInt,
    }
}

diesel::table! {
    rating_tags (booking_id, tag) {
        booking_id -> Text,
        tag -> Text,
        space_id -> Text,
    }
}

diesel::table! {
    key_notes (booking_id, moved) {
        booking_id -> Text,
        moved -> Text,
        noted_by -> Text,
        noted_at -> BigInt,
    }
}

diesel::joinable!(sessions -> accounts (account_id));
diesel::joinable!(refresh_tokens -> sessions (session_id));
diesel::joinable!(accounts -> households (household_id));
diesel::joinable!(households -> areas (door_id));
diesel::joinable!(organisations -> areas (area_id));
diesel::joinable!(role_grants -> areas (area_id));
diesel::joinable!(role_grants -> organisations (organisation_id));
diesel::joinable!(representatives -> organisations (organisation_id));
diesel::joinable!(representatives -> accounts (account_id));
diesel::joinable!(sites -> areas (area_id));
diesel::joinable!(floors -> sites (site_id));
diesel::joinable!(spaces -> floors (floor_id));
diesel::joinable!(spaces -> sites (site_id));
diesel::joinable!(space_atoms -> spaces (space_id));
diesel::joinable!(space_atoms -> atoms (atom_id));
diesel::joinable!(agreement_versions -> agreements (agreement_id));
diesel::joinable!(agreement_sites -> agreements (agreement_id));
diesel::joinable!(version_effects -> agreement_versions (version_id));
diesel::joinable!(rounds -> agreement_versions (version_id));
diesel::joinable!(signing_windows -> agreement_versions (version_id));
diesel::joinable!(positions -> rounds (round_id));
diesel::joinable!(positions -> organisations (organisation_id));
diesel::joinable!(position_replies -> positions (position_id));
diesel::joinable!(version_parties -> organisations (organisation_id));
diesel::joinable!(agreements -> areas (area_id));
diesel::joinable!(bookings -> spaces (space_id));
diesel::joinable!(bookings -> sites (site_id));
diesel::joinable!(series -> sites (site_id));
diesel::joinable!(calendars -> accounts (account_id));
diesel::joinable!(booking_cancellations -> bookings (booking_id));
diesel::joinable!(impact_items -> impact_plans (plan_id));
diesel::joinable!(matters -> impact_plans (plan_id));
diesel::joinable!(matters -> bookings (booking_id));
diesel::joinable!(matter_alternatives -> matters (matter_id));
diesel::joinable!(matter_ends -> matters (matter_id));
diesel::joinable!(booking_approvers -> bookings (booking_id));
diesel::joinable!(closure_openings -> closures (closure_id));
diesel::joinable!(usage_terms -> sites (site_id));
diesel::joinable!(usage_approvals -> usage_terms (usage_terms_id));
diesel::joinable!(usage_acceptances -> bookings (booking_id));
diesel::joinable!(booking_equipment -> bookings (booking_id));
diesel::joinable!(booking_equipment -> equipment (equipment_id));
diesel::joinable!(booking_consents -> bookings (booking_id));
diesel::joinable!(booking_holds -> bookings (booking_id));
diesel::joinable!(waitlist_entries -> sites (site_id));
diesel::joinable!(door_secrets -> spaces (space_id));
diesel::joinable!(appeals -> bookings (booking_id));

diesel::allow_tables_to_appear_in_same_query!(
    read_changes,
    idempotency_keys,
    outbox,
    leases,
    audit_pending,
    audit_chain,
    audit_anchors,
    areas,
    households,
    accounts,
    organisations,
    representatives,
    role_grants,
    claim_codes,
    sessions,
    refresh_tokens,
    first_admin_tokens,
    sites,
    floors,
    spaces,
    atoms,
    space_atoms,
    relocations,
    agreements,
    agreement_sites,
    agreement_versions,
    version_events,
    version_parties,
    signatures,
    declines,
    version_effects,
    rounds,
    positions,
    position_replies,
    suspensions,
    suspension_spaces,
    terminations,
    withdrawals,
    withdrawal_spaces,
    agreement_events,
    signing_windows,
    signing_reminders,
    agency_consents,
    pending_signatures,
    owners_votes,
    terms,
    tariffs,
    occupancy,
    bookings,
    booking_cancellations,
    booking_approvers,
    request_ends,
    postings,
    impact_plans,
    impact_items,
    matters,
    matter_alternatives,
    matter_ends,
    booking_moves,
    booking_move_asks,
    closures,
    closure_spaces,
    closure_openings,
    equipment,
    booking_equipment,
    booking_overrides,
    booking_consents,
    notices,
    notice_settings,
    series,
    calendars,
    usage_terms,
    usage_terms_spaces,
    usage_approvals,
    usage_events,
    usage_in_force,
    suspension_proposals,
    suspension_proposal_spaces,
    usage_acceptances,
    waitlist_entries,
    booking_holds,
    door_secrets,
    attendances,
    appeals,
    ratings,
    rating_tags,
    key_notes
);
