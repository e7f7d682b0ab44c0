import type { ForeignTexts } from "./translator.ts";

/** What destinations ask for, in German: titles and descriptions of the customers' schemas. */
export const deFields: ForeignTexts = {
  "Amazon S3": "Amazon S3",
  Bucket: "Bucket",
  "Name of a bucket that you own. It stays yours: Headgate can write to it, and nothing else.":
    "Name eines Buckets, der Ihnen gehört. Er bleibt Ihrer: Headgate kann hineinschreiben, sonst nichts.",
  Region: "Region",
  "AWS region of the bucket.": "AWS-Region des Buckets.",
  Prefix: "Präfix",
  "Folder in the bucket, with a slash at its end. The role needs no right beyond it. Default: none.":
    "Ordner im Bucket, mit einem Schrägstrich am Ende. Darüber hinaus braucht die Rolle kein Recht. Vorgabe: keiner.",
  "Role ARN": "Role ARN",
  "The role in your account that Headgate assumes: the set-up on your side makes it and prints this.":
    "Die Rolle in Ihrem Konto, die Headgate annimmt: Die Einrichtung auf Ihrer Seite legt sie an und gibt die ARN aus.",
  Encryption: "Verschlüsselung",
  "How objects are to be encrypted. S3 has to confirm it with every object, or the stream stops.":
    "Wie Objekte verschlüsselt werden sollen. S3 muss es bei jedem Objekt bestätigen, sonst hält der Stream an.",
  Mode: "Modus",
  "aws-default: as the bucket is set up. sse-s3: keys of S3. sse-kms: a key of AWS KMS. dsse-kms: two layers with a key of AWS KMS.":
    "aws-default: wie der Bucket eingerichtet ist. sse-s3: Schlüssel von S3. sse-kms: ein Schlüssel von AWS KMS. dsse-kms: zwei Schichten mit einem Schlüssel von AWS KMS.",
  "KMS key ARN": "ARN des KMS-Schlüssels",
  "Full ARN of the key, for the KMS modes. Default: your account's own key for S3 (aws/s3).":
    "Vollständige ARN des Schlüssels, für die KMS-Modi. Vorgabe: der eigene S3-Schlüssel Ihres Kontos (aws/s3).",
  "S3 Bucket Key": "S3 Bucket Key",
  "One call to KMS for many objects, which costs less. For sse-kms.":
    "Ein KMS-Aufruf für viele Objekte, was weniger kostet. Für sse-kms.",
  Compression: "Komprimierung",
  "Of each object. gzip is what Athena, Splunk and Datadog all read.":
    "Jedes Objekts. gzip lesen Athena, Splunk und Datadog gleichermaßen.",
  Layout: "Namensform",
  "How the time is written in object names. basic has no colons, for readers of the Hadoop family.":
    "Wie die Zeit in Objektnamen geschrieben wird. basic kommt ohne Doppelpunkte aus, für Programme der Hadoop-Familie.",
  "Storage class": "Speicherklasse",
  "Default: the bucket's own. From GLACIER and DEEP_ARCHIVE objects must be restored before reading.":
    "Vorgabe: die des Buckets. Aus GLACIER und DEEP_ARCHIVE müssen Objekte vor dem Lesen wiederhergestellt werden.",
  "Owner of the bucket": "Eigentümer des Buckets",
  "Account id that the bucket belongs to. With it, S3 refuses the write if somebody else owns the name.":
    "ID des Kontos, dem der Bucket gehört. Damit lehnt S3 das Schreiben ab, wenn der Name jemand anderem gehört.",
  Endpoint: "Endpunkt",
  "Base URL of an S3-compatible server, for S3 and STS alike. Leave it empty for AWS.":
    "Basis-URL eines S3-kompatiblen Servers, für S3 wie für STS. Für AWS leer lassen.",
  "Path-style addresses": "Adressen mit dem Bucket im Pfad",
  "For most S3-compatible servers: the bucket goes into the path instead of the host name.":
    "Für die meisten S3-kompatiblen Server: Der Bucket steht im Pfad statt im Hostnamen.",

  Splunk: "Splunk",
  "Collector URL": "URL des Collectors",
  "Base URL of the HTTP Event Collector. It must be reachable from the internet, by https.":
    "Basis-URL des HTTP Event Collectors. Sie muss aus dem Internet erreichbar sein, über https.",
  Token: "Token",
  "Token of the collector, without the word Splunk. It is kept encrypted and never shown again.":
    "Token des Collectors, ohne das Wort Splunk. Es wird verschlüsselt gespeichert und nie wieder angezeigt.",
  Index: "Index",
  "Index that the events go to. The token must allow it. Default: the token's own.":
    "Index, in den die Ereignisse gehen. Das Token muss ihn erlauben. Vorgabe: der des Tokens.",
  Source: "Source",
  'The "source" of every event in Splunk. Default: headgate: and the stream\'s id.':
    "Die „source“ jedes Ereignisses in Splunk. Vorgabe: headgate: und die ID des Streams.",
  "Source type": "Source Type",
  'The "sourcetype" of every event in Splunk. Default: headgate:audit.':
    "Der „sourcetype“ jedes Ereignisses in Splunk. Vorgabe: headgate:audit.",
  "Indexer acknowledgement": "Bestätigung durch den Indexer",
  "Whether events count as delivered once an indexer confirms them. auto: where the token is set up for it. required: or not at all. off: never.":
    "Ob Ereignisse als zugestellt gelten, sobald ein Indexer sie bestätigt. auto: wo das Token dafür eingerichtet ist. required: nur dann. off: nie.",

  Datadog: "Datadog",
  Site: "Site",
  'What stands after "app." in the address bar of your browser when you use Datadog.':
    "Was in der Adresszeile Ihres Browsers nach „app.“ steht, wenn Sie Datadog nutzen.",
  "API key": "API-Schlüssel",
  "An API key of that site, not an application key. It is kept encrypted and never shown again.":
    "Ein API-Schlüssel dieser Site, kein Application Key. Er wird verschlüsselt gespeichert und nie wieder angezeigt.",
  Service: "Service",
  "Service that the logs are shown under.": "Service, unter dem die Logs erscheinen.",
  Tags: "Tags",
  "Beside organization and stream, which every log has: name to value.":
    "Zusätzlich zu organization und stream, die jedes Log hat: Name und Wert.",
  "Events that Datadog is too late for": "Ereignisse, die Datadog nicht mehr nimmt",
  "Datadog drops what is older than 18 hours, without a word. quarantine: such an event is set apart. restamp: it is sent with the present time; its own stays in audit.occurred_at.":
    "Datadog verwirft ohne Hinweis, was älter als 18 Stunden ist. quarantine: Ein solches Ereignis kommt in Quarantäne. restamp: Es wird mit der aktuellen Zeit gesendet; seine eigene bleibt in audit.occurred_at.",
  Access: "Zugang",
  "How Headgate gets the role. assume_role: with its own AWS identity and your external id. web_identity: with a token that names this stream, without any AWS key.":
    "Wie Headgate die Rolle bekommt. assume_role: mit seiner eigenen AWS-Identität und Ihrer External ID. web_identity: mit einem Token, das diesen Stream nennt, ganz ohne AWS-Schlüssel.",
};
