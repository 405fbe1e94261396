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

const isPhoto = (file) => !file.type || file.type.startsWith("image/");
const isZip = (file) => /zip/.test(file.type) || /\.zip$/i.test(file.name);
const isTable = (file) => /\.(csv|tsv)$/i.test(file.name);

function faultOf(form, files) {
  const many = "tooMany" in form.dataset;
  if (!files.every((file) => isPhoto(file) || (many && isZip(file)))) return form.dataset.notAPhoto;
  if (many && files.length > Number(form.dataset.mostFiles)) return form.dataset.tooMany;
  const isLarge = (file) => file.size > Number(form.dataset.most) * 2 ** 20;
  return files.some((file) => !(many && isZip(file)) && isLarge(file)) ? form.dataset.tooLarge : "";
}

function sendPhotos(form, input) {
  const files = [...input.files];
  if (!files.length) return;
  const fault = faultOf(form, files);
  show(form, ".photo-fault", fault);
  if (fault) return;
  const working = form.querySelector(".photo-working");
  const [preview, shown] = [form.querySelector(".photo-preview"), files.find((file) => !isZip(file))];
  preview.hidden = !shown;
  if (shown) preview.src = URL.createObjectURL(shown);
  show(form, ".photo-working", working.dataset.working);
  for (const other of form.querySelectorAll("input[type=file]:not([data-beside])")) if (other !== input) other.value = "";
  if ("tooMany" in form.dataset) sendMany(form);
  else form.submit();
}

// Many photos take a while on a phone's network: the form goes off as it would by itself, but tells how far it is.
function sendMany(form) {
  const [request, bar] = [new XMLHttpRequest(), form.querySelector(".photo-working progress")];
  request.open("POST", form.action);
  request.responseType = "document";
  request.upload.onprogress = (event) => {
    bar.hidden = !event.lengthComputable;
    [bar.max, bar.value] = [event.total, event.loaded];
  };
  request.upload.onload = () => {
    bar.removeAttribute("value"); // all is there; now it is looked at, and nobody knows for how long
    show(form, ".photo-working", form.querySelector(".photo-working").dataset.checking);
  };
  request.onload = () => {
    if (request.status < 400) return void location.assign(request.responseURL);
    if (request.status === 401) return void location.reload(); // the visit has ended; this page leads to the way in
    const said = [...(request.response?.querySelectorAll("main [role=alert]:not([hidden])") ?? [])];
    show(form, ".photo-working", "");
    show(form, ".photo-fault", said.map((part) => part.textContent.trim()).join(" ") || form.dataset.notAPhoto);
  };
  request.onerror = () => form.submit(); // the browser tells what is wrong with the network
  request.send(new FormData(form));
}

// What was pasted or dropped: photos, or else the address of one, which another page's picture comes with.
function take(form, given) {
  const input = form.querySelector("#chosen");
  const beside = form.querySelector("input[data-beside]");
  const table = beside && [...given.files].find(isTable);
  if (table) putTable(beside, table);
  const files = [...given.files].filter((file) => file !== table);
  const photos = files.filter((file) => file.type.startsWith("image/") || (input.multiple && isZip(file)));
  const carried = new DataTransfer();
  for (const photo of photos.length ? photos : files) if (input.multiple || !carried.items.length) carried.items.add(photo);
  if (carried.items.length) {
    input.files = carried.files;
    return sendPhotos(form, input);
  }
  if (table) return;
  const link = document.getElementById("link");
  const address = (given.getData("text/uri-list") || given.getData("text/plain")).trim().split(/\s/)[0];
  if (!link || !/^https?:\/\//.test(address)) return;
  link.value = address;
  link.form.requestSubmit();
}

function putTable(input, table) {
  const carried = new DataTransfer();
  carried.items.add(table);
  input.files = carried.files;
  input.closest("details").open = true;
  input.focus();
}

for (const form of document.querySelectorAll(".photo-form")) {
  for (const input of form.querySelectorAll("input[type=file]:not([data-beside])")) {
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

// What cannot be undone is asked once more.
document.addEventListener("submit", (event) => {
  const asks = event.target.dataset.ask;
  if (asks && !confirm(asks)) event.preventDefault();
});

// On a phone the way to this part may lie beyond the edge.
for (const here of document.querySelectorAll(".tabs [aria-current]")) {
  here.parentElement.scrollLeft = here.offsetLeft - (here.parentElement.clientWidth - here.offsetWidth) / 2;
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
