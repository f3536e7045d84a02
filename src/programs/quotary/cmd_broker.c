/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <base/encoding.h>
#include <base/file.h>
#include <base/limits.h>
#include <base/secret.h>
#include <broker/broker.h>
#include <crypto/hash.h>

#include "cli.h"
#include "service.h"
#include "verbs.h"

static int answer(const char *name, qy_status status, const qy_error *why)
{
  return status == QY_OK ? CLI_DONE : cli_fail(name, status, why);
}

static void trim_end(qy_buffer *text)
{
  while (text->size > 0 && (text->bytes[text->size - 1] == '\n' || text->bytes[text->size - 1] == '\r')) {
    text->size--;
  }
}

typedef struct init_options {
  const char *state;
  const char *spid;
  const char *url;
  const char *ca;
  const char *key;
  const char *collateral_url;
  const char *collateral_ca;
  const char *collateral_root;
  const char *collateral_update;
  const char *address;
  const char *port;
  const char *dns_name;
  bool unlinkable;
} init_options;

static qy_status read_if_given(qy_buffer *out, const char *path, qy_error *why)
{
  return path == NULL ? QY_OK : qy_file_read(out, path, why);
}

static qy_status read_key(qy_buffer *out, const char *path, qy_error *why)
{
  QY_TRY(qy_file_check_private(path, why));
  QY_TRY(qy_file_read(out, path, why));
  trim_end(out);
  return QY_OK;
}

static qy_status make(const init_options *o, uint16_t port, qy_error *why)
{
  QY_SCOPED_BUFFER(ca, 65536);
  QY_SCOPED_BUFFER(collateral_ca, 65536);
  QY_SCOPED_BUFFER(collateral_root, 65536);
  QY_SCOPED_BUFFER(key, 256);
  qy_broker_options options = {.quote_type = o->unlinkable ? QY_UNLINKABLE : QY_LINKABLE,
                               .report_url = o->url,
                               .collateral_url = o->collateral_url,
                               .collateral_update = o->collateral_update,
                               .address = o->address,
                               .port = port,
                               .dns_name = o->dns_name};
  QY_TRY(read_if_given(&ca, o->ca, why));
  QY_TRY(read_if_given(&collateral_ca, o->collateral_ca, why));
  QY_TRY(read_if_given(&collateral_root, o->collateral_root, why));
  options.report_ca_pem = qy_buffer_view(&ca);
  options.collateral_ca_pem = qy_buffer_view(&collateral_ca);
  options.collateral_root_pem = qy_buffer_view(&collateral_root);
  if (o->url != NULL) {
    QY_TRY(qy_hex_decode(options.spid, sizeof(options.spid), qy_view_text(o->spid), "--spid", why));
    QY_TRY(read_key(&key, o->key, why));
    options.report_keys[0] = qy_buffer_text(&key);
  }
  return qy_broker_init(o->state, &options, why);
}

static bool is_update(const char *text)
{
  return text == NULL || strcmp(text, "early") == 0 || strcmp(text, "standard") == 0;
}

static int init(int argc, char **argv)
{
  init_options o = {0};
  const cli_option options[] = {
      {"state", "DIR", "the broker's folder", &o.state, NULL, NULL},
      {"spid", "HEX", "the SPID that the report service knows, 32 hex digits", &o.spid, NULL, NULL},
      {"report-url", "URL", "the report service, without /attestation", &o.url, NULL, NULL},
      {"report-ca", "FILE", "the CA of its TLS certificate (PEM); the system's roots otherwise", &o.ca, NULL, NULL},
      {"report-key", "FILE", "the subscription key (mode 0600)", &o.key, NULL, NULL},
      {"collateral-url", "URL", "where DCAP collateral is fetched from: a PCS or PCCS", &o.collateral_url, NULL, NULL},
      {"collateral-ca", "FILE", "the CA of its TLS certificate; the system's roots otherwise", &o.collateral_ca, NULL,
       NULL},
      {"collateral-root", "FILE", "the root that vouches for DCAP platforms (PEM); Intel's otherwise",
       &o.collateral_root, NULL, NULL},
      {"collateral-update", "WHEN", "early or standard TCB updates; as the service does otherwise",
       &o.collateral_update, NULL, NULL},
      {"unlinkable", NULL, "ask for unlinkable quotes", NULL, &o.unlinkable, NULL},
      {"address", "IP", "address to listen on; 127.0.0.1 otherwise", &o.address, NULL, NULL},
      {"port", "N", "port; any free one otherwise", &o.port, NULL, NULL},
      {"dns-name", "NAME", "a further name in the TLS certificate", &o.dns_name, NULL, NULL},
      {0}};
  const cli_usage usage = {
      "quotary broker init",
      "--state DIR [--spid HEX --report-url URL --report-key FILE] [--collateral-url URL]",
      "Makes a broker: its provider key pair (provider.pub goes into enclaves), TLS key and certificate.\n"
      "A report service judges EPID evidence; DCAP evidence is appraised under collateral from a PCS or\n"
      "PCCS. One of the two is needed.",
      options,
      0,
      0};
  cli_list none;
  int code = CLI_DONE;
  uint64_t port = 0;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (o.state == NULL || (o.url == NULL && o.collateral_url == NULL)) {
    return cli_usage_error(&usage, "--state is needed, and --report-url (EPID) or --collateral-url (DCAP)");
  }
  if ((o.url == NULL) != (o.spid == NULL) || (o.url == NULL) != (o.key == NULL)) {
    return cli_usage_error(&usage, "--report-url, --spid and --report-key go together");
  }
  if (!is_update(o.collateral_update)) {
    return cli_usage_error(&usage, "--collateral-update %s: early or standard?", o.collateral_update);
  }
  if (o.port != NULL && !cli_number(&port, o.port, 0, UINT16_MAX, "--port")) {
    return CLI_USAGE;
  }
  qy_error why = {0};
  const qy_status status = make(&o, (uint16_t)port, &why);
  if (status == QY_OK) {
    printf("a new broker; enclaves that are to trust it are signed with %s/provider.pub, and its clients trust "
           "%s/" QY_BROKER_CA_FILE "\n",
           o.state, o.state);
  }
  return answer(usage.name, status, &why);
}

static int serve(int argc, char **argv)
{
  const char *state = NULL, *address = NULL, *port_text = NULL, *ready = NULL;
  bool with_parent = false;
  const cli_option options[] = {
      {"state", "DIR", "the broker's folder", &state, NULL, NULL},
      {"address", "IP", "address to listen on; as the folder says otherwise", &address, NULL, NULL},
      {"port", "N", "port; as the folder says otherwise", &port_text, NULL, NULL},
      {"ready-fd", "N", "say the URL on this descriptor", &ready, NULL, NULL},
      {"with-parent", NULL, "stop when the parent process ends", NULL, &with_parent, NULL},
      {0}};
  const cli_usage usage = {"quotary broker serve",
                           "--state DIR [--address IP] [--port N]",
                           "Serves attestations over HTTPS and releases secrets to enclaves that hold.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  uint64_t port = 0;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (state == NULL) {
    return cli_usage_error(&usage, "--state is needed");
  }
  if (port_text != NULL && !cli_number(&port, port_text, 0, UINT16_MAX, "--port")) {
    return CLI_USAGE;
  }
  qy_error why = {0};
  cli_service service;
  qy_process_harden();
  qy_status status = service_begin(&service, ready, "https", with_parent, &why);
  if (status == QY_OK) {
    const qy_broker_config config = {.folder = state,
                                     .address = address,
                                     .port = port_text == NULL ? -1 : (int)port,
                                     .ready = service_ready_port,
                                     .context = &service};
    status = qy_broker_run(&config, service.stop_fd, &why);
  }
  return answer(usage.name, status, &why);
}

static qy_status print_secret(void *context, const char *name, const qy_policy *policy, qy_error *why)
{
  (void)why;
  (void)context;
  printf("%-40s policy version %llu\n", name, (unsigned long long)policy->version);
  return QY_OK;
}

static qy_status put(const char *state, const char *name, const char *policy_path, const char *from, qy_error *why)
{
  QY_SCOPED_BUFFER(policy, QY_MAX_JSON_SIZE);
  QY_SCOPED_BUFFER(secret, QY_MAX_SECRET_SIZE);
  if (policy_path != NULL) {
    QY_TRY(qy_file_read(&policy, policy_path, why));
  }
  if (from != NULL) {
    QY_TRY(qy_file_read(&secret, from, why));
  }
  return qy_broker_secret_put(state, name, policy_path == NULL ? (qy_view){NULL, 0} : qy_buffer_view(&policy),
                              from == NULL ? (qy_view){NULL, 0} : qy_buffer_view(&secret), why);
}

static int secret(int argc, char **argv)
{
  const char *state = NULL, *policy = NULL, *from = NULL;
  const cli_option options[] = {{"state", "DIR", "the broker's folder", &state, NULL, NULL},
                                {"policy", "FILE", "who may have it (JSON)", &policy, NULL, NULL},
                                {"from", "FILE", "the secret itself; \"-\" is standard input", &from, NULL, NULL},
                                {0}};
  const cli_usage usage = {
      "quotary broker secret",
      "--state DIR list | put NAME --policy FILE --from FILE | remove NAME | digest NAME",
      "What the broker keeps. Secrets come from a file or standard input, never from the command line;\n"
      "digest prints a secret's SHA-256. A running broker takes changes up at once.",
      options,
      1,
      2};
  cli_list words;
  int code = CLI_DONE;
  if (!cli_parse(&code, &words, &usage, argc, argv)) {
    return code;
  }
  const char *what = words.items[0];
  const char *name = words.count > 1 ? words.items[1] : NULL;
  if (state == NULL || (strcmp(what, "list") != 0 && name == NULL)) {
    return cli_usage_error(&usage, state == NULL ? "--state is needed" : "which secret?");
  }
  qy_error why = {0};
  if (strcmp(what, "list") == 0) {
    return answer(usage.name, qy_broker_secrets_visit(state, print_secret, NULL, &why), &why);
  }
  if (strcmp(what, "remove") == 0) {
    return answer(usage.name, qy_broker_secret_remove(state, name, &why), &why);
  }
  if (strcmp(what, "put") == 0) {
    if (policy == NULL && from == NULL) {
      return cli_usage_error(&usage, "--policy, --from or both are needed");
    }
    return answer(usage.name, put(state, name, policy, from, &why), &why);
  }
  if (strcmp(what, "digest") == 0) {
    uint8_t digest[QY_SHA256_SIZE];
    char text[2 * QY_SHA256_SIZE + 1];
    const qy_status status = qy_broker_secret_digest(digest, state, name, &why);
    if (status == QY_OK) {
      qy_hex_encode(text, QY_VIEW_OF(digest));
      printf("%s\n", text);
    }
    return answer(usage.name, status, &why);
  }
  return cli_usage_error(&usage, "\"%s\": list, put, remove or digest?", what);
}

static int releases(int argc, char **argv)
{
  const char *state = NULL;
  const cli_option options[] = {{"state", "DIR", "the broker's folder", &state, NULL, NULL}, {0}};
  const cli_usage usage = {"quotary broker releases",
                           "--state DIR",
                           "Checks the ledger of releases: each line holds the hash of the one before it.",
                           options,
                           0,
                           0};
  cli_list none;
  int code = CLI_DONE;
  if (!cli_parse(&code, &none, &usage, argc, argv)) {
    return code;
  }
  if (state == NULL) {
    return cli_usage_error(&usage, "--state is needed");
  }
  qy_error why = {0};
  size_t count = 0;
  const qy_status status = qy_broker_releases_check(&count, state, NULL, &why);
  if (status == QY_OK) {
    printf("%zu releases, the chain is whole\n", count);
  }
  return answer(usage.name, status, &why);
}

int cmd_broker(int argc, char **argv)
{
  static const cli_verb verbs[] = {{"init", "make a broker", init},
                                   {"serve", "release secrets over HTTPS", serve},
                                   {"secret", "list, put, remove, digest", secret},
                                   {"releases", "check the ledger of releases", releases},
                                   {0}};
  return cli_dispatch("quotary broker", verbs, argc, argv);
}
