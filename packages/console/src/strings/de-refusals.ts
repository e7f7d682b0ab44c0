import type { ForeignTexts } from "./translator.ts";

/** What the API says to requests that it refuses, in German, and single mistakes in what somebody has entered. */
export const deRefusals: ForeignTexts = {
  "HTTP {#}": "HTTP {1}",
  "There is nothing at this address, or nothing that these credentials may see.":
    "Hier gibt es nichts, oder nichts, was Sie mit diesen Zugangsdaten sehen dürfen.",
  "The request carries no credentials.": "Die Anfrage enthält keine Zugangsdaten.",
  "The credentials of the request are not valid.": "Die Zugangsdaten der Anfrage gelten nicht.",
  "This needs one of the roles {}; yours is {}.": "Dies braucht eine der Rollen {1}; Ihre ist {2}.",
  "Ask an admin of your organization for a token, or an account, that may do this.":
    "Bitten Sie jemanden aus der Administration Ihrer Organisation um ein Token oder Konto, das dies darf.",
  "These are more requests than are taken.": "Das sind mehr Anfragen, als angenommen werden.",
  "There have been too many requests with wrong credentials.": "Es gab zu viele Anfragen mit falschen Zugangsdaten.",
  "There are {#} event streams open already, as many as may be at a time.":
    "Es sind schon {1} Ereignisströme offen, mehr sind zugleich nicht möglich.",
  "There are {#} exports open already, as many as may be at a time.":
    "Es laufen schon {1} Exporte, mehr sind zugleich nicht möglich.",
  "Try again in {#} s.": "Versuchen Sie es in {1} s erneut.",
  "Requests cannot be served now.": "Anfragen können gerade nicht bedient werden.",
  "The store has no room left. It refuses new events; it never drops old ones.":
    "Der Speicher hat keinen Platz mehr. Er lehnt neue Ereignisse ab und verwirft nie alte.",
  "Another process holds the store and did not let go in time.":
    "Ein anderer Prozess hält den Speicher und gab ihn nicht rechtzeitig frei.",
  "The store cannot be reached or opened.": "Der Speicher ist nicht erreichbar oder lässt sich nicht öffnen.",
  "The store has been closed.": "Der Speicher ist geschlossen.",
  "The work was cancelled.": "Die Arbeit wurde abgebrochen.",
  "The verification was cancelled.": "Die Prüfung wurde abgebrochen.",
  "A defect in Headgate or in a sink. Please report it.":
    "Ein Fehler in Headgate oder in einem Sink. Bitte melden Sie ihn.",
  "Somebody else has changed the same thing at the same moment; read it again and repeat the change.":
    "Jemand anderes hat im selben Moment dasselbe geändert; laden Sie neu und wiederholen Sie die Änderung.",
  "The cursor does not go with this request.": "Der Cursor passt nicht zu dieser Anfrage.",
  "The body is larger than the {#} bytes that are taken here.":
    "Der Inhalt ist größer als die {1} Byte, die hier angenommen werden.",
  "The event {#} was discarded, so there is nothing to send again.":
    "Das Ereignis {1} wurde verworfen; es gibt nichts erneut zu senden.",
  "The stream still has {#} events to deliver, which would never arrive.":
    "Der Stream hat noch {1} Ereignisse zuzustellen, die nie ankämen.",
  "Let it deliver them first, or add abandon_pending=true to give them up for this stream; the log keeps them.":
    "Lassen Sie ihn diese zuerst zustellen, oder geben Sie sie für diesen Stream auf (abandon_pending=true); das Log behält sie.",
  "The platform's configuration names this stream no more, so it cannot go on.":
    "Die Konfiguration der Plattform nennt diesen Stream nicht mehr; er kann nicht weiterlaufen.",
  "Ask the platform's operators to declare it again, or delete it.":
    "Bitten Sie die Betreiber der Plattform, ihn wieder aufzunehmen, oder löschen Sie ihn.",
  "The platform's configuration declares this stream, and alone can change it.":
    "Dieser Stream steht in der Konfiguration der Plattform und lässt sich nur dort ändern.",
  "Ask the platform's operators to change it.": "Bitten Sie die Betreiber der Plattform um die Änderung.",
  "The options of this kind of stream are for the platform's operators to change.":
    "Die Einstellungen dieser Art von Stream ändern die Betreiber der Plattform.",
  "Its name, and when it sends, can be changed here.": "Name und Sendezeitpunkt lassen sich hier ändern.",
  "There is no sink of this type to set up here (known: {}).":
    "Ein Ziel dieser Art lässt sich hier nicht einrichten (bekannt: {1}).",
  'There is no stream "{}".': "Es gibt keinen Stream „{1}“.",
  'The stream "{}" of this organization writes to the same place with {}: every event would be stored twice.':
    "Der Stream „{1}“ dieser Organisation schreibt mit {2} an denselben Ort: Jedes Ereignis würde doppelt gespeichert.",
  "Change that stream, delete it, or give the new one another prefix or folder.":
    "Ändern oder löschen Sie jenen Stream, oder geben Sie dem neuen ein anderes Präfix oder einen anderen Ordner.",
  "This role is in use by another organization; a role belongs to one.":
    "Diese Rolle nutzt bereits eine andere Organisation; eine Rolle gehört nur einer.",
  "Name a role that your organization alone uses. If this one is yours, ask the platform's operators.":
    "Nennen Sie eine Rolle, die nur Ihre Organisation nutzt. Ist es Ihre, wenden Sie sich an die Betreiber der Plattform.",
  "A stream's name must be 1 to 100 characters, without control characters.":
    "Der Name eines Streams hat 1 bis 100 Zeichen, ohne Steuerzeichen.",
  'The options of stream "{}" hold a secret, and there is no key to seal it with.':
    "Die Einstellungen des Streams „{1}“ enthalten ein Geheimnis, und es gibt keinen Schlüssel, es zu versiegeln.",
  "There is no key to seal secrets with.": "Es gibt keinen Schlüssel, um Geheimnisse zu versiegeln.",
  "Configure a key for secrets.": "Konfigurieren Sie einen Schlüssel für Geheimnisse.",
  "Configure a key for secrets, or declare the stream from a configuration with streams.declare().":
    "Richten Sie einen Schlüssel für Geheimnisse ein, oder nehmen Sie den Stream mit streams.declare() in die Konfiguration auf.",

  "The options have a mistake: {} {=}.": "Die Einstellungen haben einen Fehler: {1} {2}.",
  "The query has a mistake: {} {=}.": "Die Abfrage hat einen Fehler: {1} {2}.",
  "The body has a mistake: {} {=}.": "Der Inhalt hat einen Fehler: {1} {2}.",
  '…lacks "{}"': "fehlt: „{1}“",
  '…has an unknown member "{}"': "enthält etwas Unbekanntes: „{1}“",
  '…has an unknown member "{}" (known: {})': "enthält etwas Unbekanntes: „{1}“ (bekannt: {2})",
  "…must be one of {}": "muss eines von diesen sein: {1}",
  "…must match {}": "muss diesem Muster folgen: {1}",
  "…must not hold control characters": "darf keine Steuerzeichen enthalten",
  "…must NOT have fewer than {#} characters": "muss mindestens {1} Zeichen haben",
  "…must NOT have more than {#} characters": "darf höchstens {1} Zeichen haben",
  "…must NOT have more than {#} properties": "darf höchstens {1} Einträge haben",
  "…must NOT have more than {#} items": "darf höchstens {1} Einträge haben",
  "…must be >= {#}": "muss mindestens {1} sein",
  "…must be <= {#}": "darf höchstens {1} sein",
  "…must not be later than to": "darf nicht später sein als to",
  "…must be an RFC 3339 time such as {}, or a UTC date":
    "muss eine Zeit nach RFC 3339 sein wie {1}, oder ein UTC-Datum",

  "The {} options are wrong: {*}.": "Die Einstellungen für {1} stimmen nicht: {2}.",
  'The {} options of stream "{}" are wrong: {*}.': "Die Einstellungen für {1} des Streams „{2}“ stimmen nicht: {3}.",
  "…this platform does not allow the endpoint": "Diese Plattform erlaubt den Endpunkt nicht",
  "Leave the endpoint out for AWS, or ask the platform's operators to allow it.":
    "Lassen Sie den Endpunkt für AWS weg, oder bitten Sie die Betreiber der Plattform, ihn zu erlauben.",
  "Copy the ARN from the role's page in the IAM console, in the account and region of the bucket.":
    "Kopieren Sie die ARN von der Seite der Rolle in der IAM-Konsole, im Konto und in der Region des Buckets.",
  "Copy the token from Settings → Data inputs → HTTP Event Collector in Splunk.":
    "Kopieren Sie das Token in Splunk unter Settings → Data inputs → HTTP Event Collector.",
  "Make a key under Organization Settings → API Keys in Datadog.":
    "Legen Sie in Datadog unter Organization Settings → API Keys einen Schlüssel an.",
  '…bucket "{}" is no bucket name (3 to 63 of a-z, 0-9, "." and "-")':
    "bucket „{1}“ ist kein Bucket-Name (3 bis 63 aus a-z, 0-9, „.“ und „-“)",
  '…bucket "{}" is a directory bucket; use a general purpose bucket':
    "bucket „{1}“ ist ein Directory Bucket; nehmen Sie einen General Purpose Bucket",
  '…endpoint "{}" is no URL, such as "https://s3.example.com"':
    "endpoint „{1}“ ist keine URL wie „https://s3.example.com“",
  '…endpoint "{}" is plain http or a private address; the operator must set allow_insecure_endpoint to use it, or name the address in allowed_addresses':
    "endpoint „{1}“ ist unverschlüsseltes http oder eine private Adresse; dafür muss der Betreiber allow_insecure_endpoint setzen oder die Adresse in allowed_addresses nennen",
  "…{} must be a bare URL, without user, query or fragment":
    "{1} muss eine bloße URL sein, ohne Benutzer, Query oder Fragment",
  "…{} must be a URL such as https://siem.example.com, with its scheme":
    "{1} muss eine URL wie https://siem.example.com sein, mit ihrem Schema",
  '…{} "{}" is plain http; use https, or have the operator set allow_insecure_endpoint':
    "{1} „{2}“ ist unverschlüsseltes http; nutzen Sie https, oder lassen Sie den Betreiber allow_insecure_endpoint setzen",
  '…{} "{}" is a private or loopback address; the operator must allow it with allowed_addresses or allow_insecure_endpoint':
    "{1} „{2}“ ist eine private oder Loopback-Adresse; der Betreiber muss sie mit allowed_addresses oder allow_insecure_endpoint erlauben",
  '…prefix "{}" must not begin with a slash or hold empty, "." or ".." parts':
    "prefix „{1}“ darf nicht mit einem Schrägstrich beginnen und keine leeren, „.“- oder „..“-Teile enthalten",
  '…prefix "{}" has a part that begins with "." or "_", which readers skip':
    "prefix „{1}“ hat einen Teil, der mit „.“ oder „_“ beginnt; solche überspringen lesende Programme",
  '…expected_bucket_owner "{}" is no account id of 12 digits':
    "expected_bucket_owner „{1}“ ist keine Konto-ID mit 12 Ziffern",
  "…encryption.kms_key_arn needs mode sse-kms or dsse-kms":
    "encryption.kms_key_arn braucht den Modus sse-kms oder dsse-kms",
  "…encryption.bucket_key needs mode sse-kms": "encryption.bucket_key braucht den Modus sse-kms",
  "…encryption.kms_key_arn must be the full ARN of a key, such as {}":
    "encryption.kms_key_arn muss die vollständige ARN eines Schlüssels sein, etwa {1}",
  '…role_arn "{}" lacks the account id of 12 digits': "in role_arn „{1}“ fehlt die Konto-ID mit 12 Ziffern",
  '…role_arn "{}" is of another part of AWS than region "{}", whose ARNs begin with {}':
    "role_arn „{1}“ gehört zu einem anderen Teil von AWS als die Region „{2}“, deren ARNs mit {3} beginnen",
  "…token is missing": "token fehlt",
  "…token must be given again, because url has changed": "token muss neu angegeben werden, weil url geändert wurde",
  '…token is to be given without the word "Splunk" before it': "token ist ohne das Wort „Splunk“ davor anzugeben",
  "…token is empty, too long, or holds spaces or odd characters":
    "token ist leer, zu lang oder enthält Leer- oder ungewöhnliche Zeichen",
  "…{} is empty, longer than {#} characters, or holds control characters":
    "{1} ist leer, länger als {2} Zeichen oder enthält Steuerzeichen",
  "…api_key is missing": "api_key fehlt",
  "…api_key must be given again, because site has changed":
    "api_key muss neu angegeben werden, weil site geändert wurde",
  "…api_key is missing, or holds blanks or characters that no key has":
    "api_key fehlt oder enthält Zeichen, die kein Schlüssel hat",
  '…tag "{}" cannot be given: {=}': "Tag „{1}“ ist nicht möglich: {2}",
  "…every log has it already": "jedes Log hat ihn schon",
  "…it marks events that are sent with another time":
    "er kennzeichnet Ereignisse, die mit anderer Zeit gesendet werden",
  "…set {}": "setzen Sie {1}",
  '…tag "{}" must begin with a letter and hold letters, digits and _ . / - only':
    "Tag „{1}“ muss mit einem Buchstaben beginnen und darf nur Buchstaben, Ziffern und _ . / - enthalten",
  '…tag "{}" needs a value of letters, digits and _ : . / - only':
    "Tag „{1}“ braucht einen Wert aus Buchstaben, Ziffern und _ : . / -",
  '…tag "{}" is longer than {#} characters': "Tag „{1}“ ist länger als {2} Zeichen",
  "This stream is the platform's own, and only its operators can stop it.":
    "Dieser Stream gehört der Plattform; nur ihre Betreiber können ihn anhalten.",
  "Ask the platform's operators.": "Fragen Sie die Betreiber der Plattform.",
  "The organization has {#} streams, as many as it may.":
    "Die Organisation hat {1} Streams, mehr darf sie nicht haben.",
  "Delete one that is not needed any more, or ask the platform's operators.":
    "Löschen Sie einen, der nicht mehr gebraucht wird, oder fragen Sie die Betreiber der Plattform.",
  "A replay's first and last sequence must be whole numbers, the first one first.":
    "Erste und letzte Sequenz müssen ganze Zahlen sein, die kleinere zuerst.",
  "A replay's time must begin before it ends.": "Die Zeit muss beginnen, bevor sie endet.",
  'The stream "{}" is replaying a range already.': "Der Stream „{1}“ sendet schon einen Bereich erneut.",
  "Wait until it has ended, or cancel it.": "Warten Sie, bis das beendet ist, oder brechen Sie es ab.",
};
