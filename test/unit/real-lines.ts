import type { Cause, Meaning } from "../../src/check/dictionary/dictionary.ts";

/** A line as a program wrote it, and what its likeliest meaning has to be. */
export type RealLine = readonly [line: string, causes: Cause[], refusedBy?: Meaning["refusedBy"]];

const accept = (text: string) => `2026.11.21 10:00:00 LOG3[12]: SSL_accept: ${text}`;
const connect = (text: string) => `SSL_connect: ssl3_read_bytes@../ssl/record/rec_layer_s3.c:918: error:${text}`;
const verifier = (text: string) => `2026.11.21 10:00:00 LOG4[3]: CERT: Pre-verification error: ${text}`;

/** Every row of the table of refusals: the words of who refuses, the alert in OpenSSL 3.0 and in 3.5. */
export const REFUSALS: RealLine[] = [
  [verifier("unable to get local issuer certificate"), ["unknown-authority", "incomplete-chain"], "here"],
  [verifier("self-signed certificate"), ["self-signed"], "here"],
  [verifier("certificate not found in local repository: self-signed certificate"), ["self-signed"], "here"],
  [verifier("certificate has expired"), ["expired"], "here"],
  [verifier("certificate is not yet valid"), ["not-yet-valid"], "here"],
  ["LOG4[3]: CERT: Subject checks failed", ["wrong-name"], "here"],
  [verifier("unsuitable certificate purpose"), ["wrong-usage"], "here"],
  [verifier("certificate revoked"), ["revoked"], "here"],
  [verifier("CRL has expired"), ["crl-expired"], "here"],
  [verifier("unable to get certificate CRL"), ["no-crl"], "here"],
  [verifier("EE certificate key too weak"), ["weak-key"], "here"],
  [
    accept(
      "tls_process_client_certificate@../ssl/statem/statem_srvr.c:3764: error:0A0000C7:SSL routines::peer did not return a certificate",
    ),
    ["no-certificate"],
    "here",
  ],
  [accept("tlsany_meth.c:77: error:0A00010B:SSL routines::wrong version number"), ["not-tls"], "here"],
  [accept("statem_srvr.c:1780: error:0A000102:SSL routines::unsupported protocol"), ["no-common-version"], "here"],
  [accept("statem_srvr.c:2361: error:0A0000C1:SSL routines::no shared cipher"), ["no-common-suite"], "here"],
  ...(
    [
      [
        "0A000418:SSL routines::tlsv1 alert unknown ca",
        "unknown ca",
        48,
        "unknown-authority incomplete-chain self-signed no-crl",
      ],
      ["0A000415:SSL routines::sslv3 alert certificate expired", "certificate expired", 45, "expired crl-expired"],
      [
        "0A000412:SSL routines::sslv3 alert bad certificate",
        "bad certificate",
        42,
        "not-yet-valid weak-key weak-signature crl-not-yet-valid wrong-name",
      ],
      ["0A000438:SSL routines::tlsv1 alert internal error", "internal error", 80, "wrong-name"],
      ["0A000413:SSL routines::sslv3 alert unsupported certificate", "unsupported certificate", 43, "wrong-usage"],
      ["0A000414:SSL routines::sslv3 alert certificate revoked", "certificate revoked", 44, "revoked"],
      [
        "0A000410:SSL routines::sslv3 alert handshake failure",
        "handshake failure",
        40,
        "no-common-suite no-certificate no-common-version",
      ],
      ["0A00045C:SSL routines::tlsv13 alert certificate required", "certificate required", 116, "no-certificate"],
      ["0A00042E:SSL routines::tlsv1 alert protocol version", "protocol version", 70, "no-common-version"],
    ] as const
  ).flatMap(([older, name, number, causes]): RealLine[] => {
    const list = causes.split(" ") as Cause[];
    return [
      [`${connect(older)}: SSL alert number ${number}`, list, "far"],
      [`LOG3[0]: ${connect(older.replace("sslv3", "ssl/tls"))}: SSL alert number ${number}`, list, "far"],
      [
        `40970A7A9D7F0000:error:${older.replace("::", ":ssl3_read_bytes:")}:../ssl/record/rec_layer_s3.c:918:SSL alert number ${number}`,
        list,
        "far",
      ],
      [`LOG6[0]: TLS alert (read): fatal: ${name}`, list, "far"],
      [`SSL alert number ${number}`, list, "far"],
      [`javax.net.ssl.SSLHandshakeException: Received fatal alert: ${name.replace(" ", "_")}`, list, "far"],
      [`ERR_SSL_SSL/TLS_ALERT_${name.replace(" ", "_").toUpperCase()}`, list, "far"],
    ];
  }),
];

/** What else Stunnel 5.74, OpenSSL and Node were seen to write. */
export const OTHERS: RealLine[] = [
  ["SELF_SIGNED_CERT_IN_CHAIN", ["unknown-authority"], "here"],
  ["verify error:num=19:self-signed certificate in certificate chain", ["unknown-authority"], "here"],
  ["verify error:num=10:certificate has expired", ["expired"], "here"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", ["self-signed"], "here"],
  ["verify error:num=18:self signed certificate", ["self-signed"], "here"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", ["unknown-authority", "incomplete-chain"], "here"],
  [
    "unable to verify the first certificate; if the root CA is installed locally, try",
    ["unknown-authority", "incomplete-chain"],
    "here",
  ],
  ["CERT_HAS_EXPIRED", ["expired"], "here"],
  ["CERT_NOT_YET_VALID", ["not-yet-valid"], "here"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", ["wrong-name"], "here"],
  [
    "Hostname/IP does not match certificate's altnames: Host: dpi. is not in the cert's altnames: DNS:ris",
    ["wrong-name"],
    "here",
  ],
  ["INVALID_PURPOSE", ["wrong-usage"], "here"],
  ["CERT_REVOKED", ["revoked"], "here"],
  ["CRL_HAS_EXPIRED", ["crl-expired"], "here"],
  ["UNABLE_TO_GET_CRL", ["no-crl"], "here"],
  [verifier("invalid CA certificate"), ["wrong-usage"], "here"],
  [verifier("CRL is not yet valid"), ["crl-not-yet-valid"], "here"],
  [verifier("CA signature digest algorithm too weak"), ["weak-signature"], "here"],
  [verifier("certificate signature failure"), ["bad-signature"], "here"],
  ["LOG6[1]: TLS alert (write): fatal: internal error", ["certificate-refused"], "here"],
  [
    accept("statem_srvr.c:3777: error:0A000086:SSL routines::certificate verify failed"),
    ["certificate-refused"],
    "here",
  ],
  ["LOG4[2]: Rejected by CERT at depth=0: CN=ris, OU=FAULTY sibling", ["certificate-refused"], "here"],
  ["ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED", ["no-certificate"], "far"],
  ["SSL alert number 46", ["certificate-refused", "expired", "self-signed", "incomplete-chain", "wrong-name"], "far"],
  [connect("0A00041B:SSL routines::tlsv1 alert decrypt error: SSL alert number 51"), ["bad-signature"], "far"],
  [
    connect("0A00042F:SSL routines::tlsv1 alert insufficient security: SSL alert number 71"),
    ["no-common-suite"],
    "far",
  ],
  [connect("0A000458:SSL routines::tlsv1 unrecognized name: SSL alert number 112"), ["wrong-name"], "far"],
  ["ERR_SSL_WRONG_VERSION_NUMBER", ["not-tls"], "here"],
  [accept("tlsany_meth.c:68: error:0A00009C:SSL routines::http request"), ["not-tls"], "here"],
  [accept("tlsany_meth.c:71: error:0A00009B:SSL routines::https proxy request"), ["not-tls"], "here"],
  [
    "SSL_connect: error:0A0000B5:SSL routines::no ciphers available: No ciphers enabled",
    ["no-common-version", "no-common-suite"],
  ],
  [accept("rec_layer_s3.c:698: error:0A000126:SSL routines::unexpected eof while reading"), ["cut", "not-tls"]],
  ["[!] SSL_CTX_use_PrivateKey_file: error:05800074:x509 certificate routines::key values mismatch", ["key-mismatch"]],
  ["[!] SSL_CTX_use_certificate_chain_file: error:0A00018F:SSL routines::ee key too small", ["weak-key"]],
  ["[!] SSL_CTX_use_certificate_chain_file: error:0A00018E:SSL routines::ca md too weak", ["weak-signature"]],
  ["[!] error:1C800064:Provider routines::bad decrypt", ["own-files"]],
  ["[!] error:0480006C:PEM routines::no start line: Expecting: TRUSTED CERTIFICATE", ["own-files"]],
  ["[!] /none.key: No such file or directory (2)", ["own-files"]],
  ["[!] /certs/eai.key: Permission denied (13)", ["own-files"]],
  ["[.] Binding service [s] to 127.0.0.1:4000: Address already in use (98)", ["port-taken"]],
  ["[.] Binding service [s] to 192.0.2.7:5999: Cannot assign requested address (99)", ["configuration"]],
  ["[!] error queue: SSL_CTX_set_cipher_list: error:0A0000B9:SSL routines::no cipher match", ["configuration"]],
  [
    "[!] /app/stunnel.conf:12: \"verifyChain = yes ; comment\": The argument needs to be either 'yes' or 'no'",
    ["configuration"],
  ],
  ['[!] Invalid configuration file name "/nope.conf"', ["configuration"]],
  ["[!] Service [s]: Failed to initialize TLS context", ["own-files", "configuration"]],
  ["LOG3[main]: Failed to reload the configuration file", ["configuration"]],
  ["[!] Binding service [s] failed", ["port-taken", "configuration"]],
  ["[:] Service [s] needs authentication to prevent MITM attacks", ["peer-unchecked"]],
  ["ERR_SSL_EE_KEY_TOO_SMALL", ["weak-key"]],
  ["ERR_SSL_CA_MD_TOO_WEAK", ["weak-signature"]],
  ["ERR_OSSL_X509_KEY_VALUES_MISMATCH", ["key-mismatch"]],
  ['LOG4[ui]: Service [c] uses "verifyChain" without subject checks', ["name-unchecked"]],
  ["LOG4[ui]: Insecure file permissions on /certs/eai.key", ["own-files"]],
  ["LOG3[1]: s_connect: connect 127.0.0.1:21010: Connection refused (111)", ["application-down"]],
  ["LOG3[1]: s_connect: connect 192.0.2.1:32100: Connection refused (111)", ["port-closed"]],
  ["connect ECONNREFUSED 127.0.0.1:21010", ["port-closed"]],
  ["LOG3[1]: s_connect: s_poll_wait 192.0.2.1:32100: TIMEOUTconnect exceeded", ["unreachable"]],
  ["LOG3[1]: s_connect: connect 192.0.2.1:32100: Network is unreachable (101)", ["unreachable"]],
  ['LOG3[1]: Error resolving "nobody.invalid": Name or service not known', ["name-not-resolved"]],
  ["getaddrinfo ENOTFOUND nobody.invalid", ["name-not-resolved"]],
  ["LOG6[1]: ssl_start: s_poll_wait: TIMEOUTbusy exceeded: sending reset", ["silent", "not-tls"]],
  ["LOG6[1]: transfer: s_poll_wait: TIMEOUTidle exceeded: sending reset", ["silent"]],
  ["LOG6[1]: transfer: s_poll_wait: TIMEOUTclose exceeded: closing", ["silent"]],
  ["LOG3[1]: TLS socket closed (SSL_read) with 58 unsent byte(s)", ["cut"]],
  ["LOG3[1]: SSL_accept: Connection reset by peer (104)", ["cut"]],
  ["LOG3[1]: No more addresses to connect", ["port-closed", "unreachable"]],
  ["LOG5[1]: Connection reset/closed: 58 byte(s) sent to TLS, 0 byte(s) sent to socket", ["no-proof"]],
  ["LOG6[1]: TLS connected: new session negotiated", ["no-proof"]],
  ["LOG3[1]: OCSP: No OCSP stapling response received", ["harmless"]],
];
