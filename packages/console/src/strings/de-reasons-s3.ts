import type { ForeignTexts } from "./translator.ts";

/** Why deliveries to S3 fail, and what to do, in German. */
export const deReasonsS3: ForeignTexts = {
  'S3 {=} (bucket "{}" at {}).': "S3 {1} (Bucket „{2}“ auf {3}).",
  'S3 {=} ({}, bucket "{}" at {}).': "S3 {1} ({2}, Bucket „{3}“ auf {4}).",
  'STS {=} (bucket "{}" at {}).': "STS {1} (Bucket „{2}“ auf {3}).",
  "AWS says: {*}": "AWS sagt: {1}",
  "…asks to slow down": "bittet um ein langsameres Tempo",
  "…reports a fault of its own": "meldet einen eigenen Fehler",
  "…does not let the platform assume the role": "lässt die Plattform die Rolle nicht annehmen",
  "…does not accept the platform's own credentials any more": "nimmt die Zugangsdaten der Plattform nicht mehr an",
  "…does not accept the platform's own credentials": "nimmt die Zugangsdaten der Plattform nicht an",
  "…was not asked for the role: it can be assumed without this stream's external id, so another customer could have it used":
    "wurde nicht nach der Rolle gefragt: Sie lässt sich ohne die External ID dieses Streams annehmen, also könnte ein anderer Kunde sie nutzen lassen",
  "…refuses the request for a session": "lehnt die Anfrage nach einer Sitzung ab",
  "…was not asked: this process has no AWS credentials":
    "wurde nicht gefragt: Dieser Prozess hat keine AWS-Zugangsdaten",
  "…was not asked: the platform's own credentials or token could not be obtained":
    "wurde nicht gefragt: Zugangsdaten oder Token der Plattform waren nicht zu bekommen",
  "…reports a concurrent write to the same key": "meldet gleichzeitiges Schreiben unter demselben Schlüssel",
  "…does not accept the session any more": "nimmt die Sitzung nicht mehr an",
  "…does not accept the access key": "nimmt den Access Key nicht an",
  "…does not allow the write": "erlaubt das Schreiben nicht",
  "…refuses the settings of the stream": "lehnt die Einstellungen des Streams ab",
  "…has the bucket in another region": "hat den Bucket in einer anderen Region",
  "…received other bytes than were sent": "erhielt andere Bytes als gesendet",
  "…reports that KMS asks to slow down": "meldet, dass KMS um ein langsameres Tempo bittet",
  "…reports a fault of KMS": "meldet einen Fehler von KMS",
  "…waited too long for the request's bytes": "wartete zu lange auf die Bytes der Anfrage",
  "…is still moving the bucket": "zieht den Bucket noch um",
  "…received less than was sent": "erhielt weniger als gesendet",
  "…has the object already": "hat das Objekt schon",
  "…does not accept the signature": "nimmt die Signatur nicht an",
  "…does not have the bucket": "hat den Bucket nicht",
  "…refuses the object as too large": "lehnt das Objekt als zu groß ab",
  "…does not know something that the request needs": "kennt etwas nicht, das die Anfrage braucht",
  "…has no quota left": "hat kein Kontingent mehr",
  "…reports that the KMS key is disabled": "meldet, dass der KMS-Schlüssel deaktiviert ist",
  "…reports that the KMS key cannot be used in its state":
    "meldet, dass der KMS-Schlüssel in seinem Zustand nicht nutzbar ist",
  "…reports that the KMS key does not exist": "meldet, dass es den KMS-Schlüssel nicht gibt",
  "…reports that KMS refuses the key": "meldet, dass KMS den Schlüssel ablehnt",
  "…answered HTTP {#}, which is not provided for": "antwortete mit HTTP {1}, was nicht vorgesehen ist",
  "…answers 412 to a write without a condition": "antwortet mit 412 auf ein Schreiben ohne Bedingung",
  "…cannot be reached": "ist nicht erreichbar",
  "…did not answer in time": "antwortete nicht rechtzeitig",
  "…shows a TLS certificate that is not valid": "zeigt ein TLS-Zertifikat, das nicht gültig ist",
  "…closed the connection without an answer": "schloss die Verbindung ohne Antwort",
  "…has an endpoint that leads to a loopback or private address":
    "hat einen Endpunkt, der zu einer Loopback- oder privaten Adresse führt",
  "…refuses the request's time: this machine's clock is wrong":
    "lehnt die Zeit der Anfrage ab: Die Uhr dieses Rechners geht falsch",

  "Nothing, unless it lasts: delivery goes on by itself.":
    "Nichts, sofern es nicht anhält: Die Zustellung geht von selbst weiter.",
  "Check that the role exists, that its trust policy names the platform's principal, and that its external id is the one of this stream.":
    "Prüfen Sie, ob es die Rolle gibt, ob ihre Vertrauensrichtlinie den Principal der Plattform nennt und ob ihre External ID die dieses Streams ist.",
  "Renew the AWS credentials that this process runs with, or the web identity token.":
    "Erneuern Sie die AWS-Zugangsdaten, mit denen dieser Prozess läuft, oder das Web-Identity-Token.",
  "Check the AWS credentials that this process runs with.":
    "Prüfen Sie die AWS-Zugangsdaten, mit denen dieser Prozess läuft.",
  "Check role_arn, and that duration_seconds is not more than the role's maximum session duration (3600 when roles are chained).":
    "Prüfen Sie role_arn und ob duration_seconds die maximale Sitzungsdauer der Rolle nicht überschreitet (3600 bei verketteten Rollen).",
  "Shorten the stream's prefix.": "Kürzen Sie das Präfix des Streams.",
  "Activate STS for this region in the customer's account.": "Aktivieren Sie STS für diese Region im Konto des Kunden.",
  "Give the process AWS credentials: environment, shared files, or a container or instance role.":
    "Geben Sie dem Prozess AWS-Zugangsdaten: Umgebung, gemeinsame Dateien oder eine Container- oder Instanzrolle.",
  "Check baseCredentials, webIdentity and webIdentityToken as they are passed to s3Sink.":
    "Prüfen Sie baseCredentials und webIdentityToken, wie sie an s3Sink übergeben werden.",
  "The session is renewed by itself. If it stays so, check the role and the clock of this machine.":
    "Die Sitzung wird von selbst erneuert. Bleibt es so, prüfen Sie die Rolle und die Uhr dieses Rechners.",
  "Check the access key and its secret.": "Prüfen Sie den Access Key und sein Geheimnis.",
  "Check the role's permission policy (s3:PutObject on the bucket and prefix; with tags, object lock or KMS also s3:PutObjectTagging, s3:PutObjectRetention, kms:GenerateDataKey), the bucket policy, the key policy, and expected_bucket_owner.":
    "Prüfen Sie die Berechtigungsrichtlinie der Rolle (s3:PutObject auf Bucket und Präfix; mit Tags, Object Lock oder KMS auch s3:PutObjectTagging, s3:PutObjectRetention, kms:GenerateDataKey), die Richtlinien von Bucket und Schlüssel und expected_bucket_owner.",
  "Check the stream's options against what the bucket and the server support: object_lock, storage_class, tags or encryption may be meant, where they are set.":
    "Prüfen Sie die Einstellungen des Streams gegen das, was Bucket und Server unterstützen: Gemeint sein können object_lock, storage_class, tags oder encryption, soweit gesetzt.",
  "Set the stream's region to the bucket's.": "Setzen Sie die Region des Streams auf die des Buckets.",
  'Set the stream\'s region to "{}".': "Setzen Sie die Region des Streams auf „{1}“.",
  "Something between here and the server changes requests, such as a proxy.":
    "Etwas auf dem Weg zum Server verändert Anfragen, etwa ein Proxy.",
  "Check the secret access key, and that no proxy changes requests.":
    "Prüfen Sie den Secret Access Key und ob kein Proxy Anfragen verändert.",
  "AWS has closed the bucket's account for writing. Its owner must contact AWS.":
    "AWS hat das Konto des Buckets für Schreibzugriffe gesperrt. Der Eigentümer muss sich an AWS wenden.",
  "The account is not signed up for S3.": "Das Konto ist nicht für S3 angemeldet.",
  "Create the bucket, or correct its name, region or endpoint in the stream's options.":
    "Legen Sie den Bucket an, oder korrigieren Sie Name, Region oder Endpunkt in den Einstellungen des Streams.",
  "Raise the limit on request bodies of the server, or of a proxy before it.":
    "Erhöhen Sie die Grenze für Anfragekörper des Servers oder eines Proxys davor.",
  "Raise the limit on request bodies (in nginx client_max_body_size) of the server, or of a proxy before it, to at least {#} bytes and retry the event, or discard it.":
    "Erhöhen Sie die Grenze für Anfragekörper (in nginx client_max_body_size) des Servers oder eines Proxys davor auf mindestens {1} Byte und senden Sie das Ereignis erneut, oder verwerfen Sie es.",
  "Raise the limit on request bodies (in nginx client_max_body_size) of the server, or of a proxy before it, to at least {#} bytes: this object is sealed as it is, and goes through by itself then. Windows to come are smaller with a smaller flush.max_bytes.":
    "Erhöhen Sie die Grenze für Anfragekörper (in nginx client_max_body_size) des Servers oder eines Proxys davor auf mindestens {1} Byte: Dieses Objekt ist so versiegelt und geht dann von selbst durch. Künftige werden mit einem kleineren flush.max_bytes kleiner.",
  "The server does not know the stream's storage_class.": "Der Server kennt die storage_class des Streams nicht.",
  "Correct the stream's tags.": "Korrigieren Sie die Tags des Streams.",
  "The server does not know the stream's encryption mode.":
    "Der Server kennt den Verschlüsselungsmodus des Streams nicht.",
  "The bucket has no Object Lock; enable it, or remove object_lock.":
    "Der Bucket hat kein Object Lock; aktivieren Sie es oder entfernen Sie object_lock.",
  "The server lacks conditional writes, or an option of the stream such as encryption, tags or object_lock.":
    "Dem Server fehlen bedingte Schreibvorgänge oder eine Einstellung des Streams wie encryption, tags oder object_lock.",
  "The endpoint is no S3 server, or does not take writes.":
    "Der Endpunkt ist kein S3-Server oder nimmt keine Schreibzugriffe an.",
  "Raise the quota of the bucket or its owner.": "Erhöhen Sie das Kontingent des Buckets oder seines Eigentümers.",
  "Enable the key.": "Aktivieren Sie den Schlüssel.",
  "Cancel the key's deletion or finish its import.":
    "Brechen Sie das Löschen des Schlüssels ab oder schließen Sie seinen Import ab.",
  "Check encryption.kms_key_arn: the key must be in the bucket's region.":
    "Prüfen Sie encryption.kms_key_arn: Der Schlüssel muss in der Region des Buckets liegen.",
  "Check the key, its policy and the role's KMS permissions.":
    "Prüfen Sie den Schlüssel, seine Richtlinie und die KMS-Berechtigungen der Rolle.",
  "Check that the endpoint is an S3 server and that no proxy answers in its place.":
    "Prüfen Sie, ob der Endpunkt ein S3-Server ist und kein Proxy an seiner Stelle antwortet.",
  "Check that the endpoint is an S3 server and that no proxy adds If-None-Match to requests.":
    "Prüfen Sie, ob der Endpunkt ein S3-Server ist und kein Proxy If-None-Match zu Anfragen hinzufügt.",
  "Check the endpoint or region, DNS, and the network between here and there. Delivery goes on by itself.":
    "Prüfen Sie Endpunkt oder Region, DNS und das Netzwerk dazwischen. Die Zustellung geht von selbst weiter.",
  "Check the network and the server's load, or raise the stream's timeouts. Delivery goes on by itself.":
    "Prüfen Sie das Netzwerk und die Last des Servers, oder erhöhen Sie die Zeitgrenzen des Streams. Die Zustellung geht von selbst weiter.",
  "Mend the endpoint's certificate, or start the process with NODE_EXTRA_CA_CERTS naming the authority that signed it.":
    "Bringen Sie das Zertifikat des Endpunkts in Ordnung, oder starten Sie den Prozess mit NODE_EXTRA_CA_CERTS, das die Zertifizierungsstelle nennt.",
  "Use a public endpoint, or have the operator allow its address with allowed_addresses.":
    "Nutzen Sie einen öffentlichen Endpunkt, oder lassen Sie den Betreiber die Adresse mit allowed_addresses erlauben.",
  "Set the clock of this machine (NTP). Requests are signed with the server's time meanwhile.":
    "Stellen Sie die Uhr dieses Rechners (NTP). Bis dahin werden Anfragen mit der Zeit des Servers signiert.",

  'S3 reports {=} where {} was asked for (bucket "{}").': "S3 meldet {1}, wo {2} verlangt war (Bucket „{3}“).",
  'S3 reports {} where {} was asked for (bucket "{}").': "S3 meldet {1}, wo {2} verlangt war (Bucket „{3}“).",
  "…another KMS key": "einen anderen KMS-Schlüssel",
  "…no encryption": "keine Verschlüsselung",
  "…something unknown": "etwas Unbekanntes",
  "Check that no proxy drops headers, then resume: the object that is stored already will be written again.":
    "Prüfen Sie, dass kein Proxy Header entfernt, und setzen Sie den Stream fort: Das bereits gespeicherte Objekt wird noch einmal geschrieben.",
  "This S3-compatible server does not confirm {}. Enable it there, or set encryption.mode to none if the server encrypts its disks itself. The object that is stored already is written again once the server confirms.":
    "Dieser S3-kompatible Server bestätigt {1} nicht. Aktivieren Sie es dort, oder setzen Sie encryption.mode auf none, wenn der Server seine Platten selbst verschlüsselt. Das bereits gespeicherte Objekt wird noch einmal geschrieben, sobald der Server bestätigt.",
  'S3 has the object "{}" with {=}, and denies writing over it (bucket "{}").':
    "S3 hat das Objekt „{1}“ mit {2} und verweigert, es zu überschreiben (Bucket „{3}“).",
  "…another encryption than was asked for": "einer anderen Verschlüsselung als verlangt",
  "…an encryption that no reply has confirmed": "einer Verschlüsselung, die keine Antwort bestätigt hat",
  "Let the stream's role write without If-None-Match until the stream is active again, or delete that object: it is written anew.":
    "Lassen Sie die Rolle des Streams ohne If-None-Match schreiben, bis der Stream wieder aktiv ist, oder löschen Sie das Objekt: Es wird neu geschrieben.",
  "…was not asked for the role: it can be assumed with the token of another organization, so another customer could have it used":
    "wurde nicht nach der Rolle gefragt: Sie lässt sich mit dem Token einer anderen Organisation annehmen, also könnte ein anderer Kunde sie nutzen lassen",
  "Have the role's trust policy compare the token's sub with StringEquals, as the set-up shows it.":
    "Lassen Sie die Vertrauensrichtlinie der Rolle das sub des Tokens mit StringEquals vergleichen, wie die Einrichtung es zeigt.",
  "Choose assume_role as access.": "Wählen Sie assume_role als Zugang.",
};
