import type { ForeignTexts } from "./translator.ts";

/** Steps of verifications in German: names, what was found, and what to do. */
export const deVerification: ForeignTexts = {
  verification: "Prüfung",
  credentials: "Zugangsdaten",
  "assume role": "Rolle annehmen",
  "external id": "External ID",
  write: "Schreiben",
  encryption: "Verschlüsselung",
  "owner and region": "Eigentümer und Region",
  "least privilege": "Geringste Rechte",
  "object lock": "Object Lock",
  address: "Adresse",
  health: "Zustand",
  token: "Token",
  acknowledgement: "Bestätigung",
  "test event": "Test-Ereignis",
  confirmation: "Nachweis",
  "api key": "API-Schlüssel",
  "test log": "Test-Log",
  site: "Site",
  "{=} of {}": "{1}, {2}",
  // A failed step as a stream's reason.
  "{=}: {*}": "{1}: {2}",

  'Not tried, because the step "{=}" failed.': "Nicht versucht, weil der Schritt „{1}“ fehlschlug.",
  'Not tried, because the step "{=}" before it failed.': "Nicht versucht, weil der Schritt „{1}“ davor fehlschlug.",
  "Not tried: the platform has no credentials.": "Nicht versucht: Die Plattform hat keine Zugangsdaten.",
  "Not tried: the role must insist on the external id first.":
    "Nicht versucht: Zuerst muss die Rolle auf der External ID bestehen.",
  "Not tried: there is no session.": "Nicht versucht: Es gibt keine Sitzung.",
  "Not tried: nothing could be written.": "Nicht versucht: Es konnte nichts geschrieben werden.",
  "The verification failed unexpectedly ({}).": "Die Prüfung schlug unerwartet fehl ({1}).",
  "The verification did not end within {#} minutes.": "Die Prüfung endete nicht binnen {1} Minuten.",
  "The {} sink did not end within {#} minutes.": "Der Sink {1} kam nicht binnen {2} Minuten zu einem Ende.",
  "Verify again; if it lasts, please report it.": "Prüfen Sie erneut; bleibt es dabei, melden Sie es bitte.",
  "Verify the stream again; if it lasts, please report it.":
    "Prüfen Sie den Stream erneut; bleibt es dabei, melden Sie es bitte.",
  "Correct the stream's options.": "Korrigieren Sie die Einstellungen des Streams.",
  "Try again later.": "Versuchen Sie es später erneut.",

  "Found the platform's own credentials: a session.": "Die Zugangsdaten der Plattform sind da: eine Sitzung.",
  "Found the platform's own credentials: a long-lived key.":
    "Die Zugangsdaten der Plattform sind da: ein langlebiger Schlüssel.",
  "Assumed {}.": "{1} wurde angenommen.",
  "It is the platform's own side that denies it: allow sts:AssumeRole on {} in the policies of {}.":
    "Es ist die Seite der Plattform, die es verweigert: Erlauben Sie sts:AssumeRole auf {1} in den Richtlinien von {2}.",
  "Check that the role {} exists, spelled exactly so: the server does not know it.":
    "Prüfen Sie, ob es die Rolle {1} in genau dieser Schreibweise gibt: Der Server kennt sie nicht.",
  "It is the platform's own side that denies it: allow sts:AssumeRole on {} in the policies of the platform's principal.":
    "Es ist die Seite der Plattform, die es verweigert: Erlauben Sie sts:AssumeRole auf {1} in den Richtlinien ihres Principals.",
  "Check that the role {} exists, spelled exactly so, and that its trust policy allows sts:AssumeRole for the platform's principal.":
    "Prüfen Sie, ob es die Rolle {1} in genau dieser Schreibweise gibt und ob ihre Vertrauensrichtlinie sts:AssumeRole für den Principal der Plattform erlaubt.",
  "Check that the role {} exists, spelled exactly so, that its trust policy allows sts:AssumeRole for the platform's principal, and that the policy asks for this stream's external id. A mistake in any of the three is answered alike.":
    "Prüfen Sie, ob es die Rolle {1} in genau dieser Schreibweise gibt, ob ihre Vertrauensrichtlinie sts:AssumeRole für den Principal der Plattform erlaubt und ob die Richtlinie die External ID dieses Streams verlangt. Ein Fehler in jedem der drei Punkte wird gleich beantwortet.",
  "Check that the role {} exists, spelled exactly so, and that its trust policy allows sts:AssumeRole for {}.":
    "Prüfen Sie, ob es die Rolle {1} in genau dieser Schreibweise gibt und ob ihre Vertrauensrichtlinie sts:AssumeRole für {2} erlaubt.",
  "Check that the role {} exists, spelled exactly so, that its trust policy allows sts:AssumeRole for {}, and that the policy asks for this stream's external id. A mistake in any of the three is answered alike.":
    "Prüfen Sie, ob es die Rolle {1} in genau dieser Schreibweise gibt, ob ihre Vertrauensrichtlinie sts:AssumeRole für {2} erlaubt und ob die Richtlinie die External ID dieses Streams verlangt. Ein Fehler in jedem der drei Punkte wird gleich beantwortet.",
  "Not tried: there is no session. A trust policy that asks for another external id is answered like a wrong role.":
    "Nicht versucht: Es gibt keine Sitzung. Eine Vertrauensrichtlinie, die eine andere External ID verlangt, wird wie eine falsche Rolle beantwortet.",
  'Compare "sts:ExternalId" in the role\'s trust policy with the external id of your organization, as the set-up shows it: they must be equal, character by character.':
    "Vergleichen Sie „sts:ExternalId“ in der Vertrauensrichtlinie der Rolle mit der External ID Ihrer Organisation, wie die Einrichtung sie zeigt: Beide müssen Zeichen für Zeichen gleich sein.",
  'The statement needs "Condition": { "StringEquals": { "sts:ExternalId": "…" } } with it.':
    'Das Statement braucht dazu "Condition": { "StringEquals": { "sts:ExternalId": "…" } }.',
  "Another customer who knows its ARN could have it used (confused deputy).":
    "Ein anderer Kunde, der ihre ARN kennt, könnte sie nutzen lassen (Confused Deputy).",
  'Add to the statement of the role\'s trust policy: "Condition": { "StringEquals": { "sts:ExternalId": "…" } }, with the external id of this stream.':
    'Fügen Sie dem Statement der Vertrauensrichtlinie hinzu: "Condition": { "StringEquals": { "sts:ExternalId": "…" } }, mit der External ID dieses Streams.',
  "The role is refused without an external id, and with a wrong one.":
    "Die Rolle wird ohne External ID verweigert, und mit einer falschen auch.",
  "This server (Ceph's RADOS Gateway) takes external ids and compares none, so nothing can be shown. Its roles are protected by the principal that their trust names, and by nothing else.":
    "Dieser Server (Cephs RADOS Gateway) nimmt External IDs an und vergleicht sie nicht; es lässt sich also nichts nachweisen. Seine Rollen schützt der Principal, den ihre Vertrauensrichtlinie nennt, und sonst nichts.",
  "The role can be assumed {=}: its trust policy {=}.":
    "Die Rolle lässt sich {1} annehmen: Ihre Vertrauensrichtlinie {2}.",
  "Whether the role is refused {=} is not known. {*}": "Ob die Rolle {1} verweigert wird, ist nicht bekannt. {2}",
  "…without an external id": "ohne External ID",
  "…with a wrong external id": "mit einer falschen External ID",
  "…has no condition on it": "stellt keine Bedingung daran",
  "…takes any": "nimmt jede an",
  "Verify the stream again. Until this step is ok, do not rely on the external id.":
    "Prüfen Sie den Stream erneut. Verlassen Sie sich nicht auf die External ID, solange dieser Schritt nicht bestanden ist.",
  "Wrote {} to bucket {}.": "{1} wurde in den Bucket {2} geschrieben.",
  "Allow kms:GenerateDataKey on the KMS key that the bucket encrypts with in the role's permission policy, and in the key's own policy when the key is in another account.":
    "Erlauben Sie kms:GenerateDataKey auf dem KMS-Schlüssel, mit dem der Bucket verschlüsselt, in der Berechtigungsrichtlinie der Rolle, und in der Richtlinie des Schlüssels, wenn er in einem anderen Konto liegt.",
  "Allow kms:GenerateDataKey on {} in the role's permission policy, and in the key's own policy when the key is in another account.":
    "Erlauben Sie kms:GenerateDataKey auf {1} in der Berechtigungsrichtlinie der Rolle, und in der Richtlinie des Schlüssels, wenn er in einem anderen Konto liegt.",
  "The stream asks for none and leaves it to the bucket.": "Der Stream verlangt keine und überlässt sie dem Bucket.",
  "The reply shows none.": "Die Antwort zeigt keine.",
  "The reply shows something unknown.": "Die Antwort zeigt etwas Unbekanntes.",
  "The reply shows {}.": "Die Antwort zeigt {1}.",
  "The reply shows {}, with the key {}.": "Die Antwort zeigt {1}, mit dem Schlüssel {2}.",
  "Check that no proxy between here and S3 drops headers.":
    "Prüfen Sie, dass kein Proxy auf dem Weg zu S3 Header entfernt.",
  "Enable {} on this S3-compatible server, or set encryption.mode to none if it encrypts its disks itself.":
    "Aktivieren Sie {1} auf diesem S3-kompatiblen Server, oder setzen Sie encryption.mode auf none, wenn er seine Platten selbst verschlüsselt.",
  "The bucket is in {}.": "Der Bucket liegt in {1}.",
  "The bucket is in {} and belongs to account {}.": "Der Bucket liegt in {1} und gehört dem Konto {2}.",
  "Whose it is was not checked: the stream names no owner.":
    "Wem er gehört, wurde nicht geprüft: Der Stream nennt keinen Eigentümer.",
  "Set expected_bucket_owner to the id of the account that owns the bucket.":
    "Setzen Sie expected_bucket_owner auf die ID des Kontos, dem der Bucket gehört.",
  'Set expected_bucket_owner to the id of the account that owns the bucket ("{}" if the bucket is in the role\'s account).':
    "Setzen Sie expected_bucket_owner auf die ID des Kontos, dem der Bucket gehört („{1}“, wenn er im Konto der Rolle liegt).",
  "Then AWS refuses to write should the bucket's name pass to somebody else.":
    "Dann lehnt AWS das Schreiben ab, sollte der Name des Buckets an jemand anderen übergehen.",
  "The server takes the region {}.": "Der Server nimmt die Region {1} an.",
  "The server takes the region {}, and refuses another owner than {}.":
    "Der Server nimmt die Region {1} an und weist einen anderen Eigentümer als {2} ab.",
  "The stream names no owner; many S3-compatible servers do not compare it.":
    "Der Stream nennt keinen Eigentümer; viele S3-kompatible Server vergleichen ihn nicht.",
  "It takes any owner, so expected_bucket_owner protects nothing there.":
    "Er nimmt jeden Eigentümer an; expected_bucket_owner schützt dort also nichts.",
  "Whether it compares owners is not known.": "Ob er Eigentümer vergleicht, ist nicht bekannt.",
  'The bucket is in another region than "{}", which the stream names.':
    "Der Bucket liegt in einer anderen Region als „{1}“, die der Stream nennt.",
  "Nothing could be written, not without expected_bucket_owner either: the owner is not what is wrong.":
    "Es konnte nichts geschrieben werden, auch ohne expected_bucket_owner nicht: Am Eigentümer liegt es nicht.",
  "Bucket {} belongs to another account than {}: it may be written to, but not while expected_bucket_owner says so.":
    "Der Bucket {1} gehört einem anderen Konto als {2}: In ihn darf geschrieben werden, aber nicht, solange expected_bucket_owner so lautet.",
  "Set expected_bucket_owner to the account that owns the bucket. If it was right before, the bucket has passed to somebody else: do not write to it, and choose another.":
    "Setzen Sie expected_bucket_owner auf das Konto, dem der Bucket gehört. War es bisher richtig, ist der Bucket an jemand anderen übergegangen: Schreiben Sie nicht hinein und wählen Sie einen anderen.",
  "Not known: no session could be had to try with. {*}": "Nicht bekannt: Es gab keine Sitzung, um es zu versuchen. {1}",
  "Whether it may {=} is not known: {*}": "Nicht bekannt, ob erlaubt ist: {1}. {2}",
  "Deleting was not tried, for Object Lock.": "Löschen wurde nicht versucht, wegen Object Lock.",
  "The role may also {=}.": "Die Rolle darf außerdem {1}.",
  "…list the bucket": "den Bucket auflisten",
  "…read objects": "Objekte lesen",
  "…delete objects": "Objekte löschen",
  "…{=} and {=}": "{1} und {2}",
  "The sessions that deliver are narrowed to writing under the prefix all the same.":
    "Die Sitzungen, die zustellen, sind dennoch auf das Schreiben unter das Präfix beschränkt.",
  "The role may not list the bucket, read or delete what was written.":
    "Die Rolle darf den Bucket nicht auflisten und Geschriebenes weder lesen noch löschen.",
  "The role may not list the bucket or read what was written.":
    "Die Rolle darf weder den Bucket auflisten noch Geschriebenes lesen.",
  "Narrow the role's permission to {} on {}.": "Beschränken Sie die Berechtigung der Rolle auf {1} für {2}.",
  "Narrow the role's permission to {} on {}, and to kms:GenerateDataKey on {}.":
    "Beschränken Sie die Berechtigung der Rolle auf {1} für {2} und auf kms:GenerateDataKey auf {3}.",
  "Not tried: it would leave a marker that nobody can delete.":
    "Nicht versucht: Es bliebe eine Markierung, die niemand löschen kann.",
  "Web identity needs none: the role is refused with a token of another organization.":
    "Web Identity braucht keine: Die Rolle wird mit dem Token einer anderen Organisation verweigert.",
  "The role can be assumed with a token of another organization: its trust policy does not compare the token's sub.":
    "Die Rolle lässt sich mit dem Token einer anderen Organisation annehmen: Ihre Vertrauensrichtlinie vergleicht das sub des Tokens nicht.",
  "…with a token of another organization": "mit einem Token einer anderen Organisation",
  "Verify the stream again. Until this step is ok, do not rely on the token's sub.":
    "Prüfen Sie den Stream erneut. Verlassen Sie sich nicht auf das sub des Tokens, solange dieser Schritt nicht bestanden ist.",
  "Check that the role {} exists, spelled exactly so, that the account has an identity provider for {}, and that the role's trust policy allows sts:AssumeRoleWithWebIdentity for it and compares the token's aud and sub, which are {} and {}.":
    "Prüfen Sie, ob es die Rolle {1} in genau dieser Schreibweise gibt, ob das Konto einen Identitätsanbieter für {2} hat und ob die Vertrauensrichtlinie der Rolle ihm sts:AssumeRoleWithWebIdentity erlaubt und aud und sub des Tokens vergleicht, die {3} und {4} sind.",
};
