// The pages work without this. With it, a photo goes off as soon as it is given, tapping a garment keeps the place, and
// more results come below those that are there.
"use strict";
document.documentElement.classList.add("script");

function show(form, selector, text) {
  const part = form.querySelector(selector);
  part.hidden = !text;
  const words = part.querySelector(".working-text") || part;
  words.textContent = text;
  return part;
}

function sendPhotos(form, input) {
  const files = [...input.files];
  if (!files.length) return;
  if (files.some((file) => file.type && !file.type.startsWith("image/"))) return void show(form, ".photo-fault", form.dataset.notAPhoto);
  if (files.some((file) => file.size > Number(form.dataset.most) * 2 ** 20)) return void show(form, ".photo-fault", form.dataset.tooLarge);
  show(form, ".photo-fault", "");
  const working = form.querySelector(".photo-working");
  form.querySelector(".photo-preview").src = URL.createObjectURL(files[0]);
  show(form, ".photo-working", working.dataset.working);
  for (const other of form.querySelectorAll("input[type=file]")) if (other !== input) other.value = "";
  form.submit();
}

// What was pasted or dropped: photos, or else the address of one, which another page's picture comes with.
function take(form, given) {
  const input = form.querySelector("#chosen");
  const photos = [...given.files].filter((file) => file.type.startsWith("image/"));
  const carried = new DataTransfer();
  for (const photo of photos.length ? photos : given.files) if (input.multiple || !carried.items.length) carried.items.add(photo);
  if (carried.items.length) {
    input.files = carried.files;
    return sendPhotos(form, input);
  }
  const link = document.getElementById("link");
  const address = (given.getData("text/uri-list") || given.getData("text/plain")).trim().split(/\s/)[0];
  if (!link || !/^https?:\/\//.test(address)) return;
  link.value = address;
  link.form.requestSubmit();
}

for (const form of document.querySelectorAll(".photo-form")) {
  for (const input of form.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => sendPhotos(form, input));
  }
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length || !event.target.closest("input, textarea")) take(form, event.clipboardData);
  });
  document.addEventListener("dragover", (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("over");
  });
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    form.classList.remove("over");
    take(form, event.dataTransfer);
  });
  window.addEventListener("pageshow", () => show(form, ".photo-working", "")); // back from the answer
}

for (const form of document.querySelectorAll(".link-form")) {
  const working = form.parentElement.querySelector(".photo-working");
  if (working) form.addEventListener("submit", () => show(working.parentElement, ".photo-working", working.dataset.working));
}

// Only the newest tap counts: an older answer that comes late is thrown away.
let asked = null;

async function swapLook(address) {
  if (asked) asked.abort();
  asked = new AbortController();
  document.getElementById("look").classList.add("waiting");
  const answer = await fetch(address, { signal: asked.signal, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById("look");
  if (!answer.ok || !fresh) throw new Error("no look");
  const look = document.getElementById("look");
  look.querySelector("#results").replaceWith(fresh.querySelector("#results"));
  const old = [...look.querySelectorAll(".look-photo a[data-swap]")];
  const now = [...fresh.querySelectorAll(".look-photo a[data-swap]")];
  old.forEach((link, i) => now[i].hasAttribute("aria-current") ? link.setAttribute("aria-current", "true") : link.removeAttribute("aria-current"));
  look.classList.remove("waiting");
  document.title = page.title;
  const says = [look.querySelector("#results-title"), look.querySelector(".shown, .nothing-heading")];
  document.getElementById("announce").textContent = says.map((part) => part?.textContent ?? "").join(". ");
  const top = look.querySelector("#results").getBoundingClientRect().top;
  if (top > window.innerHeight * 0.7) look.querySelector("#results").scrollIntoView({ behavior: "smooth" });
}

async function addMore(link) {
  const [address, list] = [link.href, [...document.querySelectorAll("#results .cards")].at(-1)];
  link.setAttribute("aria-busy", "true");
  const answer = await fetch(address, { headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("results");
  if (!answer.ok || !fresh) throw new Error("no results");
  const cards = [...fresh.querySelectorAll(".card")];
  list.append(...cards);
  const [turn, onward] = [link.closest(".turn"), fresh.querySelector("[data-more]")];
  if (onward) link.href = onward.href;
  else turn.remove();
  link.removeAttribute("aria-busy");
  cards[0]?.querySelector("h3 a").focus({ preventScroll: true });
}

document.addEventListener("click", (event) => {
  const more = event.target.closest("a[data-more]");
  if (!more || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (!more.hasAttribute("aria-busy")) addMore(more).catch(() => location.assign(more.href));
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  const address = link.getAttribute("href");
  swapLook(address.split("#")[0]).then(
    () => history.pushState({ look: true }, "", address.split("#")[0]),
    (fault) => fault.name === "AbortError" || location.assign(address),
  );
});

window.addEventListener("popstate", () => {
  if (document.getElementById("look")) swapLook(location.href).catch(() => location.reload());
});
