// OpenSSL 3: its headers, and as functions what they offer only as macros or with C's varargs.
#ifndef CLAWNODE_COPENSSL_H
#define CLAWNODE_COPENSSL_H

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static const unsigned long CN_XN_FLAG_RFC2253 = XN_FLAG_RFC2253;

static inline EVP_PKEY *cn_make_rsa_key(size_t bits) { return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", bits); }

static inline size_t cn_bio_pending(BIO *bio) { return BIO_ctrl_pending(bio); }

static inline int cn_require_tls_1_2(SSL_CTX *context) { return (int)SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION); }
// Idle connections give their record buffers back.
static inline void cn_release_idle_buffers(SSL_CTX *context) { SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); }
static inline void cn_forbid_renegotiation(SSL_CTX *context) { SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION); }
static inline void cn_forbid_session_cache(SSL_CTX *context) { SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF); }
static inline int cn_set_server_name(SSL *ssl, const char *name) { return (int)SSL_set_tlsext_host_name(ssl, name); }
// Borrowed. A certificate that was refused is not the session's yet and only stands in the chain received.
static inline X509 *cn_peer_certificate(const SSL *ssl) {
    X509 *accepted = SSL_get0_peer_certificate(ssl);
    STACK_OF(X509) *received = SSL_get_peer_cert_chain(ssl);
    return accepted || !received ? accepted : sk_X509_value(received, 0);
}

#endif
