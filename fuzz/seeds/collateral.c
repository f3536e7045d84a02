/* SPDX-License-Identifier: Apache-2.0 */
/* Collateral: a certificate, an SGX extension, a revocation list, TCB info and an identity. */
#include "seeds.h"

#include <base/encoding.h>
#include <crypto/p256.h>
#include <crypto/x509.h>

#define H64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define SIGNATURE "\"signature\":\"" H64 H64 "\""
#define DATES "\"issueDate\":\"2025-02-26T10:37:20Z\",\"nextUpdate\":\"2025-03-28T10:37:20Z\""
#define LEVEL_END "\"tcbDate\":\"2024-11-13T00:00:00Z\",\"tcbStatus\":\"UpToDate\",\"advisoryIDs\":[\"INTEL-SA-1\"]}"
#define SVN4 "{\"svn\":1},{\"svn\":0,\"category\":\"BIOS\",\"type\":\"TXT SINIT\"},{\"svn\":255},{\"svn\":7}"
#define SVN16 "[" SVN4 "," SVN4 "," SVN4 "," SVN4 "]"
#define MODULE                                                                                                         \
  "\"mrsigner\":\"000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\"," \
  "\"attributes\":\"0000000000000000\",\"attributesMask\":\"FFFFFFFFFFFFFFFF\""

static void documents(void)
{
  QY_SCOPED_BUFFER(numbered, 4096);
  seed_text("collateral_tcb_info",
            "{\"tcbInfo\":{\"id\":\"TDX\",\"version\":3," DATES ",\"fmspc\":\"90c06F000000\",\"pceId\":\"0000\","
            "\"tcbType\":0,\"tcbEvaluationDataNumber\":18,\"tdxModule\":{" MODULE "},\"tdxModuleIdentities\":[{\"id\":"
            "\"TDX_03\"," MODULE ",\"tcbLevels\":[{\"tcb\":{\"isvsvn\":3}," LEVEL_END "]}],\"tcbLevels\":[{\"tcb\":{"
            "\"sgxtcbcomponents\":" SVN16 ",\"pcesvn\":11,\"tdxtcbcomponents\":" SVN16 "}," LEVEL_END "]}," SIGNATURE
            "}");
  qy_buffer_append_text(&numbered,
                        "{\"tcbInfo\":{\"version\":2," DATES ",\"fmspc\":\"00906ED50000\",\"pceId\":\"0000\","
                        "\"tcbType\":0,\"tcbEvaluationDataNumber\":12,\"tcbLevels\":[{\"tcb\":{");
  for (unsigned i = 1; i <= 16; i++) {
    qy_buffer_appendf(&numbered, "\"sgxtcbcomp%02usvn\":%u,", i, i);
  }
  qy_buffer_append_text(&numbered, "\"pcesvn\":5}," LEVEL_END "]}," SIGNATURE "}");
  seed("collateral_tcb_info", qy_buffer_view(&numbered));
  seed_text("collateral_identity",
            "{\"enclaveIdentity\":{\"id\":\"TD_QE\",\"version\":2," DATES
            ",\"tcbEvaluationDataNumber\":17,\"miscselect\":"
            "\"00000000\",\"miscselectMask\":\"FFFFFFFF\",\"attributes\":\"11000000000000000000000000000000\","
            "\"attributesMask\":\"FBFFFFFFFFFFFFFF0000000000000000\",\"mrsigner\":\"" H64 "\",\"isvprodid\":2,"
            "\"tcbLevels\":[{\"tcb\":{\"isvsvn\":4}," LEVEL_END "]}," SIGNATURE "}");
  seed_text("json_reader", "{\"a\":{\"a\":\"x\"},\"b\":[1,-2.5e3,null,true,\"\\u00e9\\ud83d\\ude00\"]}");
}

static void element(qy_buffer *out, uint8_t tag, const void *content, size_t size)
{
  const uint8_t header[] = {tag,
                            size < 128   ? (uint8_t)size
                            : size < 256 ? 0x81
                                         : 0x82,
                            (uint8_t)(size >> 8), (uint8_t)size};
  qy_buffer_append(out, header, 2);
  qy_buffer_append(out, header + (size < 256 ? 3 : 2), size < 128 ? 0 : size < 256 ? 1 : 2);
  qy_buffer_append(out, content, size);
}

/* SEQUENCE { id below 1.2.840.113741.1.13.1, value } */
static void item(qy_buffer *out, const char *id, size_t id_size, uint8_t tag, const void *value, size_t size)
{
  QY_SCOPED_BUFFER(oid, 64);
  QY_SCOPED_BUFFER(pair, 4096);
  qy_buffer_append(&oid, "\x2a\x86\x48\x86\xf8\x4d\x01\x0d\x01", 9);
  qy_buffer_append(&oid, id, id_size);
  element(&pair, 0x06, oid.bytes, oid.size);
  element(&pair, tag, value, size);
  element(out, 0x30, pair.bytes, pair.size);
}

static void certificates(qy_view extension)
{
  const qy_certificate_request request = {.common_name = "Root CA",
                                          .organization = "Quotary",
                                          .not_before_s = 1,
                                          .not_after_s = 4102444800,
                                          .is_ca = true,
                                          .crl_url = "https://localhost/crl",
                                          .sgx_extension = extension};
  const qy_random random = seed_random();
  QY_SCOPED_SECRET(key);
  QY_SCOPED_BUFFER(pem, 1 << 14);
  QY_SCOPED_CERTIFICATE(certificate);
  qy_p256_public public_key;
  must(qy_p256_generate(&key, &public_key, &random, NULL));
  must(qy_certificate_make_p256(&pem, &request, &public_key, NULL, &key, NULL));
  must(qy_certificate_from_pem(&certificate, qy_buffer_view(&pem), NULL));
  seed("collateral_chain", qy_buffer_view(&pem));
  seed("collateral_chain", qy_certificate_der(certificate));
}

/* As the Processor CA certifies it, or the Platform CA, which says more. */
static void extension(bool of_platform)
{
  static const uint8_t octets[16] = {1, 2, 3, 4};
  QY_SCOPED_BUFFER(tcb, 4096);
  QY_SCOPED_BUFFER(all, 8192);
  QY_SCOPED_BUFFER(value, 8192);
  QY_SCOPED_BUFFER(options, 4096);
  for (char i = 1; i <= 17; i++) {
    const char id[2] = {2, i};
    item(&tcb, id, 2, 0x02, "\x05", 1);
  }
  item(&tcb, "\x02\x12", 2, 0x04, octets, 16);
  item(&all, "\x01", 1, 0x04, octets, 16);
  item(&all, "\x02", 1, 0x30, tcb.bytes, tcb.size);
  item(&all, "\x03", 1, 0x04, octets, 2);
  item(&all, "\x04", 1, 0x04, octets, 6);
  item(&all, "\x05", 1, 0x0a, "\x01", 1);
  for (char i = 1; of_platform && i <= 3; i++) {
    const char id[2] = {7, i};
    item(&options, id, 2, 0x01, i == 2 ? "\0" : "\xff", 1);
  }
  if (of_platform) {
    item(&all, "\x06", 1, 0x04, octets, 16);
    item(&all, "\x07", 1, 0x30, options.bytes, options.size);
  }
  element(&value, 0x30, all.bytes, all.size);
  must(value.status);
  seed("collateral_extension", qy_buffer_view(&value));
  certificates(qy_buffer_view(&value));
}

static void list(void)
{
  static const uint8_t algorithm[] = {0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02};
  static const uint8_t issuer[] = {0x30, 0x0d, 0x31, 0x0b, 0x30, 0x09, 0x06, 0x03,
                                   0x55, 0x04, 0x03, 0x0c, 0x02, 'C',  'A'};
  static const uint8_t entry[] = {0x30, 0x12, 0x02, 0x01, 0x07, 0x17, 0x0d, '2', '5', '0',
                                  '1',  '0',  '1',  '0',  '0',  '0',  '0',  '0', '0', 'Z'};
  static const uint8_t number[] = {0xa0, 0x0e, 0x30, 0x0c, 0x30, 0x0a, 0x06, 0x03,
                                   0x55, 0x1d, 0x14, 0x04, 0x03, 0x02, 0x01, 0x01};
  QY_SCOPED_BUFFER(body, 4096);
  QY_SCOPED_BUFFER(all, 4096);
  QY_SCOPED_BUFFER(der, 4096);
  QY_SCOPED_BUFFER(hex, 8192);
  QY_SCOPED_BUFFER(pem, 8192);
  element(&body, 0x02, "\x01", 1);
  qy_buffer_append(&body, algorithm, sizeof(algorithm));
  qy_buffer_append(&body, issuer, sizeof(issuer));
  element(&body, 0x17, "250101000000Z", 13);
  element(&body, 0x17, "260101000000Z", 13);
  element(&body, 0x30, entry, sizeof(entry));
  qy_buffer_append(&body, number, sizeof(number));
  element(&all, 0x30, body.bytes, body.size);
  qy_buffer_append(&all, algorithm, sizeof(algorithm));
  element(&all, 0x03, "\0\x30\x06\x02\x01\x01\x02\x01\x01", 9);
  element(&der, 0x30, all.bytes, all.size);
  must(der.status);
  seed("collateral_crl", qy_buffer_view(&der));
  qy_hex_append(&hex, qy_buffer_view(&der));
  seed("collateral_crl", qy_buffer_view(&hex));
  qy_buffer_append_text(&pem, "-----BEGIN X509 CRL-----\n");
  qy_base64_append(&pem, qy_buffer_view(&der));
  qy_buffer_append_text(&pem, "\n-----END X509 CRL-----\n");
  seed("collateral_crl", qy_buffer_view(&pem));
}

void seed_collateral(void)
{
  documents();
  extension(false);
  extension(true);
  list();
}
