import type { ForeignTexts } from "./translator.ts";

/** Why deliveries fail, and what to do, in German: Splunk, Datadog, the way there, folders. */
export const deReasons: ForeignTexts = {
  // The words are Splunk's own, and found in its documentation as they are.
  "Splunk answered: {*} (code {#}).": "Splunk antwortete: {1} (Code {2}).",
  "Splunk refused the event: {*} (code {#}).": "Splunk lehnte das Ereignis ab: {1} (Code {2}).",
  "Nothing to do yet: it is tried again. If it lasts, look at Splunk's queues and indexers.":
    "Noch ist nichts zu tun: Es wird erneut versucht. Hält es an, sehen Sie sich Splunks Warteschlangen und Indexer an.",
  "Check the token in the stream's options, and that it is enabled in Splunk's HTTP Event Collector.":
    "Prüfen Sie das Token in den Einstellungen des Streams und ob es in Splunks HTTP Event Collector aktiviert ist.",
  "The event is in quarantine. Mend what Splunk objects to and retry it, or discard it.":
    "Das Ereignis ist in Quarantäne. Beheben Sie, was Splunk bemängelt, und senden Sie es erneut, oder verwerfen Sie es.",
  "Something between here and Splunk takes the header X-Splunk-Request-Channel away or changes it: a proxy or load balancer must pass it on.":
    "Etwas auf dem Weg zu Splunk entfernt oder verändert den Header X-Splunk-Request-Channel: Ein Proxy oder Load Balancer muss ihn weitergeben.",
  "On Splunk Cloud its sticky sessions may be meant.": "Bei Splunk Cloud können dessen Sticky Sessions gemeint sein.",
  "Enable the token in Splunk's HTTP Event Collector, and there all tokens.":
    "Aktivieren Sie das Token in Splunks HTTP Event Collector, und dort alle Tokens.",
  "Something between here and Splunk takes the Authorization header away.":
    "Etwas auf dem Weg zu Splunk entfernt den Header Authorization.",
  "Something between here and Splunk changes the Authorization header.":
    "Etwas auf dem Weg zu Splunk verändert den Header Authorization.",
  "Enable indexer acknowledgement for the token in Splunk, or set acknowledge to auto or off.":
    "Aktivieren Sie in Splunk Indexer Acknowledgment für das Token, oder setzen Sie acknowledge auf auto oder off.",
  "Something between here and Splunk adds a token to the URL: take it out there.":
    "Etwas auf dem Weg zu Splunk fügt der URL ein Token hinzu: Entfernen Sie es dort.",
  "Something else than Splunk answers, such as a proxy or a login page: check the endpoint's host, port and path. It is tried again.":
    "Es antwortet etwas anderes als Splunk, etwa ein Proxy oder eine Anmeldeseite: Prüfen Sie Host, Port und Pfad des Endpunkts. Es wird erneut versucht.",
  "Nothing to do yet: it is tried again.": "Noch ist nichts zu tun: Es wird erneut versucht.",
  "An indexer that restarts answers so. If it lasts, check the endpoint's URL.":
    "So antwortet ein Indexer, der neu startet. Hält es an, prüfen Sie die URL des Endpunkts.",
  "Set compression to none: this collector takes no gzip.":
    "Setzen Sie compression auf none: Dieser Collector nimmt kein gzip.",
  "Splunk, or something before it, refuses the request as too large.":
    "Splunk, oder etwas davor, lehnt die Anfrage als zu groß ab.",
  "Raise max_content_length of Splunk's limits.conf, or the limit of a proxy before it.":
    "Erhöhen Sie max_content_length in Splunks limits.conf, oder die Grenze eines Proxys davor.",
  "The endpoint answered HTTP {#} without a reply of Splunk's.":
    "Der Endpunkt antwortete mit HTTP {1}, ohne eine Antwort von Splunk.",
  "The endpoint answered HTTP {#} with the unknown code {#}.":
    "Der Endpunkt antwortete mit HTTP {1} und dem unbekannten Code {2}.",
  "The endpoint answered HTTP {#} with code {#}, which do not go together.":
    "Der Endpunkt antwortete mit HTTP {1} und Code {2}, die nicht zusammenpassen.",
  "Splunk does not say whether acknowledgements are on for the token.":
    "Splunk sagt nicht, ob Bestätigungen für das Token eingeschaltet sind.",
  "Check that the endpoint passes /services/collector/ack on to the collector.":
    "Prüfen Sie, ob der Endpunkt /services/collector/ack an den Collector weitergibt.",
  "The index does not exist in Splunk, or the token may not write to it (code 7).":
    "Den Index gibt es in Splunk nicht, oder das Token darf nicht in ihn schreiben (Code 7).",
  "Create the index, or allow it for the token, or correct index in the stream's options. Nothing is dropped meanwhile.":
    "Legen Sie den Index an, erlauben Sie ihn für das Token oder korrigieren Sie den Index in den Einstellungen des Streams. Bis dahin geht nichts verloren.",
  "Splunk refuses every event, a small one of Headgate's own too (the request is too large for it).":
    "Splunk lehnt jedes Ereignis ab, auch ein kleines eigenes von Headgate (die Anfrage ist ihm zu groß).",
  "Splunk refuses every event, a small one of Headgate's own too ({*}, code {#}).":
    "Splunk lehnt jedes Ereignis ab, auch ein kleines eigenes von Headgate ({1}, Code {2}).",
  "No event is at fault.": "Kein Ereignis ist schuld.",
  "Check host, source and sourcetype in the stream's options, and what lies between here and Splunk.":
    "Prüfen Sie host, source und sourcetype in den Einstellungen des Streams, und was auf dem Weg zu Splunk liegt.",
  "Nothing is dropped meanwhile.": "Bis dahin geht nichts verloren.",
  "Splunk took the events, but whether an indexer has them cannot be asked any more: the channel or the indexer behind it has changed.":
    "Splunk nahm die Ereignisse an, aber ob ein Indexer sie hat, lässt sich nicht mehr fragen: Der Kanal oder der Indexer dahinter hat gewechselt.",
  "Splunk took the events, but no indexer has confirmed them within {#} s.":
    "Splunk nahm die Ereignisse an, aber kein Indexer hat sie binnen {1} s bestätigt.",
  "They are sent again. If it lasts, look at the indexers' queues, and at the sticky sessions (by cookie) of a load balancer before them.":
    "Sie werden erneut gesendet. Hält es an, sehen Sie sich die Warteschlangen der Indexer an, und die Sticky Sessions (per Cookie) eines Load Balancers davor.",

  "Datadog {=} (HTTP {#}).": "Datadog {1} (HTTP {2}).",
  "…gave an answer that its protocol does not provide for; a proxy may be answering in its place":
    "gab eine Antwort, die sein Protokoll nicht vorsieht; vielleicht antwortet ein Proxy an seiner Stelle",
  "…does not take logs at this address, or not in this form":
    "nimmt Logs nicht unter dieser Adresse oder nicht in dieser Form an",
  "…refuses the event as malformed": "lehnt das Ereignis als fehlerhaft ab",
  "…got no API key that it knows": "erhielt keinen API-Schlüssel, den es kennt",
  "…does not let the API key send logs": "lässt den API-Schlüssel keine Logs senden",
  "…has taken the logs": "hat die Logs angenommen",
  "…waited too long for the request": "wartete zu lange auf die Anfrage",
  "…refuses the event as too large": "lehnt das Ereignis als zu groß ab",
  "Nothing, unless it lasts: it is tried again by itself.":
    "Nichts, sofern es nicht anhält: Es wird von selbst erneut versucht.",
  "Check api_key, and that site is the key's: a key belongs to one site.":
    "Prüfen Sie api_key und ob site die des Schlüssels ist: Ein Schlüssel gehört zu einer Site.",
  "Check site or url, and what answers there. It is tried again by itself.":
    "Prüfen Sie site oder url, und was dort antwortet. Es wird von selbst erneut versucht.",
  "Check site or url. With url, the proxy must pass on the path, the method and the headers.":
    "Prüfen Sie site oder url. Mit url muss der Proxy Pfad, Methode und Header weitergeben.",
  "Report the event's form to Headgate's authors if it looks sound; discard it, or retry it after an upgrade.":
    "Melden Sie die Form des Ereignisses den Autoren von Headgate, wenn sie in Ordnung scheint; verwerfen Sie es oder senden Sie es nach einem Upgrade erneut.",
  "Datadog takes 1 MB: raise the limit on request bodies of the proxy on the way and retry the event, or discard it.":
    "Datadog nimmt 1 MB: Erhöhen Sie die Grenze für Anfragekörper des Proxys auf dem Weg und senden Sie das Ereignis erneut, oder verwerfen Sie es.",
  "Datadog refuses every log, a tiny one of Headgate's own too (HTTP {}).":
    "Datadog lehnt jedes Log ab, auch ein winziges eigenes von Headgate (HTTP {1}).",
  "Check the stream's service, source, hostname and tags, and what answers at site or url.":
    "Prüfen Sie service, source, hostname und tags des Streams, und was unter site oder url antwortet.",
  "The event is older than 18 hours; Datadog would take it and drop it in silence.":
    "Das Ereignis ist älter als 18 Stunden; Datadog würde es annehmen und stillschweigend verwerfen.",
  "The event is more than 2 hours ahead of the clock; Datadog would take it and drop it in silence.":
    "Das Ereignis ist der Uhr mehr als 2 Stunden voraus; Datadog würde es annehmen und stillschweigend verwerfen.",
  "Check the clock of this machine, and of the one that the event comes from.":
    "Prüfen Sie die Uhr dieses Rechners und die des Rechners, von dem das Ereignis kommt.",
  "Set stale: restamp to have such events sent with the present time as theirs, then retry them from quarantine; or discard them.":
    "Setzen Sie stale: restamp, damit solche Ereignisse mit der aktuellen Zeit gesendet werden, und senden Sie sie aus der Quarantäne erneut; oder verwerfen Sie sie.",
  "The event has more than {#} bytes as a log; Datadog would take it and cut it in silence.":
    "Das Ereignis hat als Log mehr als {1} Byte; Datadog würde es annehmen und stillschweigend abschneiden.",
  "Datadog's limit cannot be raised: keep the event elsewhere, in an S3 stream or an export, and discard it.":
    "Datadogs Grenze lässt sich nicht erhöhen: Bewahren Sie das Ereignis anderswo auf, in einem S3-Stream oder Export, und verwerfen Sie es.",

  "{} cannot be reached, or the connection broke.": "{1} ist nicht erreichbar, oder die Verbindung brach ab.",
  "{} cannot be reached, or the connection broke ({}).":
    "{1} ist nicht erreichbar, oder die Verbindung brach ab ({2}).",
  "{} did not take the connection in time.": "{1} nahm die Verbindung nicht rechtzeitig an.",
  "{} did not answer in time.": "{1} antwortete nicht rechtzeitig.",
  "The host of {} leads to a private, loopback or otherwise special address.":
    "Der Host von {1} führt zu einer privaten, Loopback- oder sonst besonderen Adresse.",
  "Use an endpoint on the public internet; the operator can allow an address of their own network with allowed_addresses.":
    "Nutzen Sie einen Endpunkt im öffentlichen Internet; eine Adresse seines eigenen Netzes kann der Betreiber mit allowed_addresses erlauben.",
  "The TLS certificate of {} is not accepted ({}).": "Das TLS-Zertifikat von {1} wird nicht angenommen ({2}).",
  "Name the certificate of the authority that signed it with ca_file. Verification cannot be turned off.":
    "Nennen Sie mit ca_file das Zertifikat der Zertifizierungsstelle, die es signiert hat. Abschalten lässt sich die Prüfung nicht.",
  "{} answered in a compressed form that was not asked for.":
    "{1} antwortete in einer komprimierten Form, die nicht verlangt war.",
  "{} answered with more than is read.": "{1} antwortete mit mehr, als gelesen wird.",
  "Check that the endpoint is the service itself and that no proxy answers in its place.":
    "Prüfen Sie, ob der Endpunkt der Dienst selbst ist und kein Proxy an seiner Stelle antwortet.",
  "Nothing to do yet: it is tried again. If it lasts, check that the host is up and that this machine reaches it.":
    "Noch ist nichts zu tun: Es wird erneut versucht. Hält es an, prüfen Sie, ob der Host läuft und dieser Rechner ihn erreicht.",
  "Check the host's name in the stream's options; if it is right, its DNS record is missing.":
    "Prüfen Sie den Hostnamen in den Einstellungen des Streams; ist er richtig, fehlt sein DNS-Eintrag.",
  "Check that the service listens on that port, and that no firewall is in between.":
    "Prüfen Sie, ob der Dienst auf diesem Port lauscht und keine Firewall dazwischen ist.",
  "The port does not speak TLS, or none that this machine accepts: check the port, and that TLS is on at the service.":
    "Der Port spricht kein TLS, oder keines, das dieser Rechner annimmt: Prüfen Sie den Port und ob TLS am Dienst eingeschaltet ist.",
  "The service's certificate has run out: its operator must renew it.":
    "Das Zertifikat des Dienstes ist abgelaufen: Sein Betreiber muss es erneuern.",
  "The certificate is for another host: use the name that it is for.":
    "Das Zertifikat gilt für einen anderen Host: Nutzen Sie den Namen, für den es gilt.",
  "It is tried again.": "Es wird erneut versucht.",
};
