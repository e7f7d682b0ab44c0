// What the elements say is what the page does: it shows one section at a time, and the focus goes along.
const sections = ["overview", "one", "connect"].map((id) => document.getElementById(id));
const element = (name) => document.querySelector(name);

function show(id) {
  for (const section of sections) if (section !== null) section.hidden = section.id !== id;
  document.getElementById(id)?.focus();
}

document.addEventListener("headgate-open", ({ detail }) => {
  element("headgate-stream")?.setAttribute("stream", detail.stream);
  show("one");
});
document.addEventListener("headgate-connect", () => {
  element("headgate-connect")?.removeAttribute("stream");
  show("connect");
});
document.addEventListener("headgate-edit", ({ detail }) => {
  element("headgate-connect")?.setAttribute("stream", detail.stream);
  show("connect");
});
document.addEventListener("headgate-cancelled", () => {
  // An edit goes back to the stream that it was about.
  show(element("headgate-connect")?.hasAttribute("stream") === true ? "one" : "overview");
});
document.addEventListener("headgate-list", () => show("overview"));
