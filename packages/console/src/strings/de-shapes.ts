import type { ForeignTexts } from "./translator.ts";

/** What the API says to filters, privacy rules and formats that it refuses, in German. */
export const deShapes: ForeignTexts = {
  "filter{} {=}.": "filter{1} {2}.",
  "privacy{} {=}.": "privacy{1} {2}.",
  "format {=}.": "format {1}.",
  "is empty": "ist leer",
  "Leave it out, or name what is meant.": "Lassen Sie es weg, oder nennen Sie, was gemeint ist.",
  "has {#} matches, more than {#}": "hat {1} Einträge, mehr als {2}",
  "names neither an action, nor a category, nor an outcome":
    "nennt weder eine Aktion noch eine Kategorie noch ein Ergebnis",
  "is none that events have": "hat kein Ereignis",
  "Outcomes are success, failure, denied and unknown.": "Ergebnisse sind success, failure, denied und unknown.",
  "must have 1 to 256 characters": "muss 1 bis 256 Zeichen haben",
  "has {#} rules, more than {#}": "hat {1} Regeln, mehr als {2}",
  "must be drop, mask or hash": "muss drop, mask oder hash sein",
  "is no path": "ist kein Pfad",
  'Write it like actor.name, targets[].name, metadata.**.email or metadata["two words"].':
    'Schreiben Sie ihn wie actor.name, targets[].name, metadata.**.email oder metadata["zwei Wörter"].',
  "must not lead to {}, by which an event is told from others and its place in the log is known":
    "darf nicht zu {1} führen, woran man ein Ereignis und seinen Platz im Log erkennt",
  "leads to nothing that a rule may change": "führt zu nichts, was eine Regel ändern darf",
  "Paths begin with context. or metadata., or are one of {}.":
    "Pfade beginnen mit context. oder metadata. oder sind einer von diesen: {1}.",
  "would leave something that is no event; possible there is {*}":
    "ließe etwas übrig, das kein Ereignis ist; dort möglich: {1}",
  "mask or hash": "mask oder hash",
  drop: "drop",
  "drop or mask or hash": "drop oder mask oder hash",
  "needs a key to hash with, which this platform does not have":
    "braucht einen Schlüssel für Pseudonyme, den diese Plattform nicht hat",
  "Mask or drop instead, or configure a pseudonym key.": "Maskieren oder entfernen Sie stattdessen.",
  "names a format that this platform does not have": "nennt ein Format, das diese Plattform nicht hat",
  "There are {}.": "Es gibt {1}.",
  "is not for {}, which takes events in Headgate's own form alone":
    "ist nichts für {1}: Dieses Ziel nimmt Ereignisse nur in Headgates eigener Form",
  "Filter and privacy rules apply all the same.": "Filter und Datenschutzregeln gelten trotzdem.",
};
