import type { ForeignTexts } from "./translator.ts";

/** What to do on the customer's side, in German: steps and artifacts of the set-up guides. */
export const deGuides: ForeignTexts = {
  "Choose a bucket": "Bucket wählen",
  "Use {} in {}, or make it, with public access blocked.":
    "Nehmen Sie {1} in {2} oder legen Sie ihn an, mit gesperrtem öffentlichem Zugriff.",
  "Use {} on {}, or make it, with public access blocked.":
    "Nehmen Sie {1} auf {2} oder legen Sie ihn an, mit gesperrtem öffentlichem Zugriff.",
  "Headgate never reads, lists or deletes: keep versions or a lock on it as you like.":
    "Headgate liest, listet und löscht nie: Versionierung oder Sperre können Sie nach Belieben nutzen.",
  "Make a role for Headgate": "Rolle für Headgate anlegen",
  "Make the role {} in your account.": "Legen Sie die Rolle {1} in Ihrem Konto an.",
  "Make the role {} in account {}.": "Legen Sie die Rolle {1} im Konto {2} an.",
  "It trusts {}, and only together with your external id, which is made for your organization alone.":
    "Sie vertraut {1}, und nur zusammen mit Ihrer External ID, die allein für Ihre Organisation erzeugt ist.",
  "It must trust the platform's own role. This platform has not said which one that is: ask it for the ARN, and put that in place of {} everywhere below.":
    "Sie muss der Rolle der Plattform vertrauen. Diese Plattform hat nicht gesagt, welche das ist: Fragen Sie sie nach der ARN und setzen Sie diese unten überall anstelle von {1} ein.",
  "CloudFormation, Terraform or the command line makes it in one go; by hand it is the two policies.":
    "CloudFormation, Terraform oder die Kommandozeile legt sie in einem Zug an; von Hand sind es die beiden Richtlinien.",
  "The commands make it, on servers that know roles; by hand it is the two policies.":
    "Die Befehle legen sie an, auf Servern, die Rollen kennen; von Hand sind es die beiden Richtlinien.",
  "Let the role use the key": "Der Rolle den Schlüssel erlauben",
  "The permission policy holds what the role needs. If the key is in another account, or its policy does not leave access to IAM, add the statement to the key's own policy too, once the role exists.":
    "Die Berechtigungsrichtlinie enthält, was die Rolle braucht. Liegt der Schlüssel in einem anderen Konto oder überlässt seine Richtlinie den Zugriff nicht IAM, fügen Sie das Statement auch der Richtlinie des Schlüssels hinzu, sobald es die Rolle gibt.",
  "Without a key ARN, S3 uses your account's own key (aws/s3), and nothing needs to be allowed. Enter the ARN of a key of yours to have its permissions added here.":
    "Ohne ARN nutzt S3 den eigenen Schlüssel Ihres Kontos (aws/s3), und nichts muss erlaubt werden. Geben Sie die ARN eines Ihrer Schlüssel ein, damit dessen Berechtigungen hier hinzukommen.",
  "If the bucket encrypts with a KMS key": "Falls der Bucket mit einem KMS-Schlüssel verschlüsselt",
  "Then the role needs that key. Choose sse-kms as encryption and enter the key's ARN: its permissions are added here.":
    "Dann braucht die Rolle diesen Schlüssel. Wählen Sie als Verschlüsselung sse-kms und geben Sie die ARN des Schlüssels ein: Seine Berechtigungen kommen hier hinzu.",
  "Ask the platform first": "Zuerst die Plattform fragen",
  "Roles whose ARN begins with {} cannot trust a principal of {}. The platform needs an identity in your part of AWS.":
    "Rollen, deren ARN mit {1} beginnt, können keinem Principal aus {2} vertrauen. Die Plattform braucht eine Identität in Ihrem Teil von AWS.",
  "Enter the role's ARN": "ARN der Rolle eingeben",
  "It looks like arn:{}.": "Sie sieht aus wie arn:{1}.",
  "The stack shows it as an output, Terraform and the command line print it.":
    "Der Stack zeigt sie als Output, Terraform und die Kommandozeile geben sie aus.",
  "The last of the commands prints it.": "Der letzte der Befehle gibt sie aus.",
  Verify: "Prüfen",
  "Headgate assumes the role, checks that it is refused without your external id, writes a marker of some hundred bytes under the prefix, and looks whether the role allows more than it should.":
    "Headgate nimmt die Rolle an, prüft, dass sie ohne Ihre External ID verweigert wird, schreibt eine Markierung von einigen hundert Byte unter das Präfix und sieht nach, ob die Rolle mehr erlaubt, als sie sollte.",
  CloudFormation: "CloudFormation",
  "A stack that makes the role with its trust and its permissions, and shows its ARN as an output. It asks for CAPABILITY_NAMED_IAM, because the role has a name.":
    "Ein Stack, der die Rolle mit Vertrauen und Berechtigungen anlegt und ihre ARN als Output zeigt. Er verlangt CAPABILITY_NAMED_IAM, weil die Rolle einen Namen hat.",
  Terraform: "Terraform",
  "The same role as resources of the AWS provider, for Terraform and OpenTofu.":
    "Dieselbe Rolle als Ressourcen des AWS-Providers, für Terraform und OpenTofu.",
  "AWS CLI": "AWS CLI",
  "Commands that make the role and its permissions, and print its ARN.":
    "Befehle, die die Rolle und ihre Berechtigungen anlegen und ihre ARN ausgeben.",
  "Trust policy": "Vertrauensrichtlinie",
  "Says who may assume the role: the platform, with your external id.":
    "Sagt, wer die Rolle annehmen darf: die Plattform, mit Ihrer External ID.",
  "Permission policy": "Berechtigungsrichtlinie",
  "Says what the role may do: write objects under the prefix.":
    "Sagt, was die Rolle darf: Objekte unter das Präfix schreiben.",
  "Statement for the key's policy": "Statement für die Richtlinie des Schlüssels",
  "Add it to the key's own policy where the key is in another account, or where its policy does not leave access to IAM.":
    "Fügen Sie es der Richtlinie des Schlüssels hinzu, wenn dieser in einem anderen Konto liegt oder seine Richtlinie den Zugriff nicht IAM überlässt.",

  "Make an index": "Index anlegen",
  "Settings → Indexes → New Index: {}, of type Events. An index of its own keeps retention and access rights apart.":
    "Settings → Indexes → New Index: {1}, vom Typ Events. Ein eigener Index hält Aufbewahrung und Zugriffsrechte getrennt.",
  "Make a source type": "Source Type anlegen",
  "Settings → Source types → New Source Type: {}. Under Advanced add TRUNCATE with the value 0: Splunk cuts events at 10,000 bytes otherwise.":
    "Settings → Source types → New Source Type: {1}. Fügen Sie unter Advanced TRUNCATE mit dem Wert 0 hinzu: Sonst schneidet Splunk Ereignisse bei 10.000 Byte ab.",
  "Put the stanza for {} into props.conf on indexers and heavy forwarders: Splunk cuts events at 10,000 bytes otherwise.":
    "Tragen Sie den Abschnitt für {1} auf Indexern und Heavy Forwardern in props.conf ein: Sonst schneidet Splunk Ereignisse bei 10.000 Byte ab.",
  "Switch the collector on": "Collector einschalten",
  "Settings → Data inputs → HTTP Event Collector → Global Settings: All Tokens Enabled, with SSL.":
    "Settings → Data inputs → HTTP Event Collector → Global Settings: All Tokens Enabled, mit SSL.",
  "Make a token": "Token anlegen",
  "New Token, for this stream alone, so that it can be withdrawn alone. Source type {}, allowed and default index {}.":
    "New Token, nur für diesen Stream, damit es für sich widerrufen werden kann. Source Type {1}, erlaubter Index und Standardindex {2}.",
  "Enable indexer acknowledgment: without it this stream would send nothing.":
    "Aktivieren Sie Indexer Acknowledgment: Ohne würde dieser Stream nichts senden.",
  "Leave indexer acknowledgment off unless Splunk offers it for your stack.":
    "Lassen Sie Indexer Acknowledgment aus, sofern Splunk es für Ihren Stack nicht anbietet.",
  "Enable indexer acknowledgment where you want proof that events were indexed, not merely received.":
    "Aktivieren Sie Indexer Acknowledgment, wenn Sie den Nachweis wünschen, dass Ereignisse indexiert und nicht nur empfangen wurden.",
  "Enter URL and token": "URL und Token eingeben",
  "The URL is {}; what follows the port is filled in by Headgate.":
    "Die URL ist {1}; was auf den Port folgt, ergänzt Headgate.",
  "The URL is {} in Splunk Cloud on AWS, and {} of your own Splunk.":
    "Die URL ist {1} bei Splunk Cloud auf AWS und {2} bei Ihrem eigenen Splunk.",
  "The certificate must be one that a public authority has signed.":
    "Das Zertifikat muss von einer öffentlichen Zertifizierungsstelle signiert sein.",
  "Headgate checks address and certificate, the collector's health, token, acknowledgement and index, with one small event of its own: headgate.verification.":
    "Headgate prüft Adresse und Zertifikat, den Zustand des Collectors, Token, Bestätigung und Index, mit einem eigenen kleinen Ereignis: headgate.verification.",
  "Token by command line": "Token per Kommandozeile",
  "Makes the token through the management port of your own Splunk, and prints it. curl asks for the password.":
    "Legt das Token über den Management-Port Ihres eigenen Splunk an und gibt es aus. curl fragt nach dem Passwort.",
  "Settings of the source type: JSON, one event a line, none cut. The time of an event comes with it.":
    "Einstellungen des Source Types: JSON, ein Ereignis je Zeile, keines abgeschnitten. Die Zeit bringt jedes Ereignis mit.",
  "Test event": "Test-Ereignis",
  "Sends one event by hand, with the token in the environment variable HEC_TOKEN. Success is the answer's code 0.":
    "Sendet ein Ereignis von Hand, mit dem Token in der Umgebungsvariablen HEC_TOKEN. Erfolg ist der Code 0 in der Antwort.",
  Searches: "Suchen",
  "To begin with. dedup id drops what is there twice after a crash.":
    "Für den Anfang. dedup id lässt weg, was nach einem Absturz doppelt da ist.",

  "Make an API key": "API-Schlüssel anlegen",
  "Organization Settings → API Keys → New Key, for this stream alone, so that it can be withdrawn alone.":
    "Organization Settings → API Keys → New Key, nur für diesen Stream, damit er für sich widerrufen werden kann.",
  "Organization Settings → API Keys → New Key ({}), for this stream alone, so that it can be withdrawn alone.":
    "Organization Settings → API Keys → New Key ({1}), nur für diesen Stream, damit er für sich widerrufen werden kann.",
  "An API key has no permissions to choose and can only send; no application key is needed.":
    "Ein API-Schlüssel hat keine wählbaren Berechtigungen und kann nur senden; ein Application Key ist nicht nötig.",
  "Choose how long the logs are kept": "Aufbewahrungsdauer der Logs wählen",
  "Logs → Configuration → Indexes: give source:headgate an index of its own with the retention that your auditors ask for. Put it before indexes with a broader filter, without exclusion filters, and mind its daily quota: what exceeds it is not indexed.":
    "Logs → Configuration → Indexes: Geben Sie source:headgate einen eigenen Index mit der Aufbewahrung, die Ihre Prüfer verlangen. Stellen Sie ihn vor Indexe mit weiterem Filter, ohne Exclusion Filter, und beachten Sie sein Tageskontingent: Was darüber hinausgeht, wird nicht indexiert.",
  "Add the pipeline": "Pipeline hinzufügen",
  "Logs → Pipelines → New Pipeline, filter source:headgate, with the processors below: actor, address, action and outcome under Datadog's own names.":
    "Logs → Pipelines → New Pipeline, Filter source:headgate, mit den Prozessoren unten: Akteur, Adresse, Aktion und Ergebnis unter Datadogs eigenen Namen.",
  "Enter site and key": "Site und Schlüssel eingeben",
  "Events that wait for more than 18 hours, Datadog's limit, are sent with the present time; their own stays in audit.occurred_at.":
    "Ereignisse, die länger als 18 Stunden warten, Datadogs Grenze, werden mit der aktuellen Zeit gesendet; ihre eigene bleibt in audit.occurred_at.",
  "Datadog drops events older than 18 hours without a word, so Headgate sets those apart in quarantine instead: an outage should be mended within that time.":
    "Datadog verwirft Ereignisse, die älter als 18 Stunden sind, ohne Hinweis. Headgate stellt sie daher in Quarantäne: Ein Ausfall sollte binnen dieser Zeit behoben sein.",
  "Headgate asks the site about the key, and sends one small log of its own: headgate.verification.":
    "Headgate fragt die Site nach dem Schlüssel und sendet ein eigenes kleines Log: headgate.verification.",
  Pipeline: "Pipeline",
  "The pipeline as Datadog's API takes it; the original attributes stay.":
    "Die Pipeline, wie Datadogs API sie nimmt; die ursprünglichen Attribute bleiben.",
  "Pipeline by command line": "Pipeline per Kommandozeile",
  "Makes the pipeline from pipeline.json. This alone needs an application key, with logs_write_pipelines; Headgate never gets it.":
    "Legt die Pipeline aus pipeline.json an. Nur dies braucht einen Application Key, mit logs_write_pipelines; Headgate bekommt ihn nie.",
  "Check the key": "Schlüssel prüfen",
  "Asks whether the key in the environment variable DD_API_KEY is valid on the site.":
    "Fragt, ob der Schlüssel in der Umgebungsvariablen DD_API_KEY auf der Site gültig ist.",
  "To begin with, in the Log Explorer. Make facets of @audit.action, @audit.actor.id, @audit.outcome and @audit.id.":
    "Für den Anfang, im Log Explorer. Machen Sie @audit.action, @audit.actor.id, @audit.outcome und @audit.id zu Facets.",
  "It trusts tokens of {}, an identity provider of your account, whose audience is {} and whose subject is {}.":
    "Sie vertraut Token von {1}, einem Identitätsanbieter Ihres Kontos, deren Audience {2} und deren Subject {3} ist.",
  "No other stream has that subject.": "Kein anderer Stream hat dieses Subject.",
  "If the account has that provider already, leave it as it is.":
    "Hat das Konto diesen Anbieter schon, lassen Sie ihn, wie er ist.",
  "Headgate assumes the role, checks that it is refused with a token of another organization, writes a marker of some hundred bytes under the prefix, and looks whether the role allows more than it should.":
    "Headgate nimmt die Rolle an, prüft, dass sie mit dem Token einer anderen Organisation verweigert wird, schreibt eine Markierung von einigen hundert Byte unter das Präfix und sieht nach, ob die Rolle mehr erlaubt, als sie sollte.",
  "Says who may assume the role: the platform, with a token that names this stream.":
    "Sagt, wer die Rolle annehmen darf: die Plattform, mit einem Token, das diesen Stream nennt.",
  "Commands that make the identity provider where there is none, the role and its permissions, and print its ARN.":
    "Befehle, die den Identitätsanbieter anlegen, wo keiner ist, dazu die Rolle und ihre Rechte, und ihre ARN ausgeben.",
  "Policy for the bucket, as you like": "Richtlinie für den Bucket, nach Wunsch",
  "Policy for the bucket, AWS CLI": "Richtlinie für den Bucket, AWS CLI",
  "Refuses plain http for the bucket and, under the prefix, other encryption than chosen and overwriting. Merge it with the policy that the bucket has.":
    "Verweigert unverschlüsseltes HTTP für den Bucket und unter dem Präfix andere Verschlüsselung als gewählt sowie Überschreiben. Vereinen Sie sie mit der Richtlinie, die der Bucket hat.",
  "A command that sets that policy. It takes the place of the policy that the bucket has.":
    "Ein Befehl, der diese Richtlinie setzt. Sie tritt an die Stelle der Richtlinie, die der Bucket hat.",
};
