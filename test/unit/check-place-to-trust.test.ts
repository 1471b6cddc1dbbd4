import { X509Certificate } from "node:crypto";
import { alert, dates, doubted, held, linked, open, seen, target, testPlaces } from "./place-to-kit.ts";
import { eai } from "./tls-kit.ts";

const ourselves = { ...seen("open"), certificate: new X509Certificate(eai.certificate) };

testPlaces([
  [
    "it is this site itself",
    "peer-is-ourselves",
    /^192\.0\.2\.7:32100 is this site itself: the certificate that it shows is over our own key$/,
    /est ce site même/,
    [linked(ourselves), held("open")],
  ],
  [
    "it is this site itself, which our own Stunnel refuses by its name",
    "peer-is-ourselves",
    /is this site itself/,
    /est ce site même/,
    [linked(ourselves), held("reset", "CERT: Subject checks failed")],
  ],
  [
    "it does not know our authority",
    "peer-refused-us",
    new RegExp(
      `refused us with "tlsv1 alert unknown ca": our certificate CN=eai.*, valid ${dates} to ${dates}: .*does not believe`,
    ),
    new RegExp(`nous a refusés avec « tlsv1 alert unknown ca » : notre certificat CN=eai.*, valable du ${dates} au`),
    [linked(seen("alert", "tlsv1 alert unknown ca"))],
  ],
  [
    "it refuses late",
    "peer-refused-us",
    /refused us with "tlsv1 alert unknown ca"/,
    /nous a refusés avec « tlsv1 alert unknown ca »/,
    [open, { heldDirectly: seen("alert", "tlsv1 alert unknown ca") }],
  ],
  [
    "it refuses with words that nobody knows",
    "peer-refused-us",
    /refused us with "tlsv1 alert access denied"/,
    /nous a refusés avec « tlsv1 alert access denied »/,
    [linked(seen("alert", "tlsv1 alert access denied"))],
  ],
  [
    "it refuses our Stunnel, and not us",
    "peer-refused-us",
    /refused us with "ssl\/tls alert internal error.*another name than ours: eai/,
    /un autre nom que les nôtres : eai/,
    [open, held("reset", "TLS connected: new session negotiated", alert("ssl/tls alert internal error"))],
  ],
  [
    "it refuses without a word",
    "peer-refused-us",
    /within the handshake, after it has seen our certificate/,
    /après avoir vu notre certificat/,
    [linked(seen("closed"), { older: "refused" })],
  ],
  [
    "we show nothing, and it wants a certificate",
    "peer-refused-us",
    /wants a certificate, and we showed none/,
    /veut un certificat, et nous n'en avons présenté aucun/,
    [linked(seen("alert", "tlsv13 alert certificate required"), { target: { ...target, identity: undefined } })],
  ],
  [
    "we show ours, and it wants perhaps one",
    "peer-refused-us",
    /refused us with "ssl\/tls alert handshake failure"/,
    /nous a refusés avec « ssl\/tls alert handshake failure »/,
    [linked(seen("alert", "ssl/tls alert handshake failure"))],
  ],
  [
    "our Stunnel refuses it",
    "we-refused-peer",
    new RegExp(`our Stunnel refused the peer, CN=dpi \\(dpi\\), ${dates} - ${dates}: .*another name`),
    new RegExp(`notre Stunnel a refusé le pair, CN=dpi \\(dpi\\), ${dates} - ${dates} : .*un autre nom`),
    [open, held("reset", "CERT: Subject checks failed", "Rejected by CERT at depth=0: CN=dpi")],
  ],
  [
    "we have no Stunnel, and do not believe it",
    "we-refused-peer",
    new RegExp(`CN=dpi \\(dpi\\), ${dates} - ${dates}.*handshake.peer-name.*it bears x`),
    new RegExp(`CN=dpi \\(dpi\\), ${dates} - ${dates}.*handshake.peer-name.*it bears x`),
    [open, { handshake: doubted }],
  ],
]);
