/* SPDX-License-Identifier: Apache-2.0 */
/* JSON, HTTP, PEM and other text. */
#include "seeds.h"

#include <stdlib.h>
#include <string.h>

#include <base/encoding.h>
#include <crypto/p256.h>
#include <crypto/x509.h>
#include <endorser/issuer.h>
#include <quotary/quote.h>
#include <registry/tcb.h>
#include <reports/request.h>
#include <reports/subscriptions.h>

#define H32 "0123456789abcdef0123456789abcdef"
#define H64 H32 H32

static void policies(void)
{
  seed_text("appraisal_policy", "{\"policy\":1,\"version\":7,\"roots\":[\"intel\"],\"enclave\":{\"mrenclave\":[\"" H64
                                "\"]},\"statuses\":[\"OK\"]}");
  seed_text(
      "appraisal_policy",
      "{\"policy\":1,\"version\":7,\"roots\":[\"intel\",{\"simulated\":\"" H64 "\",\"platform_info_key\":\"" H64 H64
      "\"}],\"enclave\":{\"mrsigner\":\"" H64 "\",\"isv_prod_id\":1,\"isv_svn_min\":2},\"statuses\":[\"OK\","
      "\"GROUP_OUT_OF_DATE\",\"SW_HARDENING_NEEDED\"],\"advisories_waived\":[\"INTEL-SA-00334\"],"
      "\"advisories_unnamed\":true,\"denied_mrenclaves\":[\"" H64 "\"],\"debug\":true,\"attributes\":{\"flags\":\"4\","
      "\"flags_mask\":\"6\",\"xfrm\":\"3\",\"xfrm_mask\":\"7\"},\"misc_select\":{\"value\":\"0\",\"mask\":\"1\"},"
      "\"quote_type\":\"linkable\",\"pse_manifest\":\"required\",\"max_age_s\":60,\"clock_skew_s\":0,"
      "\"demands\":[\"quote\",\"nonce\"]}");
}

static void append_zeros(qy_buffer *out, size_t size)
{
  QY_SCOPED_BUFFER(zeros, 4096);
  memset(qy_buffer_extend(&zeros, size), 0, size);
  qy_base64_append(out, qy_buffer_view(&zeros));
}

static void reports(void)
{
  QY_SCOPED_BUFFER(text, 1u << 16);
  qy_buffer_append_text(
      &text, "{\"id\":\"1\",\"timestamp\":\"2026-11-23T09:59:58.123456\",\"version\":4,\"isvEnclaveQuoteStatus\":"
             "\"GROUP_OUT_OF_DATE\",\"nonce\":\"" H32 "\",\"revocationReason\":1,\"pseManifestStatus\":\"OK\","
             "\"pseManifestHash\":\"" H64 "\",\"advisoryURL\":\"https://a\",\"advisoryIDs\":[\"INTEL-SA-1\"],"
             "\"tcbEvaluationDataNumber\":12,\"platformInfoBlob\":\"15020065");
  for (size_t i = 0; i < QY_PLATFORM_INFO_SIZE; i++) {
    qy_buffer_append_text(&text, "00");
  }
  qy_buffer_append_text(&text, "\",\"epidPseudonym\":\"");
  append_zeros(&text, 128);
  qy_buffer_append_text(&text, "\",\"isvEnclaveQuoteBody\":\"");
  append_zeros(&text, QY_QUOTE_BODY_SIZE);
  qy_buffer_append_text(&text, "\"}");
  must(text.status);
  seed("appraisal_report", qy_buffer_view(&text));
  seed("describe", qy_buffer_view(&text));
  seed("net_json", qy_buffer_view(&text));
}

/* A leaf and its CA; before them the byte by which the target tells signature from chain. */
static void chains(void)
{
  QY_SCOPED_RSA(key);
  QY_SCOPED_BUFFER(ca, 1u << 16);
  QY_SCOPED_BUFFER(chain, 1u << 16);
  QY_SCOPED_BUFFER(all, 1u << 17);
  QY_SCOPED_CERTIFICATE(issuer);
  qy_rsa_public subject;
  qy_certificate_request request = {
      .common_name = "CA", .organization = "T", .not_before_s = 1500000000, .not_after_s = 1700000000, .is_ca = true};
  must(qy_rsa_generate(&key, 2048, 65537, NULL));
  qy_rsa_public_of(&subject, key);
  must(qy_certificate_make_rsa(&ca, &request, &subject, NULL, key, NULL));
  must(qy_certificate_from_pem(&issuer, qy_buffer_view(&ca), NULL));
  request.is_ca = false;
  request.common_name = "Leaf";
  must(qy_certificate_make_rsa(&chain, &request, &subject, issuer, key, NULL));
  qy_buffer_append(&chain, ca.bytes, ca.size);
  append_zeros(&all, 256);
  const size_t signature_size = all.size;
  qy_buffer_append(&all, chain.bytes, chain.size);
  seed_choice("appraisal_chain", (uint8_t)((signature_size * 255 + all.size - 1) / all.size), qy_buffer_view(&all));
  seed("net_certificates", qy_certificate_der(issuer));
  seed("net_certificates", qy_buffer_view(&chain));
  seed("describe", qy_buffer_view(&chain));
}

/* In every length that chooses a reader: line feeds behind a text are nothing to it. */
static void key_text(qy_buffer *text)
{
  must(text->status);
  for (unsigned i = 0; i < 8; i++) {
    seed("crypto_keys", qy_buffer_view(text));
    qy_buffer_append(text, "\n", 1);
  }
  qy_buffer_clear(text);
}

static void keys(void)
{
  QY_SCOPED_RSA(number);
  QY_SCOPED_BUFFER(text, 1u << 16);
  qy_rsa_public public_number;
  qy_p256_public point;
  const qy_secret scalar = {.size = 32, .bytes = {[31] = 1}};
  must(qy_rsa_generate(&number, 2048, 65537, NULL));
  qy_rsa_public_of(&public_number, number);
  must(qy_p256_public_of(&point, &scalar, NULL));
  must(qy_rsa_private_to_pem(&text, number, NULL));
  key_text(&text);
  must(qy_rsa_public_to_pem(&text, &public_number, NULL));
  key_text(&text);
  must(qy_p256_private_to_pem(&text, &scalar, NULL));
  key_text(&text);
  must(qy_p256_public_to_pem(&text, &point, NULL));
  key_text(&text);
}

static void requests(void)
{
  QY_SCOPED_BUFFER(text, 1u << 16);
  qy_report_request request;
  qy_report_request_init(&request);
  qy_buffer_append_text(&request.quote, "quote");
  request.has_nonce = true;
  memcpy(request.nonce, H32, sizeof(H32));
  request.has_manifest = true;
  must(qy_report_request_encode(&text, &request, NULL));
  qy_report_request_clear(&request);
  seed("reports_request", qy_buffer_view(&text));
}

static void subscriptions(void)
{
  QY_SCOPED_BUFFER(text, 1u << 16);
  qy_subscription entry = {.linkable = true, .name = "n"};
  const qy_subscriptions all = {1, &entry};
  must(qy_subscriptions_encode(&text, &all, NULL));
  seed_choice("reports_state", 0, qy_buffer_view(&text));
}

static void endorsers_state(void)
{
  QY_SCOPED_BUFFER(levels_text, 1u << 16);
  QY_SCOPED_BUFFER(policy_text, 1u << 16);
  QY_SCOPED_BUFFER(entry_text, 1u << 16);
  QY_SCOPED_BUFFER(group_text, 1u << 16);
  QY_SCOPED_LEDGER_ENTRY(entry);
  qy_tcb_levels levels;
  qy_tcb_policy policy;
  const qy_group_tcb group = {.cpu_svn_level = 1, .pve_svn = 1, .pce_svn = 1};
  qy_tcb_levels_default(&levels);
  qy_tcb_policy_default(&policy, &levels);
  must(qy_tcb_levels_encode(&levels_text, &levels, NULL));
  must(qy_tcb_policy_encode(&policy_text, &policy, &levels, NULL));
  must(qy_ledger_encode(&entry_text, &entry, NULL));
  must(qy_group_tcb_encode(&group_text, &group, NULL));
  seed_choice("reports_state", 1, qy_buffer_view(&levels_text));
  seed("simulated_levels", qy_buffer_view(&levels_text));
  seed_choice("reports_state", 2, qy_buffer_view(&policy_text));
  seed_choice("reports_state", 3, qy_buffer_view(&entry_text));
  seed_choice("reports_state", 4, qy_buffer_view(&group_text));
}

void seed_texts(void)
{
  seed_text("base_base64", "AgABAA==");
  seed_text("base_hex", "00ff7e");
  seed_text("base_time", "2026-11-23T09:59:58Z");
  seed_text("net_json", "{\"a\":{\"a\":\"x\"},\"b\":[1,-2.5e3,null,true,\"\\u00e9\"]}");
  seed_text("net_head",
            "POST /ra/v1/sessions?secret=a%2Fb&q=1 HTTP/1.1\r\nHost: localhost:4431\r\nContent-Length: 72\r\n"
            "Content-Type: application/octet-stream\r\n\r\n");
  seed_text("net_head", "GET /attestation/v4/sigrl/00000b39 HTTP/1.0\r\nOcp-Apim-Subscription-Key: " H32 "\r\n\r\n");
  seed_text("broker_names", "secret=db%2Fmain-1&x=1");
  seed_text("broker_names", "/ra/v1/sessions/0123456789abcdef0123456789abcdef/msg3");
  seed_text("broker_names", "db/main-1");
  policies();
  reports();
  chains();
  keys();
  requests();
  subscriptions();
  endorsers_state();
}
