/* SPDX-License-Identifier: Apache-2.0 */
/* Microcode updates of a whole machine against a whole endorser: a key for the new level is had only by a proof with
 * the last one that the machine is not revoked, whether that key is still there or not. */
#include "platform_world.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <architectural/epid_blob.h>
#include <base/file.h>
#include <base/limits.h>
#include <endorser/endorser.h>
#include <json/json.h>
#include <platform/service.h>
#include <quotary/quote.h>
#include <reports/reports.h>
#include <simulated/machine.h>

static const uint8_t spid[16] = {0x11, 0x22};

static void must(qy_status status, const qy_error *why)
{
  if (status != QY_OK) {
    fail_msg("%s: %s", qy_status_name(status), why->message);
  }
}

/* The machine as it is found: its key, and what passed when the service last asked for one. */
typedef struct found {
  uint8_t file[QY_EPID_BLOB_FILE_SIZE];
  uint32_t gid;
  qy_platform_level level;
  json_t *last; /* last_provisioning */
} found;

static void found_clear(found *what)
{
  json_decref(what->last);
}
#define SCOPED_FOUND(name) __attribute__((cleanup(found_clear))) found name = {0}

static void read_key(uint8_t file[QY_EPID_BLOB_FILE_SIZE], const world *all)
{
  qy_error why = {0};
  QY_SCOPED_BUFFER(bytes, 4096);
  must(qy_file_read(&bytes, all->blob, &why), &why);
  assert_int_equal(bytes.size, QY_EPID_BLOB_FILE_SIZE);
  memcpy(file, bytes.bytes, bytes.size);
}

/* Makes the running service ready to quote. */
static void look(found *out, const world *all)
{
  qy_error why = {0};
  qy_target_info target;
  qy_view blob;
  QY_SCOPED_BUFFER(text, 1u << 20);
  QY_SCOPED_JSON(object);
  qy_platform *platform = world_open(all);
  must(platform->functions->init_quote(platform, &target, &out->gid, &why), &why);
  must(platform->functions->describe(platform, &text, &why), &why);
  must(qy_json_parse(&object, qy_buffer_view(&text), &why), &why);
  platform->functions->close(platform);
  out->last = json_incref(json_object_get(object, "last_provisioning"));
  read_key(out->file, all);
  must(qy_epid_blob_file_decode(&blob, &out->level, QY_VIEW_OF(out->file), &why), &why);
}

/* Stops the service, raises the machine by one level; `blob` (2862 bytes; empty: none) is what it then has for a key. */
static void update(world *all, qy_view blob)
{
  qy_error why = {0};
  char machine[128];
  qy_machine_config config;
  assert_int_equal(world_stop_service(all), 0);
  (void)snprintf(machine, sizeof(machine), "%s/%s", all->state, QY_PLATFORM_FOLDER_MACHINE);
  must(qy_machine_config_load(&config, machine, &why), &why);
  must(qy_machine_raise(machine, NULL, config.level + 1, &why), &why);
  if (blob.size > 0) {
    must(qy_file_write(all->blob, blob, true, &why), &why);
  } else {
    assert_int_equal(unlink(all->blob), 0);
  }
  world_start_service(all);
}

/* "held", "failed", or NULL when it was not made. */
static const char *outcome_of(const found *what, const char *check)
{
  size_t index = 0;
  json_t *record = NULL;
  const char *outcome = NULL;
  json_array_foreach(json_object_get(what->last, "checks"), index, record)
  {
    if (strcmp(json_string_value(json_object_get(record, "id")), check) == 0) {
      outcome = json_string_value(json_object_get(record, "outcome"));
    }
  }
  return outcome;
}

static void assert_no_check_failed(const found *what)
{
  size_t index = 0;
  json_t *record = NULL;
  json_array_foreach(json_object_get(what->last, "checks"), index, record)
  {
    assert_string_equal(json_string_value(json_object_get(record, "outcome")), "held");
  }
}

/* A new key, of another group and the new level, after a proof by the last one. */
static void assert_renewed(const found *now, const found *before, size_t messages)
{
  assert_int_not_equal(now->gid, before->gid);
  assert_true(memcmp(now->level.cpu_svn, before->level.cpu_svn, QY_CPU_SVN_SIZE) > 0);
  assert_false(json_is_true(json_object_get(now->last, "retrieved")));
  assert_int_equal(json_array_size(json_object_get(now->last, "message_sizes")), messages);
  assert_string_equal(outcome_of(now, "provisioning-previous-key"), "held");
  assert_no_check_failed(now);
}

static json_int_t message_size(const found *what, size_t index)
{
  return json_integer_value(json_array_get(json_object_get(what->last, "message_sizes"), index));
}

static void a_good_key_proves_for_its_successor(void **state)
{
  world *all = *state;
  SCOPED_FOUND(before);
  SCOPED_FOUND(after);
  look(&before, all);
  assert_int_equal(json_array_size(json_object_get(before.last, "message_sizes")), 4);
  assert_null(outcome_of(&before, "provisioning-previous-key")); /* the first key of all */
  update(all, QY_VIEW_OF(before.file));
  look(&after, all);
  assert_renewed(&after, &before, 4);
  assert_int_equal(message_size(&after, 1), 19 + 482 + 38); /* msg2 names the previous level and group */
  assert_int_equal(message_size(&after, 2), 15 + 1143 + 4 + 12 + 6 + 360 + 20); /* msg3 carries the signature */
}

/* The key is lost with the disk, or what lies there is an older one: it is given back first. */
static void a_lost_key_is_given_back_and_then_proves(void **state)
{
  world *all = *state;
  uint8_t oldest[QY_EPID_BLOB_FILE_SIZE];
  {
    SCOPED_FOUND(before);
    SCOPED_FOUND(after);
    look(&before, all);
    memcpy(oldest, before.file, sizeof(oldest));
    update(all, (qy_view){0});
    look(&after, all);
    assert_renewed(&after, &before, 8);
    assert_int_equal(message_size(&after, 3), 19 + 630); /* msg4 at once */
  }
  SCOPED_FOUND(before);
  SCOPED_FOUND(after);
  look(&before, all);
  update(all, QY_VIEW_OF(oldest));
  look(&after, all);
  assert_renewed(&after, &before, 8);
}

/* A quote, with the signature in it that goes onto the SigRL. */
static void revoke_a_quote(world *all)
{
  qy_error why = {0};
  qy_target_info target;
  qy_report report;
  uint32_t gid = 0;
  QY_SCOPED_BUFFER(quote, QY_MAX_QUOTE_SIZE);
  QY_SCOPED_BUFFER(request, QY_MAX_QUOTE_SIZE);
  qy_platform *platform = world_open(all);
  must(platform->functions->init_quote(platform, &target, &gid, &why), &why);
  qy_enclave_handle probe = world_probe(all, platform);
  world_report(&report, &probe, &target);
  const qy_quote_request asked = {.report = &report, .spid = spid};
  must(platform->functions->quote(platform, &quote, NULL, &asked, &why), &why);
  qy_enclave_handle_close(&probe);
  platform->functions->close(platform);
  must(qy_reports_signature_request(&request, all->endorser, qy_buffer_view(&quote), NULL, &why), &why);
  must(qy_endorser_revoke_signature(all->endorser, qy_buffer_view(&request), NULL, &why), &why);
}

/* Nor does it help to lose the key first. */
static void a_revoked_key_is_not_washed_clean(void **state)
{
  world *all = *state;
  SCOPED_FOUND(before);
  SCOPED_FOUND(after);
  qy_error why = {0};
  qy_target_info target;
  uint32_t gid = 0;
  look(&before, all);
  revoke_a_quote(all);
  update(all, QY_VIEW_OF(before.file));
  look(&after, all); /* the old key is better than none, so it stays */
  assert_int_equal(after.gid, before.gid);
  assert_true(qy_platform_level_equal(&after.level, &before.level));
  assert_string_equal(outcome_of(&after, "quoting-member-revoked"), "failed");
  assert_int_equal(json_array_size(json_object_get(after.last, "message_sizes")), 2);

  assert_int_equal(world_stop_service(all), 0);
  assert_int_equal(unlink(all->blob), 0);
  world_start_service(all);
  qy_platform *platform = world_open(all);
  assert_int_equal(platform->functions->init_quote(platform, &target, &gid, &why), QY_ERR_REFUSED);
  assert_non_null(strstr(why.message, "revokes"));
  platform->functions->close(platform);
  assert_false(qy_file_exists(all->blob));
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_good_key_proves_for_its_successor),
      cmocka_unit_test(a_lost_key_is_given_back_and_then_proves),
      cmocka_unit_test(a_revoked_key_is_not_washed_clean),
  };
  return cmocka_run_group_tests(tests, world_setup_old, world_teardown);
}
