/* SPDX-License-Identifier: Apache-2.0 */
/* Where the simulated endorser keeps what. One folder with three parts, so that each process can be given only its
 * own: issuer/ (the issuing process: EPID issuing keys, PEK, ledger), reports/ (the report service: the key that
 * opens a quote's sealed signature, report signing keys, subscriptions), public/ (what everybody may read). */
#ifndef QY_REGISTRY_LAYOUT_H
#define QY_REGISTRY_LAYOUT_H

#define QY_DIR_ISSUER "issuer"
#define QY_DIR_REPORTS "reports"
#define QY_DIR_PUBLIC "public"

/* below issuer/ */
#define QY_FILE_EPID_CA_KEY "epid-ca.pem"     /* P-256: signs EPID files of groups */
#define QY_FILE_ISK "isk.pem"                 /* P-256: signs group certificates and SigRLs in SGX form */
#define QY_FILE_PEKSK "peksk.pem"             /* P-256: signs the PEK */
#define QY_FILE_PEK "pek.pem"                 /* RSA-3072: opens msg1 */
#define QY_FILE_AE_SIGNER "ae-signer.pem"     /* RSA-3072, e = 3: signs the architectural enclaves */
#define QY_DIR_ISSUING_KEYS "issuing-keys"    /* <gid>.bin, 48 bytes each */
#define QY_DIR_PLATFORMS "platforms"          /* <ppid>.json: what the factory said, and whether revoked */
#define QY_DIR_LEDGER "ledger"                /* <ppid>-<TCB>.json: a credential that was issued */
#define QY_FILE_ENCLAVES "enclaves.json"      /* which architectural enclaves were signed */
#define QY_FILE_UNFINISHED "unfinished"       /* there while an endorser is being made */
#define QY_FILE_ISSUER_LOCK "lock"            /* held while something in the folder changes */
#define QY_FILE_SERVICE_LOCK "service.lock"   /* held by the process that serves */
#define QY_FILE_DCAP_ROOT_KEY "dcap-root.pem" /* P-256, as the next three: the CAs, and who signs TCB info */
#define QY_FILE_DCAP_PROCESSOR_KEY "dcap-processor-ca.pem"
#define QY_FILE_DCAP_PLATFORM_KEY "dcap-platform-ca.pem"
#define QY_FILE_DCAP_SIGNING_KEY "dcap-tcb-signing.pem"
#define QY_DIR_PCK "pck" /* <ppid>-<TCB>.pem: PCK certificates that were asked for */

/* below reports/ */
#define QY_FILE_QSDK "qsdk.pem"                   /* RSA-2048: opens the sealed signature of quotes */
#define QY_FILE_REPORT_CA_KEY "report-ca-key.pem" /* RSA */
#define QY_FILE_REPORT_KEY "report-key.pem"       /* RSA-2048: signs reports */
#define QY_FILE_REPORT_CHAIN "report-chain.pem"   /* leaf, then CA */
#define QY_FILE_PIB_KEY "pib-key.pem"             /* P-256: signs platform info blobs */
#define QY_FILE_TLS_KEY "tls-key.pem"
#define QY_FILE_TLS_CHAIN "tls-chain.pem"
#define QY_FILE_SUBSCRIPTIONS "subscriptions.json"
#define QY_FILE_TRUSTED_CA "epid-ca.bin"     /* 324: whose group keys and lists the report service believes */
#define QY_FILE_TRUSTED_ISK "isk-public.pem" /* whose SigRLs it serves */
#define QY_FILE_REPORTS_LOCK "lock"

/* below public/ */
#define QY_FILE_XEGB "xegb.bin"      /* 460: section "endorser" of the architectural enclaves */
#define QY_FILE_SIGNED_PEK "pek.bin" /* 492 */
#define QY_FILE_ISK_PUBLIC "isk.pem"
#define QY_FILE_EPID_CA "cacert.bin" /* 324, EPID file form */
#define QY_FILE_REPORT_CA "report-ca.pem"
#define QY_FILE_TLS_CA "tls-ca.pem"
#define QY_FILE_PIB_PUBLIC "pib.pem"
#define QY_FILE_TCB_LEVELS "tcb-levels.json"
#define QY_FILE_TCB_POLICY "tcb.json"
#define QY_FILE_FINGERPRINTS "fingerprints.json"
#define QY_FILE_GROUPRL "grouprl.bin" /* EPID file form, signed by the EPID CA */
#define QY_FILE_GROUP_REASONS "group-reasons.json"
#define QY_DIR_IMAGES "images" /* the architectural enclaves, as the platform service looks for them: */
#define QY_FILE_PVE_IMAGE "quotary-pve.image"
#define QY_FILE_PCE_IMAGE "quotary-pce.image"
#define QY_FILE_QE_IMAGE "quotary-qe.image"
#define QY_FILE_QE3_IMAGE "quotary-qe3.image"
#define QY_FILE_TDQE_IMAGE "quotary-tdqe.image"
#define QY_DIR_GROUPS "groups" /* <gid as 8 hex digits>/ */

/* below public/groups/<gid>/ */
#define QY_FILE_GROUP_KEY "pubkey.bin" /* 340, EPID file form */
#define QY_FILE_GROUP_CERTIFICATE \
  "groupcert.bin"                     /* 328, SGX form, signed by ISK; absent for a group of another issuer */
#define QY_FILE_GROUP_TCB "tcb.json"  /* the TCB whose holders the group takes in */
#define QY_FILE_PRIVRL "privrl.bin"   /* EPID file form; absent: no key was ever revoked */
#define QY_FILE_SIGRL "sigrl.bin"     /* EPID file form; absent: no signature was ever revoked */
#define QY_FILE_SIGRL_SGX "sigrl.sgx" /* the same in SGX form, signed by ISK; absent when it has no entry */

/* public/dcap/ */
#define QY_DIR_DCAP QY_DIR_PUBLIC "/dcap"
#define QY_FILE_DCAP_WORLD "world.json" /* what all of it follows from */
#define QY_FILE_DCAP_ROOT "root-ca.pem"
#define QY_FILE_DCAP_PROCESSOR_CA "processor-ca.pem"
#define QY_FILE_DCAP_PLATFORM_CA "platform-ca.pem"
#define QY_FILE_DCAP_SIGNING "tcb-signing.pem"
#define QY_DIR_DCAP_SIGNED QY_DIR_DCAP "/signed" /* <issue>-<document>: what was asked for since the world changed */

#endif
