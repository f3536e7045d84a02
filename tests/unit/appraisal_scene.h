/* SPDX-License-Identifier: Apache-2.0 */
/* A service, a report of it and a policy that fits: each test breaks one thing. */
#ifndef QY_TEST_APPRAISAL_SCENE_H
#define QY_TEST_APPRAISAL_SCENE_H

#include "appraisal_maker.h"

#include <stdlib.h>

typedef struct scene {
  maker *maker;
  maker_report report;
  qy_policy policy;
  qy_verdict verdict;
} scene;

static inline int open_scene(void **state)
{
  scene *new = calloc(1, sizeof(*new));
  new->maker = maker_new(MAKER_NOW_S);
  *state = new;
  return 0;
}

static inline int close_scene(void **state)
{
  scene *old = *state;
  maker_free(old->maker);
  free(old);
  return 0;
}

static inline int reset_scene(void **state)
{
  scene *it = *state;
  maker_report_init(&it->report, it->maker);
  maker_policy(&it->policy, it->maker);
  return 0;
}

static inline const qy_verdict *appraise(scene *it)
{
  assert_ok(maker_appraise(&it->verdict, it->maker, &it->report, &it->policy));
  return &it->verdict;
}

typedef struct parts {
  qy_buffer body;
  qy_buffer signature;
  qy_buffer chain;
  uint8_t quote[QY_QUOTE_BODY_SIZE];
  qy_avr_evidence evidence;
} parts;

static inline void make_parts(parts *out, const scene *it)
{
  qy_buffer_init(&out->body, 1u << 20);
  qy_buffer_init(&out->signature, 8192);
  qy_buffer_init(&out->chain, 1u << 20);
  maker_body(&out->body, it->maker, &it->report);
  maker_sign(&out->signature, it->maker->leaf_key, qy_buffer_view(&out->body));
  qy_quote_body_encode(out->quote, &it->report.quote);
  out->evidence = (qy_avr_evidence){.body = qy_buffer_view(&out->body),
                                    .signature = qy_buffer_view(&out->signature),
                                    .chain = qy_buffer_view(&it->maker->chain_pem),
                                    .quote = QY_VIEW_OF(out->quote),
                                    .nonce = qy_view_text(MAKER_NONCE),
                                    .spid = it->maker->spid};
}

static inline void drop_parts(parts *old)
{
  qy_buffer_clear(&old->body);
  qy_buffer_clear(&old->signature);
  qy_buffer_clear(&old->chain);
}
#define SCOPED_PARTS(name) __attribute__((cleanup(drop_parts))) parts name

static inline const qy_verdict *appraise_parts(scene *it, const parts *with)
{
  assert_ok(qy_avr_appraise(&it->verdict, &with->evidence, &it->policy, MAKER_NOW_S, NULL));
  return &it->verdict;
}

#define TEST(name) cmocka_unit_test_setup(name, reset_scene)

#endif
