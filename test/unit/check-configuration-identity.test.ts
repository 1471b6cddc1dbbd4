import { CHECK, testPasses, testWrong } from "./configuration-kit.ts";

testWrong([
  [
    "chain-verified",
    "fail",
    [["verifyChain = yes", "verify = 1"]],
    "verify = 1: a peer without a certificate",
    '"verifyChain = yes" instead of "verify = 1" in [adt',
  ],
  [
    "chain-verified",
    "fail",
    [["verifyChain = yes", "verifyChain = yes\nrequireCert = no"]],
    "[adt_from_dpi] verifyChain = yes, requireCert = no: a peer without",
    '"requireCert = yes" instead of "requireCert = no" in [adt_from_dpi]',
  ],
  [
    "chain-verified",
    "fail",
    [["verifyChain = yes", "verifyChain = true"]],
    "verifyChain = true: Stunnel does not start with checkHost and no verifyChain",
    '"verifyChain = yes" instead of "verifyChain = true" in [mdm_to_dpi] [adt_from_dpi]',
  ],
  [
    "chain-verified",
    "fail",
    [["verifyChain = yes", "verify = 0"]],
    "verify = 0",
    '"verifyChain = yes" instead of "verify = 0"',
  ],
  [
    "chain-verified",
    "fail",
    [["verifyChain = yes", ""]],
    "verifyChain is not set",
    'write "verifyChain = yes" in [mdm_to_dpi] [adt_from_dpi] of stunnel.conf',
  ],
  [
    "chain-verified",
    "fail",
    [["verifyChain = yes", "verify = 2\nverifyChain = no"]],
    "verify = 2, verifyChain = no",
    '"verifyChain = yes" instead of "verify = 2", "verifyChain = no"',
  ],
  [
    "chain-verified",
    "fail",
    [["verifyChain = yes", "verifyPeer = yes\nrequireCert = no"]],
    "a peer without a certificate",
    '"requireCert = yes" instead of "requireCert = no" in [adt_from_dpi]',
  ],
  [
    "peer-name",
    "fail",
    [CHECK],
    "[mdm_to_dpi] [adt_from_dpi] neither checkHost",
    'write "checkHost = dpi" in [mdm_to_dpi] [adt_from_dpi]',
  ],
  [
    "revocation",
    "warn",
    [["CRLfile = /certs/ca.crl", ""]],
    "revoked peers are accepted",
    'write "CRLfile = /certs/ca.crl" in',
  ],
]);

testPasses([
  ["chain-verified", [["verifyChain = yes", "verify = 2"]], "verify = 2", "verify = 2"],
  [
    "chain-verified",
    [["verifyChain = yes", "verify = 3"]],
    "verify = 3: the peer's certificate is pinned",
    "est épinglé",
  ],
  ["chain-verified", [["verifyChain = yes", "VerifyChain = YES"]], "verifyChain = YES", "verifyChain = YES"],
  [
    "chain-verified",
    [["verifyChain = yes", "requireCert = no\nverifyChain = yes"]],
    "requireCert = no, verifyChain = yes",
    "",
  ],
  [
    "chain-verified",
    [["verifyChain = yes", "verifyPeer = yes"]],
    "verifyPeer = yes: the peer's certificate is pinned",
    "",
  ],
  [
    "chain-verified",
    [
      ["verifyChain = yes", "verifyChain = yes\nrequireCert = no"],
      ["checkHost = dpi", "checkHost = dpi\nverifyChain = yes"],
    ],
    "requireCert = no, verifyChain = yes",
    "",
  ],
  ["peer-name", [CHECK, ["verifyChain = yes", "verifyPeer = yes"]], "verifyPeer: the certificate is known", ""],
  [
    "peer-name",
    [["checkHost = dpi", "checkIP = 127.0.0.1\ncheckEmail = a@b"]],
    "checkIP = 127.0.0.1, checkEmail = a@b",
    "",
  ],
  ["revocation", [["CRLfile = /certs/ca.crl", "CRLpath = /crls"]], "CRLpath = /crls", ""],
  ["revocation", [["CRLfile = /certs/ca.crl", "OCSP = http://ocsp"]], "OCSP = http://ocsp", ""],
  ["revocation", [["CRLfile = /certs/ca.crl", "OCSPaia = yes"]], "OCSPaia = yes", ""],
  [
    "revocation",
    [
      ["CRLfile = /certs/ca.crl", ""],
      ["verifyChain = yes", "verifyPeer = yes"],
    ],
    "taken out of CAfile",
    "",
  ],
]);
