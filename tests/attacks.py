"""What has to hold against attacks, by number, and the tests that fail where it does not."""

ACCESS, AUTH, KEY_SET = (
    "test_access.py",
    "shared/http/test_auth.py",
    "shared/http/test_issuer_keys.py",
)
ROWS, SECURITY = "shared/database/test_row_security.py", "migrations/test_security.py"
ANNOUNCED, HOSTILE = "functions/accounts/test_announcements.py", "test_hostile.py"
HTTP, RECORDS = "shared/http/test_application.py", "functions/records/test_endpoints.py"
UPLOADS, PICTURES = "functions/uploads/test_endpoints.py", "shared/science/images/test_decode.py"
KEYS, LEAKS = "functions/accounts/test_keys.py", "test_leaks.py"
LIFECYCLE = "functions/accounts/test_lifecycle.py"
EXPORTS = "functions/accounts/test_exports.py"
POOLED = "shared/database/test_pgbouncer.py"
GLASS, TRAIL = "functions/accounts/test_break_glass.py", "shared/database/test_audit.py"
SEALS, CONTENTS = "functions/maintenance/test_sealing.py", "functions/records/test_contents.py"
HOOKS = "functions/accounts/test_webhook_addresses.py"
MODELS, WRITING = "functions/assistant/test_models.py", "functions/assistant/test_writing.py"
WORDING = "functions/assistant/test_wording.py"
PATIENTS, RATES = "functions/accounts/test_patients.py", "shared/http/test_rates.py"

# number: what holds, and the tests that fail where it does not
ASSERTIONS: dict[int, tuple[str, tuple[tuple[str, str], ...]]] = {
    1: (
        "another organization's assessment is 404, like a random one, and leaves a denied row",
        (
            (ACCESS, "test_another_tenants_record_is_as_absent_as_a_random_one"),
            (LEAKS, "test_another_tenants_record_costs_as_much_as_one_that_never_was"),
            (RECORDS, "test_other_tenant_is_404_and_leaves_a_denied_row"),
        ),
    ),
    2: (
        "so is every record that a path names; a route without a line fails",
        (
            (ACCESS, "test_another_tenants_record_is_as_absent_as_a_random_one"),
            (ACCESS, "test_every_route_says_who_may_ask"),
            (ACCESS, "test_a_parameter_that_names_a_record_is_known"),
        ),
    ),
    3: (
        "without an identity no row is seen and none is added",
        (
            (ROWS, "test_sees_no_row_of_any_tenants_table"),
            (ROWS, "test_adds_and_changes_nothing"),
        ),
    ),
    4: ("no row is added to another organization", ((ROWS, "test_a_row_of_theirs_is_not_added"),)),
    5: (
        "no row is handed over, no child hangs under another organization's parent",
        (
            (ROWS, "test_a_row_of_ours_is_not_handed_over"),
            (ROWS, "test_a_child_of_ours_does_not_hang_under_their_parent"),
        ),
    ),
    6: (
        "two organizations interleaved on one pooled connection never meet",
        (
            (
                "shared/database/test_pgbouncer.py",
                "test_two_tenants_interleaved_never_see_each_other",
            ),
        ),
    ),
    7: (
        "row-level security is forced everywhere, and the functions' role is nobody special",
        (
            (SECURITY, "test_is_enabled_and_forced_on_every_table_with_a_tenant"),
            (SECURITY, "test_is_enabled_and_forced_on_partitions_named_directly"),
            (SECURITY, "test_the_functions_role_is_nobody_special"),
            (SECURITY, "test_the_functions_role_owns_nothing"),
            (SECURITY, "test_no_view_looks_past_it"),
            (
                "migrations/test_permissions.py",
                "test_every_right_has_its_policy_and_every_policy_its_right",
            ),
        ),
    ),
    8: (
        "what users wait for is found by an index, and policies are looked at once a statement",
        (
            (LEAKS, "test_what_users_wait_for_is_found_by_an_index_under_row_security"),
            (
                "migrations/test_history_plan.py",
                "test_it_is_read_from_that_key_alone_in_the_months_asked_for",
            ),
            (SECURITY, "test_every_policy_of_the_functions_compares_the_tenant_once_a_statement"),
        ),
    ),
    9: (
        "an organization named in a query is refused, and opens nothing",
        (
            ("shared/http/test_names.py", "test_query_of_every_route"),
            (ACCESS, "test_an_organization_in_the_query_opens_nothing"),
        ),
    ),
    10: ("a cursor of another list is 400", ((RECORDS, "test_cursor_of_another_list_is_refused"),)),
    11: (
        "another patient, or a person outside the care team, is 404",
        (
            (ACCESS, "test_so_is_another_patients"),
            (ACCESS, "test_so_is_one_of_a_person_out_of_reach"),
        ),
    ),
    12: (
        "forged tokens are 401, and no key that they bring along is fetched or believed",
        (
            (AUTH, "test_unsigned"),
            (AUTH, "test_signed_with_the_public_key_as_if_it_were_a_secret"),
            (AUTH, "test_a_token_that_names_no_key_we_know"),
            (AUTH, "test_keys_that_a_token_brings_along_are_not_fetched"),
            (AUTH, "test_a_key_inside_the_token_is_not_believed"),
        ),
    ),
    13: (
        "a claim that is missing, or not of now, is 401",
        (
            (AUTH, "test_a_missing_one_is_401"),
            (AUTH, "test_a_wrong_one_is_401"),
            (AUTH, "test_clocks_may_differ_a_little"),
        ),
    ),
    14: (
        "a token of another issuer, application or audience is 401",
        (
            (AUTH, "test_a_wrong_one_is_401"),
            (AUTH, "test_made_for_another_application"),
            (AUTH, "test_made_for_another_audience"),
        ),
    ),
    15: (
        "a sign-in that is unfinished or names no organization is 403; both shapes name one person",
        (
            (AUTH, "test_an_unfinished_sign_in_is_403"),
            (AUTH, "test_a_personal_session_is_403"),
            (AUTH, "test_both_shapes_and_both_algorithms_name_the_same_person"),
            (AUTH, "test_a_role_in_the_token_grants_nothing"),
        ),
    ),
    16: (
        "a thousand unknown keys are one fetch; known keys serve while the issuer is down",
        (
            (KEY_SET, "test_a_thousand_unknown_names_fetch_once"),
            (KEY_SET, "test_cached_keys_serve_while_the_issuer_is_down"),
            (KEY_SET, "test_without_any_key_nothing_can_be_verified"),
        ),
    ),
    17: (
        "a new key is found at the first request",
        ((KEY_SET, "test_a_new_key_is_found_at_the_first_request_after_a_minute"),),
    ),
    18: (
        "who was deactivated or has left is refused with the next request",
        (
            (AUTH, "test_what_was_taken_away_counts_at_the_next_request_with_the_same_token"),
            (ANNOUNCED, "test_who_leaves_or_is_deleted_is_refused_and_the_records_stay"),
        ),
    ),
    19: (
        "a service key is kept as its hash, ends when it is revoked, and does what it is for alone",
        (
            (KEYS, "test_key_acts_as_its_maker_within_its_scopes_until_it_is_revoked"),
            (KEYS, "test_the_database_asks_the_key_itself_what_it_may"),
            (ACCESS, "test_a_key_opens_the_routes_of_its_scope_alone"),
        ),
    ),
    20: (
        "what the identity provider did not sign just now changes nothing, what it did counts once",
        (
            (ANNOUNCED, "test_what_is_not_signed_just_now_changes_nothing"),
            (ANNOUNCED, "test_the_same_delivery_again_changes_nothing"),
            (ANNOUNCED, "test_json_written_anew_is_another_body"),
            (ANNOUNCED, "test_what_comes_out_of_order_is_settled_by_its_own_time"),
        ),
    ),
    21: (
        "everybody is answered as the table says",
        (
            (ACCESS, "test_everybody_is_answered_as_the_table_says"),
            (ACCESS, "test_the_page_is_made_of_the_table"),
            (ACCESS, "test_every_role_says_what_it_may"),
        ),
    ),
    22: (
        "what no caller sets is refused by its name",
        (
            (PATIENTS, "test_what_no_caller_sets_is_refused"),
            ("shared/http/test_names.py", "test_json_key"),
            (RECORDS, "test_unknown_field_is_refused"),
        ),
    ),
    23: (
        "a researcher learns nobody's name, birth date, number or note",
        (
            (LEAKS, "test_a_researcher_learns_nobodys_name_date_number_or_note"),
            (ROWS, "test_only_people_who_consented_and_never_who_they_are"),
        ),
    ),
    24: (
        "nobody promotes themselves, and the last admin stays",
        (
            ("functions/accounts/test_members.py", "test_nobody_else_promotes_themselves"),
            ("functions/accounts/test_members.py", "test_keeps_the_role_and_stays_active"),
            (ROWS, "test_a_patient_grants_themselves_no_role"),
        ),
    ),
    25: (
        "an emergency asks for a reason and a fresh second factor, is told of, and ends",
        (
            (GLASS, "test_reason_and_time_are_asked_for"),
            (GLASS, "test_is_of_the_last_five_minutes_and_ones_own"),
            (GLASS, "test_act_is_one_of_its_own_and_every_reading_names_it"),
            (GLASS, "test_organization_is_told_at_once_and_reminded_of_the_review"),
            (GLASS, "test_one_person_is_reached_for_an_hour_by_the_same_token_and_not_after"),
        ),
    ),
    26: (
        "a consent that is withdrawn ends research with the next statement, cursors and all",
        (
            (
                "functions/accounts/test_consents.py",
                "test_researchers_reach_consented_people_until_the_next_statement",
            ),
        ),
    ),
    27: (
        "what was read, changed or refused leaves its row, and no row holds a value",
        (
            (TRAIL, "test_a_new_assessment_leaves_one_row_a_part"),
            (TRAIL, "test_a_list_leaves_one_row_a_person_with_the_ids_it_showed"),
            (TRAIL, "test_no_value_is_in_any_row"),
            ("shared/database/test_denials.py", "test_a_missing_permission_is_recorded"),
            (
                "shared/database/test_denials.py",
                "test_another_tenants_person_leaves_a_row_with_role_and_person",
            ),
        ),
    ),
    28: (
        "what cannot be recorded is not done, and answered 503",
        (
            (TRAIL, "test_a_change_that_cannot_be_recorded_is_not_made"),
            (TRAIL, "test_without_the_trail_nothing_is_read_or_done_and_the_answer_is_503"),
            ("shared/database/test_denials.py", "test_a_refusal_that_cannot_be_recorded_is_503"),
        ),
    ),
    29: (
        "nobody changes the trail, and what an owner changes is named",
        (
            (TRAIL, "test_the_functions_role_cannot_touch_it"),
            (TRAIL, "test_its_owner_and_the_superuser_only_add_to_it"),
            (SEALS, "test_an_edited_byte"),
            (SEALS, "test_a_removed_row"),
            (SEALS, "test_a_removed_tail"),
            (SEALS, "test_a_chain_that_is_gone"),
        ),
    ),
    30: (
        "fifty at once make one chain without a gap",
        ((SEALS, "test_fifty_at_once_make_one_chain_without_a_gap"),),
    ),
    31: (
        "a record that was altered behind the API is named where it is read and exported",
        (
            (CONTENTS, "test_what_was_altered_is_named"),
            (CONTENTS, "test_an_export_names_it_too"),
            (CONTENTS, "test_what_the_api_changes_is_not_altered"),
            (CONTENTS, "test_what_the_trail_does_not_know_is_named"),
        ),
    ),
    32: (
        "what a caller says of itself is stored without control characters, in one line",
        ((TRAIL, "test_what_a_caller_says_of_itself_is_fit_to_be_shown"),),
    ),
    33: (
        "a deleted assessment is 410, in no list, and comes back whole",
        ((RECORDS, "test_deleted_is_410_everywhere_absent_and_restorable"),),
    ),
    34: (
        "a purge before its time is 409 with the date, under a hold 409; after it no payload stays",
        (
            (LIFECYCLE, "test_waits_for_retention_and_says_until_when"),
            (LIFECYCLE, "test_waits_for_a_legal_hold_whatever_the_clocks_say"),
            (LIFECYCLE, "test_erases_whom_nothing_keeps_any_more"),
            (LIFECYCLE, "test_leaves_no_word_about_the_person_in_any_table_nor_in_a_dump"),
            (LIFECYCLE, "test_takes_the_bytes_of_recordings_out_of_the_storage"),
        ),
    ),
    35: (
        "a person who is deleted at the identity provider leaves every record",
        (
            (ANNOUNCED, "test_who_leaves_or_is_deleted_is_refused_and_the_records_stay"),
            (
                "migrations/test_constraints.py",
                "test_nothing_is_deleted_or_emptied_along_with_its_parent",
            ),
        ),
    ),
    36: (
        "an export holds every table's rows of that person, and nobody else's",
        (
            (EXPORTS, "test_holds_everything_of_one_person_and_nothing_of_another"),
            (EXPORTS, "test_every_table_that_names_people_is_read_or_left_out_for_a_reason"),
            (
                EXPORTS,
                "test_of_any_size_hold_the_same_with_every_byte_of_recordings_and_pictures",
            ),
            (EXPORTS, "test_of_a_poll_that_outlives_its_lease_are_written_over_nothing"),
        ),
    ),
    37: (
        "an upload is what it says it is, and tells nothing beside",
        (
            (UPLOADS, "test_anything_else_is_rejected_and_removed"),
            (UPLOADS, "test_ten_gigabytes_are_413"),
            ("functions/uploads/test_parts.py", "test_other_bytes_are_rejected_and_removed"),
            ("functions/uploads/test_parts.py", "test_nobody_else_is_given_an_address"),
            ("local/test_storage.py", "test_address_of_another_part_or_file_is_refused"),
            (PICTURES, "test_bomb_is_refused_before_it_is_decoded"),
            (PICTURES, "test_name_of_the_file_counts_for_nothing"),
            ("shared/http/test_manners.py", "test_folders_of_a_sender_mean_nothing"),
            (LEAKS, "test_where_a_picture_was_taken_is_in_no_answer"),
        ),
    ),
    38: (
        "what is too large is 413, what is no JSON 4xx, never a mistake of ours",
        (
            (HTTP, "test_an_upload"),
            (HTTP, "test_a_length_that_lies"),
            (HOSTILE, "test_broken_json"),
            (HOSTILE, "test_hostile_value_is_refused_or_taken_and_never_a_mistake_of_ours"),
            ("shared/http/test_names.py", "test_what_readers_disagree_about_is_refused"),
        ),
    ),
    39: (
        "nothing of ours is called by a webhook: no private address, name or redirect",
        (
            (HOOKS, "test_no_address_of_ours_is_taken"),
            (HOOKS, "test_name_that_turns_private_is_refused_like_one_that_is_not_there"),
            ("shared/outgoing/test_post.py", "test_redirect_is_an_answer_and_not_followed"),
            ("shared/outgoing/test_addresses.py", "test_no_other_may"),
        ),
    ),
    40: (
        "a failure tells nothing, answers stay out of caches, addresses name nobody",
        (
            (HTTP, "test_a_mistake_of_ours_tells_nothing"),
            (HTTP, "test_a_part_that_is_away_says_when_to_come_back"),
            (HTTP, "test_no_such_method"),
            (HTTP, "test_every_answer_stays_out_of_caches_frames_and_guesses"),
            ("faults/test_faults.py", "test_killed_and_started_again_loses_nothing"),
            (LEAKS, "test_no_address_says_who_somebody_is"),
        ),
    ),
    41: (
        "who asks too often is 429 with the time to wait, and so is whose quota is used up",
        (
            (RATES, "test_who_asks_too_often_is_told_when_to_ask_again"),
            (RATES, "test_a_refusal_is_paid_too"),
            (
                "shared/examination/test_terms.py",
                "test_what_is_too_much_for_today_is_refused_before_it_is_read",
            ),
            (MODELS, "test_what_was_used_is_counted_and_another_organizations_is_not"),
        ),
    ),
    42: (
        "a model is asked with facts, and with nothing that says whose they are",
        (
            (MODELS, "test_no_name_number_note_or_instruction_of_a_file_is_asked_with"),
            (WRITING, "test_it_is_told_facts_and_nothing_of_whose_they_are"),
        ),
    ),
    43: (
        "what a model writes with another number, unit or direction is refused, kept, and replaced",
        (
            (MODELS, "test_a_number_a_unit_or_a_direction_of_its_own_is_refused_and_kept"),
            (WORDING, "test_each_change_of_a_right_sentence_is_refused"),
            (WORDING, "test_faulty_sentences_are_refused"),
        ),
    ),
    44: (
        "an instruction in a file, a name of a visit or a note changes no question and no answer",
        ((MODELS, "test_no_name_number_note_or_instruction_of_a_file_is_asked_with"),),
    ),
    45: (
        "markup and links of a model are shown to nobody",
        (
            (MODELS, "test_markup_and_links_are_refused"),
            ("functions/assistant/test_endpoint.py", "test_what_is_no_answer_is_a_named_failure"),
        ),
    ),
}
