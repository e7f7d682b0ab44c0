import type { ForeignTexts } from "./translator.ts";

/** What verifications of Splunk, Datadog and folders find, in German. */
export const deChecks: ForeignTexts = {
  "{} answers; its certificate is trusted.": "{1} antwortet; seinem Zertifikat wird vertraut.",
  "{} answers; without TLS, as the operator allows.": "{1} antwortet; ohne TLS, wie der Betreiber es erlaubt.",
  "The collector says that it is healthy (code 17). That proves nothing of the token.":
    "Der Collector meldet sich gesund (Code 17). Über das Token sagt das nichts.",
  "HTTP {#}, and no answer of Splunk's.": "HTTP {1}, und keine Antwort von Splunk.",
  "Check the endpoint's port and path: something else than the HTTP Event Collector answers there.":
    "Prüfen Sie Port und Pfad des Endpunkts: Dort antwortet etwas anderes als der HTTP Event Collector.",
  "A request without data was refused for that alone (code 5): the token is known.":
    "Eine Anfrage ohne Daten wurde nur deshalb abgelehnt (Code 5): Das Token ist bekannt.",
  "A request without data was answered with code {#}: the token is known.":
    "Eine Anfrage ohne Daten wurde mit Code {1} beantwortet: Das Token ist bekannt.",
  "Acknowledgements are on for the token, and are waited for.":
    "Bestätigungen sind für das Token eingeschaltet und werden abgewartet.",
  "Acknowledgements are on for the token, but are not asked for (acknowledge: off).":
    "Bestätigungen sind für das Token eingeschaltet, werden aber nicht erfragt (acknowledge: off).",
  "Set acknowledge to auto, or switch acknowledgements off for the token: unasked ones pile up in Splunk until it refuses requests.":
    "Setzen Sie acknowledge auf auto oder schalten Sie Bestätigungen für das Token aus: Nicht erfragte sammeln sich in Splunk an, bis es Anfragen ablehnt.",
  "Acknowledgements are off for the token (code 14): events count as delivered once Splunk has taken them.":
    "Bestätigungen sind für das Token ausgeschaltet (Code 14): Ereignisse gelten als zugestellt, sobald Splunk sie angenommen hat.",
  'Splunk took an event with the action "headgate.verification" for the token\'s own index.':
    "Splunk nahm ein Ereignis mit der Aktion „headgate.verification“ für den eigenen Index des Tokens an.",
  'Splunk took an event with the action "headgate.verification" for index "{}".':
    "Splunk nahm ein Ereignis mit der Aktion „headgate.verification“ für den Index „{1}“ an.",
  "Splunk refused a test event: Incorrect index (code 7). It was for the token's own index.":
    "Splunk lehnte ein Test-Ereignis ab: Incorrect index (Code 7). Es war für den eigenen Index des Tokens.",
  'Splunk refused a test event: Incorrect index (code 7). It was for index "{}".':
    "Splunk lehnte ein Test-Ereignis ab: Incorrect index (Code 7). Es war für den Index „{1}“.",
  "Create the index, or allow it for the token, or correct index in the stream's options.":
    "Legen Sie den Index an, erlauben Sie ihn für das Token oder korrigieren Sie den Index in den Einstellungen des Streams.",
  "Nothing to wait for: no acknowledgement was promised.": "Nichts abzuwarten: Es wurde keine Bestätigung zugesagt.",
  "Acknowledgements are not asked for (acknowledge: off).": "Bestätigungen werden nicht erfragt (acknowledge: off).",
  "An indexer has confirmed the test event.": "Ein Indexer hat das Test-Ereignis bestätigt.",
  "No indexer has confirmed the test event within {#} s.": "Kein Indexer hat das Test-Ereignis binnen {1} s bestätigt.",
  "Look at the indexers' queues, and at the sticky sessions (by cookie) of a load balancer before them.":
    "Sehen Sie sich die Warteschlangen der Indexer an, und die Sticky Sessions (per Cookie) eines Load Balancers davor.",
  "The collector answered something that does not belong to the question.":
    "Der Collector antwortete etwas, das nicht zur Frage gehört.",
  "Check the endpoint: something else than the HTTP Event Collector may answer there.":
    "Prüfen Sie den Endpunkt: Dort antwortet womöglich etwas anderes als der HTTP Event Collector.",

  "{} answers (HTTP {#}), and its certificate is good.": "{1} antwortet (HTTP {2}), und das Zertifikat ist gut.",
  "{} answers (HTTP {#}), without TLS.": "{1} antwortet (HTTP {2}), ohne TLS.",
  "The test log shows the key.": "Das Test-Log zeigt, ob der Schlüssel gilt.",
  "{}: {=}": "{1}: {2}",
  "{} knows the API key.": "{1} kennt den API-Schlüssel.",
  "{} does not know the API key (HTTP {#}).": "{1} kennt den API-Schlüssel nicht (HTTP {2}).",
  "Check api_key, and that it is a key: a key belongs to one site.":
    "Prüfen Sie api_key und ob es ein Schlüssel ist: Ein Schlüssel gehört zu einer Site.",
  "Check api_key, and that it is a key of {}: a key belongs to one site.":
    "Prüfen Sie api_key und ob es ein Schlüssel von {1} ist: Ein Schlüssel gehört zu einer Site.",
  "An application key is not an API key.": "Ein Application Key ist kein API-Schlüssel.",
  "{} did not say (HTTP {#}).": "{1} sagte es nicht (HTTP {2}).",
  "{} took a log with the message headgate.verification (HTTP 202).":
    "{1} nahm ein Log mit der Nachricht headgate.verification an (HTTP 202).",
  "The intake of {} took the log with this key, so the key is of this site.":
    "Der Intake von {1} nahm das Log mit diesem Schlüssel an; der Schlüssel ist also von dieser Site.",
};
