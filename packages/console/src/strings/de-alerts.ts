import type { ForeignTexts } from "./translator.ts";

/** Alerts in German, what Headgate itself says of deliveries, and folders as destinations. */
export const deAlerts: ForeignTexts = {
  "The destination needs a person.": "Am Ziel muss jemand eingreifen.",
  "The destination needs a person: {*}": "Am Ziel muss jemand eingreifen: {1}",
  "Nothing reaches the destination.": "Nichts erreicht das Ziel.",
  "Nothing reaches the destination: {*}": "Nichts erreicht das Ziel: {1}",
  "Events have waited for {=}: in {=} the hour is broken.":
    "Ereignisse warten seit {1}: In {2} ist die Stunde nicht mehr einzuhalten.",
  "Events have waited for {=}: they will not be delivered within the hour.":
    "Ereignisse warten seit {1}: Sie werden nicht binnen einer Stunde zugestellt.",
  "In {=} the oldest waiting events are too old for the destination to take.":
    "In {1} sind die ältesten wartenden Ereignisse so alt, dass das Ziel sie nicht mehr nimmt.",
  "In {=} the oldest waiting events are given up: so long may they wait at most.":
    "In {1} werden die ältesten wartenden Ereignisse aufgegeben: Länger dürfen sie nicht warten.",
  "The oldest waiting events are given up now: they have waited for as long as they may.":
    "Die ältesten wartenden Ereignisse werden jetzt aufgegeben: Länger dürfen sie nicht warten.",
  "Get the destination to take events again before that. While the log holds them they can be exported.":
    "Sorgen Sie vorher dafür, dass das Ziel wieder Ereignisse annimmt. Solange das Log sie hat, lassen sie sich exportieren.",
  "Events were given up: they had waited for longer than they may; {#} in all.":
    "Ereignisse wurden aufgegeben: Sie hatten länger gewartet, als sie dürfen; {1} insgesamt.",
  "While the log holds them they can be exported. The next digest lists their sequences as lost.":
    "Solange das Log sie hat, lassen sie sich exportieren. Der nächste Digest führt ihre Sequenzen als verloren.",
  "…{#} days": "{1} Tagen",
  "…1 minute": "1 Minute",
  "…{#} minutes": "{1} Minuten",
  "…{#} h {#} min": "{1} h {2} min",
  "See what the stream says of its destination; a larger backlog than it takes needs more time or smaller windows.":
    "Sehen Sie nach, was der Stream über sein Ziel sagt; ein Rückstand, der dem Ziel zu groß ist, braucht mehr Zeit oder kleinere Fenster.",
  "The oldest waiting events are too old for the destination to take: they will go to quarantine.":
    "Die ältesten wartenden Ereignisse sind so alt, dass das Ziel sie nicht mehr nimmt: Sie kommen in Quarantäne.",
  "Get the destination to take events again before that. The events themselves stay in the log and can be exported.":
    "Sorgen Sie vorher dafür, dass das Ziel wieder Ereignisse annimmt. Die Ereignisse selbst bleiben im Log und lassen sich exportieren.",
  "One event was refused within the last hour and set apart; {#} in all. The others go on.":
    "Ein Ereignis wurde in der letzten Stunde abgelehnt und zurückgehalten; {1} insgesamt. Die anderen gehen weiter.",
  "{#} events were refused within the last hour and set apart; {#} in all. The others go on.":
    "{1} Ereignisse wurden in der letzten Stunde abgelehnt und zurückgehalten; {2} insgesamt. Die anderen gehen weiter.",
  "For {=} no signed digest has reached the destination: nothing vouches for what came since.":
    "Seit {1} hat kein signierter Nachweis das Ziel erreicht: Für das, was seither kam, bürgt nichts.",
  "Events arrive all the same. The runner's log says why digests fail.":
    "Die Ereignisse kommen dennoch an. Das Protokoll des Runners sagt, warum die Nachweise scheitern.",
  "Look at the reasons in the stream's quarantine; mend them and have the events sent again, or discard them.":
    "Sehen Sie sich die Gründe in der Quarantäne des Streams an; beheben Sie sie und lassen Sie die Ereignisse erneut senden, oder verwerfen Sie sie.",

  "The destination did not answer within {#} s.": "Das Ziel antwortete nicht binnen {1} s.",
  "The {} sink failed unexpectedly ({}).": "Der Sink {1} schlug unerwartet fehl ({2}).",
  "The {} sink could not be made ({}).": "Der Sink {1} konnte nicht angelegt werden ({2}).",
  "The {} sink rejected events without naming them.": "Der Sink {1} lehnte Ereignisse ab, ohne sie zu nennen.",
  "The event has {#} bytes; the destination takes {#} at most.":
    "Das Ereignis hat {1} Byte; das Ziel nimmt höchstens {2}.",
  "Raise the limit where the destination allows it and retry the event, or discard it.":
    "Erhöhen Sie die Grenze, wo das Ziel es erlaubt, und senden Sie das Ereignis erneut, oder verwerfen Sie es.",
  "A window that was sealed before an upgrade is compressed by another codec version; going on could store its events twice.":
    "Ein Fenster, das vor einem Upgrade versiegelt wurde, ist mit einer anderen Codec-Version komprimiert; seine Ereignisse könnten doppelt gespeichert werden.",
  "Run the earlier version until the stream has delivered its window, or accept the risk with `headgate streams reseal`.":
    "Lassen Sie die frühere Version laufen, bis der Stream sein Fenster zugestellt hat, oder nehmen Sie das Risiko mit `headgate streams reseal` in Kauf.",
  "A window that was begun before an upgrade is encoded in another way than this process knows; going on would store some of its events twice.":
    "Ein Fenster, das vor einem Upgrade begonnen wurde, ist anders codiert, als dieser Prozess es kennt; einige seiner Ereignisse würden doppelt gespeichert.",
  "Run the earlier version until the stream has delivered its window. No consent helps here, because what is delivered already cannot be told from the rest.":
    "Lassen Sie die frühere Version laufen, bis der Stream sein Fenster zugestellt hat. Eine Zustimmung hilft hier nicht, weil sich bereits Zugestelltes nicht vom Rest unterscheiden lässt.",
  "The destination holds digest {#} of this stream, which this store never sent: the store is an older copy of one that went on.":
    "Das Ziel hat den Nachweis {1} dieses Streams, den dieser Speicher nie gesendet hat: Er ist eine ältere Kopie eines Speichers, der weiterlief.",
  "Nothing is sent, so that nothing is stored twice. The platform's operator goes on with headgate restore; where no store was put back, with the stream under another prefix.":
    "Es wird nichts gesendet, damit nichts doppelt gespeichert wird. Der Betreiber der Plattform macht mit headgate restore weiter; wurde kein Speicher zurückgespielt, mit dem Stream unter einem anderen Präfix.",
  'The stream "{}" was declared by a configuration that is not loaded.':
    "Der Stream „{1}“ stammt aus einer Konfiguration, die nicht geladen ist.",
  "Start with the configuration file that declares it, or delete the stream.":
    "Starten Sie mit der Konfigurationsdatei, die ihn nennt, oder löschen Sie den Stream.",
};
