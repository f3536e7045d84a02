/* SPDX-License-Identifier: Apache-2.0 */
/* Signs an enclave image, makes the key to sign it with, prints its measurement. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>
#include <crypto/p256.h>
#include <crypto/rsa.h>
#include <image/image.h>
#include <sgx/sigstruct.h>

#include "cli.h"
#include "signing.h"
#include "verbs.h"

static const char *const about =
    "An enclave image is a static program with the sections that belong to it (the provider's public key), measured\n"
    "by the SGX algorithm and signed. Another provider key is another enclave.";

static int sign(int argc, char **argv)
{
  const char *program = NULL, *provider = NULL, *key = NULL, *out = NULL, *prod_id = NULL, *svn = NULL;
  bool debug = false, json = false;
  const cli_option options[] = {
      {"program", "FILE", "the enclave's static program; the sample, quotary-enclave, otherwise", &program, NULL, NULL},
      {"provider-key", "FILE", "the provider's public key (PEM): becomes part of what is measured", &provider, NULL,
       NULL},
      {"key", "FILE", "the signing key (RSA-3072, exponent 3; see quotary enclave key)", &key, NULL, NULL},
      {"out", "FILE", "where the image goes", &out, NULL, NULL},
      {"prod-id", "N", "ISVPRODID; 1 otherwise", &prod_id, NULL, NULL},
      {"svn", "N", "ISVSVN; 1 otherwise", &svn, NULL, NULL},
      {"debug", NULL, "a debug enclave: readable by anyone, refused by default policies", NULL, &debug, NULL},
      {"json", NULL, "print JSON", NULL, &json, NULL},
      {0}};
  const cli_usage usage = {"quotary enclave sign",
                           "--provider-key FILE --key FILE --out FILE [--program FILE] [--json]",
                           about,
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (provider == NULL || key == NULL || out == NULL) {
    return cli_usage_error(&usage, "--provider-key, --key and --out are needed");
  }
  uint64_t product = 1, version = 1;
  if ((prod_id != NULL && !cli_number(&product, prod_id, 0, UINT16_MAX, "--prod-id")) ||
      (svn != NULL && !cli_number(&version, svn, 0, UINT16_MAX, "--svn"))) {
    return CLI_USAGE;
  }
  const signing_request request = {.program_path = program,
                                   .provider_key_path = provider,
                                   .signing_key_path = key,
                                   .out_path = out,
                                   .isv_prod_id = (uint16_t)product,
                                   .isv_svn = (uint16_t)version,
                                   .debug = debug};
  signing_result result;
  qy_error why = {0};
  const qy_status status = signing_sign(&result, &request, &why);
  if (status != QY_OK) {
    return cli_fail(usage.name, status, &why);
  }
  char mrenclave[65], mrsigner[65];
  qy_hex_encode(mrenclave, QY_VIEW_OF(result.mrenclave));
  qy_hex_encode(mrsigner, QY_VIEW_OF(result.mrsigner));
  if (json) {
    return cli_print_json(json_pack("{s:s, s:s, s:s, s:i, s:i, s:b}", "image", out, "mrenclave", mrenclave, "mrsigner",
                                    mrsigner, "isv_prod_id", (int)product, "isv_svn", (int)version, "debug", debug),
                          CLI_DONE);
  }
  printf("image      %s\nMRENCLAVE  %s\nMRSIGNER   %s\n", out, mrenclave, mrsigner);
  return CLI_DONE;
}

static int make_key(int argc, char **argv)
{
  const char *out = NULL;
  const cli_option options[] = {
      {"out", "FILE", "where the key goes (PEM, mode 0600; never overwritten)", &out, NULL, NULL}, {0}};
  const cli_usage usage = {
      "quotary enclave key", "--out FILE", "Makes an enclave signing key: RSA-3072 with exponent 3.", options, 0, 0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (out == NULL) {
    return cli_usage_error(&usage, "--out is needed");
  }
  qy_error why = {0};
  const qy_status status = signing_make_key(out, &why);
  return status == QY_OK ? CLI_DONE : cli_fail(usage.name, status, &why);
}

static int measure(int argc, char **argv)
{
  bool json = false;
  const cli_option options[] = {{"json", NULL, "print JSON", NULL, &json, NULL}, {0}};
  const cli_usage usage = {"quotary enclave measure",
                           "[--json] IMAGE",
                           "Measures an enclave image anew and holds it against its SIGSTRUCT.",
                           options,
                           1,
                           1};
  cli_list files;
  int code = CLI_DONE;
  QY_SCOPED_BUFFER(bytes, QY_IMAGE_MAX_SIZE);
  if (!cli_parse(&code, &files, &usage, argc, argv) || !cli_read(&bytes, usage.name, files.items[0], &code)) {
    return code;
  }
  qy_error why = {0};
  signing_result result;
  const qy_status status = signing_measure(&result, qy_buffer_view(&bytes), &why);
  if (status != QY_OK) {
    return cli_fail(usage.name, status, &why);
  }
  char mrenclave[65], mrsigner[65];
  qy_hex_encode(mrenclave, QY_VIEW_OF(result.mrenclave));
  qy_hex_encode(mrsigner, QY_VIEW_OF(result.mrsigner));
  code = result.signature_fits ? CLI_DONE : CLI_REFUSED;
  if (json) {
    return cli_print_json(
        json_pack("{s:s, s:s, s:b}", "mrenclave", mrenclave, "mrsigner", mrsigner, "signed", result.signature_fits),
        code);
  }
  printf("MRENCLAVE  %s\nMRSIGNER   %s\nSIGSTRUCT  %s\n", mrenclave, mrsigner,
         result.signature_fits ? "signs this measurement" : "does not sign this measurement: sign the image anew");
  return code;
}

int cmd_enclave(int argc, char **argv)
{
  static const cli_verb verbs[] = {
      {"sign", "measure and sign an image", sign},
      {"key", "make a signing key", make_key},
      {"measure", "print an image's measurement, and whether it is the signed one", measure},
      {0}};
  return cli_dispatch("quotary enclave", verbs, argc, argv);
}
