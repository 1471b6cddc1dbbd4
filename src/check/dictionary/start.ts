import type { Text } from "../../languages.ts";
import type { Cause, Entry } from "./entry.ts";

/** What keeps Stunnel from starting, or from reading its files again; nobody was refused. */
const start = (words: RegExp, cause: Cause, plain: Text, next: Text): Entry => ({
  words,
  causes: [cause],
  plain,
  next,
});

export const START: readonly Entry[] = [
  start(
    /key values mismatch|KEY_VALUES_MISMATCH/,
    "key-mismatch",
    {
      en: "the key in key is not that of the certificate in cert",
      fr: "la clé de key n'est pas celle du certificat de cert",
    },
    { en: "put the pair there that was made together", fr: "mettez-y une clé et un certificat qui vont ensemble" },
  ),
  start(
    /ee key too small|ca key too small|(?:EE|CA)_KEY_TOO_SMALL/,
    "weak-key",
    {
      en: "Stunnel does not start with its own certificate: its key is too short",
      fr: "Stunnel ne démarre pas avec son propre certificat : sa clé est trop courte",
    },
    {
      en: "have a certificate issued for a key of 2048 bits or more; do not lower securityLevel",
      fr: "faites émettre un certificat pour une clé d'au moins 2048 bits ; ne baissez pas securityLevel",
    },
  ),
  start(
    /ca md too weak|ERR_SSL_CA_MD_TOO_WEAK/,
    "weak-signature",
    {
      en: "Stunnel does not start with its own certificate: its signature uses SHA-1 or older",
      fr: "Stunnel ne démarre pas avec son propre certificat : sa signature utilise SHA-1 ou plus ancien",
    },
    { en: "have it issued anew, signed with SHA-256", fr: "faites-le réémettre, signé avec SHA-256" },
  ),
  start(
    /bad decrypt|Wrong passphrase/,
    "own-files",
    {
      en: "the key has a password, and it was not the right one",
      fr: "la clé a un mot de passe, et ce n'était pas le bon",
    },
    {
      en: "write the key without a password (openssl pkey), readable by Stunnel's user alone",
      fr: "écrivez la clé sans mot de passe (openssl pkey), lisible par l'utilisateur de Stunnel seul",
    },
  ),
  start(
    /no start line|wrong tag|no certificate or crl found|no crl found|bad base64 decode|bad end line/,
    "own-files",
    {
      en: "a file of stunnel.conf is empty, damaged or no PEM",
      fr: "un fichier de stunnel.conf est vide, abîmé ou n'est pas du PEM",
    },
    {
      en: "write it as PEM (openssl x509 -inform der, openssl crl -inform der); the lines around name the file",
      fr: "écrivez-le en PEM (openssl x509 -inform der, openssl crl -inform der) ; les lignes voisines le nomment",
    },
  ),
  start(
    /No such file or directory|BIO routines::no such file|revocation lookup file/,
    "own-files",
    {
      en: "a file that stunnel.conf names is missing or cannot be used",
      fr: "un fichier nommé par stunnel.conf manque ou est inutilisable",
    },
    {
      en: "correct the path in stunnel.conf, or put the file there",
      fr: "corrigez le chemin dans stunnel.conf, ou mettez-y le fichier",
    },
  ),
  start(
    /Permission denied/,
    "own-files",
    {
      en: "Stunnel's user may not read that file, or may not open that port",
      fr: "l'utilisateur de Stunnel ne peut pas lire ce fichier, ou pas ouvrir ce port",
    },
    {
      en: "give the file to Stunnel's user (mode 0600), or take a port from 1024 on",
      fr: "donnez le fichier à l'utilisateur de Stunnel (mode 0600), ou prenez un port à partir de 1024",
    },
  ),
  start(
    /Address already in use|EADDRINUSE/,
    "port-taken",
    {
      en: "another program has the port; after a reload Stunnel then listens nowhere at all",
      fr: "un autre programme a ce port ; après un rechargement Stunnel n'écoute alors plus nulle part",
    },
    {
      en: "find it (ss -ltnp), free the port, then start Stunnel again",
      fr: "trouvez-le (ss -ltnp), libérez le port, puis relancez Stunnel",
    },
  ),
  start(
    /Cannot assign requested address|EADDRNOTAVAIL/,
    "configuration",
    {
      en: "accept names an address that this machine does not have",
      fr: "accept nomme une adresse que cette machine n'a pas",
    },
    {
      en: "correct accept in stunnel.conf; ip addr lists the addresses",
      fr: "corrigez accept dans stunnel.conf ; ip addr donne les adresses",
    },
  ),
  start(
    /no cipher match/,
    "configuration",
    { en: "ciphers names no suite that OpenSSL knows", fr: "ciphers ne nomme aucune suite connue d'OpenSSL" },
    {
      en: 'correct ciphers in stunnel.conf; "openssl ciphers" lists the names',
      fr: "corrigez ciphers dans stunnel.conf ; « openssl ciphers » donne les noms",
    },
  ),
  start(
    /Specified option name is not valid here|The argument needs to be either|No '=' found|Invalid protocol version|TLS server needs a certificate|Either "CAengine", "CAfile" or "CApath" has to be configured|Each service must define two endpoints/,
    "configuration",
    {
      en: "a line of stunnel.conf is wrong or missing; a comment behind a value is no comment",
      fr: "une ligne de stunnel.conf est fausse ou manque ; un commentaire derrière une valeur n'en est pas un",
    },
    {
      en: "correct the line that is named by its number, and put comments on lines of their own",
      fr: "corrigez la ligne dont le numéro est donné, et mettez les commentaires sur leur propre ligne",
    },
  ),
  start(
    /Invalid configuration file name|Cannot open configuration file/,
    "configuration",
    { en: "Stunnel does not find its stunnel.conf", fr: "Stunnel ne trouve pas son stunnel.conf" },
    {
      en: "give the whole path of stunnel.conf where Stunnel is started",
      fr: "donnez le chemin entier de stunnel.conf au lancement de Stunnel",
    },
  ),
];
