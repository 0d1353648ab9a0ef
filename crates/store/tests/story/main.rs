//! One story over SQLite and over PostgreSQL, by the same code.
//!
//! The PostgreSQL half needs `TIELINE_TEST_PG_URL`, the address of a server where databases may be created; it
//! fails without. A harness that has no server leaves out the module `postgres`.

#![cfg(test)]

mod alone;
mod book;
mod contacts;
mod facts;
mod journal;
mod peer;
mod people;
mod pops;
mod report;
mod site;
mod switches;
mod webhooks;

macro_rules! on_both_engines {
    ($($module:ident::$test:ident),* $(,)?) => {
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let peer = crate::peer::Peer::sqlite().await;
                    crate::$module::$test(&peer).await;
                    peer.close().await;
                }
            )*
        }

        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let peer = crate::peer::Peer::postgres(stringify!($test)).await;
                    crate::$module::$test(&peer).await;
                    peer.close().await;
                }
            )*
        }
    };
}

on_both_engines!(
    journal::every_statement_is_accepted,
    journal::facts_are_durable_in_order_and_read_back,
    journal::a_second_writer_is_refused,
    alone::a_second_daemon_is_refused_and_others_come_in,
    journal::a_failing_journal_is_told_and_goes_on,
    journal::a_damaged_row_is_named,
    journal::snapshots_fall_back_and_purging_keeps_what_a_start_needs,
    journal::a_newer_schema_is_refused,
    book::a_queue_call_is_told_completely,
    book::lists_filter_scope_and_page,
    book::a_call_of_nobody_signed_in_is_in_the_book,
    book::deriving_again_gives_the_same_book,
    book::records_are_applied_once_and_in_order,
    book::the_book_follows_the_journal,
    book::lost_facts_leave_the_book,
    book::an_erased_call_keeps_counts_only,
    site::agents_commands_and_the_site_are_told,
    people::a_removed_user_stays_in_history,
    people::sessions_and_tokens_end,
    people::too_many_failures_lock_account_and_address,
    people::eight_roles_are_there_and_admin_stays,
    people::lists_are_seeded_and_the_audit_is_kept,
    switches::a_switch_is_kept_by_version_and_its_id_is_given_once,
    contacts::contacts_are_found_by_number_and_by_name,
    contacts::a_file_changes_what_came_before,
    contacts::earlier_calls_are_told_newest_first,
    contacts::a_contact_has_fields_addresses_of_every_kind_and_keys_in_several_systems,
    contacts::every_version_of_a_note_is_kept,
    contacts::two_contacts_become_one_and_calls_follow,
    contacts::records_of_a_period_are_whole_and_paged,
    pops::a_pop_begins_and_opens_once_per_human_and_call,
    pops::rules_keep_their_order_and_versions,
    report::a_queue_is_counted_as_the_dictionary_says,
    report::entries_are_told_one_by_one_with_their_attempts,
    report::counters_of_a_switch_are_held_against_our_entries,
    report::every_entry_is_counted_once_whatever_happens,
    report::keys_and_targets_of_entries_are_told,
    report::breaks_and_outcomes_are_told,
    webhooks::an_endpoint_keeps_its_secrets_and_its_place,
    webhooks::deliveries_are_listed_replayed_and_forgotten,
);
