/* SPDX-License-Identifier: Apache-2.0 */
#include <quotary/collateral.h>

const char *qy_qvl_status_name(qy_qvl_status status)
{
  static const char *const names[QY_QVL_STATUS_COUNT] = {
#define QY_QVL_STATUS_ROW(name) "STATUS_" #name,
      QY_QVL_STATUSES(QY_QVL_STATUS_ROW)
#undef QY_QVL_STATUS_ROW
  };
  return (unsigned)status < QY_QVL_STATUS_COUNT ? names[status] : "STATUS_UNKNOWN";
}

static const char *const tcb_names[QY_TCB_STATUS_COUNT] = {"Unknown",
#define QY_TCB_STATUS_ROW(name, spelling) spelling,
                                                           QY_TCB_STATUSES(QY_TCB_STATUS_ROW)
#undef QY_TCB_STATUS_ROW
};

const char *qy_tcb_status_name(qy_tcb_status status)
{
  return tcb_names[(unsigned)status < QY_TCB_STATUS_COUNT ? status : QY_TCB_STATUS_UNKNOWN];
}

qy_tcb_status qy_tcb_status_by_name(qy_view spelling)
{
  for (int status = QY_TCB_STATUS_UNKNOWN + 1; status < QY_TCB_STATUS_COUNT; status++) {
    if (qy_view_equal(spelling, qy_view_text(tcb_names[status]))) {
      return (qy_tcb_status)status;
    }
  }
  return QY_TCB_STATUS_UNKNOWN;
}
