// What the elements say is what the page does: it shows one section at a time.
const sections = ["overview", "one", "connect"].map((id) => document.getElementById(id));

function show(id) {
  for (const section of sections) if (section !== null) section.hidden = section.id !== id;
  document.querySelector("main h1")?.scrollIntoView?.();
}

document.addEventListener("headgate-open", ({ detail }) => {
  document.querySelector("headgate-stream")?.setAttribute("stream", detail.stream);
  show("one");
});
document.addEventListener("headgate-connect", () => show("connect"));
document.addEventListener("headgate-connected", () => show("overview"));
document.addEventListener("headgate-deleted", () => show("overview"));
for (const id of ["back", "leave"]) document.getElementById(id)?.addEventListener("click", () => show("overview"));
