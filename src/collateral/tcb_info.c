/* SPDX-License-Identifier: Apache-2.0 */
/* TCB info: which security versions of a platform are good, and what is wrong with the others. Members stand in any
 * order, so that what a version demands is looked at when all of them were read. */
#include <collateral/document.h>

#include <string.h>
#include <strings.h>

static const qy_document_kind kind = {.what = "TCB info",
                                      .body = QY_JSON_NAME("tcbInfo"),
                                      .unreadable = QY_QVL_SGX_TCB_INFO_UNSUPPORTED_FORMAT,
                                      .invalid = QY_QVL_SGX_TCB_INFO_INVALID,
                                      .not_signed = QY_QVL_SGX_TCB_INFO_INVALID};

/* What every level has had so far. */
typedef struct level_forms {
  bool numbered; /* version 2: sgxtcbcomp01svn to sgxtcbcomp16svn */
  bool sgx;      /* version 3 */
  bool tdx;
} level_forms;

typedef struct reading {
  qy_tcb_info *out;
  level_forms forms;
  uint64_t tcb_type;
  bool is_sgx; /* "id" is "SGX" */
} reading;

/* ---- The security versions of a level ---- */

static uint8_t narrow(qy_tcb_info *info, uint64_t svn)
{
  info->has_wide_svn |= svn > UINT8_MAX;
  return (uint8_t)svn;
}

static uint8_t read_component(qy_document *document, qy_tcb_info *info, qy_tcb_component_kind *component)
{
  enum { SVN, CATEGORY, TYPE, MEMBERS };
  static const qy_json_name names[MEMBERS] = {QY_JSON_NAME("svn"), QY_JSON_NAME("category"), QY_JSON_NAME("type")};
  qy_json_walk walk;
  size_t index = 0;
  uint8_t svn = 0;
  qy_json_begin_object(&document->in, &walk);
  while (qy_json_next_member(&document->in, &walk, &index, names, MEMBERS)) {
    if (index == SVN) {
      svn = narrow(info, qy_json_read_unsigned(&document->in, UINT32_MAX));
    } else {
      *(index == CATEGORY ? &component->category : &component->type) = qy_json_read_text(&document->in);
    }
  }
  qy_document_require(document, (walk.seen & 1u << SVN) != 0, kind.unreadable, "\"svn\" is missing");
  return svn;
}

/* A vector of another length would leave components uncompared. */
static void read_components(qy_document *document, qy_tcb_info *info, uint8_t out[QY_TCB_COMPONENT_COUNT],
                            qy_tcb_component_kind kinds[QY_TCB_COMPONENT_COUNT])
{
  static const char problem[] = "16 components are needed";
  qy_json_walk walk;
  size_t count = 0;
  qy_json_begin_array(&document->in, &walk);
  while (qy_json_next_element(&document->in, &walk)) {
    if (count == QY_TCB_COMPONENT_COUNT) {
      qy_json_reject(&document->in, problem);
      return;
    }
    qy_tcb_component_kind named = {0};
    out[count] = read_component(document, info, &named);
    if (info->level_count == 0) {
      kinds[count] = named;
    }
    count++;
  }
  qy_document_require(document, count == QY_TCB_COMPONENT_COUNT, kind.unreadable, problem);
}

static void read_tcb(qy_document *document, reading *all, qy_tcb_level *out)
{
  enum { SGX, PCE_SVN, TDX, FIRST_NUMBERED, MEMBERS = FIRST_NUMBERED + QY_TCB_COMPONENT_COUNT };
  static const qy_json_name names[MEMBERS] = {
      QY_JSON_NAME("sgxtcbcomponents"), QY_JSON_NAME("pcesvn"),          QY_JSON_NAME("tdxtcbcomponents"),
      QY_JSON_NAME("sgxtcbcomp01svn"),  QY_JSON_NAME("sgxtcbcomp02svn"), QY_JSON_NAME("sgxtcbcomp03svn"),
      QY_JSON_NAME("sgxtcbcomp04svn"),  QY_JSON_NAME("sgxtcbcomp05svn"), QY_JSON_NAME("sgxtcbcomp06svn"),
      QY_JSON_NAME("sgxtcbcomp07svn"),  QY_JSON_NAME("sgxtcbcomp08svn"), QY_JSON_NAME("sgxtcbcomp09svn"),
      QY_JSON_NAME("sgxtcbcomp10svn"),  QY_JSON_NAME("sgxtcbcomp11svn"), QY_JSON_NAME("sgxtcbcomp12svn"),
      QY_JSON_NAME("sgxtcbcomp13svn"),  QY_JSON_NAME("sgxtcbcomp14svn"), QY_JSON_NAME("sgxtcbcomp15svn"),
      QY_JSON_NAME("sgxtcbcomp16svn")};
  const uint64_t all_numbered = 0xffffull << FIRST_NUMBERED;
  qy_json_walk walk;
  size_t index = 0;
  qy_document_expect_readable(document);
  qy_json_begin_object(&document->in, &walk);
  while (qy_json_next_member(&document->in, &walk, &index, names, MEMBERS)) {
    if (index == SGX) {
      read_components(document, all->out, out->sgx, all->out->sgx_kinds);
    } else if (index == TDX) {
      read_components(document, all->out, out->tdx, all->out->tdx_kinds);
    } else if (index == PCE_SVN) {
      out->pce_svn = (uint32_t)qy_json_read_unsigned(&document->in, UINT32_MAX);
    } else {
      out->sgx[index - FIRST_NUMBERED] = narrow(all->out, qy_json_read_unsigned(&document->in, UINT32_MAX));
    }
  }
  qy_document_require(document, (walk.seen & 1u << PCE_SVN) != 0, kind.unreadable, "\"pcesvn\" is missing");
  qy_document_require(document, (walk.seen & 1u << SGX) == 0 || (walk.seen & all_numbered) == 0, kind.invalid,
                      "components in the forms of two versions");
  all->forms.sgx &= (walk.seen & 1u << SGX) != 0;
  all->forms.tdx &= (walk.seen & 1u << TDX) != 0;
  all->forms.numbered &= (walk.seen & all_numbered) == all_numbered;
}

static void read_level(qy_document *document, reading *all, qy_tcb_level *out, const qy_advisory_pool *pool)
{
  enum { TCB, DATE, STATUS, ADVISORIES, MEMBERS };
  static const qy_json_name names[MEMBERS] = {QY_JSON_NAME("tcb"), QY_JSON_NAME("tcbDate"), QY_JSON_NAME("tcbStatus"),
                                              QY_JSON_NAME("advisoryIDs")};
  qy_json_walk walk;
  size_t index = 0;
  *out = (qy_tcb_level){0};
  qy_json_begin_object(&document->in, &walk);
  while (qy_json_next_member(&document->in, &walk, &index, names, MEMBERS)) {
    qy_document_expect_valid(document);
    switch (index) {
    case TCB:
      read_tcb(document, all, out);
      break;
    case DATE:
      out->date_s = qy_json_read_time(&document->in);
      break;
    case STATUS:
      out->status = qy_tcb_status_by_name(qy_json_read_text(&document->in));
      qy_document_require(document,
                          out->status != QY_TCB_STATUS_UNKNOWN && out->status != QY_TCB_STATUS_TD_RELAUNCH_ADVISED &&
                              out->status != QY_TCB_STATUS_TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED,
                          kind.invalid, "a status that is not known");
      break;
    default:
      out->advisories = qy_document_read_advisories(document, pool);
      break;
    }
    qy_document_expect_readable(document);
  }
  qy_document_require_members(document, walk.seen, 1u << TCB | 1u << DATE | 1u << STATUS, names, kind.unreadable);
}

static void read_levels(qy_document *document, reading *all, const qy_advisory_pool *pool)
{
  qy_tcb_info *out = all->out;
  qy_json_walk walk;
  qy_json_begin_array(&document->in, &walk);
  while (qy_json_next_element(&document->in, &walk)) {
    if (out->level_count == QY_TCB_INFO_MAX_LEVELS) {
      qy_json_reject(&document->in, "more levels than are taken");
      return;
    }
    read_level(document, all, &out->levels[out->level_count], pool);
    out->level_count++;
  }
  qy_document_require(document, out->level_count > 0, kind.invalid, "there is no level");
}

/* ---- TDX modules ---- */

static void read_module_levels(qy_document *document, qy_tcb_info *info, qy_tdx_module_identity *out,
                               const qy_advisory_pool *pool)
{
  static const qy_svn_level_rules rules = {.svn_max = UINT16_MAX, .tolerant = true};
  qy_json_walk walk;
  out->first_level = (uint32_t)info->module_level_count;
  qy_json_begin_array(&document->in, &walk);
  while (qy_json_next_element(&document->in, &walk)) {
    if (info->module_level_count == QY_TCB_INFO_MAX_MODULE_LEVELS) {
      qy_json_reject(&document->in, "more levels than are taken");
      return;
    }
    qy_document_read_svn_level(document, &info->module_levels[info->module_level_count++], &rules, pool);
    out->level_count++;
  }
  qy_document_require(document, out->level_count > 0, kind.invalid, "there is no level");
  qy_document_sort_svn_levels(document, info->module_levels + out->first_level, out->level_count);
}

/* "TDX_" and two hex digits, in either case. Another id is nobody's. */
static void read_module_id(qy_document *document, qy_tdx_module_identity *out)
{
  out->id = qy_json_read_text(&document->in);
  if (out->id.size != 6 || strncasecmp((const char *)out->id.bytes, "TDX_", 4) != 0) {
    return;
  }
  for (size_t i = 4; i < 6; i++) {
    const uint8_t c = out->id.bytes[i];
    const uint8_t lower = c | 0x20;
    const bool is_digit = c >= '0' && c <= '9';
    if (!is_digit && (lower < 'a' || lower > 'f')) {
      return;
    }
    out->version = (uint8_t)(out->version << 4 | (is_digit ? c - '0' : lower - 'a' + 10));
  }
  out->has_version = true;
}

enum { MR_SIGNER, ATTRIBUTES, ATTRIBUTES_MASK, MODULE_ID, MODULE_LEVELS, MODULE_MEMBERS };
#define PLAIN_MODULE_MEMBERS 7u /* bits of the first three */
#define ALL_MODULE_MEMBERS 31u

/* A module, or with `pool` an identity of one. */
static void read_module(qy_document *document, qy_tcb_info *info, qy_tdx_module_identity *out,
                        const qy_advisory_pool *pool)
{
  static const qy_json_name names[MODULE_MEMBERS] = {QY_JSON_NAME("mrsigner"), QY_JSON_NAME("attributes"),
                                                     QY_JSON_NAME("attributesMask"), QY_JSON_NAME("id"),
                                                     QY_JSON_NAME("tcbLevels")};
  const uint64_t needed = pool == NULL ? PLAIN_MODULE_MEMBERS : ALL_MODULE_MEMBERS;
  qy_json_walk walk;
  size_t index = 0;
  qy_json_begin_object(&document->in, &walk);
  while (qy_json_next_member(&document->in, &walk, &index, names, pool == NULL ? MODULE_ID : MODULE_MEMBERS)) {
    qy_document_expect_valid(document);
    switch (index) {
    case MR_SIGNER:
      qy_json_read_hex(&document->in, out->module.mr_signer, sizeof(out->module.mr_signer));
      break;
    case ATTRIBUTES:
      qy_json_read_hex(&document->in, out->module.attributes, sizeof(out->module.attributes));
      break;
    case ATTRIBUTES_MASK:
      qy_json_read_hex(&document->in, out->module.attributes_mask, sizeof(out->module.attributes_mask));
      break;
    case MODULE_ID:
      read_module_id(document, out);
      break;
    default:
      read_module_levels(document, info, out, pool);
      break;
    }
  }
  qy_document_require_members(document, walk.seen, needed, names, kind.invalid);
}

static void read_modules(qy_document *document, qy_tcb_info *info, const qy_advisory_pool *pool)
{
  qy_json_walk walk;
  qy_json_begin_array(&document->in, &walk);
  while (qy_json_next_element(&document->in, &walk)) {
    if (info->module_count == QY_TCB_INFO_MAX_MODULES) {
      qy_json_reject(&document->in, "more TDX modules than are taken");
      return;
    }
    qy_tdx_module_identity *module = &info->modules[info->module_count++];
    *module = (qy_tdx_module_identity){0};
    read_module(document, info, module, pool);
    for (size_t i = 0; i + 1 < info->module_count; i++) {
      qy_document_require(document,
                          !module->has_version || !info->modules[i].has_version ||
                              info->modules[i].version != module->version,
                          kind.invalid, "two identities of one TDX module");
    }
  }
  qy_document_require(document, info->module_count > 0, kind.invalid, "there is no TDX module");
}

/* ---- The whole ---- */

enum {
  ID,
  VERSION,
  ISSUE_DATE,
  NEXT_UPDATE,
  FMSPC,
  PCE_ID,
  TCB_TYPE,
  EVALUATION_NUMBER,
  TDX_MODULE,
  TDX_MODULE_IDENTITIES,
  LEVELS,
  MEMBERS
};

static void read_id(qy_document *document, reading *all)
{
  const qy_view id = qy_json_read_text(&document->in);
  all->is_sgx = qy_view_equal(id, qy_view_text("SGX"));
  all->out->is_tdx = qy_view_equal(id, qy_view_text("TDX"));
}

static void read_plain_module(qy_document *document, qy_tcb_info *info)
{
  qy_tdx_module_identity plain = {0};
  read_module(document, info, &plain, NULL);
  info->module = plain.module;
}

static void read_member(qy_document *document, reading *all, size_t index)
{
  qy_tcb_info *out = all->out;
  qy_json_reader *in = &document->in;
  const qy_advisory_pool pool = {out->advisories, &out->advisory_count, QY_TCB_INFO_MAX_ADVISORIES};
  switch (index) {
  case ID:
    read_id(document, all);
    break;
  case VERSION:
    out->version = (uint32_t)qy_json_read_unsigned(in, UINT32_MAX);
    break;
  case ISSUE_DATE:
    out->issued_s = qy_json_read_time(in);
    break;
  case NEXT_UPDATE:
    out->next_update_s = qy_json_read_time(in);
    break;
  case FMSPC:
    qy_json_read_hex(in, out->fmspc, sizeof(out->fmspc));
    break;
  case PCE_ID:
    qy_json_read_hex(in, out->pce_id, sizeof(out->pce_id));
    break;
  case TCB_TYPE:
    all->tcb_type = qy_json_read_unsigned(in, UINT32_MAX);
    break;
  case EVALUATION_NUMBER:
    out->evaluation_number = (uint32_t)qy_json_read_unsigned(in, UINT32_MAX);
    break;
  case TDX_MODULE:
    read_plain_module(document, out);
    break;
  case TDX_MODULE_IDENTITIES:
    read_modules(document, out, &pool);
    break;
  default:
    read_levels(document, all, &pool);
    break;
  }
}

/* What the version demands of members that were there. */
static void check_form(qy_document *document, const reading *all, uint64_t seen, const qy_json_name *names)
{
  const qy_tcb_info *info = all->out;
  const uint64_t needed = 1u << VERSION | 1u << ISSUE_DATE | 1u << NEXT_UPDATE | 1u << FMSPC | 1u << PCE_ID |
                          1u << TCB_TYPE | 1u << EVALUATION_NUMBER | 1u << LEVELS;
  qy_document_require_members(document, seen, needed, names, kind.unreadable);
  qy_document_require(document, info->version == 2 || info->version == 3, kind.invalid, "a version other than 2 and 3");
  qy_document_require(document, all->tcb_type == 0, kind.invalid, "a tcbType other than 0");
  if (info->version == 3) {
    qy_document_require_members(document, seen, 1u << ID, names, kind.unreadable);
    qy_document_require(document, all->is_sgx || info->is_tdx, kind.invalid, "an id other than SGX and TDX");
  }
  qy_document_require(document, info->is_tdx || (seen & (1u << TDX_MODULE | 1u << TDX_MODULE_IDENTITIES)) == 0,
                      kind.invalid, "a TDX module where there is none");
  qy_document_require_members(document, seen, info->is_tdx ? 1u << TDX_MODULE : 0, names, kind.unreadable);
  qy_document_require(document,
                      info->version == 2 ? all->forms.numbered : all->forms.sgx && (all->forms.tdx || !info->is_tdx),
                      kind.unreadable, "a level without its components");
}

/* By SGX components, then PCESVN, then TDX components, each highest first. */
static int compare_levels(const qy_tcb_level *a, const qy_tcb_level *b)
{
  const int by_sgx = memcmp(b->sgx, a->sgx, sizeof(a->sgx));
  if (by_sgx != 0) {
    return by_sgx;
  }
  if (a->pce_svn != b->pce_svn) {
    return a->pce_svn > b->pce_svn ? -1 : 1;
  }
  return memcmp(b->tdx, a->tdx, sizeof(a->tdx));
}

static void sort_levels(qy_document *document, qy_tcb_info *info)
{
  for (size_t i = 1; i < info->level_count; i++) {
    const qy_tcb_level moved = info->levels[i];
    size_t at = i;
    while (at > 0 && compare_levels(&moved, &info->levels[at - 1]) < 0) {
      info->levels[at] = info->levels[at - 1];
      at--;
    }
    info->levels[at] = moved;
    qy_document_require(document, at == 0 || compare_levels(&info->levels[at - 1], &moved) != 0, kind.invalid,
                        "two levels that are the same");
  }
}

static void read_body(qy_document *document, void *into)
{
  static const qy_json_name names[MEMBERS] = {QY_JSON_NAME("id"),        QY_JSON_NAME("version"),
                                              QY_JSON_NAME("issueDate"), QY_JSON_NAME("nextUpdate"),
                                              QY_JSON_NAME("fmspc"),     QY_JSON_NAME("pceId"),
                                              QY_JSON_NAME("tcbType"),   QY_JSON_NAME("tcbEvaluationDataNumber"),
                                              QY_JSON_NAME("tdxModule"), QY_JSON_NAME("tdxModuleIdentities"),
                                              QY_JSON_NAME("tcbLevels")};
  reading all = {.out = into, .forms = {true, true, true}};
  qy_json_walk walk;
  size_t index = 0;
  qy_json_begin_object(&document->in, &walk);
  while (qy_json_next_member(&document->in, &walk, &index, names, MEMBERS)) {
    qy_document_expect_valid(document);
    read_member(document, &all, index);
    qy_document_expect_readable(document);
  }
  if (document->in.status == QY_OK) {
    all.out->is_tdx &= all.out->version == 3; /* version 2 knows of SGX alone and passes over an id */
    check_form(document, &all, walk.seen, names);
    sort_levels(document, all.out);
  }
}

qy_status qy_tcb_info_decode(qy_tcb_info *out, qy_view text, qy_qvl_status *qvl, qy_error *why)
{
  memset(out, 0, offsetof(qy_tcb_info, modules));
  return qy_document_read(&out->json, text, &kind, read_body, out, qvl, why);
}
